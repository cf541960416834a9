//! Who is who, case by case: subjects with their records before, and what becomes of them.

use crate::data::{Dict, Millis, Presence, Side, Stamp, Value, encode};
use crate::decide::{Base, Program, Relink, identify};
use crate::diagnostic::SourceFile;
use crate::lang::compile;
use crate::store::{Answer, Hood, Identity, KeySpec, RecordRow, Rid, Role, Sid, SubjectRow};

/// A record: `contact 1 a@x`, `Lead L1 a@x -> Contact C1`, `contact 2 b@x gone`, `Lead L1 a@x key=1`, `contact 1 a@x ph=7`.
fn record(program: &Program, rid: i64, text: &str) -> RecordRow {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)).map(|n| Millis(n.parse().unwrap()));
    let (updated, others) = (number("at="), number("others="));
    let phone = words.iter().find_map(|word| word.strip_prefix("ph="));
    let aside = |word: &str| ["at=", "others=", "ph="].iter().any(|name| word.starts_with(name));
    let words: Vec<&str> = words.iter().filter(|word| !aside(word)).copied().collect();
    let [ty, id, email, rest @ ..] = words.as_slice() else { panic!("{text}") };
    let used = |name: &str| {
        let mut found =
            Side::BOTH.into_iter().flat_map(|side| program.block.types[side].iter().map(move |t| (side, t)));
        found.find(|(_, used)| used.name == name).unwrap_or_else(|| panic!("no type {name}"))
    };
    let (side, of) = used(ty);
    let (presence, redirect) = match rest {
        ["->", to, id] => (Presence::Redirected, Some((used(to).1.uid, Box::from(*id)))),
        ["gone"] => (Presence::Gone, None),
        _ => (Presence::Live, None),
    };
    let key = rest.iter().find_map(|word| word.strip_prefix("key="));
    let mut cells: Vec<_> = of
        .fields
        .iter()
        .map(|field| match field.name.as_str() {
            "email" | "Email" => (field.uid, Value::text(*email)),
            "phone" | "Phone" => (field.uid, phone.map_or(Value::Null, Value::text)),
            "HubSpot_Id__c" => (field.uid, key.map_or(Value::Null, Value::text)),
            _ => (field.uid, Value::Null),
        })
        .collect();
    cells.sort_by_key(|(uid, _)| *uid);
    let mut blob = Vec::new();
    encode(cells.iter().map(|(uid, value)| (*uid, value.cell())), &mut blob);
    let at = program.type_index(side, of.uid).unwrap();
    let specs: Vec<&KeySpec> =
        (0..program.block.matches.len()).filter_map(|line| program.key_spec(side, at, line)).collect();
    let cell = |uid| cells.iter().find(|(of, _)| *of == uid).map_or(crate::data::Cell::Unread, |(_, v)| v.cell());
    let mut keys: Vec<_> = specs.iter().filter_map(|spec| spec.hash(id, cell)).collect();
    keys.sort_unstable();
    RecordRow {
        rid: Rid(rid),
        side,
        ty: of.uid,
        id: (*id).into(),
        stamp: Stamp { at: updated.unwrap_or(Millis(rid)), exact: true },
        others,
        presence,
        redirect,
        cells: blob,
        keys,
        references: Vec::new(),
        aliases: Vec::new(),
        lists: Vec::new(),
    }
}

/// `given`: one subject a line, its records joined by `+`, the first of each side its primary; `busy` before one that has an
/// operation open, `still` before one that nobody asked for. What comes out: the subjects that are decided, in the same words, with roles; then who waits, who is
/// ambiguous and of whom people are told.
fn case(events: &str, given: &[&str]) -> Vec<String> {
    answered("match email = Email", &[], events, given)
}

