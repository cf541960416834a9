//! The text of a file as it is drawn: lines that are longer than there is room for are cut around what is pointed at.

use std::collections::BTreeMap;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use syncline_grammar::Span;

use crate::diagnostic::escape::mask;
use crate::diagnostic::{SourceFile, escape};

/// Stands for what was cut.
const MARK: &str = "…";
/// As wide as the drawing makes it.
const TAB: usize = 4;
/// Beside the number of the line: the frame, and bows of labels over several lines.
const FRAME: usize = 6;

pub(super) struct Excerpt {
    name: String,
    text: String,
    /// Where the mark stands in the place of what, in the text of the file; ascending.
    cuts: Vec<Span>,
    /// The columns of places in cut lines, from 0, as they are in the file.
    columns: BTreeMap<usize, usize>,
}

impl Excerpt {
    /// `spans`: what is pointed at; the first one matters most. `width`: of the drawing, in columns.
    pub(super) fn of(file: &SourceFile, spans: &[Span], width: usize) -> Excerpt {
        let text = mask(&file.text).into_owned();
        let last = spans.iter().map(|span| file.line_column(span.end).0).max().unwrap_or(1);
        let room = width.saturating_sub(last.to_string().len() + FRAME).max(20);
        let (mut cuts, mut long) = (Vec::new(), Vec::new());
        for (start, end) in lines_around(&text, spans) {
            let line = text.get(start..end).unwrap_or("");
            if wide(line) > room {
                let first = spans.iter().find(|span| (start..=end).contains(&(span.start as usize)));
                let focus = first.map_or((0, 0), |span| {
                    (span.start as usize - start, (span.end as usize).clamp(span.start as usize, end) - start)
                });
                cuts.extend(cut(line, focus, room).map(|(from, to)| Span::new(start + from, start + to)));
                long.push((start, end));
            }
        }
        let mut excerpt = Excerpt { name: escape(&file.name).into_owned(), text, cuts, columns: BTreeMap::new() };
        for span in spans {
            if long.iter().any(|(start, end)| (*start..=*end).contains(&(span.start as usize))) {
                let column = file.line_column(span.start).1 - 1;
                excerpt.columns.insert(excerpt.place(*span).start as usize, column);
            }
        }
        for cut in excerpt.cuts.iter().rev() {
            excerpt.text.replace_range(cut.start as usize..cut.end as usize, MARK);
        }
        excerpt
    }

    /// Where a span of the file is drawn. What was cut is where its mark is.
    pub(super) fn place(&self, span: Span) -> Span {
        Span::new(self.moved(span.start as usize, false), self.moved(span.end as usize, true))
    }

    fn moved(&self, at: usize, end: bool) -> usize {
        let (mut taken, mut given) = (0, 0);
        for cut in &self.cuts {
            let (from, to) = (cut.start as usize, cut.end as usize);
            if at >= to {
                (taken, given) = (taken + to - from, given + MARK.len());
            } else if at > from {
                return from + given - taken + if end { MARK.len() } else { 0 };
            } else {
                break;
            }
        }
        at + given - taken
    }
}

/// Start and end of the lines that spans touch, and of those beside them, which are drawn along.
fn lines_around(text: &str, spans: &[Span]) -> Vec<(usize, usize)> {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line_of = |at: u32| starts.partition_point(|start| *start <= at as usize).saturating_sub(1);
    let mut wanted: Vec<usize> = spans
        .iter()
        .flat_map(|span| line_of(span.start).saturating_sub(1)..=line_of(span.end.max(span.start)) + 1)
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let end_of = |line: usize| starts.get(line + 1).map_or(text.len(), |next| next - 1);
    wanted.into_iter().filter_map(|line| Some((*starts.get(line)?, end_of(line)))).collect()
}

fn wide(line: &str) -> usize {
    line.chars().map(|c| if c == '\t' { TAB } else { 1 }).sum()
}

/// What is cut of a line that is wider than the room: before and behind a part in which the focus stands.
fn cut(line: &str, focus: (usize, usize), room: usize) -> impl Iterator<Item = (usize, usize)> {
    let columns: Vec<(usize, usize)> = line
        .char_indices()
        .scan(0, |column, (at, c)| {
            let here = *column;
            *column += if c == '\t' { TAB } else { 1 };
            Some((at, here))
        })
        .collect();
    let column_of = |at: usize| columns.iter().rev().find(|(start, _)| *start <= at).map_or(0, |(_, column)| *column);
    let (start, end, whole) = (column_of(focus.0), column_of(focus.1), wide(line));
    // As much before it as behind it; from the start of the line where that shows it all.
    let spare = room.saturating_sub(end.saturating_sub(start) + 2) / 2;
    let from = if end + 2 <= room { 0 } else { start.saturating_sub(spare).min(whole.saturating_sub(room - 1)) };
    let to = if from == 0 { room - 1 } else { from + room - 2 };
    let at = |column: usize| columns.iter().find(|(_, here)| *here >= column).map_or(line.len(), |(at, _)| *at);
    let before = (from > 0).then(|| (0, at(from)));
    let behind = (to < whole).then(|| (at(to), line.len()));
    before.into_iter().chain(behind).filter(|(from, to)| from < to)
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, before, after)?;
        // Without lines around it, it is asked for its place in the file.
        let cut = self.columns.get(&span.offset()).filter(|_| before == 0 && after == 0);
        let column = cut.copied().unwrap_or(found.column());
        let name = self.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(
            name,
            found.data(),
            *found.span(),
            found.line(),
            column,
            found.line_count(),
        )))
    }
}
