//! Rows of maps, associations and tables of values, in columns.

use crate::span::Span;
use crate::tree::{
    Associate, AssociateRow, Clause, ClauseKind, Join, Map, MapLine, OperandKind, Operands, Owners, OwnersLine,
    PickLeftKind, PickRow, Picklist, Row, Stages, Together,
};

use super::layout::{Kind, Layout, Part};
use super::table::Cells;

impl Layout<'_> {
    pub(super) fn map(&mut self, map: &Map) -> Part {
        if let Some(when) = &map.when {
            self.when(when);
        }
        let mut rows = Vec::new();
        let mut body = Vec::new();
        for line in &map.lines {
            body.push(match line {
                MapLine::Row(row) => {
                    rows.push(self.row_cells(row));
                    self.row(row)
                }
                MapLine::Together(together) => self.together(together),
            });
        }
        self.align(&rows);
        self.block(map.span, body, true)
    }

    fn together(&mut self, together: &Together) -> Part {
        let rows: Vec<Cells> = together.rows.iter().map(|row| self.row_cells(row)).collect();
        let body = together.rows.iter().map(|row| self.row(row)).collect();
        self.align(&rows);
        self.block(together.span, body, true)
    }

    pub(super) fn row(&mut self, row: &Row) -> Part {
        self.operands(&row.left);
        self.operands(&row.right);
        self.clauses(&row.clauses);
        self.line(row.span)
    }

    fn operands(&mut self, operands: &Operands) {
        for operand in operands.list.iter().skip(1) {
            let at = self.at(operand.span.start);
            let starts = if operands.join == Join::Else { at.saturating_sub(1) } else { at };
            self.soft(starts, 1, Kind::Fill, 2);
        }
    }

    /// Each stands two spaces behind what is before it, and may start a line.
    fn clauses(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            self.clause(clause.span);
            if let ClauseKind::When(cond) = &clause.kind {
                self.cond(cond, 1);
            }
        }
    }

    fn clause(&mut self, span: Span) {
        let at = self.at(span.start);
        self.soft(at, 0, Kind::Fill, 1);
        if let Some(space) = self.space.get_mut(at) {
            *space = 2;
        }
    }

    fn row_cells(&self, row: &Row) -> Cells {
        Cells {
            line: self.range(row.span),
            arrow: self.at(row.arrow.span.start),
            right: self.at(row.right.span.start),
            rest: row.clauses.first().map(|clause| self.at(clause.span.start)),
            several: [&row.left, &row.right].map(several),
        }
    }

    pub(super) fn associate(&mut self, associate: &Associate) -> Part {
        let rows: Vec<Cells> = associate.rows.iter().map(|row| self.associate_cells(row)).collect();
        let body = associate.rows.iter().map(|row| self.associate_row(row)).collect();
        self.align(&rows);
        self.block(associate.span, body, true)
    }

    fn associate_row(&mut self, row: &AssociateRow) -> Part {
        self.clauses(&row.clauses);
        if let Some(filter) = &row.filter {
            let start = self.where_word(row, filter.span());
            self.clause(start);
            self.cond(filter, 1);
        }
        self.line(row.span)
    }

    /// The `where` behind the clauses of a row.
    fn where_word(&self, row: &AssociateRow, filter: Span) -> Span {
        self.words.get(self.before(filter.start)).map_or(row.span, |word| word.span)
    }

    fn associate_cells(&self, row: &AssociateRow) -> Cells {
        let filter = row.filter.as_ref().map(|filter| self.where_word(row, filter.span()));
        let rest = row.clauses.first().map(|clause| clause.span).or(filter);
        Cells {
            line: self.range(row.span),
            arrow: self.at(row.arrow.span.start),
            right: self.at(row.right.span.start),
            rest: rest.map(|span| self.at(span.start)),
            several: [row.labelled.is_some(), false],
        }
    }

    pub(super) fn picklist(&mut self, picklist: &Picklist) -> Part {
        let body = self.pick_rows(&picklist.rows);
        self.block(picklist.span, body, true)
    }

    pub(super) fn owners(&mut self, owners: &Owners) -> Part {
        let mut rows = Vec::new();
        let mut body = Vec::new();
        for line in &owners.lines {
            body.push(match line {
                OwnersLine::Match(line) => self.match_line(line),
                OwnersLine::Row(row) => {
                    rows.push(self.pick_cells(row));
                    self.pick_row(row)
                }
            });
        }
        self.align(&rows);
        self.block(owners.span, body, true)
    }

    pub(super) fn stages(&mut self, stages: &Stages) -> Part {
        let mut body = Vec::new();
        for pipeline in &stages.pipelines {
            let rows = self.pick_rows(&pipeline.rows);
            body.push(self.block(pipeline.span, rows, true));
        }
        self.block(stages.span, body, true)
    }

    fn pick_rows(&mut self, rows: &[PickRow]) -> Vec<Part> {
        let cells: Vec<Cells> = rows.iter().map(|row| self.pick_cells(row)).collect();
        self.align(&cells);
        rows.iter().map(|row| self.pick_row(row)).collect()
    }

    fn pick_row(&mut self, row: &PickRow) -> Part {
        if let PickLeftKind::Values(values) = &row.left.kind {
            for value in values.iter().skip(1) {
                self.soft(self.at(value.span.start), 0, Kind::Fill, 1);
            }
        }
        self.line(row.span)
    }

    fn pick_cells(&self, row: &PickRow) -> Cells {
        Cells {
            line: self.range(row.span),
            arrow: self.at(row.arrow.span.start),
            right: self.at(row.right.span.start),
            rest: None,
            several: [matches!(&row.left.kind, PickLeftKind::Values(values) if values.len() > 1), false],
        }
    }
}

fn several(operands: &Operands) -> bool {
    operands.list.len() > 1 || operands.list.iter().any(|operand| matches!(operand.kind, OperandKind::ListOf(_)))
}
