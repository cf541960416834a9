//! One map row of a linked pair.

use crate::data::{BySide, Cell, Fingerprint, Side, Value};
use crate::lang::plan::{Converted, Currencies, Line, Source, Target, convert};

use super::Pair;
use crate::decide::base::{Agreed, AgreedView};
use crate::decide::decision::{Decision, Held, Move};
use crate::decide::frame::Frame;
use crate::decide::money::{self, Money};
use crate::decide::program::Program;

/// One row with what it looks at.
#[derive(Clone)]
pub(in crate::decide) struct Row<'a> {
    pub line: &'a Line,
    /// The values as they are.
    pub actual: BySide<Cell<'a>>,
    /// A value that we wrote over without having seen it still counts as its side's, unless that side was edited since.
    pub seen: BySide<Cell<'a>>,
    /// The sides with such a value.
    pub disputed: BySide<bool>,
    pub agreed: Option<&'a AgreedView<'a>>,
    /// All slots of the record.
    cells: &'a [Cell<'a>],
}

/// `None` when a value was not read.
pub(super) fn look<'a>(
    line: &'a Line,
    agreed: Option<&'a AgreedView<'a>>,
    frame: &'a Frame<'_>,
    pair: &Pair<'a>,
) -> Option<Row<'a>> {
    let actual = BySide::new(frame.cell(line.slots.left), frame.cell(line.slots.right));
    if matches!(actual.left, Cell::Unread) || matches!(actual.right, Cell::Unread) {
        return None;
    }
    let mut currencies = line.currencies.iter().flat_map(Currencies::slots);
    if currencies.any(|slot| matches!(frame.cell(slot), Cell::Unread)) {
        return None;
    }
    let (mut seen, mut disputed) = (actual, BySide::default());
    for side in Side::BOTH {
        if let Some(cell) = pair.base.disputed(line.rule.uid, side)
            && agreed.is_some_and(|agreed| actual[side].same(&agreed.on(side)))
        {
            seen[side] = cell;
            disputed[side] = true;
        }
    }
    Some(Row { line, actual, seen, disputed, agreed, cells: &frame.cells })
}

