//! Words to lines. A comment inside a statement ends the line it stands on; a line that is too long is broken at its
//! lowest level, and each piece again at the next.

use super::layout::{Block, Kind, Layout, Line, Part};
use super::words::Word;
use super::{INDENT, WIDTH};

/// `ending` ends every line.
pub(super) fn print(words: &[Word<'_>], layout: &Layout<'_>, parts: &[Part], ending: &str) -> String {
    let mut ends = Vec::with_capacity(words.len() + 1);
    let mut noted = Vec::with_capacity(words.len() + 1);
    let (mut end, mut notes) = (0, 0);
    ends.push(end);
    noted.push(notes);
    for (word, space) in words.iter().zip(&layout.space) {
        end += space + word.width;
        notes += usize::from(!word.notes.is_empty());
        ends.push(end);
        noted.push(notes);
    }
    let mut printer = Printer { words, layout, ends, noted, fresh: true, lines: Vec::new() };
    for part in parts {
        printer.part(part, 0);
    }
    printer.notes(words.len().saturating_sub(1), 0, true);
    join(&printer.lines, ending)
}

struct Printed<'a> {
    indent: usize,
    text: String,
    /// In characters, with the indentation.
    width: usize,
    /// The comment behind it.
    note: Option<&'a str>,
    /// A blank line stands before it.
    blank: bool,
}

struct Printer<'a> {
    words: &'a [Word<'a>],
    layout: &'a Layout<'a>,
    /// The column at which each word would start and the last one end, were all on one line.
    ends: Vec<usize>,
    /// How many words before each have comments before them.
    noted: Vec<usize>,
    /// Nothing stands yet in the block: no blank line comes first.
    fresh: bool,
    lines: Vec<Printed<'a>>,
}

impl<'a> Printer<'a> {
    fn part(&mut self, part: &Part, indent: usize) {
        match part {
            Part::Line(line) => self.line(*line, indent),
            Part::Block(block) => self.block(block, indent),
        }
    }

    fn line(&mut self, line: Line, indent: usize) {
        self.start(line.first, indent, true);
        self.lay(line, indent, 0);
    }

    fn block(&mut self, block: &Block, indent: usize) {
        let whole = Line { first: block.head.first, end: block.close + 1 };
        let plain = matches!(block.body.as_slice(), [] | [Part::Line(_)]) && (block.joins || block.body.is_empty());
        if plain && !self.has_notes(whole) && indent + self.width(whole) <= WIDTH {
            return self.line(whole, indent);
        }
        self.line(block.head, indent);
        self.fresh = true;
        for part in &block.body {
            self.part(part, indent + INDENT);
        }
        self.notes(block.close, indent + INDENT, true);
        self.open(indent, false);
        self.word(block.close);
    }

    /// The comments before a word, and a new line for it.
    fn start(&mut self, word: usize, indent: usize, statement: bool) {
        self.notes(word, indent, statement);
        let blank = self.words.get(word).is_some_and(|word| word.blank);
        self.open(indent, statement && blank);
    }

    fn open(&mut self, indent: usize, blank: bool) {
        let blank = blank && !self.fresh;
        self.fresh = false;
        self.lines.push(Printed { indent, text: String::new(), width: indent, note: None, blank });
    }

    fn notes(&mut self, word: usize, indent: usize, statement: bool) {
        let Some(word) = self.words.get(word) else { return };
        for note in &word.notes {
            match self.lines.last_mut() {
                Some(line) if note.trailing => line.note = Some(note.text),
                _ => {
                    self.open(indent, statement && note.blank);
                    if let Some(line) = self.lines.last_mut() {
                        line.text.push_str(note.text);
                    }
                }
            }
        }
    }

