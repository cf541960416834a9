//! What people look up: problems, the journal, the budget.

use super::*;
use crate::crm::{Category, Fault, Retry};
use crate::data::Fingerprint;

fn issue(sid: Sid, line: Uid, code: &str) -> Issue {
    let inputs = Fingerprint(u64::MAX - u64::from(line.0));
    Issue { sid, line, rule: LINE, code: code.into(), message: format!("why {code}"), inputs }
}

pub fn issues_are_replaced_save_those_that_are_kept(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), contact("2", 1, "Bob")]);
    let (ada, bob) = (open.sid("1"), open.sid("2"));
    let wave = |at: i64, keep: Vec<Uid>, issues: Vec<Issue>| {
        let settled = vec![Settled { keep, ..settled(ada, Work::Later(AT.plus(1))) }];
        let wave = Wave { now: AT.plus(at), settled, issues, ..Wave::default() };
        now(open.store.intend(open.e, &wave)).unwrap();
        let rows = now(open.store.issues()).unwrap();
        rows.into_iter()
            .map(|r| (r.issue.line.0, r.issue.code, r.first.since(AT), r.last.since(AT)))
            .collect::<Vec<_>>()
    };
    let row = |line: u32, code: &str, first, last| (line, code.to_owned(), first, last);
    let first =
        wave(1, vec![], vec![issue(ada, Uid(20), "R702"), issue(ada, Uid(21), "R702"), issue(ada, Uid::NONE, "R710")]);
    assert_eq!(first, [row(0, "R710", 1, 1), row(20, "R702", 1, 1), row(21, "R702", 1, 1)]);
    // Seen again, one keeps its first time, unless it is another problem now; kept, it stays; else it is gone.
    let second = wave(2, vec![Uid(21)], vec![issue(ada, Uid(20), "R702"), issue(ada, Uid::NONE, "R706")]);
    assert_eq!(second, [row(0, "R706", 2, 2), row(20, "R702", 1, 2), row(21, "R702", 1, 1)]);
    assert_eq!(open.load(&[ada]).subjects[0].issues.len(), 3);
    assert!(open.load(&[ada]).subjects[0].issues.contains(&(Uid(20), Fingerprint(u64::MAX - 20))));
    assert_eq!(now(open.store.issues()).unwrap()[0].tries, 2);
    assert_eq!(wave(3, vec![], vec![]), []);
    // An outcome adds to them.
    let op = open.intend(bob, OpAct::Create { guard: None });
    open.outcome(Outcome { issue: Some(issue(bob, LINE, "R710")), ..outcome(op, bob, OpState::Rejected, Work::Done) });
    assert_eq!(now(open.store.issues()).unwrap()[0].issue, issue(bob, LINE, "R710"));
}

pub fn what_people_said_of_two_records_wakes_both_and_outlives_a_crash(bench: impl Bench) {
    let answer = {
        let open = Open::on(bench.store());
        open.ingest(vec![contact("1", 1, "Ada"), contact("2", 1, "Bob")]);
        let lead = row(LEAD, "00Q", 1, &[(LEAD_EMAIL, "other@example.com")]);
        now(open
            .store
            .ingest(open.e, &Ingest { side: Some(Side::Right), rows: vec![lead], now: AT, ..Ingest::default() }))
        .unwrap();
        let (ada, bob, lead) = (open.sid("1"), open.sid("2"), open.sid("00Q"));
        open.settle(&[ada, bob, lead], Work::Done);
        let said = |right, same| Answer { block: PEOPLE, left: open.record("1").rid, right, same };
        let right = open.record("00Q").rid;
        assert_eq!(now(open.store.answer(open.e, &said(Rid(999), true), AT)), Ok(false));
        assert_eq!((open.due(AT), open.load(&[ada]).answers), (vec![], vec![]));
        // Apart: nothing draws the other one in. The same: it belongs to it, whatever the keys say.
        assert_eq!(now(open.store.answer(open.e, &said(right, false), AT)), Ok(true));
        assert_eq!(open.due(AT), [ada, lead]);
        let hood = open.load(&[ada]);
        assert_eq!((hood.answers.clone(), hood.subject(lead)), (vec![said(right, false)], None));
        assert_eq!(now(open.store.answer(open.e, &said(right, true), AT)), Ok(true));
        let hood = open.load(&[ada]);
        assert_eq!(
            (hood.answers.clone(), hood.subject(lead).map(|row| row.asked)),
            (vec![said(right, true)], Some(false))
        );
        assert_eq!(open.load(&[lead]).answers, [said(right, true)]);
        assert_eq!(open.load(&[bob]).answers, []);
        said(right, true)
    };
    let Some(bench) = bench.reopen() else { return };
    let open = Open::on(bench.store());
    assert_eq!(open.load(&[open.sid("1")]).answers, [answer]);
}