/// With other match lines, and what people said: `1 = L1`, `1 / L1`.
fn answered(matches: &str, said: &[&str], events: &str, given: &[&str]) -> Vec<String> {
    let text = format!(
        "edition 2026\nsync people: hubspot contact <-> salesforce Lead or Contact {{\n {matches}\n {events}\n \
         map hubspot wins {{ email <-> Email or skip  hs_object_id -> HubSpot_Id__c }}\n}}"
    );
    let read = |text| serde_json::from_str(text).unwrap();
    let left = read(include_str!("../../../tests/corpus/schemas/hubspot.json"));
    let right = read(include_str!("../../../tests/corpus/schemas/salesforce.json"));
    let (plan, findings) = compile(&[SourceFile::new("a.sync", text)], &left, &right, &mut Dict::default());
    let program = Program::of(&plan.unwrap_or_else(|| panic!("{findings:#?}"))).remove(0);
    let (mut subjects, mut records) = (Vec::new(), Vec::new());
    for (n, line) in given.iter().enumerate() {
        let (busy, rest) = line.strip_prefix("busy ").map_or((false, *line), |rest| (true, rest));
        let (still, rest) = rest.strip_prefix("still ").map_or((false, rest), |rest| (true, rest));
        let mut members: Vec<(Rid, Role)> = Vec::new();
        for text in rest.split('+') {
            let row = record(&program, records.len() as i64 + 1, text);
            let second = records.iter().skip(records.len() - members.len()).any(|r: &RecordRow| r.side == row.side);
            members.push((row.rid, if second { Role::Other } else { Role::Primary }));
            records.push(row);
        }
        let base = Base::default().to_bytes();
        let block = program.block.uid;
        subjects.push(SubjectRow {
            sid: Sid(n as i64 + 1),
            block,
            asked: !busy && !still,
            busy,
            members,
            base,
            ..SubjectRow::default()
        });
    }
    let rid = |id: &str| records.iter().find(|row| &*row.id == id).map(|row| row.rid).unwrap();
    let answers = said.iter().map(|text| {
        let (left, sign, right) = (&text[..1], &text[2..3], &text[4..]);
        Answer { block: program.block.uid, left: rid(left), right: rid(right), same: sign == "=" }
    });
    let answers: Vec<Answer> = answers.collect();
    let mut hood = Hood::new(subjects, records);
    hood.answers = answers;
    let found = identify(&program, &hood, 0);
    let name = |rid: Rid| hood.record(rid).unwrap().id.to_string();
    let mut out: Vec<String> = found
        .subjects
        .iter()
        .filter(|(sid, _)| !found.waiting.contains(sid))
        .map(|(sid, members)| {
            let mut words: Vec<String> = members
                .iter()
                .map(|m| match m.role {
                    Role::Primary => name(m.rid),
                    Role::Other => format!("({})", name(m.rid)),
                    Role::Former => format!("-{}", name(m.rid)),
                })
                .collect();
            words.sort_by_key(|word| (word.starts_with(['-', '(']), word.clone()));
            format!("{}: {}", sid.0, words.join(" "))
        })
        .collect();
    out.extend(found.changes.iter().filter_map(|change| match change {
        Identity::Split { rid, from } => Some(format!("{}: without {}", from.0, name(*rid))),
        _ => None,
    }));
    out.extend(found.waiting.iter().map(|sid| format!("{}: waits", sid.0)));
    out.extend(found.ambiguous.iter().map(|(sid, why)| format!("{}: {why}", sid.0)));
    let ends = |relink: &Relink| (name(relink.from), name(relink.to));
    out.extend(found.relinks.iter().filter(|(_, relink)| !relink.moved).map(|(sid, relink)| {
        let (from, to) = ends(relink);
        format!("{}: parts {from} for {to}", sid.0)
    }));
    out.extend(found.surplus.iter().map(|(sid, why)| format!("{}: told {why}", sid.0)));
    out
}

