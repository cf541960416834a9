//! A pair of records whose rows are decided and written, over and over.

use std::collections::BTreeMap;

use crate::crm::FieldTime;
use crate::data::{BySide, Dict, Fingerprint, Millis, Presence, Side, Stamp, Uid, Value, encode};
use crate::decide::*;
use crate::diagnostic::SourceFile;
use crate::lang::compile;
use crate::lang::plan::{Plan, Source};
use crate::store::{Hood, KeySpec, RecordRow, Rid, Role, Sid, SubjectRow};

/// A contact and a lead that are linked.
pub(super) struct Two {
    pub(super) program: Program,
    pub(super) cells: BySide<BTreeMap<String, Value>>,
    pub(super) base: Base,
    pub(super) issues: Vec<(Uid, Fingerprint)>,
    /// Writes to this side do not arrive.
    pub(super) down: Option<Side>,
    pub(super) newer: Side,
    /// Records that name the lead, of the type that the first question asks for: what each holds in the field that is
    /// looked at; `None`: it is not read.
    pub(super) naming: Vec<Option<Value>>,
    /// Salesforce's changes could not be read to the end.
    pub(super) behind: bool,
    /// When each record changed last, where it matters by how much.
    pub(super) changed_at: Option<BySide<i64>>,
    /// When somebody else than we changed it, where we did last.
    pub(super) others: BySide<Option<Millis>>,
}

impl Two {
    pub(super) fn new(maps: &str) -> Two {
        Two::with(maps, "")
    }

    pub(super) fn with(maps: &str, blocks: &str) -> Two {
        Two::changed(maps, blocks, |_| {})
    }

    /// With a plan that the rules do not say.
    pub(super) fn changed(maps: &str, blocks: &str, change: impl FnOnce(&mut Plan)) -> Two {
        let text = format!(
            "edition 2026\nsync people: hubspot contact <-> salesforce Lead {{\n match email = Email\n \
             to salesforce {{ create Lead always }}\n map {{ hs_object_id -> HubSpot_Id__c \
             lastname -> LastName or truncate or use \"x\"  \"Acme\" -> Company }}\n {maps} }}\n\
             picklist tiers {{ customer <-> Hot lead <-> Warm subscriber <-> Cold otherwise -> skip otherwise <- skip }}\n{blocks}"
        );
        let read = |text| serde_json::from_str(text).unwrap();
        let left = read(include_str!("../../../tests/corpus/schemas/hubspot.json"));
        let right = read(include_str!("../../../tests/corpus/schemas/salesforce.json"));
        let file = SourceFile::new("rules.sync", text);
        let (plan, findings) = compile(&[file], &left, &right, &mut Dict::default());
        let mut plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        change(&mut plan);
        let program = Program::of(&plan).remove(0);
        let mut two = Two {
            program,
            cells: BySide::default(),
            base: Base::default(),
            issues: Vec::new(),
            down: None,
            newer: Side::Right,
            naming: Vec::new(),
            behind: false,
            changed_at: None,
            others: BySide::default(),
        };
        two.set(Side::Left, "email", "a@b.co");
        two.set(Side::Right, "HubSpot_Id__c", "1");
        two.set(Side::Right, "LastName", "x");
        two.set(Side::Right, "Company", "Acme");
        two.settle();
        two
    }

    pub(super) fn put(&mut self, side: Side, field: &str, value: Value) {
        self.cells[side].insert(field.to_owned(), value);
    }

    pub(super) fn set(&mut self, side: Side, field: &str, text: &str) {
        let value = if text.is_empty() { Value::Null } else { Value::text(text) };
        self.put(side, field, value);
    }

    pub(super) fn text(&self, side: Side, field: &str) -> String {
        self.cells[side].get(field).map_or(String::new(), |value| value.cell().text().into_owned())
    }

    pub(super) fn both(&self, left: &str, right: &str) -> (String, String) {
        (self.text(Side::Left, left), self.text(Side::Right, right))
    }

    fn changed_at(&self, side: Side) -> Millis {
        Millis(self.changed_at.as_ref().map_or(1000 * i64::from(side == self.newer), |at| at[side]))
    }

    pub(super) fn record(&self, side: Side) -> RecordRow {
        let used = &self.program.block.types[side][0];
        let mut cells: Vec<(Uid, Value)> = used
            .fields
            .iter()
            .map(|field| (field.uid, self.cells[side].get(&field.name).cloned().unwrap_or_default()))
            .collect();
        cells.sort_by_key(|(uid, _)| *uid);
        let mut blob = Vec::new();
        encode(cells.iter().map(|(uid, value)| (*uid, value.cell())), &mut blob);
        RecordRow {
            rid: Rid(1 + side.code()),
            side,
            ty: used.uid,
            id: "1".into(),
            stamp: Stamp { at: self.changed_at(side), exact: true },
            others: self.others[side],
            presence: Presence::Live,
            redirect: None,
            cells: blob,
            keys: Vec::new(),
            aliases: Vec::new(),
            lists: Vec::new(),
            references: Vec::new(),
        }
    }

