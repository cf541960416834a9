//! Which outcomes of the rules the tests have seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{Cell, Side, Uid};
use crate::decide::{Verdict, foreseen};
use crate::lang::plan::{Block, Cond, Create, Event, Gate, Line, Mapping, Outcome, OwnerLine, Place, Plan, holds};
use crate::sync::Judged;

/// One outcome of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    /// A gate's condition was true, or false. By block, direction (`None`: both ways) and place in the list.
    Gate { block: Uid, to: Option<Side>, at: usize, holds: bool },
    /// A `create` line's condition was true, or false.
    When { block: Uid, side: Side, at: usize, holds: bool },
    /// A `create` line decided.
    Taken { block: Uid, side: Side, at: usize },
    /// A map row wrote to a side.
    Moved { block: Uid, line: usize, side: Side },
    /// A map row's `when` was true, or false.
    Stands { block: Uid, line: usize, holds: bool },
    /// A line of a `lifecycle` was true, or false. `at`: among `reach` lines, then `back to` lines.
    Stage { block: Uid, at: usize, holds: bool },
    /// A line of a `lifecycle`, or its cascade, wrote a stage.
    Staged { block: Uid, rule: Uid },
    /// A row of a `picklist` converted a value on its way to a side. By the table's name.
    Row { table: String, side: Side, row: TableRow },
    /// A `match` line found who belongs together.
    Match { block: Uid, at: usize },
    /// A choice of a `pick` told records apart.
    Choice { block: Uid, side: Side, at: usize },
    /// A link moved to another record.
    Relink { block: Uid, side: Side },
    /// What an `on` line is for happened.
    On { block: Uid, at: usize },
    /// A line of an `owners` block said what becomes of an owner. By the block's name; `match` lines count for both sides.
    Owner { table: String, side: Option<Side>, line: OwnerLine },
    /// A `place` did not know a value. By its name.
    Unknown { place: String },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TableRow {
    Value(Box<str>),
    Blank,
    AtCreation,
    Otherwise,
}

/// What a point is called, and where its rule stands.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub rule: String,
    pub what: String,
    pub place: Option<Place>,
}

/// Every point that the rules have.
pub(super) fn points(plan: &Plan) -> BTreeMap<Point, Described> {
    let mut out = BTreeMap::new();
    for block in &plan.blocks {
        gates(block, &mut out);
        creates(block, &mut out);
        rows(block, &mut out);
        stages(block, &mut out);
        tables(block, &mut out);
        identity(block, &mut out);
        owners(block, &mut out);
        places(block, &mut out);
    }
    out
}

type Points = BTreeMap<Point, Described>;

fn described(sync: &Block, rule: &crate::lang::plan::RuleRef, what: &str) -> Described {
    let name = if rule.name.starts_with(&format!("{}.", sync.name)) {
        rule.name.to_string()
    } else {
        format!("{}: {}", sync.name, rule.name)
    };
    Described { rule: name, what: what.to_owned(), place: Some(rule.place.clone()) }
}

fn word(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}

/// A condition that is always the same has one outcome.
fn answers(cond: &Cond) -> &'static [bool] {
    match cond {
        Cond::Always => &[true],
        Cond::Never => &[false],
        Cond::All(parts) if parts.is_empty() => &[true],
        _ => &[true, false],
    }
}

fn lists(block: &Block) -> [(Option<Side>, &Vec<Gate>); 3] {
    let to = &block.gates.to;
    [(None, &block.gates.both), (Some(Side::Left), &to.left), (Some(Side::Right), &to.right)]
}

fn gates(block: &Block, out: &mut Points) {
    for (to, list) in lists(block) {
        for (place, gate) in list.iter().enumerate() {
            for holds in answers(&gate.when) {
                let (word, kind) = (word(*holds), if gate.exclude { "exclude" } else { "include" });
                let point = Point::Gate { block: block.uid, to, at: place, holds: *holds };
                out.insert(point, described(block, &gate.rule, &format!("{kind} {word}")));
            }
        }
    }
}

