//! Gates beside each other: lines that another one makes needless, and gates that let nothing pass.

use syncline_grammar::tree::Target;

use super::shapes::targets;
use super::{By, Said, Sense, Shape};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::sync::crm;
use crate::lang::meaning::Wanted;
use crate::lang::plan::Cond;

/// Gates of one block beyond these are not compared.
const MOST: usize = 24;

impl<'a> Sense<'a> {
    pub(super) fn gates(&self, said: &mut Said<'_, 'a>, whole: bool) {
        let blocks = [
            Target::BothWays,
            Target::To(syncline_grammar::tree::Side::HubSpot),
            Target::To(syncline_grammar::tree::Side::Salesforce),
        ];
        for target in blocks {
            self.within_another(target, said);
            self.stopped_anyway(target, said);
        }
        if whole {
            let closed = Side::BOTH.into_iter().find(|side| self.nothing_passes(*side, said));
            if let Some(side) = closed {
                self.report_closed(side, said);
            }
        }
    }

    /// Live gates of a block: their places among the conditions.
    fn of_block(&self, wanted: Target, excludes: bool, said: &Said<'_, 'a>) -> Vec<usize> {
        let of = |at: &usize| match self.asked[*at].by {
            By::Gate { target, exclude } => target == wanted && exclude == excludes && !said.dead[*at],
            _ => false,
        };
        (0..self.asked.len()).filter(of).take(MOST).collect()
    }

    /// An `include` that lets pass what another one lets pass, an `exclude` that stops what another one stops.
    fn within_another(&self, target: Target, said: &mut Said<'_, 'a>) {
        for excludes in [false, true] {
            let lines = self.of_block(target, excludes, said);
            let mut others = lines.clone();
            if excludes && target != Target::BothWays {
                others.extend(self.of_block(Target::BothWays, true, said));
            }
            // Of two that say the same, the second one is needless.
            for at in lines.iter().rev() {
                let one = &self.asked[*at];
                let by = others.iter().find(|by| {
                    // Two lines about other fields leave each other something.
                    if *by == at || said.dead[**by] || self.sees[*at].is_disjoint(&self.sees[**by]) {
                        return false;
                    }
                    if self.leaves_some(said, *at, **by) {
                        return false;
                    }
                    let by = &self.asked[**by];
                    let shapes = self.that_differ(self.gated(target), said.checked, &[&one.cond, &by.cond]);
                    self.never(&shapes, &[(&one.cond, true), (&by.cond, false)])
                });
                let Some(by) = by else { continue };
                let by = &self.asked[*by];
                let verb = if excludes { "stops" } else { "lets pass" };
                let message = format!("{} {verb} nothing that {} does not", one.name, by.name);
                let finding = Finding::new(Code::Subsumed, one.file, one.line, message).also(
                    by.file,
                    by.line,
                    format!("{verb} all of it"),
                );
                let finding = self.for_instance(finding, &self.gated(target), &[(&one.cond, true)], said);
                said.dead[*at] = true;
                said.findings.push(finding.fix(self.without(one.file, one.line)));
            }
        }
    }

    /// An `include` of which an `exclude` takes everything.
    fn stopped_anyway(&self, target: Target, said: &mut Said<'_, 'a>) {
        let mut excludes = self.of_block(target, true, said);
        if target != Target::BothWays {
            excludes.extend(self.of_block(Target::BothWays, true, said));
        }
        for at in self.of_block(target, false, said) {
            let one = &self.asked[at];
            let by = excludes.iter().filter(|by| !self.sees[at].is_disjoint(&self.sees[**by])).find(|by| {
                if self.leaves_some(said, at, **by) {
                    return false;
                }
                let by = &self.asked[**by];
                let shapes = self.that_differ(self.gated(target), said.checked, &[&one.cond, &by.cond]);
                self.never(&shapes, &[(&one.cond, true), (&by.cond, false)])
            });
            let Some(by) = by else { continue };
            let by = &self.asked[*by];
            let message = format!("whatever {} lets pass, {} stops", one.name, by.name);
            let finding = Finding::new(Code::ExcludedAnyway, one.file, one.line, message).also(
                by.file,
                by.line,
                "stops all of it",
            );
            let finding = self.for_instance(finding, &self.gated(target), &[(&one.cond, true)], said);
            said.dead[at] = true;
            said.findings.push(finding);
        }
    }

