//! Map rows from the rule text to what stays written: a pair of records, a base, and both CRMs as plain fields.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::crm::FieldTime;
use crate::data::{BySide, Cell, Dict, Fingerprint, Millis, Presence, Side, Stamp, Uid, Value, encode};
use crate::diagnostic::SourceFile;
use crate::lang::compile;
use crate::store::{Hood, RecordRow, Rid, Role, Sid, SubjectRow};

/// A contact and a lead that are linked.
struct Two {
    program: Program,
    cells: BySide<BTreeMap<String, Value>>,
    base: Base,
    issues: Vec<(Uid, Fingerprint)>,
    /// Writes to this side do not arrive.
    down: Option<Side>,
    newer: Side,
}

impl Two {
    fn new(maps: &str) -> Two {
        Two::with(maps, "")
    }

    fn with(maps: &str, blocks: &str) -> Two {
        let text = format!(
            "edition 2026\nsync people: hubspot contact <-> salesforce Lead {{\n match email = Email\n \
             to salesforce {{ create Lead always }}\n map {{ hs_object_id -> HubSpot_Id__c \
             lastname -> LastName or truncate or use \"x\"  \"Acme\" -> Company }}\n {maps} }}\n\
             picklist tiers {{ customer <-> Hot lead <-> Warm subscriber <-> Cold otherwise -> skip otherwise <- skip }}\n{blocks}"
        );
        let read = |text| serde_json::from_str(text).unwrap();
        let left = read(include_str!("../../tests/corpus/schemas/hubspot.json"));
        let right = read(include_str!("../../tests/corpus/schemas/salesforce.json"));
        let file = SourceFile::new("rules.sync", text);
        let (plan, findings) = compile(&[file], &left, &right, &mut Dict::default());
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        let program = Program::of(&plan).remove(0);
        let mut two = Two {
            program,
            cells: BySide::default(),
            base: Base::default(),
            issues: Vec::new(),
            down: None,
            newer: Side::Right,
        };
        two.set(Side::Left, "email", "a@b.co");
        two.set(Side::Right, "HubSpot_Id__c", "1");
        two.set(Side::Right, "LastName", "x");
        two.set(Side::Right, "Company", "Acme");
        two.settle();
        two
    }

    fn put(&mut self, side: Side, field: &str, value: Value) {
        self.cells[side].insert(field.to_owned(), value);
    }

    fn set(&mut self, side: Side, field: &str, text: &str) {
        let value = if text.is_empty() { Value::Null } else { Value::text(text) };
        self.put(side, field, value);
    }

    fn text(&self, side: Side, field: &str) -> String {
        self.cells[side].get(field).map_or(String::new(), |value| value.cell().text().into_owned())
    }

    fn both(&self, left: &str, right: &str) -> (String, String) {
        (self.text(Side::Left, left), self.text(Side::Right, right))
    }

