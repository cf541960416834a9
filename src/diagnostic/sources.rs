//! The texts that findings point into.

use syncline_grammar::{Problem, line_column, not_utf8, too_large};

/// One rule file. Findings and plans name it by its index among the files given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// As shown to people: a path relative to the project.
    pub name: String,
    pub text: String,
    /// Why it is not read at all; what can be shown of it is its text.
    pub fault: Option<Box<Problem>>,
}

impl SourceFile {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceFile {
        SourceFile { name: name.into(), text: text.into(), fault: None }
    }

    /// From the bytes of a file.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> SourceFile {
        match String::from_utf8(bytes) {
            Ok(text) => SourceFile::new(name, text),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let fault = not_utf8(at, at + char::REPLACEMENT_CHARACTER.len_utf8());
                SourceFile { fault: Some(Box::new(fault)), ..SourceFile::new(name, text) }
            }
        }
    }

    /// A file with more bytes than are taken from the disk.
    pub fn too_large(name: impl Into<String>, bytes: usize) -> SourceFile {
        SourceFile { fault: Some(Box::new(too_large(bytes))), ..SourceFile::new(name, "") }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        line_column(&self.text, offset)
    }
}

/// Line numbers of one text, for many offsets.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    /// Offsets at which lines after the first start.
    starts: Vec<usize>,
}

impl LineIndex {
    pub fn new(text: &str) -> LineIndex {
        LineIndex { starts: text.match_indices('\n').map(|(at, _)| at + 1).collect() }
    }

    /// From 1.
    pub fn line(&self, offset: u32) -> u32 {
        let before = self.starts.partition_point(|start| *start <= offset as usize);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_counts_lines_as_the_file_does() {
        let file = SourceFile::new("a", "one\r\n\nthree\n");
        let index = LineIndex::new(&file.text);
        for offset in 0..20 {
            assert_eq!(index.line(offset) as usize, file.line_column(offset).0, "{offset}");
        }
    }
}
