//! Places in a text as editors count them: line and column from 0, the column in units of UTF-16 or in bytes.

use gen_lsp_types::{Position, Range};
use syncline_grammar::Span;

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// What an editor counts that says nothing of it.
    #[default]
    Utf16,
}

impl Encoding {
    fn width(self, character: char) -> usize {
        match self {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
        }
    }
}

/// Where the lines of a text start. A line ends in `\n`, `\r\n` or `\r`, as the protocol has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Offsets at which lines after the first start, ascending.
    starts: Vec<usize>,
}

impl Lines {
    pub fn new(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let ends = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        Lines { starts: (0..bytes.len()).filter(|at| ends(*at)).map(|at| at + 1).collect() }
    }

    fn start(&self, line: usize) -> Option<usize> {
        match line.checked_sub(1) {
            None => Some(0),
            Some(before) => self.starts.get(before).copied(),
        }
    }

    /// The byte offset of a place. A column past the end of its line is that end, a line past the last is the end of the
    /// text, a place inside of a character is its start.
    pub fn offset(&self, text: &str, place: Position, encoding: Encoding) -> usize {
        let line = place.line as usize;
        let Some(start) = self.start(line) else { return text.len() };
        let end = self.start(line + 1).unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or("").trim_end_matches(['\r', '\n']);
        let (mut at, mut column) = (start, 0);
        for character in content.chars() {
            column += encoding.width(character);
            if column > place.character as usize {
                break;
            }
            at += character.len_utf8();
        }
        at
    }

    /// The place of a byte offset; one past the end is the end, one inside of a character is its start.
    pub fn place(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.start(line).unwrap_or(0);
        let column: usize = text.get(start..offset).unwrap_or("").chars().map(|c| encoding.width(c)).sum();
        Position { line: small(line), character: small(column) }
    }

    pub fn range(&self, text: &str, span: Span, encoding: Encoding) -> Range {
        Range {
            start: self.place(text, span.start as usize, encoding),
            end: self.place(text, span.end as usize, encoding),
        }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, line: u32, character: u32, encoding: Encoding) -> usize {
        Lines::new(text).offset(text, Position { line, character }, encoding)
    }

    #[test]
    fn columns_count_halves_of_surrogates_or_bytes() {
        let text = "a😀b\r\nä€\rx\n";
        assert_eq!(at(text, 0, 3, Encoding::Utf16), 5);
        assert_eq!(at(text, 0, 2, Encoding::Utf16), 1, "inside of a character");
        assert_eq!(at(text, 0, 5, Encoding::Utf8), 5);
        assert_eq!(at(text, 0, 99, Encoding::Utf16), 6, "the end of the line, before its break");
        assert_eq!(at(text, 1, 1, Encoding::Utf16), 10);
        assert_eq!(at(text, 2, 0, Encoding::Utf16), 14, "after a carriage return of its own");
        assert_eq!(at(text, 3, 0, Encoding::Utf16), text.len());
        assert_eq!(at(text, u32::MAX, u32::MAX, Encoding::Utf16), text.len());
        assert_eq!(at("", 0, 0, Encoding::Utf8), 0);
    }

    proptest! {
        #[test]
        fn every_offset_has_a_place_and_every_place_its_offset(text in "[a-c\u{e4}\u{20ac}\u{1f600}\r\n]{0,30}") {
            let lines = Lines::new(&text);
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                for offset in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                    // Between the two bytes of a line break is no place.
                    let inside = text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
                    let place = lines.place(&text, offset, encoding);
                    let back = lines.offset(&text, place, encoding);
                    prop_assert_eq!(back, if inside { offset - 1 } else { offset });
                }
                prop_assert_eq!(lines.place(&text, text.len() + 9, encoding), lines.place(&text, text.len(), encoding));
            }
        }
    }
}
