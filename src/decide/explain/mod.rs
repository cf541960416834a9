//! Why a subject is as it is: the same identification, the same gates and the same rows that decide about it, told with the
//! values that they saw. Pure, plain data; whoever shows it finds the words.

mod judged;
mod rows;
mod stages;
mod take;
#[cfg(test)]
mod tests;

use crate::data::{BySide, CodecError, Presence, Side, Stamp, Uid, Value};
use crate::lang::plan::{Choice, Gate, MatchLine, RuleRef, words};
use crate::store::{Hood, IssueRow, RecordRow, Rid, Role, Sid};

pub use judged::{About, Counting, Joint, Judged, Saw};
pub use rows::{RowLine, RowState};
pub use stages::{StageLine, Stages};
pub use take::Take;

use super::base::BaseView;
use super::create::{Chosen, can_be_found, chosen, has_key, overlaid, values};
use super::decision::{Decision, Held, Known, Need, Verdict, decide};
use super::frame::{Frame, Here};
use super::gates::{Barred, Way};
use super::identify::{Identified, Member, Relink, candidates, picked};
use super::program::Program;
use judged::Judge;

/// One subject, explained.
#[derive(Clone, Debug)]
pub struct Explanation<'p> {
    pub sid: Sid,
    pub records: Vec<RecordLine<'p>>,
    pub picks: Vec<Pick>,
    /// The link moves to another record at the next pass, or is about to.
    pub relink: Option<Relink>,
    /// Records of other subjects with which it shares a key.
    pub rivals: Vec<Rival<'p>>,
    /// Why it is not clear who it is.
    pub ambiguous: Option<String>,
    /// Because records of another block say different things.
    pub contradicted: bool,
    /// The ids of records that a rule proposes to link, and nobody has answered: that is why.
    pub proposed: Vec<BySide<Box<str>>>,
    /// It shares a key with a subject whose operation has not come to an end.
    pub waits_for_another: bool,
    /// It waits for these records of another block: by which match line, and their ids.
    pub waits_for_members: Option<(&'p RuleRef, Vec<Box<str>>)>,
    /// What our own write did to a record is not known.
    pub stale: bool,
    pub verdict: Verdict,
    /// What the decision hangs on and was not read.
    pub unread: Option<String>,
    pub needs: Vec<Need>,
    /// It was refused as a whole with the very values that it has, and is not tried again.
    pub refused: bool,
    /// What is kept from being written, and why.
    pub held: Vec<Held>,
    /// Whether values may flow to the side. Of a subject that stands alone, only the side that it has no record on counts.
    pub ways: BySide<Flow<'p>>,
    /// Of an unlinked subject that may get a partner.
    pub creation: Option<Creation<'p>>,
    /// Of a linked one.
    pub rows: Vec<RowLine<'p>>,
    /// Of a subject whose left record has a stage.
    pub stages: Option<Stages<'p>>,
    /// Of what stands in the way of a partner, or of a side: what would change that. By side, as for `ways`.
    pub takes: BySide<Option<Take>>,
}

/// A record of the subject.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordLine<'p> {
    pub rid: Rid,
    pub side: Side,
    /// API name of its type.
    pub ty: &'p str,
    pub id: Box<str>,
    pub role: Role,
    pub presence: Presence,
    pub stamp: Stamp,
    /// The first match line that finds it from the other side's primary record, as both are now.
    pub matched: Option<&'p RuleRef>,
}

/// Which of several records on a side a `pick` line takes, as they are now.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    pub side: Side,
    /// Whether a link that exists moves to the record that is taken.
    pub relinks: bool,
    pub taken: Option<Rid>,
    /// The choices that were asked, and the records that each left.
    pub steps: Vec<(String, Vec<Rid>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rival<'p> {
    pub side: Side,
    pub ty: &'p str,
    pub id: Box<str>,
    /// The match line whose key they share, or that goes from one to the other through another block.
    pub rule: &'p RuleRef,
    pub through: bool,
    /// Whether its subject has records on both sides.
    pub linked: bool,
}

