//! The small parts every line is made of: names, paths, values, arrows.

use crate::span::Span;

/// A bare word, or one in backticks (without them).
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub span: Span,
    pub text: String,
}

/// A text in double quotes, without them and with its escapes resolved. The span holds the quotes.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub span: Span,
    pub text: String,
}

/// A number as written, without `_`: `20000`, `-1.5`.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub span: Span,
    pub text: String,
}

/// Words joined by dots, at least one: `email`, `Contact.Account.Tier__c`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub span: Span,
    pub parts: Vec<Name>,
}

impl Path {
    /// The path as written, without backticks.
    pub fn text(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().map(|part| part.text.as_str()).collect();
        parts.join(".")
    }

    /// The only word of a path of one word.
    pub fn single(&self) -> Option<&Name> {
        match self.parts.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub span: Span,
    pub kind: ValueKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// An option, a stage, the name of a `values` block: whatever the place makes of a bare word.
    Word(String),
    Text(String),
    /// As in [`Number`].
    Number(String),
    /// As written: `2026-01-31`, `2026-01-31T09:30Z`, `2026-01-31T09:30:00+01:00`.
    Date(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    HubSpot,
    Salesforce,
}

impl Side {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Side::HubSpot => "hubspot",
            Side::Salesforce => "salesforce",
        }
    }

    pub fn other(self) -> Side {
        match self {
            Side::HubSpot => Side::Salesforce,
            Side::Salesforce => Side::HubSpot,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    pub span: Span,
    pub direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// `<->`
    Both,
    /// `->`, into Salesforce.
    ToSalesforce,
    /// `<-`, into HubSpot.
    ToHubSpot,
}

/// `24 hours`, `3 days`.
#[derive(Clone, Debug, PartialEq)]
pub struct Duration {
    pub span: Span,
    pub number: Number,
    pub unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Hours,
    Days,
}
