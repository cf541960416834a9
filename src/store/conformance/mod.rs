//! What every store promises, as tests to be run on each implementation: `conformance!(name, Maker)` makes one test per
//! promise. [`Bench`] opens a store, and opens it anew as after a crash.

pub(super) mod derived;
pub(super) mod fence;
pub(super) mod identity;
pub(super) mod lists;
pub(super) mod mirror;
pub(super) mod records;
pub(super) mod work;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::data::{Cell, Dict, Digest, KeyForm, Kind, Millis, Presence, Side, Stamp, Uid, Value, encode};

/// Opens stores of one kind.
pub(super) trait Bench: Sized {
    fn fresh() -> Self;
    fn store(&self) -> &dyn Store;
    /// The process dies and another opens what it left: `None` where nothing outlives it.
    fn reopen(self) -> Option<Self>;
}

/// A store never waits for anything but itself.
pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store call waits"),
    }
}

pub(super) const AT: Millis = Millis(1_800_000_000_000);
pub(super) const CONTACT: Uid = Uid(2);
pub(super) const LEAD: Uid = Uid(3);
pub(super) const PEOPLE: Uid = Uid(1);
pub(super) const EMAIL: Uid = Uid(4);
pub(super) const NAME: Uid = Uid(5);
pub(super) const UNWATCHED: Uid = Uid(6);
pub(super) const LEAD_EMAIL: Uid = Uid(7);
pub(super) const LIST: Uid = Uid(8);
pub(super) const KEY: Uid = Uid(9);
pub(super) const LINE: Uid = Uid(10);
pub(super) const OTHERS: Uid = Uid(11);

/// A dictionary in which the names above have their numbers.
pub(super) fn dict() -> Dict {
    let mut dict = Dict::default();
    for (kind, name, uid) in [
        (Kind::Block, "people", PEOPLE),
        (Kind::Type, "left/contact", CONTACT),
        (Kind::Type, "right/Lead", LEAD),
        (Kind::Field, "left/contact.email", EMAIL),
        (Kind::Field, "left/contact.name", NAME),
        (Kind::Field, "left/contact.unwatched", UNWATCHED),
        (Kind::Field, "right/Lead.Email", LEAD_EMAIL),
        (Kind::List, "left/VIP", LIST),
        (Kind::Key, "people/match", KEY),
        (Kind::Line, "people.name", LINE),
        (Kind::Block, "others", OTHERS),
    ] {
        assert_eq!(dict.intern(kind, name), uid);
    }
    dict
}

/// Contacts and leads are people, matched by their address.
pub(super) fn plan() -> Adopt {
    let key = |field| KeySpec { key: KEY, parts: vec![KeyPart::Field(field, KeyForm::Text)], identity: true };
    let of = |ty, wakes, field| TypeIndex {
        ty,
        blocks: vec![PEOPLE],
        wakes,
        keys: vec![key(field)],
        reverse: vec![],
        concerns: vec![],
        vouches: vec![],
        gathers: vec![],
        touched: false,
    };
    Adopt {
        digest: Digest([7; 16]),
        source: b"rules".to_vec(),
        dict: dict(),
        types: vec![of(CONTACT, vec![EMAIL, NAME], EMAIL), of(LEAD, vec![LEAD_EMAIL], LEAD_EMAIL)],
        at: AT,
    }
}

/// An opened store with the plan in force.
pub(super) struct Open<'a> {
    pub store: &'a dyn Store,
    pub e: Epoch,
}

