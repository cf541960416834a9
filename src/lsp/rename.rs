//! A new name, in every place of the old one.

use thiserror::Error;

use syncline_grammar::Span;

use super::analysis::Analysis;
use super::names::{Role, Space};
use super::references::{Form, Symbol, all_rules, spots, symbol_at};
use super::text::{name, quoted};
use crate::diagnostic::Edit;

/// Why there is no such rename; shown to who asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RenameError {
    #[error("only the rules' own names can be changed here: of blocks, rules and records of tests")]
    NothingHere,
    #[error("this rule has no name of its own: its name is made of what it does")]
    Unnamed,
    #[error("a name is one line without \"`\", and not empty")]
    Invalid,
    #[error("`{0}` is taken")]
    Taken(String),
    #[error("another sync has a rule `{0}` too, and tests name both alike: rename by hand")]
    Ambiguous(String),
}

/// What can be renamed at a place: where its name stands, and the name.
pub fn prepare(analysis: &Analysis, file: usize, offset: u32) -> Result<(Span, String), RenameError> {
    let (span, symbol) = symbol_at(analysis, file, offset).ok_or(RenameError::NothingHere)?;
    let found = spots(analysis, &symbol);
    match found.iter().any(|spot| spot.declares && spot.form == Form::Line) || found.iter().all(|spot| !spot.declares) {
        true => Err(RenameError::Unnamed),
        false => {
            // Of a name in quotes, what stands between them.
            let quoted = span.slice(analysis.text(file)).starts_with('"');
            let inner = if quoted { Span { start: span.start + 1, end: span.end - 1 } } else { span };
            Ok((inner, symbol.name().to_owned()))
        }
    }
}

/// The edits that give it the new name everywhere.
pub fn rename(analysis: &Analysis, file: usize, offset: u32, new: &str) -> Result<Vec<Edit>, RenameError> {
    let (_, old) = prepare(analysis, file, offset)?;
    let (_, symbol) = symbol_at(analysis, file, offset).ok_or(RenameError::NothingHere)?;
    if new.trim() != new || new.is_empty() || new.chars().any(|c| c == '`' || c.is_control()) {
        return Err(RenameError::Invalid);
    }
    if new != old && taken(analysis, &symbol, new) {
        return Err(RenameError::Taken(new.to_owned()));
    }
    if let Symbol::Rule { name, sync } = &symbol
        && all_rules(analysis).iter().any(|rule| rule.named && rule.name == *name && rule.sync != *sync)
    {
        return Err(RenameError::Ambiguous(name.clone()));
    }
    let edits = spots(analysis, &symbol).into_iter().map(|spot| {
        let text = match spot.form {
            Form::Name => name(new),
            Form::Quoted => quoted(new),
            Form::Inside | Form::Line => quoted(new).trim_matches('"').to_owned(),
        };
        Edit { file: spot.file, span: spot.span, text }
    });
    Ok(edits.collect())
}

/// Whether something has the name already that must not share it.
fn taken(analysis: &Analysis, symbol: &Symbol, new: &str) -> bool {
    let named = |file: usize, role: &Role<'_>| match (symbol, role) {
        (Symbol::Block { space, .. }, Role::Block(of)) => space == of,
        (Symbol::Rule { sync, .. }, Role::Rule { sync: Some(of) }) => sync == of,
        (Symbol::Record { file: of_file, test, .. }, Role::Record(held)) => *of_file == file && held.test == *test,
        // A record that is named like a type would be taken for those of the type.
        (Symbol::Record { file: of_file, test, .. }, Role::RecordRef { test: of, .. }) => {
            *of_file == file && of == test
        }
        _ => false,
    };
    // An option of a picklist is meant before a block is.
    let is_option = matches!(symbol, Symbol::Block { space: Space::Values, .. })
        && analysis
            .all_mentions()
            .any(|(_, mention)| mention.text == new && matches!(mention.role, Role::Value { in_set: true, .. }));
    is_option || analysis.all_mentions().any(|(file, mention)| mention.text == new && named(file, &mention.role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::testing::project_of;

    const RULES: &str = "sync people: hubspot contact <-> salesforce Lead {\n\
        both ways { exclude \"staff\" when email ends with any of ours }\n\
        to salesforce { include \"all\" when email is known  create Lead otherwise }\n\
        map { email <-> Email  hs_lead_status -> Status via statuses  leadsource -> LeadSource via sources } }\n\
        picklist statuses { NEW -> \"Open - Not Contacted\" }\npicklist sources { otherwise -> skip }\n\
        values ours { \"acme.com\" }\n\
        test \"one\" { given hubspot contact as ana { email: \"x\" }\n given hubspot contact as bo { }\n pass\n\
        expect excluded by \"staff\"\n expect ana { email: \"x\" } by \"people.email\" }\n";

    /// The text after the rename of what stands at a place.
    fn renamed(find: &str, into: usize, new: &str) -> Result<String, RenameError> {
        let analysis = project_of(&[RULES]);
        let at = RULES.find(find).unwrap() + into;
        let mut edits = rename(&analysis, 0, at as u32, new)?;
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
        let mut text = RULES.to_owned();
        for edit in edits {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        Ok(text)
    }

    #[test]
    fn every_place_gets_the_new_name() {
        let all = |old: &str, new: &str| Ok(RULES.replace(old, new));
        assert_eq!(renamed("via statuses", 5, "lead_status"), all("statuses", "lead_status"));
        assert_eq!(renamed("via statuses", 5, "2 words"), all("statuses", "`2 words`"));
        assert_eq!(renamed("exclude \"staff\"", 10, "our \"own\""), all("\"staff\"", "\"our \\\"own\\\"\""));
        assert_eq!(renamed("as ana", 3, "eve"), all("ana", "eve"));
        assert_eq!(renamed("any of ours", 7, "domains"), all("ours", "domains"));
        assert_eq!(renamed("sync people", 5, "persons"), all("people", "persons"));
        assert_eq!(renamed("via statuses", 5, "statuses"), Ok(RULES.to_owned()), "to itself");
    }

    #[test]
    fn names_that_are_taken_or_cannot_be_are_refused() {
        assert_eq!(renamed("via statuses", 5, "sources"), Err(RenameError::Taken("sources".into())));
        assert_eq!(renamed("exclude \"staff\"", 10, "all"), Err(RenameError::Taken("all".into())));
        assert_eq!(renamed("as ana", 3, "bo"), Err(RenameError::Taken("bo".into())));
        for new in ["", " x", "a`b", "a\nb"] {
            assert_eq!(renamed("via statuses", 5, new), Err(RenameError::Invalid), "{new:?}");
        }
        assert_eq!(renamed("email <->", 1, "x"), Err(RenameError::NothingHere));
        assert_eq!(renamed("by \"people", 5, "x"), Err(RenameError::Unnamed));
    }
}
