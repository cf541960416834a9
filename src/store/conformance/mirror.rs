//! What comes into the mirror, and whom it wakes.

use super::*;

pub fn an_older_row_never_overwrites(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 10, "new")]);
    open.settle(&[open.sid("1")], Work::Done);
    let told = open.ingest(vec![contact("1", 9, "old")]);
    assert_eq!((told.changed, told.woken, open.due(AT)), (0, 0, vec![]));
    assert_eq!(text(&open.record("1"), NAME), "new");
    // Equal stamps are not older: the clock of a CRM may be as coarse as a second.
    open.ingest(vec![contact("1", 10, "newer")]);
    assert_eq!(text(&open.record("1"), NAME), "newer");
    assert_eq!(open.due(AT), [open.sid("1")]);
}

pub fn an_equal_row_wakes_nobody(bench: impl Bench) {
    let open = Open::on(bench.store());
    let told = open.ingest(vec![contact("1", 10, "Ada"), contact("2", 10, "Bob")]);
    assert_eq!((told.changed, told.woken), (2, 2));
    let again = open.ingest(vec![contact("1", 11, "Bob")]);
    assert_eq!((again.changed, again.woken), (1, 0), "it had work already");
    open.settle(&[open.sid("1"), open.sid("2")], Work::Done);
    // Our own echo, with a later stamp.
    let told = open.ingest(vec![contact("1", 20, "Bob"), contact("2", 10, "Bob")]);
    assert_eq!((told.changed, told.woken, open.due(AT)), (0, 0, vec![]));
    assert_eq!(open.record("1").stamp.at, AT.plus(20), "the stamp moves on, so that what is older stays out");
    // A field on no path wakes nobody, though it is kept.
    let told = open.ingest(vec![row(CONTACT, "1", 21, &[(UNWATCHED, "x")])]);
    assert_eq!((told.changed, told.woken, open.due(AT)), (1, 0, vec![]));
    assert_eq!(text(&open.record("1"), UNWATCHED), "x");
}

pub fn an_inexact_stamp_is_good_to_the_second(bench: impl Bench) {
    let open = Open::on(bench.store());
    let ours = RowIn { stamp: Stamp { at: AT.plus(1_400), exact: false }, ..contact("1", 0, "ours") };
    open.ingest(vec![ours]);
    open.ingest(vec![contact("1", 999, "before")]);
    assert_eq!(text(&open.record("1"), NAME), "ours", "the second before is older");
    open.ingest(vec![contact("1", 1_000, "theirs")]);
    assert_eq!(text(&open.record("1"), NAME), "theirs", "the same second may be later");
    assert!(open.record("1").stamp.exact);
    let again = RowIn { stamp: Stamp { at: AT.plus(2_400), exact: false }, ..contact("1", 0, "ours") };
    open.ingest(vec![again]);
    for (at, presence) in [(1_999, Presence::Live), (2_000, Presence::Gone)] {
        let delta = Ingest { side: Some(Side::Left), gone: vec![gone("1", Some(at))], now: AT, ..Ingest::default() };
        now(open.store.ingest(open.e, &delta)).unwrap();
        assert_eq!(open.record("1").presence, presence, "and so may a deletion");
    }
}

pub fn who_changed_a_record_last_is_known_beside_our_own_writes(bench: impl Bench) {
    let mut adopt = plan();
    adopt.types.iter_mut().filter(|of| of.ty == LEAD).for_each(|of| of.touched = true);
    let open = Open::on(bench.store());
    now(open.store.adopt(open.e, &adopt)).unwrap();
    let lead = |at, name: &str, by_us| RowIn { by_us, ..row(LEAD, "L", at, &[(LEAD_EMAIL, name)]) };
    let updated = || open.record("L").updated().since(AT);
    // A record that we made is as new as it is.
    open.ingest(vec![lead(1, "a@x", true)]);
    assert_eq!(updated(), 1);
    open.settle(&[open.sid("L")], Work::Done);
    // Our writes, and their echoes, do not make it newer, whether or not they change a value.
    for (at, name) in [(2, "b@x"), (3, "b@x")] {
        open.ingest(vec![lead(at, name, true)]);
        assert_eq!((open.record("L").stamp.at, updated()), (AT.plus(at), 1), "{name}");
        open.settle(&[open.sid("L")], Work::Done);
    }
    open.ingest(vec![lead(4, "b@x", true)]);
    assert_eq!(open.due(AT), []);
    // Somebody's do, and wake, even where nothing that is read is another one.
    let told = open.ingest(vec![lead(5, "b@x", false)]);
    assert_eq!((updated(), told.woken), (5, 1));
    open.settle(&[open.sid("L")], Work::Done);
    // Told a second time, nothing is new.
    assert_eq!(open.ingest(vec![lead(5, "b@x", false)]).woken, 0);
    open.ingest(vec![lead(6, "c@x", true), lead(7, "d@x", false)]);
    assert_eq!(updated(), 7);
}

