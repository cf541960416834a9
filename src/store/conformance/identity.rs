//! Who is who: records that part from a subject, and what people say of two records.

use super::*;

fn wave(open: &Open<'_>, identities: Vec<Identity>) {
    now(open.store.intend(open.e, &Wave { now: AT, identities, ..Wave::default() })).unwrap();
}

fn rid(open: &Open<'_>, id: &str) -> Rid {
    open.record(id).rid
}

fn lead(id: &str, email: &str) -> RowIn {
    row(LEAD, id, 1, &[(LEAD_EMAIL, email)])
}

/// These leads, in one subject, of which something is agreed; nobody has work.
fn together(open: &Open<'_>, ids: &[&str], agreed: &str) -> Sid {
    open.ingest(ids.iter().map(|id| lead(id, agreed)).collect());
    let sid = open.sid(ids[0]);
    let others = ids.iter().skip(1).map(|id| Identity::Join { rid: rid(open, id), into: sid, role: Role::Other });
    wave(open, others.collect());
    let settled = vec![Settled { base: base(agreed), ..settled(sid, Work::Done) }];
    let as_of = open.load(&[sid]).as_of;
    now(open.store.intend(open.e, &Wave { now: AT, as_of, settled, ..Wave::default() })).unwrap();
    open.settle(&open.due(AT).into_iter().filter(|other| *other != sid).collect::<Vec<_>>(), Work::Done);
    assert_eq!(open.due(AT), []);
    sid
}

fn members(open: &Open<'_>, sid: Sid) -> Vec<(Rid, Role)> {
    open.load(&[sid]).subject(sid).unwrap().members.clone()
}

pub fn who_parts_has_a_subject_of_its_own_with_work_and_nothing_agreed(bench: impl Bench) {
    let (parted, sid, agreed) = {
        let open = Open::on(bench.store());
        let sid = together(&open, &["00Q1", "00Q2", "00Q3"], "acme");
        let op = open.intend(sid, OpAct::Update { rid: rid(&open, "00Q2"), id: "00Q2".into() });
        open.outcome(outcome(op, sid, OpState::Done, Work::Done));
        let agreed = open.load(&[sid]).subjects[0].base.clone();
        let told = now(open.store.journal(OpId(0), 10)).unwrap();
        let stays: Vec<(Rid, Role)> = members(&open, sid).into_iter().filter(|of| of.0 != rid(&open, "00Q2")).collect();
        // The wave that parts them has nothing left to do for those who stay.
        let split = Wave {
            now: AT,
            as_of: open.load(&[sid]).as_of,
            identities: vec![Identity::Split { rid: rid(&open, "00Q2"), from: sid }],
            settled: vec![Settled { base: agreed.clone(), ..settled(sid, Work::Done) }],
            ..Wave::default()
        };
        now(open.store.intend(open.e, &split)).unwrap();
        let parted = open.sid("00Q2");
        assert_ne!(parted, sid);
        assert_eq!(members(&open, parted), [(rid(&open, "00Q2"), Role::Primary)]);
        assert_eq!(open.load(&[parted]).subject(parted).unwrap().base, Vec::<u8>::new());
        assert_eq!((members(&open, sid), open.due(AT)), (stays, vec![parted]));
        assert_eq!(open.load(&[sid]).subject(sid).unwrap().base, agreed);
        assert_eq!(now(open.store.journal(OpId(0), 10)), Ok(told), "what was written was written to the one");
        // It can be decided, and be done.
        open.settle(&[parted], Work::Done);
        assert_eq!(open.due(AT), []);
        (parted, sid, agreed)
    };
    let Some(bench) = bench.reopen() else { return };
    let open = Open::on(bench.store());
    assert_eq!((open.sid("00Q2"), open.sid("00Q3")), (parted, sid));
    assert_eq!(open.load(&[sid]).subject(sid).unwrap().base, agreed);
}

/// A subject without a record would be asked for ever who it is.
pub fn who_parts_leaves_no_subject_behind_that_is_empty(bench: impl Bench) {
    let open = Open::on(bench.store());
    let sid = together(&open, &["00Q1"], "acme");
    open.ingest(vec![lead("00Q2", "b@example.com")]);
    let other = open.sid("00Q2");
    let before = open.all().subjects.len();
    // By the same wave it was to be joined to that one first.
    wave(&open, vec![Identity::Split { rid: rid(&open, "00Q1"), from: other }]);
    let parted = open.sid("00Q1");
    assert_ne!(parted, other);
    assert!(open.due(AT).contains(&parted));
    let hood = open.all();
    assert!(hood.subjects.iter().all(|row| !row.members.is_empty()), "{:?}", hood.subjects);
    assert_eq!((hood.subjects.len(), hood.subject(sid)), (before, None));
}