    fn nothing_passes(&self, side: Side, said: &Said<'_, 'a>) -> bool {
        let gates = self.gates_to(side);
        let single = self.asked.iter().zip(&said.dead).any(|(asked, dead)| {
            *dead && matches!(asked.by, By::Gate { target, .. } if targets(target).contains(&side))
        });
        let asks = self
            .asked
            .iter()
            .any(|asked| matches!(asked.by, By::Gate { target, .. } if targets(target).contains(&side)));
        let wanted: Vec<Wanted<'_>> = gates.iter().map(|(cond, wanted)| (cond, *wanted)).collect();
        let conds: Vec<&Cond> = gates.iter().map(|(cond, _)| cond).collect();
        let shapes = self.that_differ(self.passing(side), said.checked, &conds);
        asks && !single && self.never(&shapes, &wanted)
    }

    fn report_closed(&self, side: Side, said: &mut Said<'_, 'a>) {
        let mut lines = self
            .asked
            .iter()
            .filter(|asked| matches!(asked.by, By::Gate { target, .. } if targets(target).contains(&side)));
        let Some(first) = lines.next() else { return };
        let message = format!("no record passes the gates to {}", crm(side));
        let mut finding = Finding::new(Code::NothingPasses, first.file, first.line, message);
        for line in lines {
            finding = finding.also(line.file, line.line, "");
        }
        said.findings.push(
            finding.help("a record must pass every block that gates its direction: write one block, or change a line"),
        );
    }

    /// What is asked of a record that passes to this side: conditions with their wanted answers.
    pub(in crate::lang::check) fn gates_to(&self, side: Side) -> Vec<(Cond, bool)> {
        let mut wanted = Vec::new();
        for target in [Target::BothWays, Target::To(tree_side(side))] {
            let of = |excludes: bool| {
                self.asked.iter().filter(move |asked| {
                    matches!(asked.by, By::Gate { target: of, exclude } if of == target && exclude == excludes)
                })
            };
            wanted.extend(of(true).map(|asked| (asked.cond.clone(), false)));
            let includes: Vec<Cond> = of(false).map(|asked| asked.cond.clone()).collect();
            if !includes.is_empty() {
                wanted.push((Cond::Any(includes), true));
            }
        }
        wanted
    }

    /// What passes to a side: linked pairs, and records that are about to be created there.
    pub(super) fn passing(&self, side: Side) -> Vec<Shape> {
        let mut shapes = self.linked(crate::data::BySide::default());
        shapes.extend(self.made(side, crate::data::BySide::default()));
        shapes
    }

    /// With a record for which it is so.
    pub(super) fn for_instance(
        &self,
        finding: Finding,
        shapes: &[Shape],
        wanted: &[Wanted<'_>],
        said: &Said<'_, 'a>,
    ) -> Finding {
        let conds: Vec<&Cond> = wanted.iter().map(|(cond, _)| *cond).collect();
        let shapes = self.that_differ(shapes.to_vec(), said.checked, &conds);
        match self.example(&shapes, wanted) {
            Some((shape, record)) => {
                finding.help(format!("for instance {}", self.shown(said.checked, shape, &record, &conds)))
            }
            None => finding,
        }
    }
}

pub(super) fn tree_side(side: Side) -> syncline_grammar::tree::Side {
    match side {
        Side::Left => syncline_grammar::tree::Side::HubSpot,
        Side::Right => syncline_grammar::tree::Side::Salesforce,
    }
}