/// One direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow<'p> {
    /// Why nothing flows; of a linked subject nothing but updates are meant.
    pub barred: Option<String>,
    /// A rule that asks for what was not read.
    pub unread: Option<&'p RuleRef>,
    /// The gates stop creation only.
    pub keep_syncing: bool,
    pub gates: Vec<GateLine<'p>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GateLine<'p> {
    pub rule: &'p RuleRef,
    pub exclude: bool,
    /// It stands in `both ways`.
    pub both: bool,
    pub judged: Judged,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Creation<'p> {
    pub side: Side,
    /// In their order. Those for other types are not among them.
    pub lines: Vec<CreateLine<'p>>,
    /// The first one that applies, by its place in `lines`.
    pub chosen: Option<usize>,
    /// What the new record would be given, by API name, and the row that gives it.
    pub values: Vec<(Box<str>, Value, &'p RuleRef)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateLine<'p> {
    pub rule: &'p RuleRef,
    /// API name of the type; `None`: nothing is created.
    pub target: Option<&'p str>,
    pub even_if_excluded: bool,
    /// `None`: a line above it decided.
    pub judged: Option<Judged>,
}

/// Explains a subject of `identified`, which must be of the same hood. `issues`: those on record for it. `None` when it is
/// not among them.
pub fn explain<'p>(
    program: &'p Program,
    hood: &'p Hood,
    identified: &'p Identified,
    sid: Sid,
    issues: &[IssueRow],
    now: i64,
) -> Result<Option<Explanation<'p>>, CodecError> {
    let (Some(members), Some(subject)) = (identified.subjects.get(&sid), hood.subject(sid)) else { return Ok(None) };
    let mut frame = Frame::default();
    frame.fill(program, hood, members)?;
    let mut base = BaseView::default();
    base.fill(identified.base(subject))?;
    identified.complete(sid, &mut frame);
    let known = Known { base: &base, subject, times: &[], absent: BySide::default(), now };
    let mut decision = Decision::default();
    // Nothing is decided of a subject that may be another one in a moment.
    let clear = !identified.ambiguous.contains_key(&sid) && !identified.waiting.contains(&sid);
    if clear {
        decide(program, &frame, &known, &mut decision);
    }
    let mut out = Explanation {
        sid,
        records: records(program, hood, members, &frame),
        picks: picks(program, hood, members, now),
        relink: identified.relinks.get(&sid).copied(),
        rivals: rivals(program, hood, members, sid),
        ambiguous: identified.ambiguous.get(&sid).cloned(),
        contradicted: identified.contradicted.contains(&sid),
        proposed: proposed(hood, identified, sid),
        waits_for_another: identified.waiting.contains(&sid),
        waits_for_members: identified
            .unsettled
            .get(&sid)
            .map(|open| (&program.match_line(open.line).rule, open.ids.clone())),
        stale: frame.stale,
        verdict: decision.verdict.clone(),
        unread: decision.unread.clone(),
        needs: decision.needs.clone(),
        refused: subject.issues.contains(&(Uid::NONE, decision.inputs)),
        held: decision.held.clone(),
        ways: BySide::new(Flow::open(), Flow::open()),
        creation: None,
        rows: Vec::new(),
        stages: None,
        takes: BySide::default(),
    };
    if clear {
        fill(&mut out, program, hood, &frame, &known, issues)?;
        out.stages = stages::stages(&Judge { program, hood, frame: &frame, now }, &decision)?;
    }
    Ok(Some(out))
}

fn proposed(hood: &Hood, identified: &Identified, sid: Sid) -> Vec<BySide<Box<str>>> {
    let pairs = identified.proposed.get(&sid).into_iter().flat_map(|proposed| &proposed.pairs);
    let id = |rid: Rid| hood.record(rid).map(|row| row.id.clone());
    pairs.filter_map(|pair| Some(BySide::new(id(pair.left)?, id(pair.right)?))).collect()
}

