//! Stages from the rule text to what stays written: a contact with its partner, its roles and opportunities, its company,
//! and a CRM that moves no stage backward unless it is cleared first.

use std::collections::BTreeMap;

use super::*;
use crate::data::{BySide, Cell, Dict, Fingerprint, Millis, Presence, Side, Stamp, Uid, Value, encode};
use crate::diagnostic::SourceFile;
use crate::lang::compile;
use crate::lang::plan::Source;
use crate::store::{Derived, Furthest, Hood, KeySpec, RecordRow, Rid, Role, Sid, SubjectRow};

const LIFE: &str = r#"
  reach opportunity "open opportunity" when any Opportunity by OpportunityContactRole where IsClosed is false
  reach customer    "closed won"       when any Opportunity by OpportunityContactRole where IsWon is true
  cascade to company  cascade to company.contacts
"#;
const BACK: &str = r#"  back to lead "lost" when every Opportunity by OpportunityContactRole where (IsClosed is true and IsWon is false)
"#;
const ORDER: [&str; 5] = ["subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer"];

#[derive(Clone, Copy, PartialEq)]
enum Deal {
    Open,
    Won,
    Lost,
    /// The role is there, the opportunity was never read.
    NotRead,
}

struct Person {
    programs: Vec<Program>,
    stage: Value,
    deals: Vec<Deal>,
    /// How far the company's records have come.
    furthest: Furthest,
    company: Option<&'static str>,
    partner: Option<Presence>,
    listed: bool,
    /// Salesforce's changes could not be read.
    behind: bool,
    base: Base,
    issues: Vec<(Uid, Fingerprint)>,
    /// What was written, in its order.
    written: Vec<String>,
}

impl Person {
    fn new(stage: &str, lines: &str, gates: &str) -> Person {
        let text = format!(
            "edition 2026\nsync people: hubspot contact <-> salesforce Contact {{\n match email = Email\n {gates}\n \
             to hubspot {{ create contact always }}\n map salesforce wins {{ email <-> Email or reject }}\n}}\n\
             lifecycle contact.lifecyclestage {{{lines}}}\n"
        );
        let read = |text| serde_json::from_str(text).unwrap();
        let left = read(include_str!("../../tests/corpus/schemas/hubspot.json"));
        let right = read(include_str!("../../tests/corpus/schemas/salesforce.json"));
        let (plan, findings) = compile(&[SourceFile::new("a.sync", text)], &left, &right, &mut Dict::default());
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        Person {
            programs: Program::of(&plan),
            stage: text_or_null(stage),
            deals: Vec::new(),
            furthest: Furthest::default(),
            company: Some("77"),
            partner: Some(Presence::Live),
            listed: true,
            behind: false,
            base: Base::default(),
            issues: Vec::new(),
            written: Vec::new(),
        }
    }

    fn at(stage: &str) -> Person {
        Person::new(stage, LIFE, "")
    }

    fn with(mut self, deals: &[Deal]) -> Person {
        self.deals = deals.to_vec();
        self
    }

    fn program(&self) -> &Program {
        &self.programs[0]
    }

    fn row(&self, rid: i64, side: Side, name: &str, id: &str, cells: &[(&str, Value)]) -> RecordRow {
        let block = &self.program().block;
        let counts = block.counts.iter();
        let counted = counts.flat_map(|count| {
            std::iter::once(&count.referring.ty).chain(count.onward.as_ref().map(|onward| &onward.ty))
        });
        let of = block.types[side].iter().chain(counted).filter(|used| used.name == name);
        let ty = of.clone().next().unwrap().uid;
        let fields = of.flat_map(|used| &used.fields);
        let known: BTreeMap<Uid, Value> = fields
            .filter_map(|field| Some((field.uid, cells.iter().find(|(name, _)| *name == field.name)?.1.clone())))
            .collect();
        let mut blob = Vec::new();
        encode(known.iter().map(|(uid, value)| (*uid, value.cell())), &mut blob);
        let referring = block.counts.iter().find(|count| count.referring.ty.uid == ty);
        RecordRow {
            rid: Rid(rid),
            side,
            ty,
            id: id.into(),
            stamp: Stamp { at: Millis(0), exact: true },
            others: None,
            presence: Presence::Live,
            cells: blob,
            keys: Vec::new(),
            aliases: Vec::new(),
            lists: if self.listed && side == Side::Left { self.lists() } else { Vec::new() },
            redirect: None,
            references: referring.map(|count| KeySpec::reference(count.referring.key, "P")).into_iter().collect(),
        }
    }

