//! How far groups have come: told from what was derived of their members, and news to all of them when it changes.

use super::*;
use crate::data::Fingerprint;

const COMPANY: Uid = Uid(901);
const FACT: Uid = Uid(902);
const GROUP: Uid = Uid(903);

/// Contacts are filed under the company that they name, and so is the company.
fn grouped(fact: Uid) -> Adopt {
    let key = |part| KeySpec { key: GROUP, parts: vec![part], identity: false };
    let mut plan = plan();
    plan.types[0].keys.push(key(KeyPart::Field(UNWATCHED, KeyForm::Id)));
    plan.types[0].gathers = vec![(fact, GROUP)];
    plan.types.push(TypeIndex {
        ty: COMPANY,
        blocks: vec![OTHERS],
        keys: vec![key(KeyPart::Id)],
        gathers: vec![(fact, GROUP)],
        ..TypeIndex::default()
    });
    plan
}

fn of(company: &str) -> Fingerprint {
    KeySpec::reference(GROUP, company)
}

fn came(sid: Sid, company: &str, rank: Option<u32>) -> Derived {
    Derived { sid, fact: FACT, group: Some(of(company)), rank, open: false }
}

/// Two companies, the first with contacts 1 and 2, the second with 3; nobody has work.
fn companies(store: &dyn Store) -> (Open<'_>, [Sid; 3], [Sid; 2]) {
    let open = Open::on(store);
    now(store.adopt(open.e, &grouped(FACT))).unwrap();
    let contact = |id: &str, company: &str| {
        row(CONTACT, id, 1, &[(EMAIL, &format!("p{id}@example.com")), (NAME, "x"), (UNWATCHED, company)])
    };
    open.ingest(vec![contact("1", "10"), contact("2", "10"), contact("3", "20")]);
    open.ingest(["10", "20"].map(|id| row(COMPANY, id, 1, &[])).to_vec());
    let contacts = ["1", "2", "3"].map(|id| open.sid(id));
    let heads = ["10", "20"].map(|id| open.sid(id));
    rest(&open);
    (open, contacts, heads)
}

fn rest(open: &Open<'_>) {
    open.settle(&open.due(AT), Work::Done);
    assert_eq!(open.due(AT), []);
}

fn derive(open: &Open<'_>, derived: &[Derived]) {
    now(open.store.derive(open.e, derived, AT)).unwrap();
}

pub fn a_group_is_woken_when_its_furthest_changes_and_only_then(bench: impl Bench) {
    let (open, [a, b, c], [x, y]) = companies(bench.store());
    let furthest = |company: &str| open.load(&[a, b, c]).furthest(FACT, of(company));
    assert_eq!(furthest("10"), Furthest::default());
    derive(&open, &[came(a, "10", Some(3))]);
    assert_eq!(open.due(AT), [a, b, x], "the company and all of its own");
    assert_eq!(furthest("10"), Furthest { rank: Some(3), open: false });
    assert_eq!(furthest("20"), Furthest::default());
    rest(&open);
    for (derived, why) in [
        (came(a, "10", Some(3)), "the same again"),
        (came(b, "10", Some(2)), "another one, less far"),
        (came(b, "10", Some(3)), "another one, as far"),
        (came(a, "10", None), "one of two that were as far"),
    ] {
        derive(&open, &[derived]);
        assert_eq!(open.due(AT), [], "{why}");
    }
    derive(&open, &[came(b, "10", Some(1))]);
    assert_eq!(open.due(AT), [a, b, x], "the last one fell back");
    rest(&open);
    // Who goes over takes along what was derived of it.
    derive(&open, &[came(b, "20", Some(1)), came(c, "20", Some(4))]);
    assert_eq!(open.due(AT), [a, b, c, x, y]);
    assert_eq!((furthest("10").rank, furthest("20").rank), (None, Some(4)));
    rest(&open);
    // What one transaction does and undoes is no news.
    derive(&open, &[came(c, "20", Some(2)), came(c, "20", Some(4))]);
    assert_eq!(open.due(AT), []);
}

pub fn a_member_of_whom_it_is_not_known_opens_its_group(bench: impl Bench) {
    let (open, [a, b, _], _) = companies(bench.store());
    let furthest = || open.load(&[a]).furthest(FACT, of("10"));
    derive(&open, &[came(a, "10", Some(2)), Derived { open: true, ..came(b, "10", None) }]);
    assert_eq!(furthest(), Furthest { rank: Some(2), open: true });
    derive(&open, &[came(b, "10", None)]);
    assert_eq!(furthest(), Furthest { rank: Some(2), open: false });
}

pub fn a_wake_of_the_group_outlives_the_wave_that_causes_it(bench: impl Bench) {
    let (open, [a, b, _], [x, _]) = companies(bench.store());
    let as_of = open.load(&[a, b]).as_of;
    let all = [a, b].map(|sid| settled(sid, Work::Done)).to_vec();
    let wave = Wave { now: AT, as_of, settled: all, derived: vec![came(a, "10", Some(3))], ..Wave::default() };
    now(open.store.intend(open.e, &wave)).unwrap();
    assert_eq!(open.due(AT), [a, b, x], "they were decided without it");
}

pub fn a_subject_that_is_no_more_has_come_nowhere(bench: impl Bench) {
    let (open, [a, b, _], _) = companies(bench.store());
    derive(&open, &[came(a, "10", Some(3))]);
    rest(&open);
    let rid = open.record("1").rid;
    let wave = Wave {
        now: AT,
        as_of: open.load(&[a, b]).as_of,
        identities: vec![Identity::Join { rid, into: b, role: Role::Other }],
        ..Wave::default()
    };
    now(open.store.intend(open.e, &wave)).unwrap();
    assert_eq!(open.load(&[b]).furthest(FACT, of("10")), Furthest::default());
    assert!(open.due(AT).contains(&b));
}

pub fn a_fact_of_other_rules_is_dropped(bench: impl Bench) {
    let (open, [a, ..], _) = companies(bench.store());
    derive(&open, &[came(a, "10", Some(3))]);
    let other = Uid(904);
    now(open.store.adopt(open.e, &grouped(other))).unwrap();
    assert_eq!(open.load(&[a]).furthest(other, of("10")), Furthest::default());
    now(open.store.adopt(open.e, &grouped(FACT))).unwrap();
    assert_eq!(open.load(&[a]).furthest(FACT, of("10")), Furthest::default(), "it is derived anew");
}

pub fn work_is_taken_of_one_block_where_that_is_asked(bench: impl Bench) {
    let (open, [a, b, _], [x, _]) = companies(bench.store());
    derive(&open, &[came(a, "10", Some(3))]);
    let taken = |block| now(open.store.take(&Take { now: AT, limit: 100, block, ..Take::default() })).unwrap();
    assert_eq!((taken(PEOPLE), taken(OTHERS), taken(Uid::NONE)), (vec![a, b], vec![x], vec![a, b, x]));
}