pub fn a_field_that_was_not_read_stays(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    open.ingest(vec![row(CONTACT, "1", 2, &[(UNWATCHED, "x")])]);
    assert_eq!(text(&open.record("1"), NAME), "Ada");
    let mut blank = Vec::new();
    encode([(NAME, Cell::Null)], &mut blank);
    open.ingest(vec![RowIn { cells: blank, ..contact("1", 3, "") }]);
    assert_eq!((text(&open.record("1"), NAME), text(&open.record("1"), UNWATCHED)), (String::new(), "x".into()));
}

fn gone(id: &str, at: Option<i64>) -> crate::crm::Gone {
    crate::crm::Gone { ty: CONTACT, id: id.into(), at: at.map(|at| AT.plus(at)) }
}

pub fn what_is_older_than_a_deletion_does_not_undo_it(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    let tell = |at| {
        let delta = Ingest { side: Some(Side::Left), gone: vec![gone("1", Some(at))], now: AT, ..Ingest::default() };
        now(open.store.ingest(open.e, &delta)).unwrap().changed
    };
    assert_eq!((tell(5), open.record("1").presence), (1, Presence::Gone));
    open.ingest(vec![contact("1", 1, "Ada"), contact("1", 4, "an index that lags")]);
    assert_eq!(open.record("1").presence, Presence::Gone);
    open.ingest(vec![contact("1", 6, "restored")]);
    assert_eq!((tell(5), open.record("1").presence), (0, Presence::Live), "an old list of the deleted");
}

pub fn presence_changes_wake_and_come_back(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    let sid = open.sid("1");
    open.settle(&[sid], Work::Done);
    let away = Ingest { side: Some(Side::Left), gone: vec![gone("1", None)], now: AT, ..Ingest::default() };
    assert_eq!(now(open.store.ingest(open.e, &away)).unwrap().changed, 1);
    assert_eq!((open.record("1").presence, open.due(AT)), (Presence::Gone, vec![sid]));
    open.settle(&[sid], Work::Done);
    assert_eq!(now(open.store.ingest(open.e, &away)).unwrap(), Ingested::default(), "told twice, it is no news");
    // A restored record keeps its stamp or gets a newer one.
    open.ingest(vec![contact("1", 1, "Ada")]);
    assert_eq!((open.record("1").presence, open.due(AT)), (Presence::Live, vec![sid]));
    let unknown = Ingest { gone: vec![gone("404", None)], now: AT, ..Ingest::default() };
    assert_eq!(now(open.store.ingest(open.e, &unknown)).unwrap().changed, 0);
}

pub fn records_read_before_their_block_become_its_members(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    open.settle(&[open.sid("1")], Work::Done);
    let mut more = plan();
    more.types[0].blocks.push(OTHERS);
    now(open.store.adopt(open.e, &more)).unwrap();
    now(open.store.adopt(open.e, &more)).unwrap();
    let hood = open.all();
    let blocks: Vec<Uid> = hood.subjects.iter().map(|row| row.block).collect();
    assert_eq!(blocks, [PEOPLE, OTHERS]);
    assert_eq!(open.due(AT), [hood.subjects[1].sid], "the new one, once");
}

