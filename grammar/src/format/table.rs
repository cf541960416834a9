//! Columns: the cells of rows that follow each other start below each other.
//!
//! A blank line begins a new table. A cell of several operands, or longer than [`WIDEST`], that stands out by more than
//! [`SLACK`] has columns of its own with its like, so that one long row does not push the others apart; one that is longer
//! than [`LONGEST`] has none.

use super::layout::{Layout, Line};

const WIDEST: usize = 44;
const SLACK: usize = 10;
const LONGEST: usize = 60;

/// A row: left, arrow, right, and the rest, by the words they start with.
pub(super) struct Cells {
    pub line: Line,
    pub arrow: usize,
    pub right: usize,
    pub rest: Option<usize>,
    /// Whether left and right hold more than one operand.
    pub several: [bool; 2],
}

/// A cell of some width in front of a word.
struct Cell {
    width: usize,
    several: bool,
    /// The word behind it, which is moved.
    next: usize,
}

impl Layout<'_> {
    pub(super) fn align(&mut self, rows: &[Cells]) {
        for table in self.tables(rows, |row| row.line) {
            let left = |row: &Cells| self.cell(row.line.first, row.arrow, row.several[0]);
            let cells: Vec<Cell> = table.iter().map(|row| left(row)).collect();
            let mut alike = [const { Vec::new() }; CLASSES];
            for (row, class) in table.iter().zip(classes(&cells)) {
                if let Some(rows) = alike.get_mut(class) {
                    rows.push(*row);
                }
            }
            alike.iter().for_each(|rows| self.align_alike(rows));
        }
    }

    fn align_alike(&mut self, rows: &[&Cells]) {
        let left: Vec<Cell> = rows.iter().map(|row| self.cell(row.line.first, row.arrow, false)).collect();
        let rest = |row: &&Cells| Some(self.cell(row.right, row.rest?, row.several[1]));
        let right: Vec<Cell> = rows.iter().filter_map(rest).collect();
        self.pad(left);
        self.column(right);
        let arrow = |row: &&Cells| self.words.get(row.arrow).map_or("", |word| word.text);
        let arrows: Vec<&str> = rows.iter().map(arrow).collect();
        if arrows.windows(2).all(|pair| matches!(pair, [a, b] if a == b)) {
            return;
        }
        for (row, arrow) in rows.iter().zip(arrows) {
            match arrow {
                // At the right end of the column of arrows.
                "->" => self.push(row.arrow, 1),
                // At its left end.
                "<-" => self.push(row.right, 1),
                _ => {}
            }
        }
    }

    /// Lines whose cells end before the given words, as of `reach STAGE | "name" | when …`.
    pub(super) fn align_words(&mut self, lines: &[(Line, [usize; 2])]) {
        for table in self.tables(lines, |(line, _)| *line) {
            let first = table.iter().map(|(line, [a, _])| self.cell(line.first, *a, false)).collect();
            let second = table.iter().map(|(_, [a, b])| self.cell(*a, *b, false)).collect();
            self.column(first);
            self.column(second);
        }
    }

    /// Rows without a comment inside them, parted by blank lines.
    fn tables<'r, T>(&self, rows: &'r [T], line: impl Fn(&T) -> Line) -> Vec<Vec<&'r T>> {
        let mut tables: Vec<Vec<&T>> = Vec::new();
        for row in rows {
            let Line { first, end } = line(row);
            let inside = self.words.get(first + 1..end).unwrap_or(&[]);
            let blank =
                self.words.get(first).is_some_and(|word| word.blank || word.notes.iter().any(|note| note.blank));
            if blank || tables.is_empty() {
                tables.push(Vec::new());
            }
            if let Some(table) = tables.last_mut().filter(|_| inside.iter().all(|word| word.notes.is_empty())) {
                table.push(row);
            }
        }
        tables
    }

    fn cell(&self, first: usize, next: usize, several: bool) -> Cell {
        let words = self.words.get(first..next).unwrap_or(&[]).iter().zip(self.space.iter().skip(first));
        let width = words.enumerate().map(|(at, (word, space))| word.width + if at > 0 { *space } else { 0 }).sum();
        Cell { width, several, next }
    }

    /// Each class of cells by itself.
    fn column(&mut self, cells: Vec<Cell>) {
        let mut alike = [const { Vec::new() }; CLASSES];
        for (class, cell) in classes(&cells).into_iter().zip(cells) {
            if let Some(cells) = alike.get_mut(class) {
                cells.push(cell);
            }
        }
        alike.into_iter().for_each(|cells| self.pad(cells));
    }

    fn pad(&mut self, cells: Vec<Cell>) {
        let widest = cells.iter().map(|cell| cell.width).max().unwrap_or(0);
        for cell in cells {
            self.push(cell.next, widest - cell.width);
        }
    }

    fn push(&mut self, word: usize, by: usize) {
        if let Some(space) = self.space.get_mut(word) {
            *space += by;
        }
    }
}

/// Columns for cells that fit, and for wide ones.
const CLASSES: usize = 2;

/// What column each cell stands in; a class that is none of [`CLASSES`] for those in no column.
fn classes(cells: &[Cell]) -> Vec<usize> {
    let short = |cell: &&Cell| !cell.several && cell.width <= WIDEST;
    let widest = cells.iter().filter(short).map(|cell| cell.width).max().unwrap_or(0);
    let wide = |cell: &Cell| cell.width > WIDEST || (cell.several && cell.width > widest + SLACK);
    cells.iter().map(|cell| usize::from(wide(cell)) + usize::from(cell.width > LONGEST)).collect()
}
