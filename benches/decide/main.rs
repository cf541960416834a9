//! `decide` on rows of the mirror, against typed Rust that was written by hand for the same rules and the same rows.

#[path = "../support/mod.rs"]
mod support;
mod typed;

use divan::Bencher;
use divan::counter::ItemsCount;
use support::{Model, NOW, RULES, now, ratio, schemas};
use syncline::crm::MemberChange;
use syncline::data::{BySide, Cell, Side};
use syncline::decide::{Base, BaseView, Decision, Frame, Known, Member, Verdict, decide, identify};
use syncline::store::{Hood, Ingest, Sid, Sqlite, Store, Take};
use syncline::sync::reads_of;
use typed::{Answer, Typed};

const PEOPLE: usize = 1_000;
const KINDS: [&str; 3] = ["settled", "edited", "new"];

/// A thousand subjects of one kind.
struct Sample {
    model: Model,
    hood: Hood,
    subjects: Vec<(Sid, Vec<Member>)>,
}

impl Sample {
    /// `settled`: linked, and agreed on everything. `edited`: one value has changed since. `new`: to be created.
    fn new(kind: &str) -> Sample {
        let model = Model::new(RULES, &schemas(), Sqlite::in_memory().expect("a state in memory"));
        let mut left = Ingest { side: Some(Side::Left), now: NOW, ..Ingest::default() };
        let mut right = Ingest { side: Some(Side::Right), now: NOW, ..Ingest::default() };
        let list = reads_of(&model.plan, Side::Left).lists[0].uid;
        left.members.push(MemberChange::Start { list });
        for n in 0..PEOPLE {
            let id = (10_000 + n).to_string();
            let (email, first, last) = (format!("ada.lovelace{n}@example.com"), format!("Ada{n}"), "Lovelace");
            let (phone, zip) = (format!("+1 512 555 {n:04}"), format!("{:05}", 70_000 + n));
            let first_then = if kind == "edited" { "Augusta Ada" } else { &*first };
            let company = (20_000 + n / 8).to_string();
            let contact = [
                ("email", Cell::Text(&email)),
                ("firstname", Cell::Text(&first)),
                ("lastname", Cell::Text(last)),
                ("jobtitle", Cell::Text("Head of Analytical Engines")),
                ("phone", Cell::Text(&phone)),
                ("company", Cell::Text("Analytical Engines")),
                ("city", Cell::Text("London")),
                ("zip", Cell::Text(&zip)),
                ("hs_lead_status", Cell::Text("IN_PROGRESS")),
                ("associatedcompanyid", Cell::Text(&company)),
            ];
            left.rows.push(model.row(Side::Left, "contact", &id, &contact));
            left.members.push(MemberChange::Joined { list, id: id.clone().into() });
            if n % 8 == 0 {
                let account = if n % 16 == 0 { Cell::Text("001000000000001AAA") } else { Cell::Null };
                left.rows.push(model.row(Side::Left, "company", &company, &[("salesforceaccountid", account)]));
            }
            let lead = [
                ("Email", Cell::Text(&email)),
                ("FirstName", Cell::Text(first_then)),
                ("LastName", Cell::Text(last)),
                ("Title", Cell::Text("Head of Analytical Engines")),
                ("Phone", Cell::Text(&phone)),
                ("Company", Cell::Text("Analytical Engines")),
                ("City", Cell::Text("London")),
                ("PostalCode", Cell::Text(&zip)),
                ("Status", Cell::Text("Working - Contacted")),
                ("HubSpot_Id__c", Cell::Text(&id)),
                ("CreatedDate", Cell::Time(NOW.0)),
            ];
            if kind != "new" {
                right.rows.push(model.row(Side::Right, "Lead", &format!("00Q{n:012}AAA"), &lead));
            }
        }
        for delta in [&left, &right] {
            now(model.store.ingest(model.epoch, delta)).expect("rows are ingested");
        }
        let take = Take { now: NOW, limit: usize::MAX, ..Take::default() };
        let sids = now(model.store.take(&take)).expect("work is taken");
        let mut hood = now(model.store.load(&sids)).expect("a neighbourhood is loaded");
        let subjects: Vec<_> = identify(&model.program, &hood, NOW.0).subjects.into_iter().collect();
        assert_eq!(subjects.len(), PEOPLE);
        if kind != "new" {
            let bases: Vec<(Sid, Vec<u8>)> = subjects.iter().map(|one| (one.0, agreed(&model, &hood, one))).collect();
            for subject in &mut hood.subjects {
                if let Some((_, base)) = bases.iter().find(|(sid, _)| *sid == subject.sid) {
                    subject.base = base.clone();
                }
            }
        }
        let sample = Sample { model, hood, subjects };
        sample.same_answers();
        sample
    }