/// What hangs on the frame, which lives no longer than this.
fn fill<'p>(
    out: &mut Explanation<'p>,
    program: &'p Program,
    hood: &Hood,
    frame: &Frame<'_>,
    known: &Known<'_>,
    issues: &[IssueRow],
) -> Result<(), CodecError> {
    let judge = Judge { program, hood, frame, now: known.now };
    match (frame.here.left, frame.here.right) {
        // Nobody asks for a partner of a company in its own block.
        _ if program.block.types.right.is_empty() => {}
        // Its partner became another record: no new one is made for it.
        _ if frame.parted.is_some() || frame.astray => {}
        (Some(left), Some(right)) => {
            for side in Side::BOTH {
                let flow = flow(&judge, side, &frame.cells)?;
                out.takes[side] = flow.take();
                out.ways[side] = flow;
            }
            let closed = |side: Side| out.refused || !out.ways[side].lets_through();
            let closed = BySide::new(closed(Side::Left), closed(Side::Right));
            out.rows = rows::rows(&judge, BySide::new(left, right), &closed, known.subject, issues)?;
        }
        (Some(here), None) if !frame.lost.right => alone(out, &judge, here, Side::Right, known)?,
        (None, Some(here)) if !frame.lost.left => alone(out, &judge, here, Side::Left, known)?,
        (Some(_), None) => out.takes.right = Some(Take::Restore(Side::Right)),
        (None, Some(_)) => out.takes.left = Some(Take::Restore(Side::Left)),
        (None, None) => {}
    }
    Ok(())
}

/// A subject without a record on `side`.
fn alone<'p>(
    out: &mut Explanation<'p>,
    judge: &Judge<'p, '_>,
    here: Here<'_>,
    side: Side,
    known: &Known<'_>,
) -> Result<(), CodecError> {
    let (program, frame) = (judge.program, judge.frame);
    let chosen = chosen(program, frame, here, side, known.now);
    let (deciding, target) = match &chosen {
        Chosen::Line(target, _, rule) => (Some(rule.uid), *target),
        Chosen::Unread(create) => (Some(create.rule.uid), None),
        Chosen::None => (None, None),
    };
    let (mut lines, mut at) = (Vec::new(), None);
    for create in program.block.create[side].iter().filter(|create| create.from.is_none_or(|from| from == here.ty)) {
        let judged = match at {
            None => Some(judge.judge(&create.when, &frame.cells)?),
            Some(_) => None,
        };
        if Some(create.rule.uid) == deciding {
            at = Some(lines.len());
        }
        lines.push(CreateLine {
            rule: &create.rule,
            target: create.target.and_then(|ty| program.block.types[side].get(ty)).map(|used| &*used.name),
            even_if_excluded: create.even_if_excluded,
            judged,
        });
    }
    let mut scratch = Decision::default();
    let given = match target {
        Some(ty) => values(program, frame, here, side, ty, known, &mut scratch).unwrap_or_default(),
        None => Vec::new(),
    };
    let flow = flow(judge, side, &overlaid(program, frame, side, &given))?;
    let rule_of = |at: usize| &program.block.lines[at].rule;
    let mut takes: Vec<Take> = Vec::new();
    let passes = matches!(chosen, Chosen::Line(_, true, _));
    takes.extend(flow.take().filter(|_| !passes));
    if target.is_none() {
        // A line for a record would have to apply: one before that which decides, or one behind it, if that applied no more.
        let first = at.unwrap_or(lines.len());
        let before = lines.iter().take(first).filter(|line| line.target.is_some());
        let before = before.filter_map(|line| Take::to(line.judged.as_ref()?, true));
        let behind = lines.iter().skip(first + 1).any(|line| line.target.is_some());
        let behind = at.filter(|_| behind && matches!(chosen, Chosen::Line(..)));
        let behind = behind.and_then(|at| Take::to(lines[at].judged.as_ref()?, false));
        takes.extend(Take::any(before.chain(behind)));
        if let Some(Chosen::Unread(_)) = Some(&chosen) {
            takes.extend(at.and_then(|at| Take::to(lines[at].judged.as_ref()?, true)));
        }
    }
    let nameless = target.is_some_and(|ty| !can_be_found(program, side, ty, &given));
    if nameless || !has_key(program, frame, here, side.other()) {
        let (through, keyed): (Vec<_>, Vec<_>) =
            program.block.matches.iter().partition(|line| line.through().is_some());
        let lines = keyed.into_iter().map(|line| line.rule.name.to_string()).collect();
        let through = through.into_iter().filter_map(MatchLine::through).map(|through| through.name.clone()).collect();
        takes.push(Take::Key { lines, through });
    }
    out.takes[side] = Take::all(takes);
    out.ways[side] = flow;
    let values = given.iter().map(|(at, mv)| (Box::from(&*mv.name), mv.after.clone(), rule_of(*at)));
    out.creation = Some(Creation { side, lines, chosen: at, values: values.collect() });
    Ok(())
}