    fn naming(&self, at: usize, held: Option<&Value>) -> RecordRow {
        let count = &self.program.block.counts[0];
        let way = count.referring.fields[0];
        let looked = count.slots.iter().find_map(|slot| match &slot.source {
            Source::Field { fields, .. } => fields.first().copied(),
            _ => None,
        });
        let own = looked.zip(held.cloned()).filter(|(field, _)| *field != way);
        let mut cells: Vec<(Uid, Value)> = [Some((way, Value::text("1"))), own].into_iter().flatten().collect();
        cells.sort_by_key(|(uid, _)| *uid);
        let mut blob = Vec::new();
        encode(cells.iter().map(|(uid, value)| (*uid, value.cell())), &mut blob);
        RecordRow {
            rid: Rid(10 + at as i64),
            ty: count.referring.ty.uid,
            id: format!("N{at}").into(),
            cells: blob,
            references: vec![KeySpec::reference(count.referring.key, "1")],
            ..self.record(count.side)
        }
    }

    /// `create`: there is no lead yet.
    pub(super) fn decision(&self, create: bool) -> Decision {
        self.decision_of(if create { &[Side::Left] } else { &Side::BOTH })
    }

    /// With the records of these sides alone.
    pub(super) fn decision_of(&self, sides: &[Side]) -> Decision {
        let subject = SubjectRow {
            sid: Sid(1),
            block: self.program.block.uid,
            asked: true,
            issues: self.issues.clone(),
            ..SubjectRow::default()
        };
        let naming = self.naming.iter().enumerate().map(|(at, held)| self.naming(at, held.as_ref()));
        let rows = sides.iter().map(|side| self.record(*side)).chain(naming).collect();
        let hood = Hood::new(vec![subject.clone()], rows).seen(Millis(0), BySide::new(false, self.behind));
        let members: Vec<Member> =
            sides.iter().map(|side| Member { rid: Rid(1 + side.code()), role: Role::Primary }).collect();
        let mut times = Vec::new();
        for side in Side::BOTH {
            let (at, ours) = (self.changed_at(side), self.others[side].is_some());
            let of = |field: Uid| FieldTime { id: "1".into(), field, at, ours };
            times.extend(self.program.block.types[side][0].fields.iter().map(|field| of(field.uid)));
        }
        let (mut frame, mut decision) = (Frame::default(), Decision::default());
        frame.fill(&self.program, &hood, &members).unwrap();
        let absent = BySide::new(true, true);
        let bytes = self.base.to_bytes();
        let mut base = BaseView::default();
        base.fill(&bytes).unwrap();
        let known = Known { base: &base, subject: &subject, times: &times, absent, now: 0 };
        decide(&self.program, &frame, &known, &mut decision);
        decision
    }

    /// The fields that a new lead is given.
    pub(super) fn created(&self) -> BTreeMap<String, String> {
        let decision = self.decision(true);
        assert!(matches!(decision.verdict, Verdict::Create { .. }), "{:?}", decision.verdict);
        decision.moves.into_iter().map(|mv| (mv.name.to_string(), mv.after.cell().text().into_owned())).collect()
    }

    /// Decides once, and carries it out as the engine does.
    pub(super) fn step(&mut self) -> Decision {
        let decision = self.decision(false);
        decision.agreed.iter().for_each(|agreed| self.base.set(agreed.clone()));
        self.issues.retain(|(line, _)| decision.held.iter().any(|held| held.known && held.rule.uid == *line));
        self.issues.extend(decision.held.iter().filter(|held| !held.known).map(|held| (held.rule.uid, held.inputs)));
        for mv in decision.moves.iter().filter(|mv| self.down != Some(mv.side)) {
            self.cells[mv.side].insert(mv.name.to_string(), mv.after.clone());
            if !mv.restores {
                let (left, right) = match mv.side {
                    Side::Left => (mv.after.clone(), mv.source.clone()),
                    Side::Right => (mv.source.clone(), mv.after.clone()),
                };
                self.base.wrote(mv.side, Agreed { line: mv.line, left, right, disputed: BySide::default() });
            } else {
                self.base.restored(mv.side, mv.line, &mv.after, None);
            }
        }
        decision
    }

    /// Until there is nothing to write.
    pub(super) fn settle(&mut self) {
        for _ in 0..4 {
            if self.step().moves.is_empty() {
                return;
            }
        }
        panic!("does not come to rest: {:?}", self.decision(false).moves);
    }

    /// Why what is held is held.
    pub(super) fn held(&self) -> Vec<String> {
        self.decision(false).held.iter().map(|held| held.rule.name.to_string()).collect()
    }
}

pub(super) fn pair(left: &str, right: &str) -> (String, String) {
    (left.to_owned(), right.to_owned())
}