    fn record(&self, side: Side) -> RecordRow {
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
            stamp: Stamp { at: Millis(i64::from(side == self.newer)), exact: true },
            presence: Presence::Live,
            redirect: None,
            cells: blob,
            keys: Vec::new(),
            aliases: Vec::new(),
            lists: Vec::new(),
            references: Vec::new(),
        }
    }

    /// `create`: there is no lead yet.
    fn decision(&self, create: bool) -> Decision {
        self.decision_of(if create { &[Side::Left] } else { &Side::BOTH })
    }

    /// With the records of these sides alone.
    fn decision_of(&self, sides: &[Side]) -> Decision {
        let subject = SubjectRow {
            sid: Sid(1),
            block: self.program.block.uid,
            asked: true,
            issues: self.issues.clone(),
            ..SubjectRow::default()
        };
        let hood = Hood::new(vec![subject.clone()], sides.iter().map(|side| self.record(*side)).collect());
        let members: Vec<Member> =
            sides.iter().map(|side| Member { rid: Rid(1 + side.code()), role: Role::Primary }).collect();
        let mut times = Vec::new();
        for side in Side::BOTH {
            let of = |field: Uid| FieldTime { id: "1".into(), field, at: Millis(i64::from(side == self.newer)) };
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
    fn created(&self) -> BTreeMap<String, String> {
        let decision = self.decision(true);
        assert!(matches!(decision.verdict, Verdict::Create { .. }), "{:?}", decision.verdict);
        decision.moves.into_iter().map(|mv| (mv.name.to_string(), mv.after.cell().text().into_owned())).collect()
    }

    /// Decides once, and carries it out as the engine does.
    fn step(&mut self) -> Decision {
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
    fn settle(&mut self) {
        for _ in 0..4 {
            if self.step().moves.is_empty() {
                return;
            }
        }
        panic!("does not come to rest: {:?}", self.decision(false).moves);
    }

    /// Why what is held is held.
    fn held(&self) -> Vec<String> {
        self.decision(false).held.iter().map(|held| held.rule.name.to_string()).collect()
    }
}

fn pair(left: &str, right: &str) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

#[test]
fn else_takes_the_first_known_source() {
    let mut two = Two::new(r#"map { company else jobtitle else email -> Title or truncate }"#);
    two.set(Side::Left, "jobtitle", "CTO");
    two.set(Side::Left, "email", "a@b.co");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CTO");
    two.set(Side::Left, "company", "Acme");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "Acme");
    for source in ["company", "jobtitle"] {
        two.set(Side::Left, source, " ");
    }
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "a@b.co");
}

#[test]
fn else_ends_in_a_text_of_the_rules() {
    let mut two = Two::new(r#"map { company else "{firstname} & Co" else "nobody" -> Title or truncate }"#);
    assert_eq!(two.text(Side::Right, "Title"), "nobody");
    for (field, value, expected) in [("firstname", "Ana", "Ana & Co"), ("company", "Acme", "Acme")] {
        two.set(Side::Left, field, value);
        two.settle();
        assert_eq!(two.text(Side::Right, "Title"), expected);
    }
}

#[test]
fn values_and_texts_of_the_rules_are_kept_where_the_row_puts_them() {
    let mut two = Two::new(
        r#"map { "Web" -> LeadSource  12 -> NumberOfEmployees  "{firstname} of {company}" -> Title or truncate }"#,
    );
    assert_eq!(two.text(Side::Right, "LeadSource"), "Web");
    assert_eq!(two.text(Side::Right, "NumberOfEmployees"), "12");
    assert_eq!(two.text(Side::Right, "Title"), "", "all its fields are blank");
    two.set(Side::Left, "firstname", "Ana");
    two.set(Side::Right, "LeadSource", "Other");
    two.settle();
    assert_eq!(two.text(Side::Right, "LeadSource"), "Web");
    assert_eq!(two.text(Side::Right, "Title"), "Ana of");
    let created = two.created();
    assert_eq!((created["LeadSource"].as_str(), created["Title"].as_str()), ("Web", "Ana of"));
}

#[test]
fn if_blank_fills_and_never_replaces() {
    let rows = "phone -> Phone if blank or truncate  jobtitle -> Title if blank or truncate on clear keep";
    let mut two = Two::new(&format!("map {{ {rows} }}"));
    for (left, value) in [("phone", "1"), ("jobtitle", "CTO")] {
        two.set(Side::Left, left, value);
    }
    two.settle();
    assert_eq!((two.text(Side::Right, "Phone"), two.text(Side::Right, "Title")), pair("1", "CTO"));
    for (left, value) in [("phone", "2"), ("jobtitle", "CEO")] {
        two.set(Side::Left, left, value);
    }
    two.settle();
    assert_eq!((two.text(Side::Right, "Phone"), two.text(Side::Right, "Title")), pair("1", "CTO"));
    for right in ["Phone", "Title"] {
        two.set(Side::Right, right, "");
    }
    two.settle();
    assert_eq!((two.text(Side::Right, "Phone"), two.text(Side::Right, "Title")), pair("2", ""), "written once");
    two.set(Side::Left, "jobtitle", "CFO");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "");
}

#[test]
fn merge_values_applies_the_additions_and_removals_of_both_sides() {
    let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
    let (left, right) = ("product_interest", "Product_Interest__c");
    two.set(Side::Left, left, "billing");
    two.set(Side::Right, right, "crm");
    two.settle();
    assert_eq!(two.both(left, right), pair("billing;crm", "billing;crm"), "the first link unites");
    two.set(Side::Left, left, "crm");
    two.settle();
    assert_eq!(two.both(left, right), pair("crm", "crm"), "one removal");
    two.set(Side::Left, left, "billing;crm");
    two.set(Side::Right, right, "");
    two.settle();
    assert_eq!(two.both(left, right), pair("billing", "billing"), "one added, the other took away");
}

#[test]
fn merge_values_loses_nothing_when_one_of_two_writes_fails() {
    for down in Side::BOTH {
        let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
        let (left, right) = ("product_interest", "Product_Interest__c");
        two.set(Side::Left, left, "billing");
        two.set(Side::Right, right, "crm");
        two.down = Some(down);
        two.step();
        two.down = None;
        two.settle();
        assert_eq!(two.both(left, right), pair("billing;crm", "billing;crm"));
    }
}

#[test]
fn merge_values_keeps_what_an_unseen_edit_added_and_what_we_wrote_over_it() {
    let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
    let line = two.program.block.lines.iter().find(|line| &*line.rule.name == "people.product_interest").unwrap();
    let line = line.rule.uid;
    two.set(Side::Left, "product_interest", "billing");
    two.settle();
    two.base.restored(Side::Right, line, &Value::text("billing"), Some(Value::text("crm")));
    two.settle();
    assert_eq!(two.both("product_interest", "Product_Interest__c"), pair("billing;crm", "billing;crm"));
}

#[test]
fn a_value_without_a_counterpart_is_reported_and_the_others_cross() {
    let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
    two.set(Side::Left, "product_interest", "crm;support");
    assert_eq!(two.held(), ["people.product_interest"]);
    two.settle();
    assert_eq!(two.both("product_interest", "Product_Interest__c"), pair("crm;support", "crm"));
    two.set(Side::Right, "Product_Interest__c", "billing");
    two.settle();
    assert_eq!(two.both("product_interest", "Product_Interest__c"), pair("billing;support", "billing"));
}

#[test]
fn add_only_never_takes_away() {
    let mut two = Two::new("map { product_interest <- Product_Interest__c add only }");
    two.set(Side::Right, "Product_Interest__c", "crm");
    two.set(Side::Left, "product_interest", "support");
    two.settle();
    assert_eq!(two.text(Side::Left, "product_interest"), "crm;support");
    two.set(Side::Right, "Product_Interest__c", "");
    two.settle();
    assert_eq!(two.text(Side::Left, "product_interest"), "crm;support");
}

#[test]
fn forward_only_goes_up_the_order_and_brings_back_what_went_down() {
    let mut two = Two::new("map forward only { lifecyclestage <-> Rating via tiers }");
    two.set(Side::Left, "lifecyclestage", "lead");
    two.set(Side::Right, "Rating", "Hot");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "the first link goes up");
    two.set(Side::Right, "Rating", "Cold");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "down comes back");
    two.set(Side::Left, "lifecyclestage", "");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "a blank is lowest");
    two.set(Side::Left, "lifecyclestage", "opportunity");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "compared where both have a place");
    two.set(Side::Right, "Rating", "Lukewarm");
    assert_eq!(two.held(), ["people.lifecyclestage"], "it has no place in any order");
}

