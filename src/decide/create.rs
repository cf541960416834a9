//! A record that stands alone: whether, as what, and with which values its partner is created.

use crate::data::{BySide, Cell, Side, Uid, Value};
use crate::lang::plan::{Converted, Create, Cx, Line, RuleRef, Source, convert};
use crate::planted::{self, Bug};
use crate::store::{KeyPart, SubjectRow};

use super::base::BaseView;
use super::decision::{Decision, Held, Known, Move, Need, Verdict};
use super::frame::{Frame, Here};
use super::gates::{Way, answer};
use super::lifecycle::at_creation;
use super::money::{self, Money};
use super::program::Program;

pub(super) fn decide_creation(
    program: &Program,
    frame: &Frame<'_>,
    here: Here<'_>,
    side: Side,
    known: &Known<'_>,
    quarantined: bool,
    out: &mut Decision,
) {
    let (target, even_if_excluded, rule) = match chosen(program, frame, here, side, known.now) {
        Chosen::Line(target, even_if_excluded, rule) => (target, even_if_excluded, rule),
        Chosen::Unread(create) => return out.wait(program, frame, &create.rule, &create.when),
        Chosen::None => {
            out.verdict = Verdict::Skipped { why: "no `create` line applies".into() };
            return;
        }
    };
    let Some(ty) = target else {
        out.verdict = Verdict::Skipped { why: rule.name.to_string() };
        return;
    };
    let values = match values(program, frame, here, side, ty, known, out) {
        Ok(values) => values,
        Err(line) => return out.wait(program, frame, &line.rule, &line.when),
    };
    let overlay = overlaid(program, frame, side, &values);
    let way = program.way(side, &overlay, frame.unread, known.now);
    match way {
        Way::Barred(barred) if !even_if_excluded => {
            out.held.clear();
            out.verdict = Verdict::Skipped { why: barred.text() };
            return;
        }
        Way::Unread(rule, cond) if !even_if_excluded => return out.wait(program, frame, rule, cond),
        _ => {}
    }
    if quarantined {
        out.held.clear();
        out.verdict = Verdict::Skipped { why: "refused before, and nothing has changed since".into() };
        return;
    }
    if !has_key(program, frame, here, side.other()) {
        out.verdict =
            Verdict::Skipped { why: "no match line has a key for it, so it could not be created safely".into() };
        return;
    }
    if !can_be_found(program, side, ty, &values) {
        out.held.clear();
        out.verdict = Verdict::Skipped {
            why: "nothing in the new record would say which one it is, so it could not be created safely".into(),
        };
        return;
    }
    // A request for a record of another type may still arrive: our key does not hold the two together.
    let wanted = program.block.types[side].get(ty).map(|used| used.uid);
    if known.subject.may_yet_arrive(known.now).any(|late| Some(late) != wanted) {
        out.held.clear();
        out.verdict = Verdict::Waiting;
        return;
    }
    if !known.absent[side] && !planted::is(Bug::NoAbsenceCheck) {
        out.needs.push(Need::Absent { side });
    }
    let rule = rule.clone();
    out.moves.extend(values.into_iter().map(|(_, mv)| mv));
    if side == Side::Left && way == Way::Open {
        out.moves.extend(at_creation(program, frame, ty, known.now));
    }
    out.verdict = Verdict::Create { side, ty, rule };
}

/// A gate may ask for fields of the record to be: it is judged as that record would be.
pub(super) fn overlaid<'a>(
    program: &Program,
    frame: &'a Frame<'_>,
    side: Side,
    values: &'a [(usize, Move)],
) -> Vec<Cell<'a>> {
    let slot = |at: usize| program.block.lines[at].slots[side];
    frame.overlaid(values.iter().map(|(at, mv)| (slot(*at), mv.after.cell())))
}

