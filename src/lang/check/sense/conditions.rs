//! Each condition by itself: never true, always true, or with a part that changes nothing.

use std::collections::BTreeSet;

use syncline_grammar::Span;
use syncline_grammar::tree;

use super::{Asked, By, Said, Sense, Shape, slots_in};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::sync::crm;
use crate::lang::plan::{Cond, SlotId};

/// Lists with more parts are not looked at part by part.
const MOST_PARTS: usize = 12;

impl<'a> Sense<'a> {
    pub(super) fn conditions(&self, said: &mut Said<'_, 'a>) {
        for at in 0..self.asked.len() {
            let asked = &self.asked[at];
            let Some(tree) = asked.tree else { continue };
            // Where a name in it was wrong for these records, the answer follows from that.
            if said.told_within(asked.file, tree.span()) {
                said.dead[at] = true;
                continue;
            }
            let shapes = self.that_differ(self.shapes(asked, said.rows), said.checked, &[&asked.cond]);
            if shapes.is_empty() {
                continue;
            }
            said.examples[at] = self.example(&shapes, &[(&asked.cond, true)]);
            if said.examples[at].is_none() && self.never(&shapes, &[(&asked.cond, true)]) {
                said.dead[at] = true;
                said.findings.push(self.never_true(asked, tree, said));
            } else if self.never(&shapes, &[(&asked.cond, false)]) {
                said.dead[at] = true;
                said.findings.push(self.always_true(asked, tree));
            } else if let By::Row(row) = asked.by
                && let Some(finding) = self.against_its_map(asked, tree, row, said)
            {
                said.dead[at] = true;
                said.findings.push(finding);
            } else {
                self.parts(asked.file, tree, &asked.cond, said);
            }
        }
    }

    /// A row whose condition is never true where that of its map is.
    fn against_its_map(
        &self,
        asked: &Asked<'a>,
        tree: &tree::Cond,
        row: usize,
        said: &Said<'_, 'a>,
    ) -> Option<Finding> {
        let row = said.rows.get(row)?;
        let all: Vec<(&Cond, bool)> = row.clauses.when.iter().map(|when| (when, true)).collect();
        let conds: Vec<&Cond> = row.clauses.when.iter().collect();
        let shapes = self.that_differ(self.shapes(asked, said.rows), said.checked, &conds);
        if all.len() < 2 || !self.never(&shapes, &all) {
            return None;
        }
        let map = self
            .asked
            .iter()
            .rfind(|map| map.by == By::Map && map.file == asked.file && map.line.start < asked.line.start);
        let message = "this condition is never true where that of the map is";
        let finding = Finding::new(Code::NeverTrue, asked.file, tree.span(), message);
        let finding = match map {
            Some(map) => finding.also(
                map.file,
                map.tree.map_or(map.line, tree::Cond::span),
                "the row is only there where this holds",
            ),
            None => finding,
        };
        Some(finding.help("leave the row out, or move it into another map"))
    }

    fn never_true(&self, asked: &Asked<'a>, tree: &'a tree::Cond, said: &Said<'_, 'a>) -> Finding {
        let finding = Finding::new(Code::NeverTrue, asked.file, tree.span(), "this condition is never true");
        let anywhere: Vec<Shape> = self.spaces.keys().copied().collect();
        let anywhere = self.that_differ(anywhere, said.checked, &[&asked.cond]);
        if let Some((a, b)) = self.opposed(tree, &asked.cond, &anywhere) {
            let (first, second) = if a.start < b.start { (a, b) } else { (b, a) };
            return finding
                .also(asked.file, first, "this")
                .also(asked.file, second, "and this are never true of one record")
                .help("leave the line out, or change one of the two");
        }
        match asked.by {
            By::Create { side, .. } if !self.never(&anywhere, &[(&asked.cond, true)]) => {
                let other = crm(side);
                finding
                    .help(format!("nothing is there in {other} yet when this is asked: ask for {}", ours(side.other())))
            }
            _ => finding.help("leave the line out, or change the condition"),
        }
    }