impl<'p> Flow<'p> {
    fn open() -> Flow<'p> {
        Flow { barred: None, unread: None, keep_syncing: false, gates: Vec::new() }
    }

    /// Whether values of a linked record flow.
    pub fn lets_through(&self) -> bool {
        self.unread.is_none() && (self.barred.is_none() || self.keep_syncing)
    }

    /// What would open it.
    fn take(&self) -> Option<Take> {
        let excludes = self.gates.iter().filter(|gate| gate.exclude);
        let mut takes: Vec<Take> = excludes.filter_map(|gate| Take::to(&gate.judged, false)).collect();
        for both in [true, false] {
            let includes: Vec<&GateLine<'_>> =
                self.gates.iter().filter(|gate| !gate.exclude && gate.both == both).collect();
            if includes.iter().all(|gate| gate.judged.answer != Some(true)) {
                takes.extend(Take::any(includes.into_iter().filter_map(|gate| Take::to(&gate.judged, true))));
            }
        }
        Take::all(takes)
    }
}

fn flow<'p>(judge: &Judge<'p, '_>, side: Side, cells: &[crate::data::Cell<'_>]) -> Result<Flow<'p>, CodecError> {
    let program = judge.program;
    let gates = &program.block.gates;
    let line = |gate: &'p Gate, both: bool| {
        Ok(GateLine { rule: &gate.rule, exclude: gate.exclude, both, judged: judge.judge(&gate.when, cells)? })
    };
    let both = gates.both.iter().map(|gate| line(gate, true));
    let told = both.chain(gates.to[side].iter().map(|gate| line(gate, false))).collect::<Result<_, CodecError>>()?;
    let unread = cells.iter().any(|cell| matches!(cell, crate::data::Cell::Unread));
    let (barred, unread) = match program.way(side, cells, unread, judge.now) {
        Way::Open => (None, None),
        Way::Barred(barred) => (Some(Barred::text(&barred)), None),
        Way::Unread(rule, _) => (None, Some(rule)),
    };
    Ok(Flow { barred, unread, keep_syncing: gates.keep_syncing[side], gates: told })
}

fn records<'p>(program: &'p Program, hood: &Hood, members: &[Member], frame: &Frame<'_>) -> Vec<RecordLine<'p>> {
    let lines = &program.block.matches;
    members
        .iter()
        .filter_map(|member| Some((member, hood.record(member.rid)?)))
        .map(|(member, row)| {
            let partner = frame.here[row.side.other()].map(|here| here.row);
            let finds = |line: &usize| partner.is_some_and(|partner| share(program, hood, row, partner, *line));
            RecordLine {
                rid: member.rid,
                side: row.side,
                ty: type_name(program, row),
                id: row.id.clone(),
                role: member.role,
                presence: row.presence,
                stamp: row.stamp,
                matched: (0..lines.len()).find(finds).map(|line| &lines[line].rule),
            }
        })
        .collect()
}

/// Whether a match line holds two records to be the same.
fn share(program: &Program, hood: &Hood, one: &RecordRow, other: &RecordRow, line: usize) -> bool {
    let matching = program.match_line(line);
    if matching.through().is_none() {
        let key = program.key_of(one, one.side, line);
        return key.is_some() && key == program.key_of(other, other.side, line);
    }
    let stands_for = |row: &RecordRow, other: Rid| {
        let mut all = hood.vouchers.get(&(matching.key, row.rid)).into_iter().flatten();
        all.any(|voucher| voucher.partners.contains(&other))
    };
    stands_for(one, other.rid) || stands_for(other, one.rid)
}