#[test]
fn ask_first_holds_the_field_until_both_sides_are_equal_and_others_go_on() {
    let mut two = Two::new("map ask first { jobtitle <-> Title or truncate  phone <-> Phone or truncate }");
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CTO", "one side changed");
    two.set(Side::Left, "jobtitle", "CEO");
    two.set(Side::Right, "Title", "CFO");
    two.set(Side::Right, "Phone", "1");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CEO", "CFO"));
    assert_eq!(two.both("phone", "Phone"), pair("1", "1"));
    assert_eq!(two.held(), ["people.jobtitle"]);
    two.set(Side::Right, "Title", "CEO");
    two.settle();
    assert!(two.held().is_empty());
    two.set(Side::Right, "Title", "COO");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("COO", "COO"));
}

#[test]
fn ask_first_asks_also_when_our_write_replaced_an_edit() {
    let mut two = Two::new("map ask first { jobtitle <-> Title or truncate }");
    let line = two.program.block.lines.iter().find(|line| &*line.rule.name == "people.jobtitle").unwrap().rule.uid;
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    two.base.restored(Side::Right, line, &Value::text("CTO"), Some(Value::text("CFO")));
    assert_eq!(two.held(), ["people.jobtitle"]);
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CTO", "CTO"), "nothing moves meanwhile");
    two.set(Side::Right, "Title", "CEO");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CEO", "CEO"), "whatever is written now is the answer");
}