#[test]
fn a_record_that_took_anothers_place_takes_its_role() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        // A lead is converted; the contact is in its own subject, or in this one already, or not read yet.
        ("", &["contact 1 a@x + Lead L1 a@x -> Contact C1", "Contact C1 b@x"], &["1: 1 C1 -L1"]),
        ("", &["contact 1 a@x + Lead L1 a@x -> Contact C1 + Contact C1 a@x"], &["1: 1 C1 -L1"]),
        ("", &["contact 1 a@x + Lead L1 a@x -> Contact C1"], &["1: 1 L1"]),
        ("", &["Lead L1 a@x -> Contact C1", "Contact C1 b@x"], &["2: C1 -L1"]),
        // Who looks for the lead finds the contact, unless that is linked: an address may be another one's by now.
        ("", &["contact 1 a@x", "Lead L1 a@x -> Contact C1", "Contact C1 b@x"], &["1: 1 C1 -L1"]),
        (
            "",
            &["contact 1 a@x", "contact 2 b@x + Contact C1 b@x + Lead L1 a@x -> Contact C1"],
            &["1: 1", "2: 2 C1 -L1"],
        ),
        // Into a contact that is linked: the pair stays, the other one stands beside it.
        (
            "",
            &["contact 1 a@x + Lead L1 a@x -> Contact C1", "contact 2 b@x + Contact C1 b@x"],
            &["2: 2 C1 (1) -L1", "2: told 1 is the same one as 2, which alone is kept in step"],
        ),
        // Merges: to the survivor, over any number of steps, in any order.
        ("", &["contact 1 a@x -> contact 3 + Lead L1 a@x", "contact 3 a@x"], &["1: 3 L1 -1"]),
        (
            "",
            &["contact 1 a@x -> contact 3 + Lead L1 a@x", "contact 2 b@x -> contact 3 + Lead L2 b@x", "contact 3 a@x"],
            &["1: 3 L1 (L2) -1 -2", "1: told L2 is the same one as L1, which alone is kept in step"],
        ),
        (
            "to salesforce { pick Contact, then oldest created }",
            &[
                "contact 1 a@x -> contact 3 + Lead L1 a@x",
                "contact 2 b@x -> contact 3 + Contact C2 b@x",
                "contact 3 a@x",
            ],
            &["2: 3 C2 (L1) -1 -2"],
        ),
        (
            "",
            &[
                "contact 1 a@x + Lead L1 a@x -> Lead L2",
                "Lead L2 b@x -> Lead L3",
                "Lead L3 c@x -> Contact C1",
                "Contact C1 d@x",
            ],
            &["1: 1 C1 -L1 -L2 -L3"],
        ),
        (
            "",
            &["contact 1 a@x -> contact 3 + Lead L1 a@x", "contact 2 b@x + Lead L2 b@x -> Lead L1", "contact 3 a@x"],
            &["1: 3 L1 (2) -1 -L2", "1: told 2 is the same one as 3, which alone is kept in step"],
        ),
        // Ways that lead nowhere or in a circle change nothing.
        ("", &["contact 1 a@x + Lead L1 a@x -> Lead L1"], &["1: 1 L1"]),
        ("", &["contact 1 a@x + Lead L1 a@x -> Lead L2", "Lead L2 b@x -> Lead L1"], &["1: 1 L1", "2: L2"]),
        // A survivor that is deleted is what the partner had.
        ("", &["contact 1 a@x + Lead L1 a@x -> Contact C1", "Contact C1 b@x gone"], &["1: 1 C1 -L1"]),
        // `on merge ignore`: the loser's partner stays where it is. A conversion is none.
        (
            "to hubspot { on merge ignore }",
            &["contact 1 a@x + Lead L1 a@x -> Lead L2", "Lead L2 b@x"],
            &["1: 1 L1", "2: L2"],
        ),
        (
            "to hubspot { on merge ignore }",
            &["contact 1 a@x -> contact 3 + Lead L1 a@x", "contact 3 b@x"],
            &["1: 3 L1 -1"],
        ),
        (
            "to hubspot { on merge ignore }",
            &["contact 1 a@x + Lead L1 a@x -> Contact C1", "Contact C1 b@x"],
            &["1: 1 C1 -L1"],
        ),
        // Nobody is joined whose operation has not come to an end.
        ("", &["busy contact 1 a@x + Lead L1 a@x -> Contact C1", "Contact C1 b@x"], &["2: waits"]),
        // A merge that was taken back: the record stands beside the survivor.
        (
            "",
            &["contact 1 a@x + Lead L2 a@x + Lead L1 a@x"],
            &["1: 1 L2 (L1)", "1: told L1 is the same one as L2, which alone is kept in step"],
        ),
    ];
    for (events, given, expected) in cases {
        assert_eq!(case(events, given), *expected, "{events} {given:#?}");
        // In whatever order they were first seen, the same records stand for the same things.
        let mut turned = given.to_vec();
        turned.reverse();
        let members = |lines: &[String]| {
            let mut all: Vec<String> =
                lines.iter().filter(|line| !line.contains("told")).map(|line| line[3..].to_owned()).collect();
            all.sort();
            all
        };
        let expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        let symmetric = !given.iter().any(|line| line.contains("contact 2 b@x -> contact 3")) || !events.is_empty();
        if symmetric {
            assert_eq!(members(&case(events, &turned)), members(&expected), "turned: {events} {given:#?}");
        }
    }
}