    fn lists(&self) -> Vec<Uid> {
        let slots = self.program().block.slots.iter();
        slots.filter_map(|slot| if let Source::Member { list, .. } = slot.source { Some(list) } else { None }).collect()
    }

    /// What is decided, and what is derived for the company.
    fn decision(&self) -> (Decision, Option<Derived>) {
        let email = ("Email", Value::text("a@b.co"));
        let mut rows = vec![self.row(
            1,
            Side::Left,
            "contact",
            "512",
            &[
                ("email", Value::text("a@b.co")),
                ("lifecyclestage", self.stage.clone()),
                ("associatedcompanyid", self.company.map_or(Value::Null, Value::text)),
            ],
        )];
        let mut members = vec![Member { rid: Rid(1), role: Role::Primary }];
        if let Some(presence) = self.partner {
            rows.push(RecordRow { presence, ..self.row(2, Side::Right, "Contact", "P", &[email]) });
            members.push(Member { rid: Rid(2), role: Role::Primary });
        }
        for (at, deal) in (0i64..).zip(&self.deals) {
            let id = format!("O{at}");
            let role = [("ContactId", Value::text("P")), ("OpportunityId", Value::text(&*id))];
            rows.push(self.row(10 + 2 * at, Side::Right, "OpportunityContactRole", &format!("R{at}"), &role));
            if *deal != Deal::NotRead {
                let (closed, won) = (Value::Bool(*deal != Deal::Open), Value::Bool(*deal == Deal::Won));
                let cells = [("IsClosed", closed), ("IsWon", won)];
                rows.push(self.row(11 + 2 * at, Side::Right, "Opportunity", &id, &cells));
            }
        }
        let subject = SubjectRow {
            sid: Sid(1),
            block: self.program().block.uid,
            asked: true,
            issues: self.issues.clone(),
            ..SubjectRow::default()
        };
        let mut hood = Hood::new(vec![subject.clone()], rows).seen(Millis(0), BySide::new(false, self.behind));
        hood.lists = self.lists().into_iter().collect();
        let life = self.program().block.lifecycle.as_ref().unwrap();
        if let (Some(cascade), Some(company)) = (&life.cascade, self.company) {
            hood.furthest.insert((cascade.fact, KeySpec::reference(cascade.key, company)), self.furthest);
        }
        let mut frame = Frame::default();
        frame.fill(self.program(), &hood, &members).unwrap();
        let (bytes, mut base, mut decision) = (self.base.to_bytes(), BaseView::default(), Decision::default());
        base.fill(&bytes).unwrap();
        let absent = BySide::new(true, true);
        let known = Known { base: &base, subject: &subject, times: &[], absent, now: 0 };
        decide(self.program(), &frame, &known, &mut decision);
        (decision, derived(self.program(), &frame, Sid(1), 0))
    }

    /// Decides once and writes it, as a CRM stores it.
    fn step(&mut self) -> Decision {
        let (decision, _) = self.decision();
        decision.agreed.iter().for_each(|agreed| self.base.set(agreed.clone()));
        let held = decision.held.iter().filter(|held| !held.known);
        self.issues.extend(held.map(|held| (held.rule.uid, held.inputs)));
        for mv in decision.moves.iter().filter(|mv| &*mv.name == "lifecyclestage") {
            assert_eq!((mv.side, &mv.before), (Side::Left, &self.stage));
            let backward = rank(&mv.after) < rank(&self.stage) && mv.after.cell().is_known();
            if !backward {
                self.stage = mv.after.clone();
            }
            self.written.push(told(mv));
        }
        decision
    }

    /// Until nothing is written any more.
    fn settle(&mut self) -> &[String] {
        for _ in 0..6 {
            let before = self.written.len();
            self.step();
            if self.written.len() == before {
                return &self.written;
            }
        }
        panic!("does not come to rest: {:?}", self.written);
    }

    fn came_to(&self) -> Option<(Option<&'static str>, bool)> {
        let derived = self.decision().1?;
        Some((derived.rank.map(|rank| ORDER[rank as usize]), derived.open))
    }
}