#[test]
fn a_row_whose_condition_is_false_is_not_there_and_resumes_from_what_was_agreed() {
    let mut two = Two::new("map salesforce wins { jobtitle <-> Title or truncate when is_test is false }");
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    two.put(Side::Left, "is_test", Value::Bool(true));
    two.set(Side::Left, "jobtitle", "CEO");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CTO");
    assert!(!two.created().contains_key("Title"), "nor at creation");
    two.put(Side::Left, "is_test", Value::Bool(false));
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CEO", "HubSpot alone changed since");
}

#[test]
fn a_condition_in_the_head_of_a_map_is_that_of_its_rows() {
    let mut two =
        Two::new("map \"customers\" newest wins when lifecyclestage is customer { phone <-> Phone or truncate }");
    two.set(Side::Left, "phone", "1");
    two.settle();
    assert_eq!(two.text(Side::Right, "Phone"), "");
    two.set(Side::Left, "lifecyclestage", "customer");
    two.settle();
    assert_eq!(two.text(Side::Right, "Phone"), "1");
}

const ADDRESS: &str = "map { together \"address\" WINNER { address <-> Street or skip  city <-> City or skip } }";

#[test]
fn a_group_is_cleared_only_when_all_of_it_is() {
    let mut two = Two::new(&ADDRESS.replace("WINNER", "prefer salesforce unless blank"));
    two.set(Side::Right, "Street", "1 Main");
    two.set(Side::Right, "City", "Bonn");
    two.settle();
    two.set(Side::Left, "address", "");
    two.set(Side::Left, "city", "Köln");
    two.settle();
    assert_eq!(
        (two.both("address", "Street"), two.both("city", "City")),
        (pair("1 Main", "1 Main"), pair("Bonn", "Bonn"))
    );
    two.set(Side::Right, "City", "");
    two.settle();
    assert_eq!((two.both("address", "Street"), two.both("city", "City")), (pair("1 Main", "1 Main"), pair("", "")));
}

/// An address with a country that a `place` may not know.
fn placed(winner: &str) -> Two {
    let map = format!(
        "map {winner} {{ together \"address\" {{ address <-> Street or truncate \
         state <-> State via places.state  country <-> Country via places.country }} }}"
    );
    Two::with(&map, "place places { picklists none }")
}

fn address(two: &Two) -> [(String, String); 3] {
    [two.both("address", "Street"), two.both("state", "State"), two.both("country", "Country")]
}