fn creates(block: &Block, out: &mut Points) {
    for side in Side::BOTH {
        for (place, create) in block.create[side].iter().enumerate() {
            out.insert(Point::Taken { block: block.uid, side, at: place }, described(block, &create.rule, "taken"));
            for holds in answers(&create.when).iter().filter(|_| answers(&create.when).len() > 1) {
                let point = Point::When { block: block.uid, side, at: place, holds: *holds };
                out.insert(point, described(block, &create.rule, &format!("when {}", word(*holds))));
            }
        }
    }
}

fn rows(block: &Block, out: &mut Points) {
    for (number, line) in block.lines.iter().enumerate() {
        for side in writes(line) {
            let point = Point::Moved { block: block.uid, line: number, side };
            let what = format!("moved to {}", crate::cli::show::crm(side));
            out.insert(point, described(block, &line.rule, &what));
        }
        for holds in answers(&line.when).iter().filter(|_| answers(&line.when).len() > 1) {
            let point = Point::Stands { block: block.uid, line: number, holds: *holds };
            out.insert(point, described(block, &line.rule, &format!("when {}", word(*holds))));
        }
    }
}

/// The sides that a row may ever write.
fn writes(line: &Line) -> impl Iterator<Item = Side> + '_ {
    Side::BOTH.into_iter().filter(|side| line.policy.writes(*side) && line.targets[*side].iter().any(Option::is_some))
}

fn stages(block: &Block, out: &mut Points) {
    let Some(life) = &block.lifecycle else { return };
    let uid = block.uid;
    for (at, stage) in life.reach.iter().chain(&life.back).enumerate() {
        for holds in answers(&stage.when) {
            let point = Point::Stage { block: uid, at, holds: *holds };
            out.insert(point, described(block, &stage.rule, &format!("when {}", word(*holds))));
        }
        out.insert(Point::Staged { block: uid, rule: stage.rule.uid }, described(block, &stage.rule, "wrote a stage"));
    }
    if let Some((_, rule)) = life.cascade.as_ref().and_then(|cascade| cascade.given.as_ref()) {
        out.insert(Point::Staged { block: uid, rule: rule.uid }, described(block, rule, "wrote a stage"));
    }
}

fn tables(block: &Block, out: &mut Points) {
    for (number, table) in block.tables.picklists.iter().enumerate() {
        let used = |side: Side| {
            block.lines.iter().any(|line| line.convert[side].table == Some(number) && line.policy.writes(side))
        };
        for side in Side::BOTH.into_iter().filter(|side| used(*side)) {
            let mapping = &table.to[side];
            let mut add = |row: TableRow, text: String, place: Option<Place>| {
                let to = crate::cli::show::crm(side);
                let described = Described { rule: table.name.clone(), what: format!("{text} to {to}"), place };
                out.insert(Point::Row { table: table.name.clone(), side, row }, described);
            };
            for (value, (_, place)) in &mapping.rows {
                add(TableRow::Value(value.clone()), format!("\"{value}\""), Some(place.clone()));
            }
            if mapping.blank.is_some() {
                add(TableRow::Blank, "blank".to_owned(), None);
            }
            if mapping.otherwise_at_creation.is_some() {
                add(TableRow::AtCreation, "otherwise at creation".to_owned(), None);
            }
            if mapping.otherwise.is_some() {
                add(TableRow::Otherwise, "otherwise".to_owned(), None);
            }
        }
    }
}

/// Who belongs together, and what happens to one because of the other.
fn identity(block: &Block, out: &mut Points) {
    let uid = block.uid;
    for (at, line) in block.matches.iter().enumerate() {
        out.insert(Point::Match { block: uid, at }, described(block, &line.rule, "found somebody"));
    }
    for side in Side::BOTH {
        for (at, rule) in block.choices[side].iter().enumerate() {
            out.insert(Point::Choice { block: uid, side, at }, described(block, rule, "told records apart"));
        }
        if let Some(rule) = &block.events[side].relink {
            out.insert(Point::Relink { block: uid, side }, described(block, rule, "moved a link"));
        }
    }
    for (at, line) in block.on.iter().enumerate() {
        out.insert(Point::On { block: uid, at }, described(block, &line.rule, "happened"));
    }
}