pub fn who_shares_a_key_is_told_when_a_record_goes_or_comes_back(bench: impl Bench) {
    let open = Open::on(bench.store());
    let lead = |id: &str, email: &str| row(LEAD, id, 1, &[(LEAD_EMAIL, email)]);
    open.ingest(vec![contact("1", 1, "Ada"), lead("00Q", "p1@example.com"), lead("00R", "else@example.com")]);
    let (ada, lead) = (open.sid("1"), open.sid("00Q"));
    let rest = || open.settle(&open.due(AT), Work::Done);
    rest();
    let away = Ingest { side: Some(Side::Left), gone: vec![gone("1", Some(5))], now: AT, ..Ingest::default() };
    now(open.store.ingest(open.e, &away)).unwrap();
    assert_eq!(open.due(AT), [ada, lead], "it may have been held because of the other one");
    rest();
    open.ingest(vec![contact("1", 6, "Ada")]);
    assert_eq!(open.due(AT), [ada, lead]);
    rest();
    let op = open.intend(ada, OpAct::Delete { rid: open.record("1").rid, id: "1".into() });
    let deleted = Some(open.record("1").rid);
    open.outcome(Outcome { deleted, ..outcome(op, ada, OpState::Done, Work::Done) });
    assert_eq!(open.due(AT), [lead]);
    rest();
    open.ingest(vec![contact("1", 9, "Ada")]);
    rest();
    // Of one whose place another one took, too.
    open.ingest(vec![redirected(CONTACT, "1", 10, (CONTACT, "2"))]);
    assert_eq!(open.due(AT), [ada, lead]);
}

pub fn any_text_comes_back_as_it_was(bench: impl Bench) {
    let open = Open::on(bench.store());
    // A lone surrogate cannot be in a Rust text; what stands in for it can.
    let strange =
        ["a\0b", "\u{fffd}", "𝄞 😀", "\u{feff}x", "'; DROP TABLE record; --", "e\u{301}", " \t\r\n ", "\u{10ffff}"];
    for (n, value) in strange.iter().enumerate() {
        open.ingest(vec![row(CONTACT, &n.to_string(), 1, &[(EMAIL, *value), (NAME, *value)])]);
    }
    for (n, expected) in strange.iter().enumerate() {
        assert_eq!(text(&open.record(&n.to_string()), NAME), *expected);
    }
    let sid = open.sid("0");
    let op = open.intend(sid, OpAct::Create { guard: Some((LEAD_EMAIL, "a\0b".into())) });
    let mut end = outcome(op, sid, OpState::Rejected, Work::Done);
    end.overwritten = vec![(LEAD_EMAIL, Value::text("\0😀"))];
    open.outcome(end);
    let journal = now(open.store.journal(OpId(0), 1)).unwrap().remove(0);
    assert_eq!(journal.intent.act, OpAct::Create { guard: Some((LEAD_EMAIL, "a\0b".into())) });
    assert_eq!(journal.overwritten, [(LEAD_EMAIL, Value::text("\0😀"))]);
    now(open.store.set_meta(open.e, "k\0", "v\0")).unwrap();
    assert_eq!(now(open.store.meta("k\0")), Ok(Some("v\0".into())));
}

pub fn an_id_of_eighteen_characters_is_found_by_fifteen(bench: impl Bench) {
    let open = Open::on(bench.store());
    let spec = KeySpec { key: Uid(20), parts: vec![KeyPart::Field(UNWATCHED, KeyForm::Id)], identity: false };
    let mut reaching = plan();
    reaching.types[0].keys.push(spec);
    reaching.types[1].reverse.push((Uid(20), vec![LEAD_EMAIL]));
    now(open.store.adopt(open.e, &reaching)).unwrap();
    let long = "001R00000064wdtIAA";
    open.ingest(vec![row(LEAD, long, 1, &[(LEAD_EMAIL, "x@example.com")])]);
    open.ingest(vec![row(CONTACT, "1", 1, &[(EMAIL, "a@example.com"), (UNWATCHED, "001R00000064wdt")])]);
    let sid = open.sid("1");
    let near = open.load(&[sid]);
    assert!(near.by_id(LEAD, "001R00000064wdt").is_some(), "the record that it refers to is in reach");
    assert_eq!(near.by_id(LEAD, "001R00000064wdtIAB"), None, "a wrong checksum names nothing");
    // And a change of the one wakes the other.
    open.settle(&open.due(AT), Work::Done);
    open.ingest(vec![row(LEAD, long, 2, &[(LEAD_EMAIL, "y@example.com")])]);
    assert!(open.due(AT).contains(&sid));
}

fn redirected(ty: Uid, id: &str, at: i64, to: (Uid, &str)) -> RowIn {
    RowIn {
        presence: Presence::Redirected,
        redirect: Some((to.0, to.1.into())),
        cells: Vec::new(),
        ..row(ty, id, at, &[])
    }
}

