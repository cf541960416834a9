//! Conditions: they are wrapped before `and` and `or`, the outer ones first; then before `when`; sets after a comma.

use crate::tree::{AtomKind, Cond, OpKind, Value};

use super::layout::{Kind, Layout};

/// Between two depths of parentheses, in the order in which lines are broken.
const LEVELS: u16 = 4;
const WHEN: u16 = 1;
const WHERE: u16 = 2;
const COMMA: u16 = 3;

impl Layout<'_> {
    /// The condition behind a `when` that a line may start with.
    pub(super) fn when(&mut self, cond: &Cond) {
        let when = self.before(cond.span().start);
        self.soft(when, WHEN, Kind::Fill, 1);
        self.cond(cond, 0);
    }

    /// `outer`: how deep the condition stands in its statement, without parentheses.
    pub(super) fn cond(&mut self, cond: &Cond, outer: u16) {
        match cond {
            Cond::And { parts, .. } | Cond::Or { parts, .. } => {
                for part in parts.iter().skip(1) {
                    let connective = self.before(part.span().start);
                    let depth = outer + self.depth(connective);
                    self.soft(connective, LEVELS * depth, Kind::All, usize::from(depth) + 1);
                }
                parts.iter().for_each(|part| self.cond(part, outer));
            }
            Cond::Not { inner, .. } => self.cond(inner, outer),
            Cond::Atom(atom) => match &atom.kind {
                AtomKind::Compare { op, .. } => match &op.kind {
                    OpKind::AnyOf { values, .. } | OpKind::Text { values, .. } => self.set(values, outer),
                    _ => {}
                },
                AtomKind::Count { filter: Some(filter), .. } => {
                    let keyword = self.before(filter.span().start);
                    self.inner(keyword, outer, WHERE);
                    self.cond(filter, outer);
                }
                _ => {}
            },
        }
    }

    fn set(&mut self, values: &[Value], outer: u16) {
        for value in values.iter().skip(1) {
            self.inner(self.at(value.span.start), outer, COMMA);
        }
    }

    fn inner(&mut self, word: usize, outer: u16, kind: u16) {
        let depth = outer + self.depth(word);
        self.soft(word, LEVELS * depth + kind, Kind::Fill, usize::from(depth) + 2);
    }
}
