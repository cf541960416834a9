//! One wave: subjects are identified and decided, what is missing is fetched, intents are committed, calls are sent, and
//! each reply is settled as it comes.

mod decided;
mod guard;
mod intent;
mod send;

use std::sync::atomic::AtomicU32;

use decided::{Decided, decide_all};
use intent::Intent;
use send::send;

use crate::data::{BySide, Millis, Side};
use crate::decide::{Base, Program};
use crate::store::{Hood, Sid};

use super::needs::{Learned, Needy, fetch_needs};
use super::outcomes::Bases;
use super::report::{Counts, Event, Observer};
use super::session::{Ports, Session, SyncError};

/// Rounds of fetching facts before a subject is put off.
const ROUNDS: usize = 3;

/// What a wave may and did do.
pub(super) struct WaveCx<'a> {
    pub ports: Ports<'a>,
    pub session: &'a Session,
    pub programs: &'a [Program],
    pub pass: i64,
    pub observer: &'a dyn Observer,
    /// Sides whose changes were read to the end: only there may a record be called absent.
    pub current: BySide<bool>,
    /// Records of which the deletion was begun in this pass.
    pub deletes: AtomicU32,
}

/// What keeps further waves from being worth while.
#[derive(Debug, Default)]
pub(super) struct WaveEnd {
    pub parked: BySide<Option<String>>,
    /// Why facts that decide could not be read now.
    pub unread: BySide<Option<String>>,
    /// Operations whose effect is not known.
    pub doubts: bool,
}

impl WaveCx<'_> {
    pub(super) async fn run(&self, program: &Program, sids: &[Sid], counts: &mut Counts) -> Result<WaveEnd, SyncError> {
        let now = self.ports.env.now();
        let mut learned = Learned::default();
        let behind = |side: Side| (!self.current[side]).then(|| "its changes could not be read".to_owned());
        let mut unreachable = BySide::new(behind(Side::Left), behind(Side::Right));
        let mut unread: BySide<Option<String>> = BySide::default();
        for round in 0.. {
            let behind = BySide::new(!self.current.left, !self.current.right);
            let hood = self.ports.store.load(sids).await?.seen(now, behind);
            let decided = decide_all(self, program, &hood, &learned, now)?;
            let needy: Vec<Needy<'_>> =
                decided.iter().filter(|one| !one.needs.is_empty()).map(|one| one.needy(&hood)).collect();
            let last = round == ROUNDS || unreachable.left.is_some() || unreachable.right.is_some();
            if needy.is_empty() || last {
                let end = self.carry_out(program, &hood, decided, unreachable, now, counts).await?;
                return Ok(WaveEnd { unread, ..end });
            }
            let errors = fetch_needs(self.ports, self.session, program, &hood, &needy, &mut learned).await?;
            for side in Side::BOTH {
                unreachable[side] = errors[side].as_ref().map(|error| error.text.clone());
                unread[side] = unreachable[side].clone().or(unread[side].take());
            }
        }
        Ok(WaveEnd::default())
    }

    async fn carry_out(
        &self,
        program: &Program,
        hood: &Hood,
        decided: Vec<Decided>,
        unreachable: BySide<Option<String>>,
        now: Millis,
        counts: &mut Counts,
    ) -> Result<WaveEnd, SyncError> {
        self.observer.on(Event::Deciding { subjects: decided.len() });
        let mut intent = Intent::new(self, program, hood, unreachable, now, counts);
        decided.iter().for_each(|one| intent.add(one));
        let (wave, calls, outbox) = intent.packed();
        let mut bases = Bases::default();
        for settled in &wave.settled {
            bases.insert(settled.sid, Base::from_bytes(&settled.base)?);
        }
        let ids = self.ports.store.intend(self.session.epoch, &wave).await?;
        for relinked in decided.iter().filter_map(|one| one.relinked.as_ref()) {
            counts.relinked += 1;
            self.observer.on(Event::Relinked(relinked));
        }
        send(self, calls, &ids, &outbox, bases, counts).await
    }
}