#[test]
fn what_a_place_does_not_know_holds_its_own_rows_and_no_other_of_the_group() {
    for winner in ["newest wins", "prefer salesforce unless blank", "salesforce wins", "hubspot wins"] {
        let mut two = placed(winner);
        let given = [("address", "1 Main"), ("state", "California"), ("country", "Untied Sttes")];
        given.iter().for_each(|(field, value)| two.set(Side::Left, field, value));
        let created = two.created();
        assert_eq!(created.get("Street").map(String::as_str), Some("1 Main"), "{winner}");
        assert!(!created.contains_key("State") && !created.contains_key("Country"), "{winner}");
        for newer in Side::BOTH {
            two.newer = newer;
            two.settle();
            let expected = [pair("1 Main", "1 Main"), pair("California", ""), pair("Untied Sttes", "")];
            assert_eq!(address(&two), expected, "{winner}");
            assert_eq!(two.held(), ["people.state", "people.country"], "{winner}");
        }
        two.set(Side::Left, "country", "United States");
        two.settle();
        let whole =
            [pair("1 Main", "1 Main"), pair("California", "California"), pair("United States", "United States")];
        assert_eq!(address(&two), whole, "{winner}");
        assert!(two.held().is_empty(), "{winner}");
    }
}

#[test]
fn what_a_place_does_not_know_is_not_cleared_by_the_blank_that_stands_for_it() {
    for winner in ["newest wins", "prefer salesforce unless blank", "salesforce wins"] {
        let mut two = placed(winner);
        for (side, field, value) in
            [(Side::Left, "address", "1 Main"), (Side::Left, "country", "Atlantis"), (Side::Right, "Street", "1 Main")]
        {
            two.set(side, field, value);
        }
        // As after the record was created without the country.
        two.base = Base::default();
        two.settle();
        two.set(Side::Right, "Street", "2 Main");
        two.settle();
        assert_eq!(address(&two), [pair("2 Main", "2 Main"), pair("", ""), pair("Atlantis", "")], "{winner}");
        two.set(Side::Left, "country", "Germany");
        two.settle();
        assert_eq!(address(&two), [pair("2 Main", "2 Main"), pair("", ""), pair("Germany", "Germany")], "{winner}");
        // But a place of the other side comes whole.
        two.set(Side::Left, "state", "Bavria");
        two.set(Side::Right, "Country", "France");
        two.set(Side::Right, "Street", "3 Main");
        two.settle();
        assert_eq!(address(&two), [pair("3 Main", "3 Main"), pair("", ""), pair("France", "France")], "{winner}");
    }
}

#[test]
fn a_place_that_a_crm_refused_holds_its_group() {
    let mut two = placed("newest wins");
    two.set(Side::Left, "address", "1 Main");
    two.set(Side::Left, "country", "Germany");
    let decision = two.decision(false);
    let refused = decision.moves.iter().find(|mv| &*mv.name == "Country").unwrap();
    two.issues = vec![(refused.line, refused.inputs)];
    assert!(two.decision(false).moves.is_empty());
}

#[test]
fn an_owner_that_is_held_holds_its_group() {
    let map = "map newest wins { together \"x\" { jobtitle <-> Title or truncate  hubspot_owner_id <-> OwnerId via owners } }";
    // Nobody's owners were read.
    let mut two = Two::with(map, "owners owners { match email = Email otherwise -> skip otherwise <- skip }");
    two.set(Side::Left, "jobtitle", "CTO");
    two.set(Side::Left, "hubspot_owner_id", "101");
    let created = two.created();
    assert!(!created.contains_key("Title") && !created.contains_key("OwnerId"), "{created:?}");
    for _ in 0..2 {
        assert!(two.decision(false).moves.is_empty());
        assert_eq!(two.held(), ["people.hubspot_owner_id"]);
        two.settle();
    }
    two.set(Side::Left, "hubspot_owner_id", "");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CTO", "CTO"));
}

#[test]
fn a_field_that_a_create_was_refused_for_is_left_out_until_it_changes() {
    for from in Side::BOTH {
        let mut two = Two::new(
            "to hubspot { create contact always } \
             map newest wins { email <-> Email or reject  jobtitle <-> Title or truncate }",
        );
        let title = if from == Side::Left { "jobtitle" } else { "Title" };
        two.set(Side::Left, "email", "a@b.co");
        two.set(Side::Right, "Email", "a@b.co");
        two.set(from, title, "CTO");
        let sent = |two: &Two| {
            let decision = two.decision_of(&[from]);
            assert!(matches!(decision.verdict, Verdict::Create { .. }), "{:?}", decision.verdict);
            let sent = decision.moves.into_iter().find(|mv| &*mv.rule.name == "people.jobtitle");
            sent.map(|mv| (mv.line, mv.inputs))
        };
        two.issues.extend(sent(&two));
        assert_eq!(two.issues.len(), 1);
        assert_eq!(sent(&two), None, "refused from the {from:?}");
        two.set(from, title, "CEO");
        assert!(sent(&two).is_some_and(|sent| !two.issues.contains(&sent)));
    }
}

