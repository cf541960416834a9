//! Places, owners and time, from rule text to what is written.

use std::sync::Arc;

use syncline::data::{
    BySide, Cell, Dict, Digest, Fingerprint, Kind, Millis, Person, Presence, Side, Stamp, Uid, encode,
};
use syncline::decide::{Agreed, Base, BaseView, Decision, Frame, Known, Program, Verdict, decide, identify};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::plan::Directory;
use syncline::store::{Hood, RecordRow, Rid, Role, Sid, SubjectRow};

const RULES: &str = r#"
edition 2026
zone "America/New_York"
sync people: hubspot contact <-> salesforce Contact {
  match email = Email
  to salesforce {
    include "fresh" when createdate is in the last 30 days or email is known
    create Contact always
  }
  map newest record wins {
    email            <-> Email           or reject
    lastname         <-> LastName        or truncate  or use "(unknown)"
    state            <-> MailingState    via places.state
    country          <-> MailingCountry  via places.country
    hubspot_owner_id <-> OwnerId         via owners
  }
}
place places { picklists standard  unknown skip  alias "Calif." = "US-CA" }
owners owners {
  match email = Email
  otherwise at creation -> assignment rules
  otherwise -> restore
  otherwise <- skip
}
"#;

struct Rules {
    program: Program,
    dict: Dict,
}

impl Rules {
    fn new() -> Rules {
        let read = |text| serde_json::from_str(text).unwrap();
        let left = read(include_str!("corpus/schemas/hubspot.json"));
        let right = read(include_str!("corpus/schemas/salesforce.json"));
        let mut dict = Dict::default();
        let (plan, findings) = compile(&[SourceFile::new("rules.sync", RULES)], &left, &right, &mut dict);
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        let person =
            |id: &str, email: &str, active| Person { id: id.into(), email: email.into(), name: "".into(), active };
        let owners = vec![person("101", "ana@acme.com", true), person("102", "bo@acme.com", true)];
        let users = vec![
            person("005000000000001AAA", "Ana@acme.com", true),
            person("005000000000002AAA", "bo@acme.com", false),
        ];
        let people = Arc::new(Directory::new(BySide::new(Some(owners), Some(users))));
        Rules { program: Program::with_people(&plan, &people, Digest::default()).remove(0), dict }
    }

