//! What is decided about one subject, as a pure function of rules, mirror and time.

use syncline::data::{BySide, Cell, Dict, Fingerprint, Kind, Millis, Presence, Side, Stamp, Uid, encode};
use syncline::decide::{BaseView, Decision, Frame, Known, Need, Program, Verdict, decide, identify};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::store::{Hood, RecordRow, Rid, Role, Sid, SubjectRow};

const RULES: &str = r#"
edition 2026
sync people: hubspot contact <-> salesforce Lead or Contact {
  match email = Email
  to salesforce {
    create Contact "known account" when company.salesforceaccountid is known
    create Lead otherwise
  }
  to hubspot { create contact always }
  map hubspot wins {
    email     <-> Email     or reject
    lastname  <-> LastName  or truncate  or use "(unknown)"
    company    -> Lead.Company  or truncate  or use "(unknown)"
    hs_object_id -> HubSpot_Id__c
  }
}
"#;

/// The rules, and names for the test's own use.
struct Rules {
    program: Program,
    dict: Dict,
}

impl Rules {
    fn new(text: &str) -> Rules {
        let read = |text| serde_json::from_str(text).unwrap();
        let (left, right) =
            (read(include_str!("corpus/schemas/hubspot.json")), read(include_str!("corpus/schemas/salesforce.json")));
        let mut dict = Dict::default();
        let (plan, findings) = compile(&[SourceFile::new("rules.sync", text)], &left, &right, &mut dict);
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        Rules { program: Program::of(&plan).remove(0), dict }
    }

    fn field(&self, name: &str) -> Uid {
        self.dict.get(Kind::Field, name).unwrap_or_else(|| panic!("no field {name}"))
    }

    fn ty(&self, name: &str) -> Uid {
        self.dict.get(Kind::Type, name).unwrap_or_else(|| panic!("no type {name}"))
    }

    fn row(&self, rid: i64, side: Side, ty: &str, id: &str, cells: &[(&str, &str)]) -> RecordRow {
        let mut cells: Vec<(Uid, Cell<'_>)> =
            cells.iter().map(|(name, text)| (self.field(&format!("{ty}.{name}")), Cell::Text(text))).collect();
        cells.sort_by_key(|(uid, _)| *uid);
        let mut blob = Vec::new();
        encode(cells, &mut blob);
        RecordRow {
            rid: Rid(rid),
            side,
            ty: self.ty(ty),
            id: id.into(),
            stamp: Stamp { at: Millis(1), exact: true },
            others: None,
            presence: Presence::Live,
            redirect: None,
            cells: blob,
            keys: vec![Fingerprint(rid as u64)],
            references: Vec::new(),
            aliases: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// The decision about the one subject that record 1 is.
    fn decide(&self, records: Vec<RecordRow>) -> Decision {
        let subject = SubjectRow {
            sid: Sid(1),
            block: self.program.block.uid,
            asked: true,
            members: vec![(Rid(1), Role::Primary)],
            ..SubjectRow::default()
        };
        let hood = Hood::new(vec![subject], records);
        let members = identify(&self.program, &hood, 0).subjects.remove(&Sid(1)).unwrap();
        let (mut frame, mut decision) = (Frame::default(), Decision::default());
        frame.fill(&self.program, &hood, &members).unwrap();
        let subject = hood.subject(Sid(1)).unwrap();
        let absent = BySide::new(true, true);
        let known = Known { base: &BaseView::default(), subject, times: &[], absent, now: 0 };
        decide(&self.program, &frame, &known, &mut decision);
        decision
    }
}

fn created(decision: &Decision) -> &str {
    match &decision.verdict {
        Verdict::Create { rule, .. } => &rule.name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_not_read_is_not_blank_and_decides_nothing() {
    let rules = Rules::new(RULES);
    let ada = |company: &[(&str, &str)]| {
        let cells = [&[("email", "ada@x.io"), ("lastname", "L"), ("company", "X")][..], company].concat();
        rules.row(1, Side::Left, "left/contact", "512", &cells)
    };
    let company = |cells: &[(&str, &str)]| rules.row(2, Side::Left, "left/company", "77", cells);

    // The contact names a company that the mirror does not hold: it is asked for, and nothing is created meanwhile.
    let decision = rules.decide(vec![ada(&[("associatedcompanyid", "77")])]);
    assert_eq!(decision.verdict, Verdict::Waiting);
    let company_77 = Need::Record { side: Side::Left, ty: rules.ty("left/company"), id: "77".into() };
    assert_eq!(decision.needs, [company_77]);
    assert!(decision.moves.is_empty());
    let unread = decision.unread.unwrap();
    assert_eq!(unread, "\"known account\" asks for `company.salesforceaccountid`, which could not be read");

    // The reference itself was not read.
    let decision = rules.decide(vec![ada(&[])]);
    assert_eq!((decision.verdict, decision.needs), (Verdict::Waiting, vec![Need::Fresh { rid: Rid(1) }]));

    // Read, and blank; there, and without an account; there, with one; gone.
    assert_eq!(created(&rules.decide(vec![ada(&[("associatedcompanyid", "")])])), "create Lead otherwise");
    let linked = ada(&[("associatedcompanyid", "77")]);
    let without = company(&[("salesforceaccountid", "")]);
    assert_eq!(created(&rules.decide(vec![linked.clone(), without])), "create Lead otherwise");
    let with = company(&[("salesforceaccountid", "001000000000001")]);
    assert_eq!(created(&rules.decide(vec![linked.clone(), with])), "\"known account\"");
    let gone = RecordRow { presence: Presence::Gone, ..company(&[]) };
    assert_eq!(created(&rules.decide(vec![linked, gone])), "create Lead otherwise");
}
