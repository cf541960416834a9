//! Conditions of lines that work only on records that pass the gates, against those gates.

use super::{By, Said, Sense, Shape};
use crate::data::{BySide, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::sync::crm;
use crate::lang::meaning::Wanted;
use crate::lang::plan::{Cond, Flow};

impl<'a> Sense<'a> {
    pub(super) fn against_gates(&self, said: &mut Said<'_, 'a>) {
        let gates = BySide::new(Side::Left, Side::Right).map(|side| self.gates_to(side));
        // Of gates that let nothing pass it is said once.
        let open = BySide::new(Side::Left, Side::Right).map(|side| {
            let wanted: Vec<Wanted<'_>> = gates[side].iter().map(|(cond, wanted)| (cond, *wanted)).collect();
            !wanted.is_empty() && !self.never(&self.passing(side), &wanted)
        });
        for at in 0..self.asked.len() {
            let one = &self.asked[at];
            if said.dead[at] || one.tree.is_none() {
                continue;
            }
            let ways: Vec<(Side, Vec<Shape>)> = match one.by {
                By::Create { side, target: Some(target), from, even_if_excluded: false } => {
                    let mut only = BySide::default();
                    only[side] = Some(target);
                    only[side.other()] = from;
                    vec![(side, self.made(side, only))]
                }
                // A stage goes to people on both sides, within the gates of the way to the left.
                By::Stage { ty, .. } => vec![(Side::Left, self.staged(ty))],
                By::Row(_) | By::Map => {
                    let sides: Vec<Side> = match one.by {
                        By::Row(row) => match said.rows.get(row).map(|row| row.flow) {
                            Some(Flow::To(side)) => vec![side],
                            _ => Side::BOTH.to_vec(),
                        },
                        _ => Side::BOTH.to_vec(),
                    };
                    if sides.iter().any(|side| said.checked.keep_syncing[*side] || self.creates_excluded(*side)) {
                        continue;
                    }
                    let shapes = |side: Side| {
                        let only = BySide::default();
                        [self.linked(only), self.made(side, only)].concat()
                    };
                    sides.into_iter().map(|side| (side, shapes(side))).collect()
                }
                By::Create { .. } | By::Gate { .. } | By::Pick { .. } => continue,
            };
            let barred = ways.iter().all(|(side, shapes)| {
                let mut wanted: Vec<Wanted<'_>> = vec![(&one.cond, true)];
                wanted.extend(gates[*side].iter().map(|(cond, wanted)| (cond, *wanted)));
                let conds: Vec<&Cond> = wanted.iter().map(|(cond, _)| *cond).collect();
                let shapes = self.that_differ(shapes.clone(), said.checked, &conds);
                open[*side] && self.never(&shapes, &wanted)
            });
            if !barred {
                continue;
            }
            let Some((side, shapes)) = ways.first() else { continue };
            let message = format!("the gates to {} stop every record that this line is about", crm(*side));
            let span = one.tree.map_or(one.line, |tree| tree.span());
            let mut finding = Finding::new(Code::AgainstGate, one.file, span, message);
            if let Some(gate) = self.the_gate(*side, shapes, &one.cond, said) {
                let gate = &self.asked[gate];
                finding = finding.also(gate.file, gate.line, "this gate");
            }
            let finding = self.for_instance(finding, shapes, &[(&one.cond, true)], said);
            said.findings.push(finding);
        }
    }

    /// Whether a `create … even if excluded` writes this side's records past the gates.
    fn creates_excluded(&self, to: Side) -> bool {
        self.asked.iter().any(|asked| matches!(asked.by, By::Create { side, even_if_excluded: true, .. } if side == to))
    }

    /// The gate that stops all of them, where it is one.
    fn the_gate(&self, side: Side, shapes: &[Shape], cond: &Cond, said: &Said<'_, 'a>) -> Option<usize> {
        (0..self.asked.len()).find(|at| {
            let asked = &self.asked[*at];
            let By::Gate { target, exclude } = asked.by else { return false };
            let alone = exclude
                || !self.asked.iter().enumerate().any(|(other, asked)| {
                    other != *at && matches!(asked.by, By::Gate { target: of, exclude: false } if of == target)
                });
            let shapes = self.that_differ(shapes.to_vec(), said.checked, &[cond, &asked.cond]);
            super::shapes::targets(target).contains(&side)
                && alone
                && self.never(&shapes, &[(cond, true), (&asked.cond, !exclude)])
        })
    }
}
