//! The other blocks of a file.

use crate::span::Span;
use crate::tree::{
    Change, ChangeLine, ChangePart, Lifecycle, LifecycleLine, Limit, LimitKind, Limits, Members, MembersLine, Place,
    Value,
};

use super::layout::{Kind, Layout, Line, Part};

impl Layout<'_> {
    /// Values in braces at the end of a line, as many on each line as fit.
    pub(super) fn braced_values(&mut self, span: Span, values: &[Value]) -> Part {
        let line = self.range(span);
        if let Some(open) = self.next(line.first, "{").filter(|_| !values.is_empty()) {
            let commas: Vec<u32> = values.iter().skip(1).map(|value| value.span.start).collect();
            self.braces(open, line.end.saturating_sub(1), &commas);
        }
        Part::Line(line)
    }

    /// What stands in braces of one line: where it is too long, the braces open, and the parts fill the lines between.
    pub(super) fn braces(&mut self, open: usize, close: usize, parts: &[u32]) {
        self.soft(open + 1, 0, Kind::All, 1);
        self.soft(close, 0, Kind::All, 0);
        for part in parts {
            self.soft(self.at(*part), 1, Kind::Fill, 1);
        }
    }

    pub(super) fn limits(&mut self, limits: &Limits) -> Part {
        let body = limits.limits.iter().map(|limit| self.limit(limit)).collect();
        self.block(limits.span, body, true)
    }

    fn limit(&mut self, limit: &Limit) -> Part {
        if let LimitKind::Favour { syncs } = &limit.kind {
            for sync in syncs.iter().skip(1) {
                self.soft(self.before(sync.span.start), 0, Kind::Fill, 1);
            }
        }
        self.line(limit.span)
    }

    pub(super) fn place(&mut self, place: &Place) -> Part {
        let body = place.lines.iter().map(|line| self.line(line.span)).collect();
        self.block(place.span, body, true)
    }

    pub(super) fn lifecycle(&mut self, lifecycle: &Lifecycle) -> Part {
        let mut reach: Vec<(Line, [usize; 2])> = Vec::new();
        let mut back = Vec::new();
        let mut body = Vec::new();
        for line in &lifecycle.lines {
            let (span, name, when, table) = match line {
                LifecycleLine::Reach { span, name, when, .. } => (span, name, when, &mut reach),
                LifecycleLine::BackTo { span, name, when, .. } => (span, name, when, &mut back),
                LifecycleLine::Cascade { span, .. } => {
                    body.push(self.line(*span));
                    continue;
                }
            };
            table.push((self.range(*span), [self.at(name.span.start), self.before(when.span().start)]));
            self.when(when);
            body.push(self.line(*span));
        }
        self.align_words(&reach);
        self.align_words(&back);
        self.block(lifecycle.span, body, true)
    }

    pub(super) fn members(&mut self, members: &Members) -> Part {
        let body = members.lines.iter().map(|line| self.members_line(line)).collect();
        self.block(members.span, body, true)
    }

    fn members_line(&mut self, line: &MembersLine) -> Part {
        match line {
            MembersLine::On(on) => self.on(on),
            MembersLine::Set { span, when, .. } => {
                if let Some(when) = when {
                    self.when(when);
                }
                self.line(*span)
            }
        }
    }

    pub(super) fn change(&mut self, change: &Change) -> Part {
        let body = change.lines.iter().map(|line| self.change_line(line)).collect();
        self.block(change.span, body, true)
    }

    fn change_line(&mut self, line: &ChangeLine) -> Part {
        let span = match line {
            ChangeLine::Remove { span, .. } => span,
            ChangeLine::Put { span, part, .. } => {
                match part.as_ref() {
                    ChangePart::Gate(gate) => self.gate(gate),
                    ChangePart::Create(create) => self.create(create),
                    ChangePart::On(on) => self.on(on),
                    ChangePart::Match(line) => self.match_line(line),
                    ChangePart::Row(row) => self.row(row),
                };
                span
            }
        };
        self.line(*span)
    }
}