#[test]
fn what_a_line_proposes_is_joined_by_a_word_and_by_nothing_else() {
    let line = "match email = Email or propose";
    let held = |sid: u32, pairs: &str| format!("{sid}: `match email = Email` proposes that {pairs}");
    let one = |lead: &str| format!("contact 1 and {lead} are the same");
    let two = ["contact 1 a@x", "Lead L1 a@x"];
    let both = |pairs: &str| vec!["1: 1".to_owned(), "2: L1".into(), held(1, pairs), held(2, pairs)];
    assert_eq!(answered(line, &[], "", &two), both(&one("Lead L1")));
    assert_eq!(answered(line, &["1 = L1"], "", &two), ["1: 1 L1"]);
    assert_eq!(answered(line, &["1 / L1"], "", &two), ["1: 1", "2: L1"]);
    // Whatever the keys say later, a word stands.
    assert_eq!(answered(line, &["1 = L1"], "", &["contact 1 a@x", "Lead L1 b@x"]), ["1: 1 L1"]);
    assert_eq!(answered(line, &["1 = L1"], "", &["contact 1 a@x", "Lead L1 a@x gone"]), ["1: 1", "2: L1"]);
    // A line above that links is not asked about, and one below is, where nobody answers above.
    let certain = "match hs_object_id = HubSpot_Id__c\n match email = Email or propose";
    assert_eq!(answered(certain, &[], "", &["contact 1 a@x", "Lead L1 b@x key=1"]), ["1: 1 L1"]);
    // Our own record says itself whose it is, whoever else is proposed.
    assert_eq!(answered(line, &[], "", &["contact 1 a@x", "Lead L1 a@x key=1"]), ["1: 1 L1"]);
    // Each of several is a question of its own, also where one is answered.
    let three = ["contact 1 a@x", "Lead L1 a@x", "Contact C1 a@x"];
    let all = format!("{}, and that {}", one("Lead L1"), one("Contact C1"));
    let (lead, person) = (held(2, &one("Lead L1")), held(3, &one("Contact C1")));
    let alone = ["1: 1".to_owned(), "2: L1".into(), "3: C1".into()];
    assert_eq!(answered(line, &[], "", &three), [&alone[..], &[held(1, &all), lead, person.clone()]].concat());
    assert_eq!(answered(line, &["1 = L1"], "", &three), ["1: 1 L1".to_owned(), "3: C1".into(), person]);
    assert_eq!(
        answered(line, &["1 = L1", "1 = C1"], "to salesforce { pick Contact }", &three),
        ["1: 1 C1 (L1)"],
        "a further one is held to be the same"
    );
    assert_eq!(answered(line, &["1 / L1", "1 / C1"], "", &three), alone);
    // Two that want the same one: who was linked first has it.
    let rivals = ["contact 1 a@x", "contact 2 a@x", "Lead L1 a@x"];
    assert_eq!(
        answered(line, &["1 = L1"], "", &rivals),
        ["1: 1 L1".to_owned(), "2: 2".into(), held(2, "contact 2 and Lead L1 are the same")]
    );
    assert_eq!(answered(line, &["1 = L1", "2 / L1"], "", &rivals), ["1: 1 L1", "2: 2"]);
    assert_eq!(
        answered(line, &["1 = L1", "2 = L1"], "", &rivals),
        ["1: 1 L1", "2: 2", "2: it was linked by hand to Lead L1, which is linked to another record"]
    );
    // Nobody is joined whose operation has not come to an end.
    assert_eq!(answered(line, &["1 = L1"], "", &["contact 1 a@x", "busy Lead L1 a@x"]), ["1: waits"]);
    // What was said of a record holds for the one that took its place.
    let merged = ["contact 1 a@x -> contact 3", "contact 3 a@x", "Lead L1 a@x"];
    assert_eq!(answered(line, &["1 / L1"], "", &merged), ["2: 3 -1", "3: L1"]);
}

