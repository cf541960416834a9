//! One writer, whole transactions, and what is left after a crash.

use super::*;
use crate::crm::MemberChange;

pub fn an_earlier_epoch_cannot_commit_anything(bench: impl Bench) {
    let first = Open::on(bench.store());
    first.ingest(vec![contact("1", 0, "Ada")]);
    let sid = first.sid("1");
    let op = first.intend(sid, OpAct::Create { guard: None });
    let second = Open::on(bench.store());
    assert!(second.e > first.e);
    let (store, old) = (first.store, first.e);
    let rid = first.record("1").rid;
    let word = Answer { block: PEOPLE, left: rid, right: rid, same: true };
    let refused = [
        now(store.adopt(old, &plan())),
        now(store.set_meta(old, "k", "v")),
        now(store.ingest(old, &Ingest { rows: vec![contact("2", 0, "Bob")], now: AT, ..Ingest::default() })).map(drop),
        now(store.wake_all(old, PEOPLE, AT)).map(drop),
        now(store.intend(old, &Wave { settled: vec![settled(sid, Work::Done)], ..Wave::default() })).map(drop),
        now(store.settle(old, &[outcome(op, sid, OpState::Done, Work::Done)], AT)),
        now(store.derive(old, &[], AT)),
        now(store.answer(old, &word, AT)).map(drop),
        now(store.spend(old, "left", AT, 5)),
        now(store.begin_pass(old, Digest::default(), AT)).map(drop),
        now(store.end_pass(old, 1, AT, "{}")),
    ];
    assert!(refused.iter().all(|end| *end == Err(StoreError::Fenced)), "{refused:?}");
    assert_eq!(now(store.meta("k")), Ok(None));
    assert_eq!(now(store.spent("left", Millis(0))), Ok(0));
    assert_eq!(now(store.open_ops()).unwrap().len(), 1, "the outcome was refused with its epoch");
    assert_eq!(second.all().records.len(), 1);
}

pub fn a_failing_row_leaves_nothing_of_its_transaction(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 0, "Ada")]);
    let before = open.all();
    // Cells that cannot be read: the second row fails when it is compared with what is there.
    let damaged = RowIn { cells: vec![2, 99], stamp: Stamp { at: AT.plus(9), exact: true }, ..contact("1", 9, "") };
    let delta = Ingest {
        side: Some(Side::Left),
        rows: vec![contact("2", 1, "Bob"), damaged],
        members: vec![MemberChange::Joined { list: LIST, id: "1".into() }],
        feed: Some(FeedState { name: "left/f".into(), cursor: Some(vec![1]), due: AT, complete: true }),
        now: AT,
        ..Ingest::default()
    };
    assert!(matches!(now(open.store.ingest(open.e, &delta)), Err(StoreError::Corrupt(_))));
    assert_eq!(open.all(), before);
    assert_eq!(now(open.store.feeds()), Ok(vec![]), "the cursor passes nothing that is not in the mirror");
    // A wave whose second part fails commits none of its intents.
    let sid = open.sid("1");
    let op = Op { sid, ty: LEAD, act: OpAct::Create { guard: None }, rule: LINE, cells: vec![] };
    let wave = Wave {
        now: AT,
        settled: vec![settled(sid, Work::Done)],
        identities: vec![Identity::Join { rid: before.records[0].rid, into: Sid(999), role: Role::Primary }],
        batches: vec![Batch { side: Side::Right, name: "b".into(), calls: 1, ops: vec![op] }],
        ..Wave::default()
    };
    assert!(now(open.store.intend(open.e, &wave)).is_err());
    assert_eq!(open.all(), before);
    assert_eq!(now(open.store.open_ops()), Ok(vec![]));
    assert_eq!(open.due(AT), [sid]);
}

pub fn what_was_committed_outlives_a_crash_and_nothing_else_does(bench: impl Bench) {
    let (before, op, e) = {
        let open = Open::on(bench.store());
        open.ingest(vec![contact("1", 0, "Ada")]);
        let feed = FeedState { name: "left/f".into(), cursor: Some(vec![0, 255]), due: AT, complete: false };
        let delta = Ingest { feed: Some(feed), now: AT, ..Ingest::default() };
        now(open.store.ingest(open.e, &delta)).unwrap();
        let op = open.intend(open.sid("1"), OpAct::Create { guard: Some((LEAD_EMAIL, "k".into())) });
        // A call whose future is dropped before it is polled never happened.
        drop(open.store.set_meta(open.e, "never", "1"));
        (open.all(), op, open.e)
    };
    let Some(bench) = bench.reopen() else { return };
    let open = Open::on(bench.store());
    assert!(open.e > e);
    assert_eq!(open.all(), before);
    assert_eq!(now(open.store.meta("never")), Ok(None));
    assert_eq!(now(open.store.feeds()).unwrap()[0].cursor, Some(vec![0, 255]));
    let left: Vec<OpId> = now(open.store.open_ops()).unwrap().iter().map(|open| open.op).collect();
    assert_eq!(left, [op], "an intent without outcome is there to be recovered");
}

pub fn a_copy_is_thrown_away_save_the_calls_that_were_made(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 0, "Ada")]);
    let before = open.all();
    {
        let copy = open.store.scratch().unwrap();
        let copy = Open { store: &*copy, e: open.e };
        now(copy.store.adopt(copy.e, &plan())).unwrap();
        assert_eq!(copy.all(), before);
        copy.ingest(vec![contact("1", 1, "Eve"), contact("2", 0, "Bob")]);
        now(copy.store.spend(copy.e, "left", AT, 5)).unwrap();
        now(copy.store.set_meta(copy.e, "k", "v")).unwrap();
        assert_eq!((copy.all().records.len(), now(copy.store.spent("left", Millis(0)))), (2, Ok(5)));
    }
    assert_eq!(open.all(), before);
    assert_eq!(now(open.store.meta("k")), Ok(None));
    assert_eq!(now(open.store.spent("left", Millis(0))), Ok(5));
}

pub fn the_dictionary_is_never_renumbered(bench: impl Bench) {
    let open = Open::on(bench.store());
    let mut more = dict();
    let new = more.intern(Kind::Rule, "people/create Lead otherwise");
    now(open.store.adopt(open.e, &Adopt { dict: more.clone(), ..plan() })).unwrap();
    // A plan that was compiled without the newest name takes nothing away.
    now(open.store.adopt(open.e, &plan())).unwrap();
    let (_, stored) = now(open.store.open("again")).unwrap();
    assert_eq!(stored, more);
    assert_eq!(stored.get(Kind::Rule, "people/create Lead otherwise"), Some(new));
}