fn type_name<'p>(program: &'p Program, row: &RecordRow) -> &'p str {
    let used = program.type_index(row.side, row.ty).and_then(|ty| program.block.types[row.side].get(ty));
    used.map_or("record", |used| &used.name)
}

fn picks(program: &Program, hood: &Hood, members: &[Member], now: i64) -> Vec<Pick> {
    let mut out = Vec::new();
    for side in Side::BOTH {
        let rows = members.iter().filter_map(|member| hood.record(member.rid));
        let live = rows.filter(|row| row.side == side && row.presence == Presence::Live);
        let rids: Vec<Rid> = live.map(|row| row.rid).collect();
        let relinks = program.block.events[side].relink.is_some();
        let rids = if relinks { among(program, hood, members, side).unwrap_or(rids) } else { rids };
        if rids.len() > 1 {
            let linked = members.iter().find(|one| one.role == Role::Primary && rids.contains(&one.rid));
            let linked = linked.filter(|_| relinks).map(|one| one.rid);
            let (taken, steps) = picked(program, hood, now, side, &rids, linked);
            let choices = program.block.pick[side].iter().map(|choice| choice_words(program, side, choice));
            let taken = taken.filter(|_| !program.block.pick[side].is_empty());
            out.push(Pick { side, relinks, taken, steps: choices.zip(steps).collect() });
        }
    }
    out
}

/// The records among which a link is picked anew.
fn among(program: &Program, hood: &Hood, members: &[Member], side: Side) -> Option<Vec<Rid>> {
    let rows = |side: Side| {
        members
            .iter()
            .filter_map(move |one| Some((one.role, hood.record(one.rid)?)))
            .filter(move |(role, row)| row.side == side && *role != Role::Former)
    };
    let primary = |side: Side| rows(side).find(|(role, _)| *role == Role::Primary).map(|(_, row)| row);
    let all: Vec<&RecordRow> = rows(side).map(|(_, row)| row).collect();
    let found = candidates(program, primary(side)?, primary(side.other())?, &all);
    Some(found.into_iter().map(|row| row.rid).collect())
}

fn choice_words(program: &Program, side: Side, choice: &Choice) -> String {
    match choice {
        Choice::MostRecentlyUpdated => "most recently updated".to_owned(),
        Choice::OldestCreated { .. } => "oldest created".to_owned(),
        Choice::Type(ty) => program.block.types[side].get(*ty).map_or("?", |used| &used.name).to_owned(),
        Choice::When(cond) => format!("when {}", words(cond, &program.block.slots)),
    }
}

fn rivals<'p>(program: &'p Program, hood: &Hood, members: &[Member], sid: Sid) -> Vec<Rival<'p>> {
    let mut out: Vec<Rival<'p>> = Vec::new();
    let mine: Vec<&RecordRow> = members
        .iter()
        .filter_map(|member| hood.record(member.rid))
        .filter(|row| row.presence == Presence::Live)
        .collect();
    let others = hood.subjects.iter().filter(|subject| subject.sid != sid && subject.block == program.block.uid);
    for other in others {
        let rows: Vec<&RecordRow> = other.members.iter().filter_map(|(rid, _)| hood.record(*rid)).collect();
        let linked = Side::BOTH.into_iter().all(|side| rows.iter().any(|row| row.side == side));
        let theirs = rows.iter().filter(|row| row.presence == Presence::Live);
        for row in theirs.filter(|row| !mine.iter().any(|own| own.rid == row.rid)) {
            let shares = |line: &usize| mine.iter().any(|own| share(program, hood, own, row, *line));
            if let Some(line) = (0..program.block.matches.len()).find(shares) {
                let matching = &program.block.matches[line];
                let (rule, through) = (&matching.rule, matching.through().is_some());
                let ty = type_name(program, row);
                out.push(Rival { side: row.side, ty, id: row.id.clone(), rule, through, linked });
            }
        }
    }
    out
}