/// `or reject` stops the record each time that it is decided, also when its reason is on record already and something else
/// of it has changed since.
#[test]
fn a_record_that_is_stopped_stays_stopped_until_its_reason_is_gone() {
    let rules = "map newest wins { email <-> Email or reject  jobtitle <-> Title or truncate \
                 product_interest <-> Lead.Product_Interest__c or reject merge values }";
    for (field, bad, good) in [("email", "kim@@b.co", "kim@b.co"), ("product_interest", "no such option", "")] {
        for create in [true, false] {
            let mut two = Two::new(rules);
            two.settle();
            two.set(Side::Left, field, bad);
            let first = two.decision(create);
            two.issues.extend(first.held.iter().map(|held| (held.rule.uid, held.inputs)));
            assert!(first.held.iter().any(|held| held.reject && !held.known), "{field}: {:?}", first.held);
            two.set(Side::Left, "jobtitle", "CTO");
            let again = two.decision(create);
            assert_eq!(
                (again.moves.as_slice(), again.agreed.as_slice()),
                (&[][..], &[][..]),
                "{field}, create {create}"
            );
            assert!(again.held.iter().any(|held| held.reject && held.known), "{field}: {:?}", again.held);
            two.set(Side::Left, field, good);
            let after = two.decision(create);
            assert!(after.moves.iter().any(|mv| &*mv.name == "Title"), "{field}, create {create}: {after:?}");
        }
    }
}

#[test]
fn a_group_goes_back_whole_where_one_value_must() {
    let map =
        "map newest wins { together \"x\" { lifecyclestage <-> Rating via back  jobtitle <-> Title or truncate } }";
    let mut two = Two::with(map, "picklist back { customer <-> Hot otherwise -> restore otherwise <- skip }");
    two.set(Side::Left, "lifecyclestage", "customer");
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    two.set(Side::Left, "lifecyclestage", "lead");
    two.set(Side::Left, "jobtitle", "CEO");
    assert_eq!(two.held(), ["people.lifecyclestage"]);
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"));
    assert_eq!(two.both("jobtitle", "Title"), pair("CTO", "CTO"));
}

#[test]
fn forward_only_goes_by_an_order_of_the_rules() {
    let mut two =
        Two::with("map forward only { lifecyclestage <-> Rating via tiers }", "order Lead.Rating { Hot, Warm, Cold }");
    two.set(Side::Left, "lifecyclestage", "lead");
    two.settle();
    two.set(Side::Right, "Rating", "Cold");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("subscriber", "Cold"));
    two.set(Side::Left, "lifecyclestage", "customer");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("subscriber", "Cold"), "Hot is the lowest here");
}

#[test]
fn a_row_is_looked_at_again_when_time_alone_turns_its_condition() {
    let mut two = Two::new("map { jobtitle -> Title or truncate when createdate is more than 1 day ago }");
    two.put(Side::Left, "createdate", Value::Time(5));
    assert_eq!(two.decision(false).turns_at, Some(5 + 86_400_000 + 1));
}