/// Two leads with one address, of which the second one alone has the number.
#[test]
fn records_that_are_the_same_thing_are_found_by_the_keys_of_each() {
    let leads = "Lead L1 a@x + Lead L2 a@x ph=7";
    let line = |tail: &str| format!("match email = Email\n match phone = Phone{tail}");
    let asked = "`match phone = Phone` proposes that contact 1 and Lead L2 are the same";
    let held = |of: &[&str], sids: [u32; 2]| -> Vec<String> {
        of.iter().map(|line| (*line).to_owned()).chain(sids.map(|sid| format!("{sid}: {asked}"))).collect()
    };
    let pick = "to salesforce { pick oldest created }";
    let propose = line(" or propose");
    assert_eq!(answered(&propose, &[], pick, &["contact 1 b@x ph=7", leads]), held(&["1: 1", "2: L1 (L2)"], [1, 2]));
    // Also where the other one is linked, and needs nothing itself.
    let pair = "contact 1 b@x ph=7 + Lead L9 b@x";
    let lone = format!("2: {asked}");
    assert_eq!(answered(&propose, &[], pick, &[pair, leads]), ["1: 1 L9", "2: L1 (L2)", &*lone]);
    // Who comes to be the same thing in this very wave, whether or not it was asked for, brings its question.
    let both = "to salesforce { pick oldest created }  to hubspot { create contact always }";
    for second in ["Lead L2 a@x ph=7", "still Lead L2 a@x ph=7"] {
        let given = ["contact 1 b@x ph=7", "Lead L1 a@x", second];
        assert_eq!(answered(&propose, &[], both, &given), held(&["1: 1", "2: L1 (L2)"], [1, 2]), "{second}");
        let given = [pair, "Lead L1 a@x", second];
        assert_eq!(answered(&line(""), &[], both, &given), ["1: 1 L9 (L1) (L2)"], "{second}");
        let busy = ["busy contact 1 b@x ph=7", "Lead L1 a@x", second];
        assert_eq!(answered(&line(""), &[], both, &busy), ["2: waits"], "{second}");
    }
    assert_eq!(answered(&line(""), &[], pick, &[pair, leads]), ["1: 1 L9 (L1) (L2)"]);
}

/// The second lead gets a subject of its own with this wave: until it has one, nobody can be joined to it.
#[test]
fn who_looks_for_a_record_that_just_parts_waits_for_it() {
    let leads = "Lead L1 a@x + Lead L2 b@x";
    let told = ["2: L1", "2: without L2", "1: waits"];
    assert_eq!(case("", &["contact 1 b@x", leads]), told);
    assert_eq!(case("", &["Contact C1 b@x", leads]), told);
    let line = "match email = Email or propose";
    assert_eq!(answered(line, &["1 = L2"], "", &["contact 1 c@x", leads]), told);
    let apart = ["1: 1", "2: L1", "2: without L2"];
    assert_eq!(answered(line, &["1 / L2"], "", &["contact 1 c@x", leads]), apart);
}

/// Else what it was would draw it back with the next wave, and that one would part them again.
#[test]
fn whose_place_a_record_took_parts_with_it() {
    let given = "Contact C1 a@x + Contact C2 b@x + Lead L1 a@x -> Contact C1 + Lead L2 a@x -> Contact C2";
    assert_eq!(case("", &[given]), ["1: C1 -L1", "1: without C2", "1: without L2"]);
    assert_eq!(case("", &["Contact C2 b@x", "Lead L2 a@x -> Contact C2"]), ["1: C2 -L2"]);
}

/// The one that it was linked to by hand is another one's; by its address it is found from the other side.
#[test]
fn who_has_a_partner_after_all_is_not_unclear() {
    let lines = "match email = Email\n match phone = Phone or propose";
    let given = ["contact 2 b@x", "Lead L2 b@x", "contact 1 a@x", "Lead L1 x@x + contact 3 x@x"];
    assert_eq!(answered(lines, &["2 = L1"], "", &given), ["1: 2 L2", "3: 1", "4: 3 L1"]);
}