/// The cells by which the gates are judged: of a record without a partner, with those that its partner would be created with.
pub fn foreseen<R>(program: &Program, frame: &Frame<'_>, now: i64, look: impl FnOnce(&[Cell<'_>]) -> R) -> R {
    let alone = Side::BOTH.into_iter().find_map(|side| Some((side, frame.here[side.other()]?)));
    let (Some((side, here)), true) = (alone, frame.here.left.is_none() || frame.here.right.is_none()) else {
        return look(&frame.cells);
    };
    let Chosen::Line(Some(ty), ..) = chosen(program, frame, here, side, now) else { return look(&frame.cells) };
    let (base, subject) = (BaseView::default(), SubjectRow::default());
    let known = Known { base: &base, subject: &subject, times: &[], absent: BySide::new(true, true), now };
    let given = values(program, frame, here, side, ty, &known, &mut Decision::default()).unwrap_or_default();
    look(&overlaid(program, frame, side, &given))
}

pub(super) enum Chosen<'p> {
    /// The type (`None`: `create nothing`), whether gates are passed over, the rule.
    Line(Option<usize>, bool, &'p RuleRef),
    /// Whether this line applies could not be read, and no line above it does.
    Unread(&'p Create),
    None,
}

/// The first `create` line that applies.
pub(super) fn chosen<'p>(program: &'p Program, frame: &Frame<'_>, here: Here<'_>, side: Side, now: i64) -> Chosen<'p> {
    let cx = Cx { cells: &frame.cells, now };
    let lines = program.block.create[side].iter().zip(&program.create[side]);
    for (create, test) in lines.filter(|(create, _)| create.from.is_none_or(|from| from == here.ty)) {
        match answer(&create.when, test, frame.unread, &cx) {
            Some(true) => return Chosen::Line(create.target, create.even_if_excluded, &create.rule),
            Some(false) => {}
            None => return Chosen::Unread(create),
        }
    }
    Chosen::None
}

/// The values of the new record: every row that flows to it, in the order of the map. A group of rows is given whole, or
/// only as far as the record cannot be without it. Fails with a row whose condition could not be read.
pub(super) fn values<'p>(
    program: &'p Program,
    frame: &Frame<'_>,
    here: Here<'_>,
    side: Side,
    ty: usize,
    known: &Known<'_>,
    out: &mut Decision,
) -> Result<Vec<(usize, Move)>, &'p Line> {
    let mut values = Vec::new();
    let mut broken: Vec<usize> = Vec::new();
    for (at, line) in program.block.lines.iter().enumerate() {
        let Some(target) = line.targets[side].get(ty).and_then(Option::as_ref) else { continue };
        let from = line.slots[side.other()];
        if !line.policy.writes(side) || !target.createable || !program.exists(from, here.ty) {
            continue;
        }
        match program.stands(at, &frame.cells, frame.unread, known.now) {
            Some(true) => {}
            Some(false) => continue,
            None => return Err(line),
        }
        let source = frame.cell(from);
        if matches!(source, Cell::Unread) {
            broken.extend(line.group);
            continue;
        }
        let mut alone = BySide::new(Cell::Null, Cell::Null);
        alone[side.other()] = source;
        let inputs = program.line_inputs(line, &frame.cells, &alone);
        let converted = convert(source, &line.convert[side], &program.around(&frame.cells, true), side, target);
        // What a `place` does not know keeps no other row of its group back.
        let waits = line.convert[side].place.is_some() && matches!(converted, Converted::Hold(_));
        if !target.required && known.subject.issues.contains(&(line.rule.uid, inputs)) {
            out.held.push(Held::again(&line.rule, &converted, inputs));
            broken.extend(line.group.filter(|_| !waits));
            continue;
        }
        let value = match converted {
            Converted::Value(carried) => carried.into_value(),
            Converted::Blank => continue,
            Converted::LeaveOut { assign } => {
                out.assign |= assign;
                continue;
            }
            Converted::Skip(why) | Converted::Hold(why) | Converted::Restore(why) => {
                out.held.push(Held::skipped(&line.rule, why, inputs));
                broken.extend(line.group.filter(|_| !waits));
                continue;
            }
            Converted::Reject(why) => {
                out.held.push(Held::rejected(&line.rule, why, inputs));
                continue;
            }
        };
        let mv = Move {
            side,
            line: line.rule.uid,
            rule: line.rule.clone(),
            field: target.field,
            name: target.name.clone(),
            before: Value::Null,
            after: value,
            source: source.to_value(),
            inputs,
            contested: false,
            restores: false,
        };
        values.push((at, mv));
    }
    let other = held_by_currency(program, frame, side, ty, &values);
    for (at, why) in other.iter().rev() {
        let (line, mv) = values.remove(*at);
        let line = &program.block.lines[line];
        let held = match (why, line.currencies.as_ref().is_some_and(|currencies| currencies.reject)) {
            (None, _) => continue,
            (Some(why), true) => Held::rejected(&line.rule, why.clone(), mv.inputs),
            (Some(why), false) => Held::skipped(&line.rule, why.clone(), mv.inputs),
        };
        let known = known.subject.issues.contains(&(line.rule.uid, mv.inputs));
        out.held.push(Held { known, ..held });
    }
    let required = |line: &Line| line.targets[side].get(ty).and_then(Option::as_ref).is_some_and(|to| to.required);
    values.retain(|(at, _)| {
        let line = &program.block.lines[*at];
        required(line) || line.group.is_none_or(|group| !broken.contains(&group))
    });
    Ok(values)
}