pub fn open_operations_come_back_in_order_until_they_are_settled(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest((1..=3).map(|n| contact(&n.to_string(), 1, "x")).collect());
    let sids = open.due(AT);
    let update = OpAct::Update { rid: Rid(7), id: "00Q".into() };
    let acts = [OpAct::Create { guard: None }, OpAct::Create { guard: Some((LEAD_EMAIL, "k".into())) }, update];
    let ops: Vec<OpId> = sids.iter().zip(&acts).map(|(sid, act)| open.intend(*sid, act.clone())).collect();
    let found = now(open.store.open_ops()).unwrap();
    assert_eq!(found.iter().map(|open| open.op).collect::<Vec<_>>(), ops);
    assert_eq!(found.iter().map(|open| open.intent.act.clone()).collect::<Vec<_>>(), acts);
    assert!(found.iter().all(|open| open.side == Side::Right && open.intent.cells == [cell("new")] && open.at == AT));
    // Unknown is not an end, and leaves the subject busy.
    open.outcome(outcome(ops[0], sids[0], OpState::Unknown, Work::Done));
    open.outcome(outcome(ops[1], sids[1], OpState::Void, Work::Again));
    assert_eq!(open.due(AT), [sids[1]]);
    let left: Vec<OpId> = now(open.store.open_ops()).unwrap().iter().map(|open| open.op).collect();
    assert_eq!(left, [ops[0], ops[2]]);
    open.outcome(outcome(ops[0], sids[0], OpState::Existed, Work::Again));
    let stale = Outcome { stale: vec![open.record("3").rid], ..outcome(ops[2], sids[2], OpState::Void, Work::Again) };
    open.outcome(stale);
    assert_eq!((now(open.store.open_ops()), open.due(AT)), (Ok(vec![]), sids));
    assert_eq!(open.record("3").presence, Presence::Stale, "to be read before anything is decided");
    open.ingest(vec![contact("3", 1, "x")]);
    assert_eq!(open.record("3").presence, Presence::Live);
}

pub fn the_journal_is_paged_and_complete(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest((1..=3).map(|n| contact(&n.to_string(), 1, "x")).collect());
    let sids = open.due(AT);
    let ops: Vec<OpId> = sids.iter().map(|sid| open.intend(*sid, OpAct::Create { guard: None })).collect();
    let fault = Fault {
        category: Category::Value,
        code: "STRING_TOO_LONG".into(),
        field: Some(LEAD_EMAIL),
        message: "too long".into(),
        retry: Retry::WhenChanged,
    };
    open.outcome(Outcome { fault: Some(fault), ..outcome(ops[0], sids[0], OpState::Rejected, Work::Done) });
    let row = Some((Side::Right, row(LEAD, "00Q", 1, &[(LEAD_EMAIL, "new")])));
    open.outcome(Outcome { created: true, row, ..outcome(ops[1], sids[1], OpState::Done, Work::Done) });
    let page = |after, limit| now(open.store.journal(after, limit)).unwrap();
    assert_eq!(page(OpId(0), 2).iter().map(|row| row.op).collect::<Vec<_>>(), ops[..2]);
    assert_eq!(page(ops[1], 2).iter().map(|row| row.op).collect::<Vec<_>>(), ops[2..]);
    assert_eq!((page(ops[2], 9), page(OpId(0), 0)), (vec![], vec![]));
    let all = page(OpId(0), usize::MAX);
    let told: Vec<_> = all.iter().map(|row| (row.state, row.fault.as_deref(), row.id.as_deref())).collect();
    assert_eq!(
        told,
        [
            (OpState::Rejected, Some("STRING_TOO_LONG: too long"), None),
            (OpState::Done, None, Some("00Q")),
            (OpState::Intended, None, None)
        ]
    );
    assert!(all.iter().all(|row| row.epoch == open.e && row.pass == 1 && row.intent.rule == LINE && row.at == AT));
}