#[test]
fn a_group_is_held_whole() {
    let mut two = Two::new(&ADDRESS.replace("WINNER", "newest wins"));
    two.set(Side::Left, "address", "1 Main");
    two.set(Side::Left, "city", &"x".repeat(60));
    let decision = two.decision(false);
    assert!(decision.moves.is_empty());
    assert_eq!(two.held(), ["people.city"], "too long for the other side");
    assert!(!two.created().contains_key("Street"), "nor is half of it given to a new record");
    // What a CRM refused holds its group, too.
    two.set(Side::Left, "city", "Bonn");
    let city = two.program.block.lines.iter().find(|line| &*line.rule.name == "people.city").unwrap();
    let inputs = two.program.line_inputs(city, &[], &BySide::new(Cell::Text("Bonn"), Cell::Null));
    two.issues = vec![(city.rule.uid, inputs)];
    assert!(two.decision(false).moves.is_empty());
    two.issues.clear();
    assert_eq!(two.created().get("Street").map(String::as_str), Some("1 Main"));
    two.settle();
    assert_eq!(
        (two.both("address", "Street"), two.both("city", "City")),
        (pair("1 Main", "1 Main"), pair("Bonn", "Bonn"))
    );
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "b", "c"]).prop_map(str::to_owned)
}

/// Every kind of row at once.
const ALL: &str = r#"
  map newest wins {
    phone            <-> Phone                 or truncate
    jobtitle         <-> Title                 or truncate  WINNER
    firstname        <-> FirstName             or truncate  on hubspot clear CLEAR  on salesforce clear CLEAR
    company           -> Rating                or skip
    city              -> City                  or skip  if blank
    address           -> Street                or skip  on salesforce clear keep
    product_interest <-> Product_Interest__c   or skip  merge values
  }"#;
const FIELDS: [(&str, &str); 7] = [
    ("phone", "Phone"),
    ("jobtitle", "Title"),
    ("firstname", "FirstName"),
    ("company", "Rating"),
    ("city", "City"),
    ("address", "Street"),
    ("product_interest", "Product_Interest__c"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever was edited on either side, it is quiet after it was decided, and a quiet pair stays quiet.
    #[test]
    fn what_was_decided_is_decided(
        winner in prop::sample::select(vec!["salesforce wins", "hubspot wins", "prefer hubspot unless blank", "ask first"]),
        clear in prop::sample::select(vec!["pass", "keep", "restore"]),
        edits in prop::collection::vec((0usize..7, any::<bool>(), word(), any::<bool>()), 1..24),
    ) {
        let mut two = Two::new(&ALL.replace("WINNER", winner).replace("CLEAR", clear));
        for (at, left, text, settle) in edits {
            let field = FIELDS[at];
            let text = match (at, text.as_str()) {
                (6, "a") => "crm".to_owned(),
                (6, "b") => "billing".to_owned(),
                (6, "c") => "billing;crm".to_owned(),
                _ => text,
            };
            match left {
                true => two.set(Side::Left, field.0, &text),
                false => two.set(Side::Right, field.1, &text),
            }
            if settle {
                two.newer = if left { Side::Left } else { Side::Right };
                two.settle();
                let again = two.decision(false);
                prop_assert!(again.moves.is_empty() && again.agreed.is_empty(), "{:?}", again);
            }
        }
    }

    /// After every decision a group that was written holds what one side had, as a whole.
    #[test]
    fn a_group_never_splits(
        winner in prop::sample::select(vec![
            "newest wins", "newest record wins", "salesforce wins", "hubspot wins", "prefer salesforce unless blank", "ask first",
        ]),
        rounds in prop::collection::vec(((word(), word()), (word(), word()), any::<bool>()), 1..6),
    ) {
        let mut two = Two::new(&ADDRESS.replace("WINNER", winner));
        for ((address, city), (street, town), left_is_newer) in rounds {
            two.newer = if left_is_newer { Side::Left } else { Side::Right };
            two.set(Side::Left, "address", &address);
            two.set(Side::Left, "city", &city);
            two.set(Side::Right, "Street", &street);
            two.set(Side::Right, "City", &town);
            let before = BTreeSet::from([(address, city), (street, town)]);
            two.settle();
            let left = (two.text(Side::Left, "address"), two.text(Side::Left, "city"));
            let right = (two.text(Side::Right, "Street"), two.text(Side::Right, "City"));
            prop_assert!(before.contains(&left) && before.contains(&right), "{before:?} became {left:?} and {right:?}");
            prop_assert!(left == right || winner == "ask first");
        }
    }
}
