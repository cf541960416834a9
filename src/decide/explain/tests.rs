//! An explanation says what was decided, whatever the records hold.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::data::{BySide, Cell, Dict, FieldKind, Millis, Presence, Side, Stamp, Uid, Value, encode};
use crate::decide::{
    Base, BaseView, Decision, Frame, Known, Program, RowState, Take, Verdict, decide, explain, identify,
};
use crate::diagnostic::SourceFile;
use crate::lang::compile;
use crate::store::{Hood, RecordRow, Rid, Role, Sid, SubjectRow};

const RULES: &str = r#"
edition 2026
sync people: hubspot contact <-> salesforce Lead or Contact {
  match email = Email
  both ways {
    exclude "ours" when email ends with "@acme.com" or (jobtitle is "CEO" and company.domain is known)
    include "named" when lastname is known
    include "called" when phone is known and is_test is false
  }
  to salesforce {
    include "known company" when not (company.domain is blank)
    create Contact "chiefs" when jobtitle is any of "CEO", "CTO"
    create nothing when is_test is true
    create Lead otherwise
  }
  to hubspot { exclude "cold" when Phone is blank  create contact always }
  map newest record wins {
    email     <-> Email      or reject
    lastname  <-> LastName   or truncate  or use "(unknown)"
    phone     <-> Phone      or skip      when lastname is not "Gray" and company.domain is known
    jobtitle   -> Title      or truncate
    company    -> Lead.Company  or truncate  or use "(none)"
    firstname <-> FirstName  or truncate  ask first
    leadsource -> LeadSource at creation  or skip
    together "where" salesforce wins {
      city    <-> Lead.City, Contact.MailingCity  or skip
      address <-> Lead.Street, Contact.MailingStreet  or truncate
    }
  }
}
"#;

fn program() -> Program {
    let read = |text| serde_json::from_str(text).unwrap();
    let left = read(include_str!("../../../tests/corpus/schemas/hubspot.json"));
    let right = read(include_str!("../../../tests/corpus/schemas/salesforce.json"));
    let (plan, findings) = compile(&[SourceFile::new("rules.sync", RULES)], &left, &right, &mut Dict::default());
    Program::of(&plan.unwrap_or_else(|| panic!("{findings:#?}"))).remove(0)
}

/// `None`: not read.
type Given = Option<Value>;

fn given() -> impl Strategy<Value = Given> {
    let text = prop::sample::select(vec!["a@acme.com", "b@b.co", "nobody", "CEO", "Gray", "x", "yyyyyyyyyyyyyyyyyyyy"]);
    prop_oneof![
        1 => Just(None),
        3 => Just(Some(Value::Null)),
        6 => text.prop_map(|text| Some(Value::text(text))),
    ]
}

/// A record whose fields take these values in turn.
fn record(program: &Program, side: Side, ty: usize, values: &[Given]) -> RecordRow {
    let used = &program.block.types[side][ty];
    let fit = |kind: FieldKind, value: &Value| match (kind, value) {
        (_, Value::Null) => Value::Null,
        (FieldKind::Text | FieldKind::Email | FieldKind::Option | FieldKind::Id, value) => value.clone(),
        (FieldKind::Bool, value) => Value::Bool(value.cell().text().len() % 2 == 0),
        _ => Value::Null,
    };
    let fields = used.fields.iter().zip(values.iter().cycle());
    let mut cells: Vec<(Uid, Value)> =
        fields.filter_map(|(field, value)| Some((field.uid, fit(field.kind, value.as_ref()?)))).collect();
    cells.sort_by_key(|(uid, _)| *uid);
    let mut blob = Vec::new();
    encode(cells.iter().map(|(uid, value)| (*uid, value.cell())), &mut blob);
    RecordRow {
        rid: Rid(1 + side.code()),
        side,
        ty: used.uid,
        id: "1".into(),
        stamp: Stamp { at: Millis(side.code()), exact: true },
        others: None,
        presence: Presence::Live,
        cells: blob,
        keys: Vec::new(),
        aliases: Vec::new(),
        lists: Vec::new(),
        references: Vec::new(),
        redirect: None,
    }
}

fn company(program: &Program, domain: &str) -> RecordRow {
    let target = &program.block.reaches[0].target;
    let mut blob = Vec::new();
    encode(target.fields.iter().map(|field| (field.uid, Cell::Text(domain))), &mut blob);
    RecordRow {
        rid: Rid(9),
        ty: target.uid,
        id: "x".into(),
        cells: blob,
        ..record(program, Side::Left, 0, &[Some(Value::Null)])
    }
}