fn owners(block: &Block, out: &mut Points) {
    for (number, table) in block.tables.owners.iter().enumerate() {
        let used = |side: &Side| {
            block.lines.iter().any(|line| line.convert[*side].owners == Some(number) && line.policy.writes(*side))
        };
        let mut add = |side: Option<Side>, line: OwnerLine, what: String| {
            let to = side.map_or_else(String::new, |side| format!(" to {}", crate::cli::show::crm(side)));
            let described = Described { rule: table.name.clone(), what: format!("{what}{to}"), place: None };
            out.insert(Point::Owner { table: table.name.clone(), side, line }, described);
        };
        for (at, keys) in table.matches.iter().enumerate() {
            let keys = [(keys.email, "email"), (keys.name, "name")];
            let keys: Vec<&str> = keys.into_iter().filter(|(counts, _)| *counts).map(|(_, name)| name).collect();
            add(None, OwnerLine::Match(at), format!("match by {} found somebody", keys.join(" and ")));
        }
        for side in Side::BOTH.into_iter().filter(used) {
            for (at, (who, _)) in table.rows[side].iter().enumerate() {
                add(Some(side), OwnerLine::Row(at), format!("\"{who}\""));
            }
            if table.otherwise_at_creation[side].is_some() {
                add(Some(side), OwnerLine::AtCreation, "otherwise at creation".to_owned());
            }
            if table.otherwise[side].is_some() {
                add(Some(side), OwnerLine::Otherwise, "otherwise".to_owned());
            }
        }
    }
}

fn places(block: &Block, out: &mut Points) {
    for table in &block.tables.places {
        let described = Described { rule: table.name.clone(), what: "unknown".to_owned(), place: None };
        out.insert(Point::Unknown { place: table.name.clone() }, described);
    }
}

