//! Work is never lost: not by an outcome that knows less, not by a change of who is who.

use super::*;

pub fn done_again_and_later(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest((1..=3).map(|n| contact(&n.to_string(), 1, "x")).collect());
    let sids = open.due(AT);
    assert_eq!(sids.len(), 3);
    assert_eq!(now(open.store.take(&Take { now: AT, limit: 1, after: sids[0], ..Take::default() })), Ok(vec![sids[1]]));
    open.settle(&sids[..1], Work::Done);
    open.settle(&sids[1..2], Work::Again);
    open.settle(&sids[2..], Work::Later(AT.plus(60_000)));
    assert_eq!(open.due(AT), sids[1..2]);
    assert_eq!(open.due(AT.plus(60_000)), sids[1..]);
    let hood = open.load(&sids);
    assert_eq!(hood.subjects.iter().map(|row| row.tries).collect::<Vec<_>>(), [0, 0, 1]);
    assert!(hood.subjects.iter().all(|row| row.base == base("what was agreed") && row.asked));
    let census = now(open.store.census(PEOPLE)).unwrap();
    assert_eq!(census, Census { subjects: 3, waiting: 2, next_due: Some(AT) });
    assert_eq!(now(open.store.census(OTHERS)).unwrap(), Census::default());
    // Put off again, it counts; woken, it is due at once.
    open.settle(&sids[2..], Work::Later(AT.plus(90_000)));
    assert_eq!((open.load(&sids[2..]).subjects[0].tries, open.due(AT.plus(60_000))), (2, sids[1..2].to_vec()));
    open.ingest(vec![contact("3", 2, "y")]);
    assert_eq!(open.due(AT), sids[1..]);
    assert_eq!(now(open.store.wake_all(open.e, PEOPLE, AT)), Ok(3));
    assert_eq!(open.due(AT), sids);
}

pub fn what_is_asked_for_after_a_wave_was_loaded_outlives_it(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    let sid = open.sid("1");
    for (n, work) in [Work::Done, Work::Again, Work::Later(AT.plus(3_600_000))].into_iter().enumerate() {
        let seen = open.load(&[sid]);
        open.ingest(vec![contact("1", 2 + n as i64, &format!("changed {n}"))]);
        let wave = Wave { now: AT, as_of: seen.as_of, settled: vec![settled(sid, work)], ..Wave::default() };
        now(open.store.intend(open.e, &wave)).unwrap();
        assert_eq!(open.due(AT), [sid], "{work:?} was decided without the change");
    }
    open.settle(&[sid], Work::Done);
    assert_eq!(open.due(AT.plus(i64::MAX / 2)), [], "and once it is seen, it is done");
}

pub fn a_subject_woken_while_its_operation_is_in_flight_is_not_lost(bench: impl Bench) {
    for work in [Work::Done, Work::Later(AT.plus(3_600_000))] {
        let open = Open::on(bench.store());
        open.ingest(vec![contact("1", 1, "Ada")]);
        let sid = open.sid("1");
        open.settle(&open.due(AT), Work::Done);
        let op = open.intend(sid, OpAct::Create { guard: None });
        assert_eq!(open.due(AT), [], "nobody decides what is on its way");
        assert!(open.load(&[sid]).subjects[0].busy);
        let at = open.record("1").stamp.at.since(AT) + 1;
        open.ingest(vec![contact("1", at, &format!("edited {at}"))]);
        assert_eq!(open.due(AT), []);
        open.outcome(outcome(op, sid, OpState::Done, work));
        assert_eq!(open.due(AT), [sid], "{work:?} knows nothing of the edit");
        // Without an edit the outcome has the last word.
        let op = open.intend(sid, OpAct::Create { guard: None });
        open.outcome(outcome(op, sid, OpState::Done, work));
        assert_eq!(open.due(AT), [], "{work:?}");
    }
}

pub fn a_subject_that_is_joined_away_leaves_its_work(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), row(LEAD, "00Q", 1, &[(LEAD_EMAIL, "p1@example.com")])]);
    let (left, right) = (open.sid("1"), open.sid("00Q"));
    let near = open.load(&[left]);
    assert!(near.subject(right).is_some_and(|row| !row.asked), "who shares a key is loaded with it");
    open.settle(&[left, right], Work::Done);
    let seen = open.load(&[left]);
    open.ingest(vec![row(LEAD, "00Q", 2, &[(LEAD_EMAIL, "p1@example.com"), (Uid(12), "x")])]);
    open.ingest(vec![row(LEAD, "00Q", 3, &[(LEAD_EMAIL, "P1@example.com")])]);
    let wave = Wave {
        now: AT,
        as_of: seen.as_of,
        identities: vec![Identity::Join { rid: open.record("00Q").rid, into: left, role: Role::Other }],
        settled: vec![settled(left, Work::Done)],
        issues: vec![issue(right, "R701")],
        ..Wave::default()
    };
    now(open.store.intend(open.e, &wave)).unwrap();
    let hood = open.all();
    assert_eq!(hood.subjects.len(), 1, "the empty one is no more");
    assert_eq!(
        hood.subjects[0].members.iter().map(|(_, role)| *role).collect::<Vec<_>>(),
        [Role::Primary, Role::Other]
    );
    assert_eq!(open.due(AT), [left], "the change came after the wave was loaded");
    assert_eq!(now(open.store.issues()), Ok(vec![]));
    let role = Identity::Role { rid: open.record("00Q").rid, block: PEOPLE, role: Role::Primary };
    now(open.store.intend(open.e, &Wave { identities: vec![role], ..Wave::default() })).unwrap();
    assert!(open.all().subjects[0].members.iter().all(|(_, role)| *role == Role::Primary));
}