/// Amounts that the new record does not get, by their place among its values: they are in another currency than it, or it
/// comes to have one that only the CRM knows. Of those no reason is given: they go over once it is there.
fn held_by_currency(
    program: &Program,
    frame: &Frame<'_>,
    side: Side,
    ty: usize,
    values: &[(usize, Move)],
) -> Vec<(usize, Option<String>)> {
    let held = values.iter().enumerate().filter_map(|(at, (line, _))| {
        let currencies = program.block.lines[*line].currencies.as_ref()?;
        let given = currencies.of[side].slot.map(|slot| {
            let field = match &program.block.slots[slot].source {
                Source::Field { fields, .. } => fields.get(ty).copied().filter(|field| *field != Uid::NONE),
                _ => None,
            };
            let Some(field) = field else { return Cell::Null };
            values.iter().find(|(_, mv)| mv.field == field).map_or(Cell::Unread, |(_, mv)| mv.after.cell())
        });
        if matches!(given, Some(Cell::Unread)) {
            return Some((at, None));
        }
        let cell = |of: Side, slot: usize| if of == side { given.unwrap_or_default() } else { frame.cell(slot) };
        match money::compare(currencies, cell) {
            Money::Same => None,
            Money::Differ(why) => Some((at, Some(why))),
            Money::Unknown(_) => Some((at, None)),
        }
    });
    held.collect()
}

/// A record is created only for one that some match line could have found a partner for.
pub(super) fn has_key(program: &Program, frame: &Frame<'_>, here: Here<'_>, source: Side) -> bool {
    frame.vouched || (0..program.block.matches.len()).any(|line| program.has_key(here.row, source, line))
}

/// Whether the record to be has a value by which it is looked for when nobody answers: our own key, a value that the CRM
/// keeps unique, or a key of a match line.
pub(super) fn can_be_found(program: &Program, side: Side, ty: usize, values: &[(usize, Move)]) -> bool {
    let Some(used) = program.block.types[side].get(ty) else { return false };
    let keys = (0..program.block.matches.len()).filter_map(|line| program.key_spec(side, ty, line));
    let parts = keys.flat_map(|spec| &spec.parts).filter_map(|part| match part {
        KeyPart::Field(field, _) => Some(*field),
        KeyPart::Id => None,
    });
    let own = used.own_key.iter().map(|key| key.field);
    let fields: Vec<Uid> = own.chain(used.unique.iter().copied()).chain(parts).collect();
    values.iter().any(|(_, mv)| fields.contains(&mv.field))
}
