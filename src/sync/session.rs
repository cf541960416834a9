//! One plan on one connection: what a pass runs with.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::crm::http::Env;
use crate::crm::{Account, CallError, Crm, Reads};
use crate::data::{BySide, CodecError, Dict, Millis, Side};
use crate::decide::Program;
use crate::lang::plan::Plan;
use crate::planted::{self, Bug};
use crate::store::{Adopt, Epoch, Store, StoreError};

use super::ledger::Ledger;
use super::reads::{reads_of, type_indexes};

/// Why nothing more can be done on a connection. Problems of single records are not errors: they are on record as issues.
#[derive(Debug, Error)]
pub enum SyncError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("{crm}: the credentials open account `{found}`, but this state belongs to `{pinned}`")]
    WrongAccount { crm: &'static str, found: String, pinned: String },
    #[error("the state file is damaged: {0}")]
    Damaged(#[from] CodecError),
}

/// The outside, passed in.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    pub store: &'a dyn Store,
    pub crm: BySide<&'a dyn Crm>,
    pub env: &'a dyn Env,
    pub ledger: BySide<&'a Ledger>,
}

/// A state file opened for writing: the epoch is ours, the accounts are the right ones. Plans may follow one another on it.
#[derive(Clone)]
pub struct Opening {
    pub epoch: Epoch,
    pub dict: Dict,
    pub accounts: BySide<Account>,
}

impl Opening {
    /// Opens the state and asks both CRMs whose account it is. The first opening pins the accounts.
    pub async fn begin(ports: Ports<'_>, holder: &str) -> Result<Opening, SyncError> {
        let (epoch, dict) = ports.store.open(holder).await?;
        let now = ports.env.now();
        let mut accounts = Vec::new();
        for side in Side::BOTH {
            let crm = ports.crm[side];
            ports.ledger[side].start(ports.store, epoch, now).await?;
            let name = crm.caps().name;
            let account = crm.whoami().await?;
            let key = format!("account.{side:?}").to_lowercase();
            match ports.store.meta(&key).await? {
                Some(pinned) if pinned != account.id => {
                    return Err(SyncError::WrongAccount { crm: name, found: account.id, pinned });
                }
                Some(_) => {}
                None => ports.store.set_meta(epoch, &key, &account.id).await?,
            }
            accounts.push(account);
        }
        let right = accounts.pop().unwrap_or_else(unnamed);
        let left = accounts.pop().unwrap_or_else(unnamed);
        Ok(Opening { epoch, dict, accounts: BySide::new(left, right) })
    }
}

fn unnamed() -> Account {
    Account { id: String::new(), name: String::new(), user: None, live: false }
}

/// A plan in force on an opened connection.
pub struct Session {
    pub epoch: Epoch,
    pub dict: Dict,
    pub plan: Plan,
    pub programs: Vec<Program>,
    pub reads: BySide<Reads>,
    pub accounts: BySide<Account>,
}

impl Session {
    /// Puts a plan in force. A plan that differs from the last one wakes every subject: all is decided anew.
    pub async fn begin(
        ports: Ports<'_>,
        opening: Opening,
        dict: Dict,
        plan: Plan,
        source: Vec<u8>,
    ) -> Result<Session, SyncError> {
        let Opening { epoch, accounts, .. } = opening;
        let now = ports.env.now();
        let new = ports.store.meta("plan").await?.as_deref() != Some(&*plan.digest.to_string());
        if new {
            // Until all that a new plan takes is done, none is in force: whichever is put in force next does all of it, also
            // when this is cut short.
            ports.store.set_meta(epoch, "plan", "").await?;
        }
        let adopt = Adopt { digest: plan.digest, source, dict: dict.clone(), types: type_indexes(&plan), at: now };
        ports.store.adopt(epoch, &adopt).await?;
        for side in Side::BOTH {
            ports.ledger[side].limit(&plan.limits, side, ports.crm[side].usage());
        }
        let session = Session {
            epoch,
            programs: Program::of(&plan),
            reads: BySide::new(reads_of(&plan, Side::Left), reads_of(&plan, Side::Right)),
            dict,
            plan,
            accounts,
        };
        if new {
            session.wake(ports, now).await?;
        }
        Ok(session)
    }

    async fn wake(&self, ports: Ports<'_>, now: Millis) -> Result<(), SyncError> {
        let digest = self.plan.digest.to_string();
        if planted::is(Bug::PlanBeforeItsWork) {
            ports.store.set_meta(self.epoch, "plan", &digest).await?;
        }
        // Fields that the mirror does not hold yet must be read for every record: the feeds start anew.
        let covered = ports.store.meta("covers").await?.unwrap_or_default();
        let covers = self.covers();
        if covered != covers {
            if planted::is(Bug::CoveredTooEarly) {
                ports.store.set_meta(self.epoch, "covers", &covers).await?;
            }
            for feed in ports.store.feeds().await? {
                let anew = crate::store::FeedState { cursor: None, complete: false, due: now, ..feed };
                let reset = crate::store::Ingest { feed: Some(anew), now, ..Default::default() };
                ports.store.ingest(self.epoch, &reset).await?;
            }
            ports.store.set_meta(self.epoch, "covers", &covers).await?;
        }
        for program in &self.programs {
            ports.store.wake_all(self.epoch, program.block.uid, now).await?;
        }
        Ok(ports.store.set_meta(self.epoch, "plan", &digest).await?)
    }

    /// The fields that the mirror is read for, as text: differs when a plan names other fields.
    fn covers(&self) -> String {
        let mut types: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for read in Side::BOTH.iter().flat_map(|side| &self.reads[*side].types) {
            types.entry(read.uid.0).or_default().extend(read.fields.iter().map(|field| field.uid.0));
        }
        format!("{types:?}")
    }
}
