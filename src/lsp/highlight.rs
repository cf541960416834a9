//! What each word of a file is, for colours.

use std::collections::BTreeMap;

use syncline_grammar::{Span, TokenKind, tokens};

use super::analysis::Analysis;
use super::names::Role;

/// What a piece of text is. The order is that of [`LEGEND`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Keyword,
    Comment,
    Text,
    Number,
    Operator,
    /// A field.
    Property,
    /// A record type.
    Class,
    /// An option or another value.
    Member,
    /// A block's name.
    Namespace,
    /// A record of a test.
    Variable,
}

/// The protocol's names of the colours.
pub const LEGEND: [&str; 10] =
    ["keyword", "comment", "string", "number", "operator", "property", "class", "enumMember", "namespace", "variable"];

/// Every coloured piece, in the order of the text; they do not overlap.
pub fn colours(analysis: &Analysis, file: usize) -> Vec<(Span, Colour)> {
    let text = analysis.text(file);
    let mut names: BTreeMap<u32, (Span, Colour)> = BTreeMap::new();
    for mention in analysis.mentions(file) {
        let colour = match mention.role {
            Role::Block(_) | Role::BlockRef(_) | Role::TablePart { .. } => Colour::Namespace,
            Role::Type(_) => Colour::Class,
            Role::Field { ref parts, part, .. } => match part + 1 < parts.len() {
                true if mention.text.starts_with(|c: char| c.is_ascii_uppercase()) => Colour::Class,
                true => Colour::Namespace,
                false => Colour::Property,
            },
            Role::Value { .. } => Colour::Member,
            Role::Record(_) | Role::RecordRef { .. } => Colour::Variable,
            Role::List | Role::Rule { .. } | Role::RuleRef(_) => Colour::Text,
        };
        names.insert(mention.span.start, (mention.span, colour));
    }
    let mut out: Vec<(Span, Colour)> = Vec::new();
    for token in tokens(text) {
        let named = names.get(&token.span.start).filter(|(span, _)| *span == token.span).map(|(_, colour)| *colour);
        let colour = match token.kind {
            TokenKind::Word => named.unwrap_or(Colour::Keyword),
            TokenKind::Text => Colour::Text,
            TokenKind::Number => Colour::Number,
            TokenKind::Sign if token.span.slice(text).contains(['<', '>', '=']) => Colour::Operator,
            TokenKind::Sign | TokenKind::Open(_) | TokenKind::Close(_) => continue,
        };
        if token.kind == TokenKind::Text {
            // Fields in the braces of a text stand out of it.
            let inner = names.range(token.span.start + 1..token.span.end).map(|(_, (span, colour))| (*span, *colour));
            let mut from = token.span.start;
            for (span, colour) in inner {
                out.push((Span { start: from, end: span.start }, Colour::Text));
                out.push((span, colour));
                from = span.end;
            }
            out.push((Span { start: from, end: token.span.end }, Colour::Text));
        } else {
            out.push((token.span, colour));
        }
    }
    out.extend(analysis.comments(file).iter().map(|comment| (comment.span, Colour::Comment)));
    out.retain(|(span, _)| span.start < span.end);
    out.sort_by_key(|(span, _)| *span);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::testing::project_of;

    #[test]
    fn words_of_the_language_and_names_are_told_apart() {
        let text = "sync to: hubspot contact <-> salesforce Lead { // ours\n map { when <-> Lead.Title or use \"x\"\n \"a {phone}\" -> Title } }";
        let analysis = project_of(&[text]);
        let colours = colours(&analysis, 0);
        assert!(colours.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{colours:?}");
        let shown: Vec<String> =
            colours.iter().map(|(span, colour)| format!("{} {colour:?}", span.slice(text))).collect();
        assert_eq!(
            shown,
            [
                "sync Keyword",
                "to Namespace",
                "hubspot Keyword",
                "contact Class",
                "<-> Operator",
                "salesforce Keyword",
                "Lead Class",
                "// ours Comment",
                "map Keyword",
                "when Property",
                "<-> Operator",
                "Lead Class",
                "Title Property",
                "or Keyword",
                "use Keyword",
                "\"x\" Text",
                "\"a { Text",
                "phone Property",
                "}\" Text",
                "-> Operator",
                "Title Property",
            ]
        );
    }
}