fn told(mv: &Move) -> String {
    format!("{} by {}", mv.after.cell().text(), mv.rule.name)
}

fn text_or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::text(text) }
}

fn rank(stage: &Value) -> Option<usize> {
    ORDER.iter().position(|known| *known == stage.cell().text())
}

fn furthest(stage: &str) -> Furthest {
    Furthest { rank: ORDER.iter().position(|known| *known == stage).map(|rank| rank as u32), open: false }
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_stage_goes_forward_to_the_furthest_that_holds() {
    let won = ["customer by \"closed won\""];
    let open = ["opportunity by \"open opportunity\""];
    for (stage, deals, written) in [
        ("lead", vec![Deal::Open], &open[..]),
        ("lead", vec![Deal::Won], &won),
        ("lead", vec![Deal::Open, Deal::Won, Deal::Lost], &won),
        ("opportunity", vec![Deal::Open], &NOTHING),
        ("lead", vec![Deal::Lost], &NOTHING),
        ("lead", vec![], &NOTHING),
        // A record without a stage is below all others.
        ("", vec![Deal::Open], &open),
        ("", vec![], &NOTHING),
        // Never backward.
        ("customer", vec![Deal::Open], &NOTHING),
        ("customer", vec![], &NOTHING),
    ] {
        let mut person = Person::at(stage).with(&deals);
        assert_eq!(person.settle(), written, "{stage} {}", deals.len());
    }
}

#[test]
fn the_order_is_the_portals_and_not_the_rules() {
    let lines = "reach customer \"a\" when Email is known  reach lead \"b\" when Email is known\n\
                 reach marketingqualifiedlead \"c\" when Email is known";
    assert_eq!(Person::new("", lines, "").settle(), ["customer by \"a\""]);
    assert_eq!(Person::new("opportunity", &lines.replace("customer", "subscriber"), "").settle(), NOTHING);
}

#[test]
fn a_stage_that_somebody_moved_back_goes_forward_again_while_it_holds() {
    let mut person = Person::at("lead").with(&[Deal::Won]);
    person.settle();
    person.stage = Value::text("subscriber");
    assert_eq!(person.settle().last().unwrap(), "customer by \"closed won\"");
    assert_eq!(person.written.len(), 2);
    person.deals.clear();
    person.stage = Value::text("subscriber");
    assert_eq!(person.settle().len(), 2, "it holds no more");
}

#[test]
fn back_to_clears_first_and_only_goes_backward() {
    let lines = format!("{LIFE}{BACK}");
    let mut person = Person::new("opportunity", &lines, "").with(&[Deal::Lost]);
    assert_eq!(person.settle(), [" by \"lost\"", "lead by \"lost\""]);
    assert_eq!(person.stage, Value::text("lead"));
    // A stage that is found cleared is given again while the rule holds, and then no more.
    person.stage = Value::Null;
    assert_eq!(person.settle().last().unwrap(), "lead by \"lost\"");
    assert_eq!(person.written.len(), 3);
    person.deals.clear();
    person.stage = Value::Null;
    assert_eq!(person.settle().len(), 3);

    for (stage, deals) in [("lead", vec![Deal::Lost]), ("subscriber", vec![Deal::Lost]), ("", vec![Deal::Lost])] {
        assert_eq!(Person::new(stage, &lines, "").with(&deals).settle(), NOTHING, "{stage:?}");
    }
    let mut kept = Person::new("customer", &lines, "").with(&[Deal::Lost]);
    kept.furthest = furthest("customer");
    assert_eq!(kept.settle(), NOTHING, "its company is there");
    kept.furthest = Furthest { rank: None, open: true };
    assert_eq!(kept.settle(), NOTHING, "its company may be there");
    assert!(kept.decision().0.later);
}

#[test]
fn on_the_way_back_the_stage_is_not_lost_whatever_comes_between() {
    let lines = format!("{LIFE}{BACK}");
    let mut person = Person::new("opportunity", &lines, "").with(&[Deal::Lost]);
    person.step();
    assert_eq!(person.stage, Value::Null, "cleared, and then the process died");
    person.deals = vec![Deal::Lost, Deal::Won];
    assert_eq!(person.settle().last().unwrap(), "customer by \"closed won\"");

    let mut person = Person::new("opportunity", &lines, "").with(&[Deal::Lost]);
    person.step();
    person.stage = Value::text("marketingqualifiedlead");
    person.deals.clear();
    assert_eq!(person.settle().len(), 1, "somebody gave it a stage meanwhile: that one stands");
    person.stage = Value::Null;
    assert_eq!(person.settle().len(), 1, "and what was remembered counts no more");
}

#[test]
fn what_is_not_read_decides_nothing() {
    let person = Person::at("lead").with(&[Deal::Open, Deal::NotRead]);
    let (decision, _) = person.decision();
    assert!(decision.moves.is_empty() && matches!(decision.needs.as_slice(), [Need::Record { .. }]), "{decision:?}");
    assert_eq!(person.came_to(), Some((Some("opportunity"), true)), "it may be further");

    let mut person = Person::at("lead").with(&[]);
    person.behind = true;
    let (decision, _) = person.decision();
    assert!(decision.moves.is_empty() && decision.needs.is_empty() && decision.later, "{decision:?}");
    assert_eq!(person.came_to(), Some((None, true)));
    // What holds, holds, whatever else there may be.
    let mut person = Person::at("lead").with(&[Deal::Won]);
    person.behind = true;
    assert_eq!(person.settle(), ["customer by \"closed won\""]);
    let lines = format!("{LIFE}{BACK}");
    let mut person = Person::new("opportunity", &lines, "").with(&[Deal::Lost]);
    person.behind = true;
    assert_eq!(person.settle(), NOTHING);
    assert!(person.decision().0.later);
}

#[test]
fn a_companys_stage_comes_to_its_contacts() {
    let given = ["customer by cascade to company.contacts"];
    let mut person = Person::at("lead");
    person.furthest = furthest("customer");
    assert_eq!(person.settle(), given);
    let mut person = Person::at("lead").with(&[Deal::Won]);
    person.furthest = furthest("customer");
    assert_eq!(person.settle(), ["customer by \"closed won\""], "its own rule is told first");
    // Nobody without the segment, and nobody whose partner was deleted.
    let gate = "both ways { include \"listed\" when member of list \"Sync to Salesforce\" }";
    for (partner, listed, written) in [
        (None, true, &given[..]),
        (None, false, &NOTHING),
        (Some(Presence::Live), true, &given),
        (Some(Presence::Live), false, &NOTHING),
        (Some(Presence::Archived), true, &NOTHING),
    ] {
        let mut person = Person::new("lead", LIFE, gate);
        (person.furthest, person.partner, person.listed) = (furthest("customer"), partner, listed);
        assert_eq!(person.settle(), written, "{partner:?} {listed}");
    }
    let mut alone = Person::at("lead");
    (alone.furthest, alone.company) = (furthest("customer"), None);
    assert_eq!(alone.settle(), NOTHING);
}

#[test]
fn what_is_derived_comes_from_data_and_from_no_decision() {
    let mut person = Person::at("customer").with(&[Deal::Open]);
    assert_eq!(person.came_to(), Some((Some("opportunity"), false)), "whatever its stage is");
    person.furthest = furthest("customer");
    assert_eq!(person.came_to(), Some((Some("opportunity"), false)), "whatever its company has come to");
    let group = person.decision().1.unwrap().group;
    person.company = Some("78");
    assert_ne!(person.decision().1.unwrap().group, group);
    person.company = None;
    assert_eq!(person.came_to(), Some((None, false)));
    person.company = Some("77");
    person.partner = None;
    assert_eq!(person.came_to(), Some((None, false)), "nothing holds of who is not in Salesforce");
    let gate = "both ways { include \"listed\" when member of list \"Sync to Salesforce\" }";
    let mut outside = Person::new("lead", LIFE, gate).with(&[Deal::Won]);
    outside.listed = false;
    assert_eq!(outside.came_to(), Some((None, false)));
}

#[test]
fn a_stage_without_a_place_is_reported_once() {
    let mut person = Person::at("evangelist").with(&[Deal::Won]);
    let held =
        |decision: &Decision| decision.held.iter().map(|held| (held.why.clone(), held.known)).collect::<Vec<_>>();
    assert_eq!(held(&person.step()), [("`evangelist` has no place among the stages".to_owned(), false)]);
    assert_eq!(held(&person.step()), [(String::new(), true)]);
}

#[test]
fn a_write_that_the_crm_refused_is_not_tried_again_until_something_changes() {
    let mut person = Person::at("lead").with(&[Deal::Won]);
    let (decision, _) = person.decision();
    person.issues = decision.moves.iter().map(|mv| (mv.line, mv.inputs)).collect();
    let (decision, _) = person.decision();
    assert!(decision.moves.is_empty() && decision.held[0].known);
    person.stage = Value::text("subscriber");
    assert_eq!(person.settle(), ["customer by \"closed won\""]);
}

#[test]
fn a_company_takes_the_furthest_stage_of_its_contacts() {
    let program = Person::at("lead").programs.remove(1);
    let life = program.block.lifecycle.as_ref().unwrap();
    let cascade = life.cascade.as_ref().unwrap();
    let decided = |stage: &str, came: Furthest| {
        let mut blob = Vec::new();
        let value = text_or_null(stage);
        encode([(life.target.field, value.cell())], &mut blob);
        let row = RecordRow {
            rid: Rid(1),
            side: Side::Left,
            ty: program.block.types.left[0].uid,
            id: "77".into(),
            stamp: Stamp::default(),
            others: None,
            presence: Presence::Live,
            cells: blob,
            keys: Vec::new(),
            aliases: Vec::new(),
            lists: Vec::new(),
            references: Vec::new(),
            redirect: None,
        };
        let subject = SubjectRow { sid: Sid(1), block: program.block.uid, asked: true, ..SubjectRow::default() };
        let mut hood = Hood::new(vec![subject.clone()], vec![row]);
        hood.furthest.insert((cascade.fact, KeySpec::reference(cascade.key, "77")), came);
        let (mut frame, mut decision) = (Frame::default(), Decision::default());
        frame.fill(&program, &hood, &[Member { rid: Rid(1), role: Role::Primary }]).unwrap();
        let base = BaseView::default();
        let known = Known { base: &base, subject: &subject, times: &[], absent: BySide::new(true, true), now: 0 };
        decide(&program, &frame, &known, &mut decision);
        assert_eq!(derived(&program, &frame, Sid(1), 0), None);
        decision.moves.iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(decided("lead", furthest("customer")), ["customer by cascade to company"]);
    assert_eq!(decided("", furthest("opportunity")), ["opportunity by cascade to company"]);
    assert_eq!(decided("customer", furthest("opportunity")), NOTHING);
    assert_eq!(decided("lead", Furthest::default()), NOTHING);
}

#[test]
fn a_record_is_created_with_the_stage_that_it_has_come_to() {
    let person = Person::at("").with(&[Deal::Won]);
    let life = person.program().block.lifecycle.as_ref().unwrap().clone();
    let right = |person: &Person| {
        let email = ("Email", Value::text("a@b.co"));
        let mut rows = vec![person.row(2, Side::Right, "Contact", "P", &[email])];
        let role = [("ContactId", Value::text("P")), ("OpportunityId", Value::text("O"))];
        rows.push(person.row(10, Side::Right, "OpportunityContactRole", "R", &role));
        let won = [("IsClosed", Value::Bool(true)), ("IsWon", Value::Bool(true))];
        rows.push(person.row(11, Side::Right, "Opportunity", "O", &won));
        rows
    };
    let subject = SubjectRow { sid: Sid(1), block: person.program().block.uid, asked: true, ..SubjectRow::default() };
    let hood = Hood::new(vec![subject.clone()], right(&person));
    let (mut frame, mut decision) = (Frame::default(), Decision::default());
    frame.fill(person.program(), &hood, &[Member { rid: Rid(2), role: Role::Primary }]).unwrap();
    let base = BaseView::default();
    let known = Known { base: &base, subject: &subject, times: &[], absent: BySide::new(true, true), now: 0 };
    decide(person.program(), &frame, &known, &mut decision);
    assert!(matches!(decision.verdict, Verdict::Create { side: Side::Left, .. }), "{:?}", decision.verdict);
    let stage = decision.moves.iter().find(|mv| mv.field == life.target.field).unwrap();
    assert_eq!((stage.after.cell(), &*stage.rule.name), (Cell::Text("customer"), "\"closed won\""));
}