impl<'a> Open<'a> {
    pub fn on(store: &'a dyn Store) -> Open<'a> {
        let (e, _) = now(store.open("test")).unwrap();
        now(store.adopt(e, &plan())).unwrap();
        Open { store, e }
    }

    pub fn ingest(&self, rows: Vec<RowIn>) -> Ingested {
        let delta = Ingest { side: Some(Side::Left), rows, now: AT, ..Ingest::default() };
        now(self.store.ingest(self.e, &delta)).unwrap()
    }

    pub fn members(&self, members: Vec<crate::crm::MemberChange>) {
        let delta = Ingest { side: Some(Side::Left), members, now: AT, ..Ingest::default() };
        now(self.store.ingest(self.e, &delta)).unwrap();
    }

    /// Who is due at a moment.
    pub fn due(&self, at: Millis) -> Vec<Sid> {
        now(self.store.take(&Take { now: at, limit: 100, ..Take::default() })).unwrap()
    }

    pub fn load(&self, sids: &[Sid]) -> Hood {
        now(self.store.load(sids)).unwrap()
    }

    /// Everything in the mirror, decided by nobody.
    pub fn all(&self) -> Hood {
        self.load(&(1..200).map(Sid).collect::<Vec<_>>())
    }

    pub fn record(&self, id: &str) -> RecordRow {
        let hood = self.all();
        hood.records.iter().find(|row| &*row.id == id).unwrap_or_else(|| panic!("no record {id}")).clone()
    }

    /// The subject that holds a record.
    pub fn sid(&self, id: &str) -> Sid {
        let hood = self.all();
        let rid = self.record(id).rid;
        hood.subjects.iter().find(|row| row.members.iter().any(|(of, _)| *of == rid)).unwrap().sid
    }

    /// A wave that settles subjects, seen as they are now.
    pub fn settle(&self, sids: &[Sid], work: Work) {
        let as_of = self.load(sids).as_of;
        let settled = sids.iter().map(|sid| settled(*sid, work)).collect();
        now(self.store.intend(self.e, &Wave { now: AT, as_of, settled, ..Wave::default() })).unwrap();
    }

    /// Sends nothing, but is about to: the subject's intent is committed.
    pub fn intend(&self, sid: Sid, act: OpAct) -> OpId {
        let as_of = self.load(&[sid]).as_of;
        let op = Op { sid, ty: LEAD, act, rule: LINE, cells: vec![cell("new")] };
        let batch = Batch { side: Side::Right, name: "create".into(), calls: 1, ops: vec![op] };
        let wave = Wave {
            now: AT,
            pass: 1,
            as_of,
            settled: vec![settled(sid, Work::Again)],
            batches: vec![batch],
            ..Wave::default()
        };
        now(self.store.intend(self.e, &wave)).unwrap()[0].ops[0]
    }

    pub fn outcome(&self, outcome: Outcome) {
        now(self.store.settle(self.e, &[outcome], AT)).unwrap();
    }
}

pub(super) fn settled(sid: Sid, work: Work) -> Settled {
    Settled { sid, base: base("what was agreed"), work, keep: Vec::new() }
}

/// A base of one row with this name.
pub(super) fn base(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    encode([(Uid(LINE.0 << 2), Cell::Text(name))], &mut out);
    out
}

pub(super) fn outcome(op: OpId, sid: Sid, state: OpState, work: Work) -> Outcome {
    Outcome::plain(op, sid, state, work)
}

pub(super) fn cell(after: &str) -> OpCell {
    OpCell {
        line: LINE,
        field: LEAD_EMAIL,
        before: Value::Null,
        after: Value::text(after),
        source: Value::text(after),
        contested: false,
        restores: false,
    }
}

/// A live row stamped `at` milliseconds after [`AT`].
pub(super) fn row(ty: Uid, id: &str, at: i64, cells: &[(Uid, &str)]) -> RowIn {
    let mut blob = Vec::new();
    encode(cells.iter().map(|(uid, text)| (*uid, Cell::Text(text))), &mut blob);
    let stamp = Stamp { at: AT.plus(at), exact: true };
    RowIn { ty, id: id.into(), stamp, cells: blob, ..RowIn::default() }
}

pub(super) fn contact(id: &str, at: i64, name: &str) -> RowIn {
    row(CONTACT, id, at, &[(EMAIL, &format!("p{id}@example.com")), (NAME, name)])
}

pub(super) fn text(row: &RecordRow, field: Uid) -> String {
    let mut cells = crate::data::decode(&row.cells).map(Result::unwrap);
    cells.find(|(uid, _)| *uid == field).map(|(_, cell)| cell.text().into_owned()).unwrap_or_default()
}

/// One test per promise, for one kind of store.
macro_rules! conformance {
    ($name:ident, $bench:ty) => {
        mod $name {
            use super::*;
            conformance!(@ $bench: fence {
                an_earlier_epoch_cannot_commit_anything,
                a_failing_row_leaves_nothing_of_its_transaction,
                what_was_committed_outlives_a_crash_and_nothing_else_does,
                a_copy_is_thrown_away_save_the_calls_that_were_made,
                the_dictionary_is_never_renumbered,
            });
            conformance!(@ $bench: mirror {
                an_older_row_never_overwrites,
                an_equal_row_wakes_nobody,
                an_inexact_stamp_is_good_to_the_second,
                who_changed_a_record_last_is_known_beside_our_own_writes,
                a_field_that_was_not_read_stays,
                presence_changes_wake_and_come_back,
                who_shares_a_key_is_told_when_a_record_goes_or_comes_back,
                what_is_older_than_a_deletion_does_not_undo_it,
                records_read_before_their_block_become_its_members,
                any_text_comes_back_as_it_was,
                an_id_of_eighteen_characters_is_found_by_fifteen,
                a_record_that_took_anothers_place_is_loaded_with_it,
                what_was_redirected_is_not_gone_and_may_come_back,
                a_record_is_found_by_each_of_its_aliases,
            });
            conformance!(@ $bench: lists {
                a_list_is_known_by_its_first_member,
                a_full_reading_ends_with_those_who_left,
                who_is_not_in_a_list_is_known_once_it_was_read_to_its_end,
                a_member_that_is_not_read_yet_is_not_lost,
            });
            conformance!(@ $bench: work {
                done_again_and_later,
                what_is_asked_for_after_a_wave_was_loaded_outlives_it,
                a_subject_woken_while_its_operation_is_in_flight_is_not_lost,
                a_subject_that_is_joined_away_leaves_its_work,
                what_was_written_to_a_subject_is_told_of_the_one_that_it_joined,
                who_was_refused_because_of_a_record_is_woken_by_it,
                a_created_record_that_somebody_else_holds_stays_there,
                our_own_write_is_news_to_other_blocks,
                what_we_deleted_is_away_until_it_is_restored,
                a_subject_that_is_no_more_gets_no_work,
                blocks_that_the_plan_dropped_wait,
            });
            conformance!(@ $bench: derived {
                a_group_is_woken_when_its_furthest_changes_and_only_then,
                a_member_of_whom_it_is_not_known_opens_its_group,
                a_wake_of_the_group_outlives_the_wave_that_causes_it,
                a_subject_that_is_no_more_has_come_nowhere,
                a_fact_of_other_rules_is_dropped,
                work_is_taken_of_one_block_where_that_is_asked,
            });
            conformance!(@ $bench: identity {
                who_parts_has_a_subject_of_its_own_with_work_and_nothing_agreed,
                who_parts_leaves_no_subject_behind_that_is_empty,
                what_was_agreed_stays_whole_when_a_record_of_it_parts,
                a_word_about_a_record_that_is_not_in_the_block_means_nothing,
                a_later_word_takes_the_place_of_the_earlier_one,
                who_was_spoken_of_is_woken_when_the_other_one_joins_or_parts,
                a_word_outlives_joins_partings_merges_and_other_rules,
            });
            conformance!(@ $bench: records {
                issues_are_replaced_save_those_that_are_kept,
                what_people_said_of_two_records_wakes_both_and_outlives_a_crash,
                open_operations_come_back_in_order_until_they_are_settled,
                a_base_outlives_the_rows_that_it_was_agreed_on,
                the_journal_is_paged_and_complete,
                calls_are_counted_over_a_rolling_window,
            });
        }
    };
    (@ $bench:ty: $module:ident { $($test:ident,)* }) => {$(
        #[test]
        fn $test() {
            crate::store::conformance::$module::$test(<$bench as crate::store::conformance::Bench>::fresh());
        }
    )*};
}
pub(super) use conformance;