pub fn what_was_written_to_a_subject_is_told_of_the_one_that_it_joined(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), row(LEAD, "00Q", 1, &[(LEAD_EMAIL, "p1@example.com")])]);
    let (left, right) = (open.sid("1"), open.sid("00Q"));
    let op = open.intend(right, OpAct::Create { guard: None });
    open.outcome(outcome(op, right, OpState::Done, Work::Done));
    let identities = vec![Identity::Join { rid: open.record("00Q").rid, into: left, role: Role::Other }];
    now(open.store.intend(open.e, &Wave { identities, ..Wave::default() })).unwrap();
    let journal = now(open.store.journal(OpId(0), 10)).unwrap();
    assert_eq!(journal.iter().map(|row| (row.op, row.intent.sid)).collect::<Vec<_>>(), [(op, left)]);
}

pub fn who_was_refused_because_of_a_record_is_woken_by_it(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), row(LEAD, "00Q", 1, &[(LEAD_EMAIL, "p2@example.com")])]);
    let (ada, lead) = (open.sid("1"), open.sid("00Q"));
    open.settle(&[ada, lead], Work::Done);
    let op = open.intend(lead, OpAct::Create { guard: None });
    let refused = Outcome {
        issue: Some(issue(lead, "R706")),
        waits_for: Some((CONTACT, "1".into())),
        ..outcome(op, lead, OpState::Existed, Work::Done)
    };
    open.outcome(refused);
    assert_eq!((open.due(AT), now(open.store.issues()).unwrap().len()), (vec![], 1));
    // A field that nobody reads says nothing.
    open.ingest(vec![row(CONTACT, "1", 2, &[(UNWATCHED, "x")])]);
    assert_eq!(open.due(AT), []);
    open.ingest(vec![contact("1", 3, "Bea")]);
    assert_eq!((open.due(AT), now(open.store.issues())), (vec![ada, lead], Ok(vec![])), "it is tried again");
    open.settle(&[ada, lead], Work::Done);
    open.ingest(vec![contact("1", 4, "Cy")]);
    assert_eq!(open.due(AT), [ada], "once");
}

fn issue(sid: Sid, code: &str) -> Issue {
    Issue {
        sid,
        line: LINE,
        rule: LINE,
        code: code.into(),
        message: "m".into(),
        inputs: crate::data::Fingerprint(u64::MAX),
    }
}

fn created(op: OpId, sid: Sid, row: RowIn) -> Outcome {
    Outcome { created: true, row: Some((Side::Right, row)), ..outcome(op, sid, OpState::Done, Work::Done) }
}

pub fn a_created_record_that_somebody_else_holds_stays_there(bench: impl Bench) {
    let open = Open::on(bench.store());
    let lead = |at, name| row(LEAD, "00Q", at, &[(LEAD_EMAIL, name)]);
    // The usual case: the record is new, and becomes a member of the subject that asked for it.
    open.ingest(vec![contact("1", 1, "Ada"), contact("2", 1, "Bob")]);
    let (ada, bob) = (open.sid("1"), open.sid("2"));
    let op = open.intend(ada, OpAct::Create { guard: None });
    open.outcome(created(op, ada, lead(1, "a@example.com")));
    assert_eq!((open.sid("00Q"), open.all().subjects.len()), (ada, 2));
    // Bob's create turns out to be the record that Ada holds: it stays, and she learns what became of it.
    open.settle(&[ada, bob], Work::Done);
    let op = open.intend(bob, OpAct::Create { guard: None });
    open.outcome(created(op, bob, lead(2, "b@example.com")));
    assert_eq!(open.sid("00Q"), ada);
    assert!(open.due(AT).contains(&ada), "her record was changed by somebody else's write");
    // Read by a feed before the reply came, it is alone in a subject of its own: the asker gets it, with its work.
    open.settle(&[ada, bob], Work::Done);
    let op = open.intend(bob, OpAct::Create { guard: None });
    open.ingest(vec![row(LEAD, "00R", 5, &[(LEAD_EMAIL, "c@example.com")])]);
    open.outcome(created(op, bob, row(LEAD, "00R", 5, &[(LEAD_EMAIL, "c@example.com")])));
    assert_eq!((open.sid("00R"), open.due(AT)), (bob, vec![bob]));
    assert_eq!(open.all().subjects.len(), 2);
}