pub fn calls_are_counted_over_a_rolling_window(bench: impl Bench) {
    const HOUR: i64 = 3_600_000;
    let open = Open::on(bench.store());
    let at = Millis(AT.0.div_euclid(HOUR) * HOUR);
    for (ago, calls) in [(30 * HOUR, 1_000), (23 * HOUR, 100), (1, 10), (0, 5), (0, -3)] {
        now(open.store.spend(open.e, "left", at.minus(ago), calls)).unwrap();
    }
    let half = HOUR / 2;
    now(open.store.spend(open.e, "right", at, 7)).unwrap();
    let spent = |account: &'static str, hours: i64| now(open.store.spent(account, at.minus(hours * HOUR))).unwrap();
    assert_eq!(spent("left", 24), 112);
    assert_eq!(spent("right", 24), 7);
    assert_eq!(spent("left", 48), 1_112);
    let within = |ms: i64| now(open.store.spent("left", at.plus(half).minus(ms))).unwrap();
    assert_eq!(within(half + 1), 12, "of an hour that began before, nobody knows when in it");
    assert_eq!((within(half), within(HOUR - half + 1)), (2, 12));
    // Giving back more than was ever taken never makes the day longer.
    now(open.store.spend(open.e, "third", at, -50)).unwrap();
    assert_eq!(spent("third", 24), 0);
}

/// Whatever a store does to keep a base short: it stays what was agreed when a row changes or leaves.
pub fn a_base_outlives_the_rows_that_it_was_agreed_on(bench: impl Bench) {
    let open = Open::on(bench.store());
    let long = "Ada Lovelace, Countess";
    open.ingest(vec![contact("1", 1, long), contact("2", 1, "somebody else")]);
    let (ada, other) = (open.sid("1"), open.sid("2"));
    let agree = |sid: Sid, name: &str, identities: Vec<Identity>| {
        let as_of = open.load(&[sid]).as_of;
        let settled = vec![Settled { base: base(name), ..settled(sid, Work::Done) }];
        now(open.store.intend(open.e, &Wave { now: AT, as_of, settled, identities, ..Wave::default() })).unwrap();
    };
    let kept = |sid: Sid| open.load(&[sid]).subject(sid).unwrap().base.clone();
    agree(ada, long, Vec::new());
    assert_eq!(kept(ada), base(long));
    open.ingest(vec![contact("1", 2, "Augusta Ada")]);
    assert_eq!(kept(ada), base(long), "the row changed");
    agree(ada, "Augusta Ada", Vec::new());
    let op = open.intend(ada, OpAct::Create { guard: None });
    agree(ada, "Augusta Ada", Vec::new());
    let row = Some((Side::Left, contact("1", 3, "Countess of Lovelace")));
    open.outcome(Outcome { row, base: None, ..outcome(op, ada, OpState::Done, Work::Done) });
    assert_eq!(kept(ada), base("Augusta Ada"), "a write changed the row");
    agree(other, "somebody else", Vec::new());
    let rid = open.record("2").rid;
    agree(ada, "somebody else", vec![Identity::Join { rid, into: ada, role: Role::Primary }]);
    assert_eq!(kept(ada), base("somebody else"));
    open.ingest(vec![contact("3", 1, "a third")]);
    let third = open.sid("3");
    agree(third, "a third", vec![Identity::Join { rid: open.record("2").rid, into: third, role: Role::Other }]);
    open.ingest(vec![contact("2", 2, "nobody")]);
    assert_eq!(kept(ada), base("somebody else"), "the row left, then changed");
}
