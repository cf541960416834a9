//! Who is in which list.

use super::*;
use crate::crm::MemberChange::{End, Joined, Left, Start};

fn joined(id: &str) -> crate::crm::MemberChange {
    Joined { list: LIST, id: id.into() }
}

fn size(open: &Open<'_>) -> u64 {
    now(open.store.list_size(LIST)).unwrap()
}

pub fn a_list_is_known_by_its_first_member(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), contact("2", 1, "Bob")]);
    open.settle(&open.due(AT), Work::Done);
    open.members(vec![joined("1")]);
    assert_eq!((&open.record("1").lists[..], &open.record("2").lists[..]), (&[LIST][..], &[][..]));
    assert_eq!((size(&open), open.due(AT)), (1, vec![open.sid("1")]));
    open.settle(&open.due(AT), Work::Done);
    open.members(vec![joined("1"), Left { list: LIST, id: "2".into() }]);
    assert_eq!(open.due(AT), [], "nothing new was said");
    open.members(vec![Left { list: LIST, id: "1".into() }]);
    assert_eq!((size(&open), open.due(AT), open.record("1").lists), (0, vec![open.sid("1")], vec![]));
}

pub fn a_full_reading_ends_with_those_who_left(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest((1..=4).map(|n| contact(&n.to_string(), 1, "x")).collect());
    open.members(vec![joined("1"), joined("2"), joined("3")]);
    open.settle(&open.due(AT), Work::Done);
    open.members(vec![Start { list: LIST }, joined("1")]);
    assert_eq!(open.due(AT), [], "until its end a reading takes nobody away");
    assert_eq!(size(&open), 3);
    open.members(vec![joined("4"), End { list: LIST }]);
    let woken: Vec<Sid> = ["2", "3", "4"].into_iter().map(|id| open.sid(id)).collect();
    assert_eq!((size(&open), open.due(AT)), (2, woken));
    // A reading that is begun anew counts from its own start.
    open.members(vec![Start { list: LIST }, joined("4"), Start { list: LIST }, joined("1"), End { list: LIST }]);
    assert_eq!((size(&open), open.record("4").lists), (1, vec![]));
    open.members(vec![Start { list: LIST }, End { list: LIST }]);
    assert_eq!(size(&open), 0);
}

pub fn who_is_not_in_a_list_is_known_once_it_was_read_to_its_end(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada"), contact("2", 1, "Bob")]);
    let known = || open.all().lists.contains(&LIST);
    open.members(vec![joined("1")]);
    open.members(vec![Start { list: LIST }, joined("1")]);
    assert!(!known(), "there may be more");
    let (ada, bob) = (open.sid("1"), open.sid("2"));
    open.settle(&[ada], Work::Done);
    open.settle(&[bob], Work::Later(AT.plus(3_600_000)));
    open.members(vec![Start { list: LIST }, joined("1"), End { list: LIST }]);
    assert!(known());
    assert_eq!(open.due(AT), [bob], "who was put off may have waited for it");
    open.settle(&[bob], Work::Later(AT.plus(3_600_000)));
    open.members(vec![Start { list: LIST }, joined("1")]);
    assert!(known(), "once is enough");
    open.members(vec![End { list: LIST }]);
    assert_eq!(open.due(AT), []);
}

pub fn a_member_that_is_not_read_yet_is_not_lost(bench: impl Bench) {
    let open = Open::on(bench.store());
    open.members(vec![Start { list: LIST }, joined("9"), End { list: LIST }]);
    open.ingest(vec![contact("9", 1, "late")]);
    assert_eq!(open.record("9").lists, [LIST]);
}