    fn typed(&self) -> Typed {
        Typed::new(&self.model.plan)
    }

    /// Both must say the same about every subject, or their speeds mean nothing.
    fn same_answers(&self) {
        let typed = self.typed();
        let (mut answer, mut decision) = (Answer::default(), Decision::default());
        for one in &self.subjects {
            engine(&self.model, &self.hood, one, &mut Buffers::default(), &mut decision);
            hand_written(&typed, &self.hood, one, &mut answer);
            let theirs: Vec<_> = answer
                .moves
                .iter()
                .map(|mv| (mv.side, mv.field, mv.before.to_string(), mv.after.to_string()))
                .collect();
            let ours: Vec<_> = decision
                .moves
                .iter()
                .map(|mv| (mv.side, &*mv.name, mv.before.cell().text().into(), mv.after.cell().text().into()))
                .collect();
            assert_eq!(ours, theirs);
            let created = matches!(decision.verdict, Verdict::Create { .. });
            assert_eq!(created, answer.creates.is_some(), "{:?}", decision.verdict);
        }
    }

    fn by_engine(&self) {
        let (mut buffers, mut decision) = (Buffers::default(), Decision::default());
        for one in &self.subjects {
            engine(&self.model, &self.hood, one, &mut buffers, &mut decision);
            divan::black_box(&decision);
        }
    }

    fn by_hand(&self, typed: &Typed) {
        let mut answer = Answer::default();
        for one in &self.subjects {
            hand_written(typed, &self.hood, one, &mut answer);
            divan::black_box(&answer);
        }
    }
}

/// What the two sides of a subject agree on when they are linked for the first time. A difference is kept as if the
/// left side had changed since.
fn agreed(model: &Model, hood: &Hood, one: &(Sid, Vec<Member>)) -> Vec<u8> {
    let mut decision = Decision::default();
    engine(model, hood, one, &mut Buffers::default(), &mut decision);
    let mut base = Base::default();
    decision.agreed.iter().for_each(|agreed| base.set(agreed.clone()));
    for mv in &decision.moves {
        let then = if mv.side == Side::Right { &mv.before } else { &mv.source };
        let (left, right) = (then.clone(), then.clone());
        base.set(syncline::decide::Agreed { line: mv.line, left, right, disputed: BySide::default() });
    }
    base.to_bytes()
}

type Buffers<'a> = (Frame<'a>, BaseView<'a>);

fn engine<'a>(
    model: &'a Model,
    hood: &'a Hood,
    (sid, members): &(Sid, Vec<Member>),
    (frame, base): &mut Buffers<'a>,
    decision: &mut Decision,
) {
    let subject = hood.subject(*sid).expect("it was loaded");
    frame.fill(&model.program, hood, members).expect("the rows are sound");
    base.fill(&subject.base).expect("the base is sound");
    let known = Known { base, subject, times: &[], absent: BySide::new(true, true), now: NOW.0 };
    decide(&model.program, frame, &known, decision);
}

fn hand_written<'a>(typed: &Typed, hood: &'a Hood, (sid, members): &(Sid, Vec<Member>), answer: &mut Answer<'a>) {
    let subject = hood.subject(*sid).expect("it was loaded");
    typed.decide(hood, members, &subject.base, answer);
}

#[divan::bench(args = KINDS)]
fn by_engine(bencher: Bencher<'_, '_>, kind: &str) {
    let sample = Sample::new(kind);
    bencher.counter(ItemsCount::new(PEOPLE)).bench_local(|| sample.by_engine());
}

#[divan::bench(args = KINDS)]
fn by_hand(bencher: Bencher<'_, '_>, kind: &str) {
    let sample = Sample::new(kind);
    let typed = sample.typed();
    bencher.counter(ItemsCount::new(PEOPLE)).bench_local(|| sample.by_hand(&typed));
}

fn main() {
    for kind in KINDS {
        let sample = Sample::new(kind);
        let typed = sample.typed();
        ratio(&format!("decide, {kind}"), PEOPLE, || sample.by_engine(), || sample.by_hand(&typed));
    }
    divan::main();
}
