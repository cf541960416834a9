//! The Syncline rule language: text to an owned tree with spans. No schema, no I/O.
//!
//! [`parse`] takes any text. It does not fail: what is wrong is in [`Parsed::problems`], and the tree holds every
//! statement that could be read. A fault costs the line it stands on. [`format`] lays a text without faults out anew.

mod balance;
mod docs;
mod fold;
mod format;
mod hint;
mod limits;
mod next;
mod parse;
mod parser;
mod problem;
mod recover;
mod scan;
mod source;
mod span;
pub mod tree;
mod words;

pub use format::{Changed, FormatError, WIDTH, format};
pub use limits::{MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS, MAX_TOKENS, too_large};
pub use next::{Next, Phrase, is_keyword, next};
pub use parse::{Parsed, not_utf8, parse, parse_bytes};
pub use problem::{Problem, ProblemCode, ProblemFix};
pub use scan::{Comment, Token, TokenKind, tokens};
pub use span::{Span, line_column};