    /// Two parts that are never true together.
    fn opposed(&self, tree: &tree::Cond, cond: &Cond, shapes: &[Shape]) -> Option<(Span, Span)> {
        let (true, parts) = parts(tree, cond)? else { return None };
        let parts: Vec<_> = parts.into_iter().take(MOST_PARTS).collect();
        let pairs = parts.iter().enumerate().flat_map(|(at, a)| parts[..at].iter().map(move |b| (a, b)));
        let found = pairs.into_iter().find(|(a, b)| self.never(shapes, &[(a.1, true), (b.1, true)]));
        found.map(|(a, b)| (a.0.span(), b.0.span()))
    }

    fn always_true(&self, asked: &Asked<'a>, tree: &'a tree::Cond) -> Finding {
        let finding = Finding::new(Code::AlwaysTrue, asked.file, tree.span(), "this condition is always true");
        match asked.by {
            By::Gate { exclude: false, .. } => {
                finding.help("this line lets every record pass: so it would without a gate")
            }
            By::Gate { exclude: true, .. } => finding.help("this line stops every record"),
            By::Create { .. } => {
                finding.help("every record is taken here: write `always`, and leave out the lines below")
            }
            By::Row(_) => finding.help("leave the condition out").fix(self.without(asked.file, asked.line)),
            By::Pick { .. } | By::Map | By::Stage { .. } => finding.help("leave it out, or change it"),
        }
    }

    /// Parts that change nothing: never true beside `or`, always true beside `and`, or said by another part.
    fn parts(&self, file: usize, tree: &tree::Cond, cond: &Cond, said: &mut Said<'_, 'a>) {
        let Some((all, list)) = parts(tree, cond) else {
            if let (tree::Cond::Not { inner, .. }, Cond::Not(cond)) = (tree, cond) {
                self.parts(file, inner, cond, said);
            }
            return;
        };
        let anywhere: Vec<Shape> = self.spaces.keys().copied().collect();
        let slots: Vec<BTreeSet<SlotId>> = list.iter().map(|(_, cond)| slots_in(cond)).collect();
        for (at, (tree, cond)) in list.iter().enumerate() {
            // A comparison by itself is true of some records and not of others.
            let compared = !matches!(tree, tree::Cond::Atom(_));
            let shapes = self.that_differ(anywhere.clone(), said.checked, &[cond]);
            if compared && self.never(&shapes, &[(cond, !all)]) {
                let message = if all { "this part is always true" } else { "this part is never true" };
                let finding = Finding::new(Code::NeedlessPart, file, tree.span(), message);
                said.findings.push(finding.help("leave it out, or change it"));
                continue;
            }
            let others = list.iter().enumerate().take(MOST_PARTS).filter(|(other, _)| *other != at);
            let by = others.into_iter().find(|(other, (_, by))| {
                // What looks at other fields says something else.
                let alike = if all { slots[at] == slots[*other] } else { !slots[at].is_disjoint(&slots[*other]) };
                if !alike || (all && *other > at) {
                    return false;
                }
                let shapes = self.that_differ(anywhere.clone(), said.checked, &[cond, by]);
                let within = |a: &Cond, b: &Cond| self.never(&shapes, &[(a, true), (b, false)]);
                // Beside `and` only what is said twice: that a narrower part says more than a wider one is common, and clear.
                match all {
                    true => cond == by || (within(cond, by) && within(by, cond)),
                    false => (cond == by || within(cond, by)) && (*other < at || !within(by, cond)),
                }
            });
            if let Some((_, (by, _))) = by {
                let message = "this part changes nothing";
                let finding = Finding::new(Code::NeedlessPart, file, tree.span(), message);
                let finding = finding.also(file, by.span(), "says it already");
                said.findings.push(finding.help("leave it out, or change it"));
                continue;
            }
            self.parts(file, tree, cond, said);
        }
    }
}

fn ours(side: Side) -> String {
    format!("what {} holds", crm(side))
}

/// Trees of a condition that is a list of parts joined by one word, with the parts as checked.
fn parts<'t, 'c>(tree: &'t tree::Cond, cond: &'c Cond) -> Option<(bool, Vec<(&'t tree::Cond, &'c Cond)>)> {
    match (tree, cond) {
        (tree::Cond::And { parts, .. }, Cond::All(conds)) if parts.len() == conds.len() => {
            Some((true, parts.iter().zip(conds).collect()))
        }
        (tree::Cond::Or { parts, .. }, Cond::Any(conds)) if parts.len() == conds.len() => {
            Some((false, parts.iter().zip(conds).collect()))
        }
        _ => None,
    }
}