pub fn a_record_that_took_anothers_place_is_loaded_with_it(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    open.settle(&open.due(AT), Work::Done);
    // A chain of merges, of which the last step is read first, and some records never.
    open.ingest(vec![redirected(CONTACT, "2", 2, (CONTACT, "3"))]);
    open.ingest(vec![redirected(CONTACT, "1", 3, (CONTACT, "2"))]);
    let first = open.sid("1");
    assert!(open.due(AT).contains(&first));
    assert_eq!(text(&open.record("1"), NAME), "Ada", "what it held stays known");
    open.settle(&open.due(AT), Work::Done);
    open.ingest(vec![contact("3", 4, "Ada L.")]);
    assert!(open.due(AT).contains(&open.sid("2")), "who was sent there is told");
    let ids = |sid: Sid| open.load(&[sid]).records.iter().map(|row| row.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(first), ["1", "2", "3"]);
    assert_eq!(ids(open.sid("3")), ["1", "2", "3"]);
    let hood = open.load(&[first]);
    assert_eq!(hood.subjects.iter().filter(|row| row.asked).count(), 1);
    // A circle is loaded once and harms nobody.
    open.ingest(vec![redirected(CONTACT, "3", 5, (CONTACT, "1"))]);
    assert_eq!(ids(first).len(), 3);
    open.settle(&open.due(AT), Work::Done);
    assert_eq!(
        open.ingest(vec![redirected(CONTACT, "3", 5, (CONTACT, "1"))]),
        Ingested::default(),
        "told twice, it is no news"
    );
    assert_eq!(open.due(AT), []);
}

pub fn what_was_redirected_is_not_gone_and_may_come_back(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), redirected(CONTACT, "1", 2, (CONTACT, "2"))]);
    let gone = Ingest { side: Some(Side::Left), gone: vec![gone("1", None)], now: AT, ..Ingest::default() };
    assert_eq!(now(open.store.ingest(open.e, &gone)).unwrap().changed, 0);
    let sid = open.sid("1");
    let op = open.intend(sid, OpAct::Update { rid: open.record("1").rid, id: "1".into() });
    open.outcome(Outcome { stale: vec![open.record("1").rid], ..outcome(op, sid, OpState::Void, Work::Again) });
    assert_eq!(open.record("1").presence, Presence::Redirected, "nothing of it is in doubt");
    // A page that was read before is older; a merge that was taken back is newer.
    open.ingest(vec![contact("1", 1, "Ada")]);
    assert_eq!(open.record("1").redirect, Some((CONTACT, "2".into())));
    open.ingest(vec![contact("1", 3, "Ada")]);
    assert_eq!((open.record("1").presence, open.record("1").redirect), (Presence::Live, None));
}

pub fn a_record_is_found_by_each_of_its_aliases(bench: impl Bench) {
    let open = Open::on(bench.store());
    let named = |at, aliases: Option<&[&str]>| RowIn {
        aliases: aliases.map(|all| all.iter().map(|one| (EMAIL, Box::from(*one))).collect()),
        ..contact("1", at, "Ada")
    };
    let lead = |id: &str, email: &str| row(LEAD, id, 1, &[(LEAD_EMAIL, email)]);
    open.ingest(vec![named(1, Some(&["old@example.com", "older@example.com"]))]);
    open.ingest(vec![lead("00Q1", "OLD@example.com"), lead("00Q2", "p1@example.com"), lead("00Q3", "x@example.com")]);
    let (ada, old) = (open.sid("1"), open.sid("00Q1"));
    let beside = |sid: Sid| {
        let mut ids: Vec<String> = open.load(&[sid]).records.iter().map(|row| row.id.to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(beside(ada), ["00Q1", "00Q2", "1"]);
    assert_eq!(beside(old), ["00Q1", "00Q2", "1"]);
    open.settle(&open.due(AT), Work::Done);
    // Told again, or not told at all, they are no news.
    assert_eq!(open.ingest(vec![named(1, Some(&["old@example.com", "older@example.com"])), named(1, None)]).woken, 0);
    assert_eq!(open.record("1").aliases.len(), 2);
    // One more, and one less: who is concerned is told.
    open.ingest(vec![named(2, Some(&["older@example.com", "x@example.com"]))]);
    assert_eq!(beside(ada), ["00Q2", "00Q3", "1"]);
    let due = open.due(AT);
    assert!([ada, old, open.sid("00Q3")].iter().all(|sid| due.contains(sid)), "{due:?}");
    // Another plan files them anew.
    let mut other = plan();
    other.types.iter_mut().for_each(|of| of.keys[0].key = Uid(77));
    now(open.store.adopt(open.e, &other)).unwrap();
    assert_eq!(beside(ada), ["00Q2", "00Q3", "1"]);
}