pub fn what_was_agreed_stays_whole_when_a_record_of_it_parts(bench: impl Bench) {
    let open = Open::on(bench.store());
    let mut more = plan();
    more.types[1].blocks.push(OTHERS);
    now(open.store.adopt(open.e, &more)).unwrap();
    let long = "Augusta Ada King, Countess of Lovelace";
    let sid = together(&open, &["00Q1", "00Q2"], long);
    let elsewhere = |open: &Open<'_>, id: &str| {
        let hood = open.all();
        let holds = |row: &&SubjectRow| row.block == OTHERS && row.members.iter().any(|of| of.0 == rid(open, id));
        hood.subjects.iter().find(holds).unwrap().clone()
    };
    let other = elsewhere(&open, "00Q2").sid;
    let settled = vec![Settled { base: base(long), ..settled(other, Work::Done) }];
    now(open.store.intend(open.e, &Wave { now: AT, settled, ..Wave::default() })).unwrap();
    wave(&open, vec![Identity::Split { rid: rid(&open, "00Q1"), from: sid }]);
    wave(&open, vec![Identity::Split { rid: rid(&open, "00Q2"), from: sid }]);
    for id in ["00Q1", "00Q2"] {
        open.ingest(vec![row(LEAD, id, 2, &[(LEAD_EMAIL, "somebody else")])]);
    }
    let parted = elsewhere(&open, "00Q2");
    assert_eq!((parted.sid, parted.base), (other, base(long)), "in another block nobody parts");
    // Of two of whom one goes, the other one stays with what was agreed on the row of the first.
    let sid = together(&open, &["00Q3", "00Q4"], long);
    wave(&open, vec![Identity::Split { rid: rid(&open, "00Q3"), from: sid }]);
    open.ingest(vec![row(LEAD, "00Q3", 2, &[(LEAD_EMAIL, "nobody")])]);
    assert_eq!(open.load(&[sid]).subject(sid).unwrap().base, base(long));
}

/// Ada and a lead that shares nothing with her; nobody has work.
fn two(open: &Open<'_>) -> (Sid, Sid) {
    open.ingest(vec![contact("1", 1, "Ada")]);
    let right =
        Ingest { side: Some(Side::Right), rows: vec![lead("00Q", "else@example.com")], now: AT, ..Ingest::default() };
    now(open.store.ingest(open.e, &right)).unwrap();
    open.settle(&open.due(AT), Work::Done);
    (open.sid("1"), open.sid("00Q"))
}

fn word(open: &Open<'_>, same: bool) -> Answer {
    Answer { block: PEOPLE, left: rid(open, "1"), right: rid(open, "00Q"), same }
}

fn say(open: &Open<'_>, answer: &Answer) -> bool {
    now(open.store.answer(open.e, answer, AT)).unwrap()
}

pub fn a_word_about_a_record_that_is_not_in_the_block_means_nothing(bench: impl Bench) {
    let open = Open::on(bench.store());
    let mut more = plan();
    let company = Uid(900);
    more.types.push(TypeIndex { ty: company, blocks: vec![OTHERS], ..TypeIndex::default() });
    now(open.store.adopt(open.e, &more)).unwrap();
    let (ada, lead) = two(&open);
    open.ingest(vec![row(company, "10", 1, &[])]);
    open.settle(&open.due(AT), Work::Done);
    let word = word(&open, true);
    let strange = [
        Answer { right: rid(&open, "10"), ..word.clone() },
        Answer { left: rid(&open, "10"), ..word.clone() },
        Answer { right: Rid(999), ..word.clone() },
        Answer { block: OTHERS, ..word.clone() },
        Answer { block: Uid::NONE, ..word.clone() },
        Answer { right: word.left, ..word.clone() },
    ];
    for answer in strange {
        assert!(!say(&open, &answer), "{answer:?}");
    }
    assert_eq!((open.due(AT), open.load(&[ada, lead]).answers), (vec![], vec![]));
    assert!(say(&open, &word));
}