pub fn our_own_write_is_news_to_other_blocks(bench: impl Bench) {
    let open = Open::on(bench.store());
    let mut more = plan();
    more.types[1].blocks.push(OTHERS);
    now(open.store.adopt(open.e, &more)).unwrap();
    open.ingest(vec![contact("1", 1, "Ada")]);
    let sid = open.sid("1");
    open.settle(&[sid], Work::Done);
    let op = open.intend(sid, OpAct::Create { guard: None });
    open.outcome(created(op, sid, row(LEAD, "00Q", 1, &[(LEAD_EMAIL, "a")])));
    let hood = open.all();
    let other = hood.subjects.iter().find(|row| row.block == OTHERS).unwrap().sid;
    assert_eq!(open.due(AT), [other], "what one block creates is a new record to the other");
    open.settle(&[sid, other], Work::Done);
    let act = OpAct::Update { rid: open.record("00Q").rid, id: "00Q".into() };
    let op = open.intend(sid, act);
    let row = Some((Side::Right, row(LEAD, "00Q", 2, &[(LEAD_EMAIL, "b")])));
    open.outcome(Outcome { row, ..outcome(op, sid, OpState::Done, Work::Done) });
    assert_eq!(open.due(AT), [other], "and so is what it writes");
}

pub fn a_subject_that_is_no_more_gets_no_work(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), contact("2", 1, "Bob")]);
    let (ada, bob) = (open.sid("1"), open.sid("2"));
    open.settle(&[ada, bob], Work::Done);
    let op = open.intend(bob, OpAct::Create { guard: None });
    let join = Identity::Join { rid: open.record("2").rid, into: ada, role: Role::Other };
    now(open.store.intend(open.e, &Wave { identities: vec![join], ..Wave::default() })).unwrap();
    let mut end = created(op, bob, row(LEAD, "00Q", 1, &[(LEAD_EMAIL, "new@example.com")]));
    (end.work, end.issue) = (Work::Again, Some(issue(bob, "R710")));
    open.outcome(end);
    let lone = open.sid("00Q");
    assert!(open.due(AT).contains(&lone), "its record is found by whoever it belongs to now");
    assert!(!open.due(AT).contains(&bob));
    assert_eq!(now(open.store.issues()), Ok(vec![]));
}

pub fn blocks_that_the_plan_dropped_wait(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    let sid = open.sid("1");
    let mut less = plan();
    less.types.iter_mut().for_each(|of| of.blocks = vec![OTHERS]);
    now(open.store.adopt(open.e, &less)).unwrap();
    assert!(!open.due(AT).contains(&sid), "nobody would ever decide it");
    now(open.store.adopt(open.e, &plan())).unwrap();
    assert_eq!(open.due(AT), [sid]);
}

pub fn what_we_deleted_is_away_until_it_is_restored(bench: impl Bench) {
    let open = Open::on(bench.store());
    let mut more = plan();
    more.types[0].blocks.push(OTHERS);
    now(open.store.adopt(open.e, &more)).unwrap();
    open.ingest(vec![contact("1", 1, "Ada")]);
    let (sid, rid) = (open.sid("1"), open.record("1").rid);
    open.settle(&open.due(AT), Work::Done);
    let act = OpAct::Delete { rid, id: "1".into() };
    let op = open.intend(sid, act.clone());
    assert_eq!(now(open.store.open_ops()).unwrap()[0].intent.act, act);
    open.outcome(Outcome { deleted: Some(rid), ..outcome(op, sid, OpState::Done, Work::Done) });
    assert_eq!(open.record("1").presence, Presence::Archived);
    let others = open.all().subjects.iter().find(|row| row.block == OTHERS).unwrap().sid;
    assert_eq!(open.due(AT), [others], "who else holds it is told");
    // An index that lags still shows it as it was; whoever restored it, changed it.
    open.ingest(vec![contact("1", 1, "Ada")]);
    assert_eq!(open.record("1").presence, Presence::Archived);
    open.ingest(vec![contact("1", 9, "Ada")]);
    assert_eq!(open.record("1").presence, Presence::Live);
    // Also where the time of what was written before is good to the second only.
    open.ingest(vec![RowIn { stamp: Stamp { at: AT.plus(1_400), exact: false }, ..contact("1", 0, "ours") }]);
    let op = open.intend(sid, act);
    open.outcome(Outcome { deleted: Some(rid), ..outcome(op, sid, OpState::Done, Work::Done) });
    open.ingest(vec![contact("1", 1_300, "ours")]);
    assert_eq!(open.record("1").presence, Presence::Archived);
}