fn check(program: &Program, records: Vec<RecordRow>, base: &Base) -> Result<(), TestCaseError> {
    let own = records.iter().filter(|row| row.rid != Rid(9));
    let members = own.map(|row| (row.rid, Role::Primary)).collect();
    let subject = SubjectRow {
        sid: Sid(1),
        block: program.block.uid,
        asked: true,
        members,
        base: base.to_bytes(),
        ..SubjectRow::default()
    };
    let hood = Hood::new(vec![subject], records);
    let identified = identify(program, &hood, 0);
    let subject = hood.subject(Sid(1)).unwrap();
    let (mut frame, mut decision, mut view) = (Frame::default(), Decision::default(), BaseView::default());
    frame.fill(program, &hood, &identified.subjects[&Sid(1)]).unwrap();
    view.fill(&subject.base).unwrap();
    let known = Known { base: &view, subject, times: &[], absent: BySide::default(), now: 0 };
    decide(program, &frame, &known, &mut decision);

    let told = explain(program, &hood, &identified, Sid(1), &[], 0).unwrap().unwrap();
    prop_assert_eq!(&told.verdict, &decision.verdict);
    for side in Side::BOTH {
        // The answers that are drawn lead to the direction that was decided.
        let flow = &told.ways[side];
        let answers = |exclude: bool, both: bool| {
            let of = flow.gates.iter().filter(move |gate| gate.exclude == exclude && gate.both == both);
            of.map(|gate| gate.judged.answer).collect::<Vec<_>>()
        };
        let scope = |both: bool| match (answers(true, both), answers(false, both)) {
            (out, _) if out.contains(&Some(true)) => Some(false),
            (out, within) if out.iter().all(Option::is_some) => match within.as_slice() {
                [] => Some(true),
                within if within.contains(&Some(true)) => Some(true),
                within if within.contains(&None) => None,
                _ => Some(false),
            },
            _ => None,
        };
        let open = match (scope(true), scope(false)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        let said = match (&flow.barred, flow.unread) {
            (Some(_), _) => Some(false),
            (None, Some(_)) => None,
            (None, None) => Some(true),
        };
        prop_assert_eq!(open, said);
    }
    if let Some(creation) = &told.creation {
        let decided = creation.chosen.and_then(|at| creation.lines[at].judged.as_ref()).map(|judged| judged.answer);
        prop_assert!(!matches!(decided, Some(Some(false))));
        let before = &creation.lines[..creation.chosen.unwrap_or(creation.lines.len())];
        prop_assert!(before.iter().all(|line| line.judged.as_ref().is_some_and(|j| j.answer == Some(false))));
        if let Verdict::Create { rule, .. } = &decision.verdict {
            prop_assert_eq!(&creation.lines[creation.chosen.unwrap()].rule.uid, &rule.uid);
            if !decision.held.iter().any(|held| held.reject) {
                let given: Vec<&str> = creation.values.iter().map(|(name, ..)| &**name).collect();
                prop_assert_eq!(given, decision.moves.iter().map(|mv| &*mv.name).collect::<Vec<_>>());
            }
        }
        if let Verdict::Skipped { .. } = &decision.verdict {
            prop_assert!(told.takes[creation.side].is_some(), "something would change it");
        }
        prop_assert!(
            !matches!(&told.takes[creation.side], Some(Take::All(parts) | Take::Any(parts)) if parts.is_empty())
        );
    }
    if matches!(decision.verdict, Verdict::Linked { .. }) {
        let of = |wanted: fn(&RowState<'_>) -> bool| -> BTreeSet<Uid> {
            told.rows.iter().filter(|row| wanted(&row.state)).map(|row| row.rule.uid).collect()
        };
        let moves = of(|state| matches!(state, RowState::Moves { .. }));
        let stopped = decision.held.iter().any(|held| held.reject);
        prop_assert_eq!(moves, decision.moves.iter().map(|mv| mv.line).collect(), "stopped: {}", stopped);
        let held = of(|state| matches!(state, RowState::Held { .. }));
        prop_assert_eq!(held, decision.held.iter().map(|one| one.rule.uid).collect());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_told_is_what_was_decided(
        left in prop::collection::vec(given(), 30),
        right in prop::collection::vec(given(), 30),
        agreed in prop::collection::vec(given(), 30),
        ty in 0usize..2,
        sides in 0usize..3,
        domain in prop::sample::select(vec!["", "acme.com"]),
    ) {
        let program = program();
        let (left, right) = (record(&program, Side::Left, 0, &left), record(&program, Side::Right, ty, &right));
        let mut base = Base::default();
        for (line, value) in program.block.lines.iter().zip(&agreed) {
            if let Some(value) = value {
                let (left, right) = (value.clone(), value.clone());
                base.set(crate::decide::Agreed { line: line.rule.uid, left, right, disputed: BySide::default() });
            }
        }
        let mut records = match sides {
            0 => vec![left, right],
            1 => vec![left],
            _ => vec![right],
        };
        if !domain.is_empty() {
            records.push(company(&program, domain));
        }
        check(&program, records, &base)?;
    }
}