pub fn a_later_word_takes_the_place_of_the_earlier_one(bench: impl Bench) {
    let open = Open::on(bench.store());
    let (ada, lead) = two(&open);
    for same in [true, false, true] {
        let seen = open.load(&[ada, lead]).as_of;
        assert!(say(&open, &word(&open, same)));
        assert_eq!(open.load(&[ada]).answers, [word(&open, same)]);
        assert_eq!(open.load(&[ada]).subject(lead).is_some(), same, "who is linked belongs to it");
        // A wave that was loaded before knows nothing of it.
        let settled = [ada, lead].map(|sid| settled(sid, Work::Done)).to_vec();
        now(open.store.intend(open.e, &Wave { now: AT, as_of: seen, settled, ..Wave::default() })).unwrap();
        assert_eq!(open.due(AT), [ada, lead]);
        open.settle(&[ada, lead], Work::Done);
        assert_eq!(open.due(AT), []);
    }
}

/// Ada was kept apart from a lead. That holds for whom it comes to be the same as, and no more for whom it parts from.
pub fn who_was_spoken_of_is_woken_when_the_other_one_joins_or_parts(bench: impl Bench) {
    let open = Open::on(bench.store());
    let (ada, spoken) = two(&open);
    open.ingest(["00R", "00S", "00T"].map(|id| lead(id, id)).to_vec());
    assert!(say(&open, &word(&open, false)));
    let wakes = |change: Identity| {
        open.settle(&open.due(AT), Work::Done);
        // Also where the wave that does it has nothing left to do for her.
        let as_of = open.load(&[ada]).as_of;
        let settled = vec![settled(ada, Work::Done)];
        let wave = Wave { now: AT, as_of, identities: vec![change], settled, ..Wave::default() };
        now(open.store.intend(open.e, &wave)).unwrap();
        open.due(AT).contains(&ada)
    };
    let join = |id: &str, into: Sid| Identity::Join { rid: rid(&open, id), into, role: Role::Other };
    let split = |id: &str, from: Sid| Identity::Split { rid: rid(&open, id), from };
    assert!(!wakes(join("00S", open.sid("00T"))), "she has nothing to do with these");
    assert!(wakes(join("00R", spoken)), "another one is the same as the one it was said of");
    assert!(wakes(split("00R", spoken)), "and is not any more");
    let other = open.sid("00R");
    assert!(wakes(join("00Q", other)));
    assert!(wakes(split("00Q", other)));
}

pub fn a_word_outlives_joins_partings_merges_and_other_rules(bench: impl Bench) {
    let open = Open::on(bench.store());
    let (ada, of_lead) = two(&open);
    assert!(say(&open, &word(&open, true)));
    let known = |sid: Sid, why: &str| {
        let hood = open.load(&[sid]);
        assert_eq!(hood.answers, [word(&open, true)], "{why}");
        let ids = ["1", "00Q"].map(|id| hood.records.iter().any(|row| &*row.id == id));
        assert_eq!(ids, [true, true], "{why}");
    };
    // Either one is joined to another subject.
    open.ingest(vec![contact("2", 1, "Bob"), lead("00R", "more@example.com")]);
    let (bob, more) = (open.sid("2"), open.sid("00R"));
    let join = |id: &str, into: Sid| Identity::Join { rid: rid(&open, id), into, role: Role::Other };
    wave(&open, vec![join("1", bob), join("00Q", more)]);
    assert_eq!((open.all().subject(ada), open.all().subject(of_lead)), (None, None));
    known(bob, "the left one joined another");
    known(more, "the right one joined another");
    wave(&open, vec![Identity::Split { rid: rid(&open, "00Q"), from: more }]);
    assert_eq!(open.load(&[more]).answers, []);
    known(open.sid("00Q"), "it went along with whom it was about");
    wave(&open, vec![Identity::Split { rid: rid(&open, "1"), from: bob }]);
    // Another record takes the place of the left one.
    let merged = RowIn {
        presence: Presence::Redirected,
        redirect: Some((CONTACT, "3".into())),
        cells: Vec::new(),
        ..row(CONTACT, "1", 5, &[])
    };
    open.ingest(vec![merged, contact("3", 5, "Ada")]);
    let survivor = open.sid("3");
    known(survivor, "the survivor is loaded with whom it stands for");
    wave(&open, vec![Identity::Join { rid: rid(&open, "1"), into: survivor, role: Role::Former }]);
    known(survivor, "what was said of a former one holds");
    // Rules without the block keep it for the day when they have it again.
    let mut less = plan();
    less.types.iter_mut().for_each(|of| of.blocks = vec![OTHERS]);
    now(open.store.adopt(open.e, &less)).unwrap();
    now(open.store.adopt(open.e, &plan())).unwrap();
    known(survivor, "other rules were in force meanwhile");
}
