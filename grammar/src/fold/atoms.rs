//! Names, texts, numbers, paths, values, arrows.

use super::{Fold, Pair, child, children, first};
use crate::parser::Rule;
use crate::problem::{Problem, ProblemCode};
use crate::span::Span;
use crate::tree::{Arrow, Direction, Duration, Name, Number, Path, Side, Text, Unit, Value, ValueKind};

impl Fold<'_> {
    pub(super) fn name(&self, word: &Pair<'_>) -> Name {
        Name { span: self.span(word), text: bare(word.as_str()).to_owned() }
    }

    /// The first word of a pair.
    pub(super) fn named(&self, pair: &Pair<'_>) -> Option<Name> {
        child(pair, Rule::word).map(|word| self.name(&word))
    }

    pub(super) fn names(&self, pair: &Pair<'_>) -> Vec<Name> {
        children(pair, Rule::word).map(|word| self.name(&word)).collect()
    }

    pub(super) fn text(&self, string: &Pair<'_>) -> Text {
        Text { span: self.span(string), text: unescaped(string.as_str()) }
    }

    /// The first text of a pair.
    pub(super) fn texted(&self, pair: &Pair<'_>) -> Option<Text> {
        child(pair, Rule::string).map(|string| self.text(&string))
    }

    pub(super) fn number(&self, number: &Pair<'_>) -> Number {
        Number { span: self.span(number), text: number.as_str().replace('_', "") }
    }

    /// The first number of a pair.
    pub(super) fn numbered(&self, pair: &Pair<'_>) -> Option<Number> {
        child(pair, Rule::number).map(|number| self.number(&number))
    }

    pub(super) fn path(&self, path: &Pair<'_>) -> Path {
        Path { span: self.span(path), parts: self.names(path) }
    }

    /// The first path of a pair.
    pub(super) fn pathed(&self, pair: &Pair<'_>) -> Option<Path> {
        child(pair, Rule::path).map(|path| self.path(&path))
    }

    pub(super) fn paths(&self, pair: &Pair<'_>) -> Vec<Path> {
        children(pair, Rule::path).map(|path| self.path(&path)).collect()
    }

    pub(super) fn value(&self, value: &Pair<'_>) -> Option<Value> {
        let part = value.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::date => ValueKind::Date(part.as_str().to_owned()),
            Rule::number => ValueKind::Number(self.number(&part).text),
            Rule::string => ValueKind::Text(unescaped(part.as_str())),
            Rule::word => ValueKind::Word(bare(part.as_str()).to_owned()),
            _ => return None,
        };
        Some(Value { span: self.span(&part), kind })
    }

    /// The first value of a pair.
    pub(super) fn valued(&self, pair: &Pair<'_>) -> Option<Value> {
        self.value(&child(pair, Rule::value)?)
    }

    /// The values of the set in a pair.
    pub(super) fn set(&self, pair: &Pair<'_>) -> Vec<Value> {
        let set = child(pair, Rule::set);
        set.iter().flat_map(|set| children(set, Rule::value)).filter_map(|value| self.value(&value)).collect()
    }

    pub(super) fn side(&self, pair: &Pair<'_>) -> Option<Side> {
        let side = child(pair, Rule::side)?;
        Some(if first(&side)? == Rule::kw_hubspot { Side::HubSpot } else { Side::Salesforce })
    }

    pub(super) fn duration(&self, pair: &Pair<'_>) -> Option<Duration> {
        let duration = child(pair, Rule::duration)?;
        let unit = match first(&child(&duration, Rule::unit)?)? {
            Rule::kw_hours | Rule::kw_hour => Unit::Hours,
            _ => Unit::Days,
        };
        Some(Duration { span: self.span(&duration), number: self.numbered(&duration)?, unit })
    }

    /// The first arrow of a pair. One of another language is read as what it means, and named.
    pub(super) fn arrow(&mut self, pair: &Pair<'_>) -> Option<Arrow> {
        let arrow = child(pair, Rule::arrow)?;
        let written = arrow.as_str();
        let span =
            Span::new(self.source.to_original(arrow.as_span().start()), self.source.to_original(arrow.as_span().end()));
        let (direction, right) = match written {
            "->" | "-->" | "==>" | "=>" | "→" | "⇒" => (Direction::ToSalesforce, "->"),
            "<-" | "<--" | "<==" | "<=" | "←" | "⇐" => (Direction::ToHubSpot, "<-"),
            _ => (Direction::Both, "<->"),
        };
        if written != right {
            let help = match written {
                "=" | "==" | ":" => "write `<->` for both ways, `->` into Salesforce or `<-` into HubSpot".to_owned(),
                _ => format!("write `{right}`"),
            };
            let open = matches!(written, "=" | "==" | ":");
            let mut problem =
                Problem::new(ProblemCode::WrongArrow, span, format!("`{written}` is not an arrow")).help(help);
            for arrow in if open { vec!["<->", "->", "<-"] } else { vec![right] } {
                problem = problem.fix(self.words_for(span, arrow).safe_if(!open));
            }
            self.problems.push(problem);
        }
        Some(Arrow { span, direction })
    }
}

fn bare(word: &str) -> &str {
    word.strip_prefix('`').and_then(|word| word.strip_suffix('`')).unwrap_or(word)
}

/// Without the quotes; a backslash stands for itself unless a quote or a backslash follows.
fn unescaped(string: &str) -> String {
    let inner = string.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(string);
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = (character == '\\').then(|| characters.next_if(|next| matches!(next, '"' | '\\'))).flatten();
        text.push(escaped.unwrap_or(character));
    }
    text
}
