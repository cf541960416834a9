//! SOQL: text to tokens to tree ([`parse`]), tree to a plan over the schema, plan to rows.
//!
//! Covered: fields, parent paths, `COUNT()`, `FIELDS(…)`, one level of child queries, WHERE with all comparison operators,
//! semi-joins and dates that have names, aggregates with GROUP BY and HAVING, ORDER BY, LIMIT, OFFSET. TYPEOF, ROLLUP and
//! functions of dates are refused with a message.

mod ast;
mod dates;
mod eval;
mod group;
mod lexer;
mod literal;
mod parser;
mod plan;
mod render;
mod resolve;
mod search;
mod within;

pub(super) use group::{MOST_GROUPS, groups};
pub(super) use parser::parse;
pub(super) use plan::Plan;
pub(super) use render::write_row;
pub(super) use resolve::resolve;
pub(super) use search::{TooMuchWork, search};

use super::errors::ApiError;

/// A refusal with its place in the statement, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SoqlError {
    pub code: &'static str,
    pub message: String,
    pub at: usize,
}

impl SoqlError {
    fn malformed(message: impl Into<String>, at: usize) -> SoqlError {
        SoqlError { code: "MALFORMED_QUERY", message: message.into(), at }
    }

    fn field(message: impl Into<String>, at: usize) -> SoqlError {
        SoqlError { code: "INVALID_FIELD", message: message.into(), at }
    }

    /// With the line, a caret below the place, and `ERROR at Row:1:Column:n`.
    pub fn in_text(&self, statement: &str) -> ApiError {
        const AROUND: usize = 40;
        let before = statement.get(..self.at).unwrap_or(statement);
        let row = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let left: String = {
            let chars: Vec<char> = before.chars().rev().take_while(|c| *c != '\n').take(AROUND).collect();
            chars.into_iter().rev().collect()
        };
        let after = statement.get(self.at..).unwrap_or_default();
        let right: String = after.chars().take_while(|c| *c != '\n').take(AROUND).collect();
        let caret = " ".repeat(left.chars().count());
        let message = format!("\n{left}{right}\n{caret}^\nERROR at Row:{row}:Column:{column}\n{}", self.message);
        ApiError::new(self.code, message)
    }
}