impl Row<'_> {
    /// Both sides are as they were agreed.
    pub(super) fn is_quiet(&self) -> bool {
        let same = |agreed: &AgreedView<'_>| Side::BOTH.into_iter().all(|side| self.seen[side].same(&agreed.on(side)));
        !self.is_disputed() && self.agreed.is_some_and(same)
    }

    pub(super) fn is_disputed(&self) -> bool {
        self.disputed.left || self.disputed.right
    }

    /// What decides about the row.
    pub(in crate::decide) fn inputs(&self, program: &Program) -> Fingerprint {
        program.line_inputs(self.line, self.cells, &self.actual)
    }

    /// What the other side's value becomes on `to`.
    pub(in crate::decide) fn convert<'r>(
        &'r self,
        program: &'r Program,
        to: Side,
        target: &'r Target,
    ) -> Converted<'r> {
        self.carry(program, self.seen[to.other()], to, target)
    }

    pub(in crate::decide) fn carry<'r>(
        &'r self,
        program: &'r Program,
        cell: Cell<'r>,
        to: Side,
        target: &'r Target,
    ) -> Converted<'r> {
        convert(cell, &self.line.convert[to], &program.around(self.cells, false), to, target)
    }

    /// Why an amount does not go to `to`: it would be another one there. `moves`: what is written in the same call.
    pub(super) fn of_another_currency(
        &self,
        program: &Program,
        to: Side,
        moves: &[Move],
        pair: &Pair<'_>,
    ) -> Option<Held> {
        let currencies = self.line.currencies.as_ref()?;
        let own = |slot: usize| match &program.block.slots.get(slot)?.source {
            Source::Field { fields, .. } => fields.get(pair.here(to).ty).copied(),
            _ => None,
        };
        let cell = |side: Side, slot: usize| {
            let written = own(slot).filter(|_| side == to);
            let written = written.and_then(|field| moves.iter().rfind(|mv| mv.side == to && mv.field == field));
            match written {
                Some(mv) => mv.after.cell(),
                None => self.cells.get(slot).copied().unwrap_or_default(),
            }
        };
        let (rule, inputs) = (&self.line.rule, self.inputs(program));
        let held = match money::compare(currencies, cell) {
            Money::Same => return None,
            Money::Differ(why) if currencies.reject => Held::rejected(rule, why, inputs),
            Money::Differ(why) | Money::Unknown(why) => Held::skipped(rule, why, inputs),
        };
        Some(match self.known(program, pair) {
            true => Held { known: true, ..held },
            false => held,
        })
    }

    pub(super) fn is_place(&self) -> bool {
        self.line.convert.left.place.is_some()
    }

    /// Why a `place` keeps the row from going to `to`. Where the other side has no place at all, this is no reason to take
    /// away one that is not known.
    pub(super) fn waits(&self, program: &Program, to: Side, pair: &Pair<'_>) -> Option<String> {
        let beside = self.line.convert[to].place?.beside.and_then(|slot| self.cells.get(slot));
        let nothing = self.seen[to.other()].is_blank() && beside.is_none_or(Cell::is_blank);
        let to = if nothing { to.other() } else { to };
        match self.convert(program, to, pair.target(self.line, to)?) {
            Converted::Hold(why) => Some(why),
            _ => None,
        }
    }

    /// On record as held or refused with these very inputs.
    pub(super) fn known(&self, program: &Program, pair: &Pair<'_>) -> bool {
        !pair.quarantined.is_empty() && pair.quarantined.contains(&(self.line.rule.uid, self.inputs(program)))
    }

    /// On record as held or refused.
    pub(super) fn known_anyhow(&self, pair: &Pair<'_>) -> bool {
        pair.quarantined.iter().any(|(line, _)| *line == self.line.rule.uid)
    }

    /// We created the other record without this value, because the row skips it: what the CRM itself put there is nobody's
    /// word against it.
    pub(super) fn is_left_out(&self, program: &Program, pair: &Pair<'_>) -> bool {
        self.agreed.is_none() && !pair.base.is_empty() && self.is_skipped(program, pair)
    }

    /// On record as held, and its value is still one that the row skips.
    pub(super) fn is_skipped(&self, program: &Program, pair: &Pair<'_>) -> bool {
        if !self.known_anyhow(pair) {
            return false;
        }
        Side::BOTH.into_iter().any(|to| {
            let target = pair.target(self.line, to).filter(|_| self.line.policy.writes(to));
            let skips = |target| matches!(self.convert(program, to, target), Converted::Skip(_));
            !self.seen[to.other()].is_blank() && target.is_some_and(skips)
        })
    }

    pub(in crate::decide) fn agree(&self, out: &mut Decision) {
        let (line, BySide { left, right }) = (self.line.rule.uid, self.actual);
        if self.is_disputed() || self.agreed != Some(&AgreedView { line, left, right }) {
            out.agreed.push(Agreed {
                line,
                left: left.to_value(),
                right: right.to_value(),
                disputed: BySide::default(),
            });
        }
    }

    /// The row's values that go to `to` become this one.
    pub(in crate::decide) fn write(
        &self,
        program: &Program,
        to: Side,
        target: &Target,
        after: Value,
        contested: bool,
        out: &mut Decision,
    ) {
        out.moves.push(Move {
            side: to,
            line: self.line.rule.uid,
            rule: self.line.rule.clone(),
            field: target.field,
            name: target.name.clone(),
            before: self.actual[to].to_value(),
            after,
            source: self.seen[to.other()].to_value(),
            inputs: self.inputs(program),
            contested,
            restores: false,
        });
    }

    /// This side's own value was written over before anybody saw it: it is written back, if it may be. Whether it is.
    pub(super) fn restore(&self, program: &Program, side: Side, pair: &Pair<'_>, out: &mut Decision) -> bool {
        if self.seen[side].same(&self.actual[side]) || !pair.open[side] {
            return false;
        }
        let target = pair.target(self.line, side).filter(|target| target.updateable);
        if let Some(target) = target {
            self.write(program, side, target, self.seen[side].to_value(), true, out);
            if let Some(last) = out.moves.last_mut() {
                last.restores = true;
            }
        }
        target.is_some()
    }
}
