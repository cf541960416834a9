//! The canonical form of a file: its words as they are written, in one layout.
//!
//! The tree says where statements begin, and which words may start a line; no word is ever made anew from it. So the
//! layout depends on the words, their comments and the blank lines between statements alone, and the text it makes is
//! its own layout. [`format`] checks that before it answers.

mod blocks;
mod cond;
mod layout;
mod map;
mod print;
mod sync;
mod table;
mod test;
mod verify;
mod words;

use crate::parse::{Parsed, parse};
use crate::problem::Problem;
use crate::tree::Item;

use layout::{Layout, Part};
use words::Word;

/// Longer lines are wrapped where a line may end. Columns count characters.
pub const WIDTH: usize = 100;
/// How far the lines of a block stand right of its head.
const INDENT: usize = 2;

/// Why a text was not formatted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FormatError {
    /// What is not understood cannot be laid out.
    #[error("the text has faults of syntax")]
    Problems(Vec<Problem>),
    /// The new text would not say what the old one says. It is a fault of this package, and was found before any harm.
    #[error("formatting would change {0}")]
    Fault(Changed),
}

/// What the new text would have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Changed {
    #[error("the words of the file")]
    Words,
    #[error("its comments")]
    Comments,
    #[error("what its rules mean")]
    Meaning,
    #[error("its own result, when done again")]
    Layout,
}

/// The text in canonical form. Line ends stay those of its first line; a byte order mark goes.
///
/// # Errors
/// The faults of syntax of a text that has some, or what the formatter would have broken.
pub fn format(text: &str) -> Result<String, FormatError> {
    let parsed = parse(text);
    if !parsed.problems.is_empty() {
        return Err(FormatError::Problems(parsed.problems));
    }
    let words = words::words(text);
    let laid = lay_out(text, &words, &parsed);
    if laid != text {
        verify::same(&words, parsed, &laid).map_err(FormatError::Fault)?;
    }
    Ok(laid)
}

/// Without any check.
fn lay_out(text: &str, words: &[Word<'_>], parsed: &Parsed) -> String {
    let mut layout = Layout::new(words);
    let mut parts = Vec::new();
    if let Some(edition) = &parsed.file.edition {
        parts.push(layout.line(edition.span));
    }
    for item in &parsed.file.items {
        parts.push(item_part(&mut layout, item));
    }
    let crlf = text.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r'));
    print::print(words, &layout, &parts, if crlf { "\r\n" } else { "\n" })
}

fn item_part(layout: &mut Layout<'_>, item: &Item) -> Part {
    match item {
        Item::Zone(item) => layout.line(item.span),
        Item::Sync(item) => layout.sync(item),
        Item::Picklist(item) => layout.picklist(item),
        Item::Place(item) => layout.place(item),
        Item::Stages(item) => layout.stages(item),
        Item::Owners(item) => layout.owners(item),
        Item::Lifecycle(item) => layout.lifecycle(item),
        Item::Order(item) => layout.braced_values(item.span, &item.values),
        Item::Values(item) => layout.braced_values(item.span, &item.values),
        Item::Members(item) => layout.members(item),
        Item::Limits(item) => layout.limits(item),
        Item::Change(item) => layout.change(item),
        Item::Test(item) => layout.test(item),
    }
}
