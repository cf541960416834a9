//! A text that is open in an editor, and its changes.

use gen_lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::position::{Encoding, Lines};

/// An open text. What the file on disk holds counts no more while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// As the editor writes it.
    pub uri: Uri,
    /// As the editor counts its states.
    pub version: i32,
    pub text: String,
    pub lines: Lines,
}

impl Document {
    pub fn new(uri: Uri, version: i32, text: String) -> Document {
        Document { uri, version, lines: Lines::new(&text), text }
    }

    /// Makes the changes one after another; each one counts its places in what the one before it left.
    pub fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
                    let start = self.lines.offset(&self.text, change.range.start, encoding);
                    let end = self.lines.offset(&self.text, change.range.end, encoding);
                    self.text.replace_range(start.min(end)..end.max(start), &change.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(change) => {
                    self.text = change.text;
                }
            }
            self.lines = Lines::new(&self.text);
        }
        self.version = version;
    }
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{Position, Range, TextDocumentContentChangePartial};
    use proptest::prelude::*;

    use super::*;

    fn document(text: &str) -> Document {
        Document::new(Uri::parse("file:///a.sync").unwrap(), 1, text.to_owned())
    }

    proptest! {
        /// Whatever is typed, cut or pasted, the server holds what the editor holds.
        #[test]
        fn changes_give_the_text_that_the_editor_has(
            start in "[a-c\u{e4}\u{1f600}\r\n]{0,20}",
            edits in prop::collection::vec(
                (any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[a-c\u{20ac}\u{1f600}\r\n]{0,5}"), 0..12),
            bytes in any::<bool>(),
        ) {
            let encoding = if bytes { Encoding::Utf8 } else { Encoding::Utf16 };
            let mut editor = start.clone();
            let mut document = document(&start);
            for (from, to, text) in edits {
                // An editor has no place between the two bytes of a line break.
                let places: Vec<usize> = (0..=editor.len())
                    .filter(|at| editor.is_char_boundary(*at))
                    .filter(|at| !(editor[..*at].ends_with('\r') && editor[*at..].starts_with('\n')))
                    .collect();
                let (from, to) = (places[from.index(places.len())], places[to.index(places.len())]);
                let (from, to) = (from.min(to), from.max(to));
                let lines = Lines::new(&editor);
                let place = |at: usize| lines.place(&editor, at, encoding);
                let change = TextDocumentContentChangePartial {
                    range: Range { start: place(from), end: place(to) },
                    text: text.clone(),
                    ..TextDocumentContentChangePartial::default()
                };
                editor.replace_range(from..to, &text);
                document.change(2, vec![change.into()], encoding);
                prop_assert_eq!(&document.text, &editor);
                prop_assert_eq!(&document.lines, &Lines::new(&editor));
            }
        }

        #[test]
        fn no_place_makes_it_panic(text in "[a\u{1f600}\r\n]{0,6}", places in any::<[u32; 4]>(), new in "[b\n]{0,3}") {
            let [line, character, to_line, to_character] = places.map(|place| place % 9);
            for far in [0, u32::MAX - 9] {
                let range = Range {
                    start: Position { line: line + far, character },
                    end: Position { line: to_line, character: to_character + far },
                };
                let change = TextDocumentContentChangePartial { range, text: new.clone(), ..Default::default() };
                let mut document = document(&text);
                document.change(2, vec![change.into()], Encoding::Utf16);
                prop_assert!(document.text.contains(&new));
            }
        }
    }
}