#[test]
fn who_is_the_same_as_one_whose_partner_was_deleted_gets_none_either() {
    let given = ["contact 1 a@x gone + Lead L1 a@x", "Contact C1 a@x"];
    assert_eq!(case("to salesforce { pick Contact, then oldest created }", &given), ["1: 1 L1 (C1)"]);
}

#[test]
fn a_record_that_carries_our_key_is_the_one_that_was_made() {
    let given = ["contact 1 a@x", "Lead L1 a@x key=1", "Contact C1 a@x"];
    assert_eq!(case("to salesforce { pick Contact }", &given), ["1: 1 L1 (C1)"]);
}

/// The link is to `L1` or `C1`; `(…)` are others that are held to be the same.
#[test]
fn a_link_moves_to_the_record_that_is_picked() {
    let newest = "to salesforce { pick most recently updated  relink when another is picked }";
    let contacts = "to salesforce { pick Contact  relink when another is picked }";
    let gated = "both ways { include \"x\" when firstname is known }  to salesforce { pick most recently updated  relink \
                 when another is picked }";
    let cases: &[(&str, &[&str], &[&str])] = &[
        (newest, &["contact 1 a@x + Lead L1 a@x", "Lead L2 a@x"], &["1: 1 L2 (L1)"]),
        (newest, &["contact 1 a@x + Lead L1 a@x at=8", "Lead L2 a@x"], &["1: 1 L1 (L2)"]),
        (newest, &["contact 1 a@x + Lead L1 a@x + Lead L2 a@x + Contact C1 a@x at=1"], &["1: 1 L2 (C1) (L1)"]),
        // What we wrote ourselves makes no record the newest, nor does it keep one from being passed.
        (newest, &["contact 1 a@x + Lead L1 a@x + Lead L2 a@x at=9 others=1"], &["1: 1 L1 (L2)"]),
        (newest, &["contact 1 a@x + Lead L1 a@x at=9 others=1 + Lead L2 a@x"], &["1: 1 L2 (L1)"]),
        // Who does not match any more is no candidate, but the linked one always is.
        (newest, &["contact 1 a@x + Lead L1 a@x + Lead L2 b@x"], &["1: 1 L1 (L2)"]),
        (newest, &["contact 1 a@x + Lead L1 b@x at=9 + Lead L2 a@x"], &["1: 1 L1 (L2)"]),
        (newest, &["contact 1 a@x + Lead L1 b@x + Lead L2 a@x"], &["1: 1 L2 (L1)"]),
        (newest, &["contact 1 a@x + Lead L1 a@x + Lead L2 a@x gone"], &["1: 1 L1 (L2)"]),
        // One that is linked to somebody else stays there.
        (newest, &["contact 1 a@x + Lead L1 a@x", "contact 2 b@x + Lead L2 a@x"], &["1: 1 L1", "2: 2 L2"]),
        // What is deleted is for `on delete` to say.
        (newest, &["contact 1 a@x + Lead L1 a@x gone + Lead L2 a@x"], &["1: 1 L1 (L2)"]),
        // Between two that no choice tells apart, the link stays.
        (contacts, &["contact 1 a@x + Lead L2 a@x + Lead L1 a@x"], &["1: 1 L2 (L1)"]),
        (contacts, &["contact 1 a@x + Lead L2 a@x + Lead L1 a@x + Contact C1 a@x"], &["1: 1 C1 (L1) (L2)"]),
        // Nothing flows: nothing moves.
        (gated, &["contact 1 a@x + Lead L1 a@x + Lead L2 a@x"], &["1: 1 L1 (L2)"]),
        // The key that the CRM keeps unique goes first.
        (newest, &["contact 1 a@x + Lead L1 a@x key=1 + Lead L2 a@x"], &["1: 1 L1 (L2)", "1: parts L1 for L2"]),
        (newest, &["contact 1 a@x + Lead L1 a@x key=7 + Lead L2 a@x"], &["1: 1 L2 (L1)"]),
        // Never by itself.
        (
            "to salesforce { pick most recently updated }",
            &["contact 1 a@x + Lead L1 a@x + Lead L2 a@x"],
            &["1: 1 L1 (L2)"],
        ),
    ];
    for (events, given, expected) in cases {
        assert_eq!(case(events, given), *expected, "{events} {given:#?}");
    }
}