    fn row(&self, rid: i64, at: i64, given: &[(&str, &str)]) -> RecordRow {
        let side = if rid == 1 { Side::Left } else { Side::Right };
        let (ty, prefix) =
            if rid == 1 { ("left/contact", "left/contact.") } else { ("right/Contact", "right/Contact.") };
        let fields = &self.program.block.types[side][0].fields;
        let value = |name: &str| given.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
        let cells = fields.iter().map(|field| match value(&field.name) {
            Some(time) if field.name == "createdate" => (field.uid, Cell::Time(time.parse().unwrap())),
            Some(text) => (field.uid, Cell::Text(text)),
            None => (field.uid, Cell::Null),
        });
        let mut cells: Vec<(Uid, Cell<'_>)> = cells.collect();
        cells.sort_by_key(|(uid, _)| *uid);
        let mut blob = Vec::new();
        encode(cells, &mut blob);
        assert!(self.dict.get(Kind::Field, &format!("{prefix}{}", fields[0].name)).is_some());
        RecordRow {
            rid: Rid(rid),
            side,
            ty: self.dict.get(Kind::Type, ty).unwrap(),
            id: rid.to_string().into(),
            stamp: Stamp { at: Millis(at), exact: true },
            others: None,
            presence: Presence::Live,
            redirect: None,
            cells: blob,
            keys: vec![Fingerprint(7)],
            references: Vec::new(),
            aliases: Vec::new(),
            lists: Vec::new(),
        }
    }

    fn decide(&self, base: &Base, records: Vec<RecordRow>) -> Decision {
        let members = records.iter().map(|row| (row.rid, Role::Primary)).collect();
        let block = self.program.block.uid;
        let subject = SubjectRow { sid: Sid(1), block, asked: true, members, ..SubjectRow::default() };
        let hood = Hood::new(vec![subject], records).seen(Millis(NOW), BySide::default());
        let members = identify(&self.program, &hood, 0).subjects.remove(&Sid(1)).unwrap();
        let (mut frame, mut decision) = (Frame::default(), Decision::default());
        frame.fill(&self.program, &hood, &members).unwrap();
        let subject = hood.subject(Sid(1)).unwrap();
        let bytes = base.to_bytes();
        let mut base = BaseView::default();
        base.fill(&bytes).unwrap();
        let known = Known { base: &base, subject, times: &[], absent: BySide::new(true, true), now: NOW };
        decide(&self.program, &frame, &known, &mut decision);
        decision
    }

    fn agreed(&self, left: &[(&str, &str)], right: &[(&str, &str)]) -> Base {
        let mut base = Base::default();
        let value = |given: &[(&str, &str)], name: &str| {
            given.iter().find(|(field, _)| *field == name).map_or(Cell::Null, |(_, text)| Cell::Text(text)).to_value()
        };
        for line in &self.program.block.lines {
            let name = |side: Side| line.targets[side][0].as_ref().unwrap().name.clone();
            let (l, r) = (value(left, &name(Side::Left)), value(right, &name(Side::Right)));
            base.set(Agreed { line: line.rule.uid, left: l, right: r, disputed: BySide::default() });
        }
        base
    }
}

const NOW: i64 = 1_000_000_000_000;

/// Field and value of every write, with its side.
fn moves(decision: &Decision) -> Vec<String> {
    let mut moves: Vec<String> =
        decision.moves.iter().map(|mv| format!("{:?} {} {}", mv.side, mv.name, mv.after.cell())).collect();
    moves.sort();
    moves
}

#[test]
fn a_new_record_gets_the_codes_of_its_place_and_its_owner() {
    let rules = Rules::new();
    let given = [("email", "a@x.io"), ("state", "Calif."), ("country", "USA"), ("hubspot_owner_id", "101")];
    let decision = rules.decide(&Base::default(), vec![rules.row(1, 1, &given)]);
    assert!(matches!(decision.verdict, Verdict::Create { .. }) && !decision.assign);
    let expected = [
        "Right Email \"a@x.io\"",
        "Right LastName \"(unknown)\"",
        "Right MailingCountryCode \"US\"",
        "Right MailingStateCode \"CA\"",
        "Right OwnerId \"005000000000001AAA\"",
    ];
    assert_eq!(moves(&decision), expected);
}

#[test]
fn what_has_no_form_is_left_out_of_the_new_record_and_the_rest_goes() {
    let rules = Rules::new();
    let given = [("email", "a@x.io"), ("state", "Bavria"), ("country", "Canada"), ("hubspot_owner_id", "102")];
    let decision = rules.decide(&Base::default(), vec![rules.row(1, 1, &given)]);
    assert_eq!(moves(&decision), ["Right Email \"a@x.io\"", "Right LastName \"(unknown)\""]);
    assert!(decision.assign, "the org's rules give it an owner");
    let why: Vec<&str> = decision.held.iter().map(|held| held.why.as_str()).collect();
    assert_eq!(why, ["the state `Bavria` of Canada is not known"; 2]);
    assert!(decision.held.iter().all(|held| !held.reject));
}

#[test]
fn a_place_that_was_held_goes_over_when_the_other_half_is_put_right() {
    let rules = Rules::new();
    let before = [("email", "a@x.io"), ("state", "California"), ("country", "Untied Sttes")];
    let there = [("Email", "a@x.io")];
    let first = rules.decide(&Base::default(), vec![rules.row(1, 9, &before), rules.row(2, 1, &there)]);
    assert_eq!(moves(&first), Vec::<String>::new());
    let mut base = Base::default();
    first.agreed.iter().for_each(|agreed| base.set(agreed.clone()));
    let after = [("email", "a@x.io"), ("state", "California"), ("country", "United States")];
    let second = rules.decide(&base, vec![rules.row(1, 9, &after), rules.row(2, 1, &there)]);
    assert_eq!(moves(&second), ["Right MailingCountryCode \"US\"", "Right MailingStateCode \"CA\""]);
}

#[test]
fn spellings_of_one_place_agree_and_nothing_is_written() {
    let rules = Rules::new();
    let left = [("email", "a@x.io"), ("state", "Québec"), ("country", "CANADA")];
    let right = [("Email", "a@x.io"), ("MailingStateCode", "QC"), ("MailingCountryCode", "CA")];
    let decision = rules.decide(&Base::default(), vec![rules.row(1, 1, &left), rules.row(2, 9, &right)]);
    assert_eq!(moves(&decision), Vec::<String>::new());
    assert_eq!(decision.agreed.len(), 5, "blanks agree too");
}

#[test]
fn an_owner_without_a_user_snaps_back_and_a_queue_stays() {
    let rules = Rules::new();
    let (left, right) =
        ([("email", "a@x.io"), ("hubspot_owner_id", "101")], [("Email", "a@x.io"), ("OwnerId", "005000000000001AAA")]);
    let base = rules.agreed(&left, &right);
    // Bo has no active user.
    let given = [("email", "a@x.io"), ("hubspot_owner_id", "102")];
    let decision = rules.decide(&base, vec![rules.row(1, 9, &given), rules.row(2, 1, &right)]);
    assert_eq!(moves(&decision), ["Left hubspot_owner_id \"101\""]);
    assert_eq!(decision.held[0].why, "the owner `bo@acme.com` is not active on the other side");
    // A queue owns it now: HubSpot keeps its owner.
    let queued = [("Email", "a@x.io"), ("OwnerId", "00G000000000001AAA")];
    let decision = rules.decide(&base, vec![rules.row(1, 1, &left), rules.row(2, 9, &queued)]);
    assert_eq!(moves(&decision), Vec::<String>::new());
    assert!(decision.agreed.is_empty(), "it goes over when the queue has somebody there");
}

#[test]
fn a_record_is_looked_at_again_when_time_alone_turns_the_answer() {
    let rules = Rules::new();
    let created = NOW - 86_400_000;
    let time = created.to_string();
    let given = [("email", "a@x.io"), ("createdate", time.as_str())];
    let decision = rules.decide(&Base::default(), vec![rules.row(1, 1, &given)]);
    assert_eq!(decision.turns_at, Some(created + 30 * 86_400_000 + 1));
    let decision = rules.decide(&Base::default(), vec![rules.row(1, 1, &[("email", "a@x.io")])]);
    assert_eq!(decision.turns_at, None);
}
