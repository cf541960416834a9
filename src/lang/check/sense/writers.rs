//! Fields that two rows of one sync write.

use std::collections::BTreeMap;

use super::{Said, Sense, Shape};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::rows::RowUse;
use crate::lang::check::sync::crm;
use crate::lang::meaning::Wanted;
use crate::lang::plan::{Cond, Flow};

impl<'a> Sense<'a> {
    pub(super) fn written_twice(&self, said: &mut Said<'_, 'a>) {
        let mut writers: BTreeMap<(Side, usize, &str), Vec<usize>> = BTreeMap::new();
        let mut found: Vec<(usize, usize, &str, Side)> = Vec::new();
        for (at, row) in said.rows.iter().enumerate() {
            for side in Side::BOTH {
                for ty in 0..self.types[side].len() {
                    let Some(field) = row.target(side, ty) else { continue };
                    let known = writers.entry((side, ty, field.name)).or_default();
                    let first = known.iter().find(|first| self.meet(**first, at, side, said));
                    found.extend(first.map(|first| (*first, at, field.name, side)));
                    known.push(at);
                }
            }
        }
        found.dedup_by_key(|(_, row, ..)| *row);
        for (first, second, field, side) in found {
            let (a, b) = (&said.rows[first], &said.rows[second]);
            let message = format!("two rows write `{field}` of {}", crm(side));
            let finding = Finding::new(Code::WrittenTwice, self.file, b.tree.span, message);
            let finding = finding.also(self.file, a.tree.span, "the first one");
            let conds: Vec<&Cond> = a.clauses.when.iter().chain(&b.clauses.when).collect();
            let wanted: Vec<Wanted<'_>> = conds.iter().map(|cond| (*cond, true)).collect();
            let example = self.example(&self.both(a, b), &wanted).filter(|_| !conds.is_empty());
            said.findings.push(match example {
                Some((shape, record)) => {
                    finding.help(format!("both are there for {}", self.shown(said.checked, shape, &record, &conds)))
                }
                None => finding,
            });
        }
    }

    /// Whether both rows can apply to one pair of records: then they share a type on the side that is not written. Two rows
    /// that only write there may take turns, where no record has both.
    fn meet(&self, a: usize, b: usize, side: Side, said: &Said<'_, 'a>) -> bool {
        let (a, b) = (&said.rows[a], &said.rows[b]);
        let other = side.other();
        let share = (0..self.types[other].len()).any(|ty| a.ends[other].applies(ty) && b.ends[other].applies(ty));
        let one_way = a.flow == Flow::To(side) && b.flow == Flow::To(side);
        let conds: Vec<&Cond> = a.clauses.when.iter().chain(&b.clauses.when).collect();
        let wanted: Vec<Wanted<'_>> = conds.iter().map(|cond| (*cond, true)).collect();
        share && !(one_way && !conds.is_empty() && self.never(&self.both(a, b), &wanted))
    }

    /// What both rows are asked of.
    fn both(&self, a: &RowUse<'a>, b: &RowUse<'a>) -> Vec<Shape> {
        let applies = |row: &RowUse<'a>, shape: &Shape| {
            Side::BOTH.into_iter().all(|side| shape.ty(side).is_none_or(|ty| row.ends[side].applies(ty)))
        };
        self.any_pair().into_iter().filter(|shape| applies(a, shape) && applies(b, shape)).collect()
    }
}