/// The first `create` line that applies to a record of this type.
pub(super) fn chosen<'p>(lines: &'p [Create], ty: usize, cells: &[Cell<'_>], now: i64) -> Option<&'p Create> {
    lines.iter().find(|line| line.from.is_none_or(|from| from == ty) && holds(&line.when, cells, now))
}

/// Adds what one decision shows. Nothing is learnt from one that waits for something.
pub(super) fn observe(judged: &Judged<'_>, seen: &mut BTreeSet<Point>) {
    let (frame, decision) = (judged.frame, judged.decision);
    if judged.proposed {
        Look { judged, block: &judged.program.block, seen }.identity();
    }
    if frame.stale || decision.unread.is_some() || !decision.needs.is_empty() || judged.ambiguous.is_some() {
        return;
    }
    let mut look = Look { judged, block: &judged.program.block, seen };
    look.identity();
    look.events();
    match &decision.verdict {
        Verdict::Linked { .. } => {
            look.gates(None);
            Side::BOTH.into_iter().for_each(|side| look.gates(Some(side)));
            look.stands();
        }
        Verdict::Create { side, .. } => {
            look.create(*side);
            look.gates(None);
            look.gates(Some(*side));
            look.stands();
        }
        Verdict::Skipped { .. } => {
            for side in Side::BOTH.into_iter().filter(|side| frame.here[*side].is_none()) {
                if look.create(side) {
                    look.gates(None);
                    look.gates(Some(side));
                }
            }
        }
        Verdict::Frozen { .. } | Verdict::Delete { .. } | Verdict::Waiting => return,
    }
    look.stages();
    look.rows();
}

struct Look<'a, 'j> {
    judged: &'a Judged<'j>,
    block: &'a Block,
    seen: &'a mut BTreeSet<Point>,
}

impl Look<'_, '_> {
    fn holds(&self, cond: &Cond) -> bool {
        holds(cond, &self.judged.frame.cells, self.judged.now.0)
    }

    fn identity(&mut self) {
        let Some(used) = self.judged.used else { return };
        let block = self.block.uid;
        self.seen.extend(used.matches.iter().map(|at| Point::Match { block, at: *at }));
        self.seen.extend(used.choices.iter().map(|(side, at)| Point::Choice { block, side: *side, at: *at }));
        self.seen.extend(used.relinked.map(|side| Point::Relink { block, side }));
    }

    fn events(&mut self) {
        for (at, line) in self.block.on.iter().enumerate() {
            if line.sides.iter().any(|side| self.happened(line.event, *side)) {
                self.seen.insert(Point::On { block: self.block.uid, at });
            }
        }
    }

    /// Whether an event happened that something follows from on a side.
    fn happened(&self, event: Event, side: Side) -> bool {
        let (frame, decision) = (self.judged.frame, self.judged.decision);
        let (here, events) = (frame.here[side].is_some(), &self.block.events[side]);
        if self.judged.used.is_some_and(|used| used.events.contains(&(side, event))) {
            return true;
        }
        match event {
            Event::Leave => matches!(&decision.verdict, Verdict::Linked { barred } if barred[side].is_some()),
            Event::Delete => here && frame.here[side.other()].is_none() && frame.lost[side.other()],
            Event::Restore => events.restore.iter().any(|set| decision.moves.iter().any(|mv| mv.line == set.rule.uid)),
            Event::Merge => here && frame.parted.is_some() && !frame.astray && !events.follow_merges,
            Event::Convert => false,
        }
    }

    fn gates(&mut self, to: Option<Side>) {
        let list = match to {
            None => &self.block.gates.both,
            Some(side) => &self.block.gates.to[side],
        };
        let (block, now) = (self.block.uid, self.judged.now.0);
        let seen = foreseen(self.judged.program, self.judged.frame, now, |cells| {
            let point =
                |(at, gate): (usize, &Gate)| Point::Gate { block, to, at, holds: holds(&gate.when, cells, now) };
            list.iter().enumerate().map(point).collect::<Vec<_>>()
        });
        self.seen.extend(seen);
    }

    /// Whether a line decides that a record is created, gates permitting.
    fn create(&mut self, side: Side) -> bool {
        let Some(source) = self.judged.frame.here[side.other()] else { return false };
        for (at, line) in self.block.create[side].iter().enumerate() {
            if line.from.is_some_and(|from| from != source.ty) {
                continue;
            }
            let holds = self.holds(&line.when);
            self.seen.insert(Point::When { block: self.block.uid, side, at, holds });
            if holds {
                let decision = self.judged.decision;
                let stopped = decision.held.iter().any(|held| held.reject);
                let made = matches!(decision.verdict, Verdict::Create { .. }) && !stopped;
                if made || line.target.is_none() {
                    self.seen.insert(Point::Taken { block: self.block.uid, side, at });
                }
                return line.target.is_some();
            }
        }
        false
    }

    fn stands(&mut self) {
        for (line, row) in self.block.lines.iter().enumerate() {
            let holds = self.holds(&row.when);
            self.seen.insert(Point::Stands { block: self.block.uid, line, holds });
        }
    }

    fn stages(&mut self) {
        let Some(life) = &self.block.lifecycle else { return };
        let linked = matches!(self.judged.decision.verdict, Verdict::Linked { .. });
        for (at, stage) in life.reach.iter().chain(&life.back).enumerate().filter(|_| linked) {
            let holds = self.holds(&stage.when);
            self.seen.insert(Point::Stage { block: self.block.uid, at, holds });
        }
        for mv in &self.judged.decision.moves {
            self.seen.insert(Point::Staged { block: self.block.uid, rule: mv.rule.uid });
        }
    }

    fn rows(&mut self) {
        let creating = matches!(self.judged.decision.verdict, Verdict::Create { .. });
        for (number, line) in self.block.lines.iter().enumerate() {
            for mv in self.judged.decision.moves.iter().filter(|mv| mv.line == line.rule.uid) {
                self.seen.insert(Point::Moved { block: self.block.uid, line: number, side: mv.side });
                self.table(line, mv.side, &mv.source.cell(), creating, |_| true);
            }
            let held = self.judged.decision.held.iter().any(|held| held.rule.uid == line.rule.uid);
            let moved =
                |side: Side| self.judged.decision.moves.iter().any(|mv| mv.line == line.rule.uid && mv.side == side);
            for side in writes(line).filter(|side| held || creating || moved(*side)) {
                self.owner(line, side, creating);
            }
            // What a table leaves or stops moves nothing.
            if held {
                self.unknown(line);
                for side in writes(line) {
                    let source = self.judged.frame.cells.get(line.slots[side.other()]).copied().unwrap_or_default();
                    let stops =
                        |outcome: &Outcome| matches!(outcome, Outcome::Skip | Outcome::Reject | Outcome::Restore);
                    self.table(line, side, &source, creating, stops);
                }
            }
        }
    }

    /// Of a new record each row is looked at, of a linked one those that move something or are held.
    fn owner(&mut self, line: &Line, side: Side, creating: bool) {
        let Some(table) = line.convert[side].owners.and_then(|table| self.block.tables.owners.get(table)) else {
            return;
        };
        let frame = self.judged.frame;
        // A new record has a source on one side only.
        if creating && frame.here[side].is_some() {
            return;
        }
        let source = frame.cells.get(line.slots[side.other()]).copied().unwrap_or_default();
        if let Some(found) = self.judged.program.owner_line(line, side, &source.text(), creating) {
            let of = if matches!(found, OwnerLine::Match(_)) { None } else { Some(side) };
            self.seen.insert(Point::Owner { table: table.name.clone(), side: of, line: found });
        }
    }

    fn unknown(&mut self, line: &Line) {
        for side in writes(line) {
            let place = line.convert[side].place.and_then(|place| self.block.tables.places.get(place.table));
            if let Some(place) = place
                && self.judged.program.is_unknown_place(line, side, &self.judged.frame.cells)
            {
                self.seen.insert(Point::Unknown { place: place.name.clone() });
            }
        }
    }

    fn table(&mut self, line: &Line, side: Side, source: &Cell<'_>, creating: bool, counts: impl Fn(&Outcome) -> bool) {
        let Some(table) = line.convert[side].table.and_then(|table| self.block.tables.picklists.get(table)) else {
            return;
        };
        let values = source.text();
        let several = values.split(';').filter(|value| !value.is_empty());
        let looked_up: Vec<Option<&str>> = match source.is_blank() {
            true => vec![None],
            false if table.to[side].rows.contains_key(&*values) => vec![Some(&*values)],
            false => several.map(Some).collect(),
        };
        for value in looked_up {
            if let Some((row, outcome)) = row_of(&table.to[side], value, creating)
                && counts(outcome)
            {
                self.seen.insert(Point::Row { table: table.name.clone(), side, row });
            }
        }
    }
}

/// The row that converts a value, as the engine chooses it.
fn row_of<'m>(mapping: &'m Mapping, value: Option<&str>, creating: bool) -> Option<(TableRow, &'m Outcome)> {
    let Some(value) = value else { return mapping.blank.as_ref().map(|outcome| (TableRow::Blank, outcome)) };
    if let Some((outcome, _)) = mapping.rows.get(value) {
        return Some((TableRow::Value(value.into()), outcome));
    }
    match (&mapping.otherwise_at_creation, &mapping.otherwise) {
        (Some(outcome), _) if creating => Some((TableRow::AtCreation, outcome)),
        (_, Some(outcome)) => Some((TableRow::Otherwise, outcome)),
        _ => None,
    }
}