    fn word(&mut self, at: usize) {
        let (Some(line), Some(word)) = (self.lines.last_mut(), self.words.get(at)) else { return };
        if !line.text.is_empty() {
            let space = self.layout.space.get(at).copied().unwrap_or(1);
            line.text.extend(std::iter::repeat_n(' ', space));
            line.width += space;
        }
        line.text.push_str(word.text);
        line.width += word.width;
    }

    /// Puts words on the line that is open, and on new ones below it. `base` is the indentation of the statement.
    fn lay(&mut self, line: Line, base: usize, level: u16) {
        if !self.has_notes(line) && self.room(line) {
            return (line.first..line.end).for_each(|word| self.word(word));
        }
        let soft = |word: usize| self.layout.soft.get(word).copied().flatten();
        let inner = (line.first + 1..line.end).filter_map(|word| Some((word, soft(word)?)));
        let Some(level) = inner.clone().map(|(_, soft)| soft.level).filter(|found| *found >= level).min() else {
            return self.lay_broken(line, base);
        };
        let breaks: Vec<_> = inner.filter(|(_, soft)| soft.level == level).collect();
        let ends = breaks.iter().map(|(word, _)| *word).skip(1).chain([line.end]);
        if let Some((first, _)) = breaks.first() {
            self.lay(Line { first: line.first, end: *first }, base, level + 1);
        }
        for ((first, soft), end) in breaks.iter().zip(ends) {
            let piece = Line { first: *first, end };
            let noted = self.words.get(*first).is_some_and(|word| !word.notes.is_empty());
            if soft.kind == Kind::Fill && !noted && !self.has_notes(piece) && self.room(piece) {
                (piece.first..piece.end).for_each(|word| self.word(word));
                continue;
            }
            self.start(*first, base + INDENT * soft.shift, false);
            self.lay(piece, base, level + 1);
        }
    }

    /// Words between which no line may end but for a comment.
    fn lay_broken(&mut self, line: Line, base: usize) {
        for word in line.first..line.end {
            if word > line.first && self.words.get(word).is_some_and(|word| !word.notes.is_empty()) {
                self.start(word, base + INDENT, false);
            }
            self.word(word);
        }
    }

    /// Whether a comment stands between the words of a line.
    fn has_notes(&self, line: Line) -> bool {
        self.noted.get(line.first + 1) != self.noted.get(line.end)
    }

    /// The width of words on one line.
    fn width(&self, line: Line) -> usize {
        let at = |word: usize| self.ends.get(word).copied().unwrap_or(0);
        let space = self.layout.space.get(line.first).copied().unwrap_or(0);
        at(line.end) - at(line.first) - space
    }

    /// Whether words fit behind what the open line holds.
    fn room(&self, line: Line) -> bool {
        let Some(open) = self.lines.last() else { return true };
        let space = if open.text.is_empty() { 0 } else { self.layout.space.get(line.first).copied().unwrap_or(0) };
        open.width + space + self.width(line) <= WIDTH
    }
}

/// Comments behind lines that follow each other stand below each other.
fn join(lines: &[Printed<'_>], ending: &str) -> String {
    let mut text = String::new();
    let mut column = 0;
    for (at, line) in lines.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| lines.get(at));
        if line.blank {
            text.push_str(ending);
        }
        text.extend(std::iter::repeat_n(' ', line.indent));
        text.push_str(&line.text);
        if let Some(note) = line.note {
            if !before.is_some_and(|before| goes_on(before, line)) {
                let following = lines.iter().skip(at).zip(lines.iter().skip(at + 1));
                let run = following.take_while(|(one, next)| goes_on(one, next)).map(|(_, next)| next.width);
                column = run.fold(line.width, usize::max);
            }
            text.extend(std::iter::repeat_n(' ', column - line.width + 2));
            text.push_str(note);
        }
        text.push_str(ending);
    }
    text
}

/// Whether a line's comment stands below the one before.
fn goes_on(before: &Printed<'_>, line: &Printed<'_>) -> bool {
    before.note.is_some() && line.note.is_some() && before.indent == line.indent && !line.blank
}
