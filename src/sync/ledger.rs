//! The budget of calls of one account: a rolling day, with a reserve for people. Calls are reserved in the store before
//! they are made, so that a crash can only count too many. The store keeps them by the hour, and a call may be made long
//! after it was reserved: what is in hand when a new hour has begun moves into that. So whole hours that lie before the last
//! 24 hours hold no call of them, and no 24 hours have more calls than the ceiling.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rust_decimal::prelude::ToPrimitive;

use crate::crm::Usage;
use crate::data::{Millis, Side};
use crate::lang::plan::Limits;
use crate::store::{Epoch, Store, StoreError};

/// Calls reserved at a time.
const SLICE: i64 = 32;
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Counts the calls of one account. The adapter takes one before every call; the engine tops it up between steps.
#[derive(Debug)]
pub struct Ledger {
    account: String,
    /// Reserved and not used.
    granted: AtomicI64,
    made: AtomicU64,
    /// Most calls that Syncline may make in 24 hours.
    ceiling: AtomicI64,
    /// Spent in the last 24 hours, reservations included.
    spent: AtomicI64,
    /// Reserved before the ceiling was known, and beyond it: goes back to the store.
    beyond: AtomicI64,
    booked: Mutex<Booked>,
}

/// What was in hand when the store was last told.
#[derive(Clone, Copy, Debug, Default)]
struct Booked {
    at: Millis,
    calls: i64,
}

impl Ledger {
    pub fn new(account: impl Into<String>) -> Ledger {
        Ledger {
            account: account.into(),
            granted: AtomicI64::new(0),
            made: AtomicU64::new(0),
            ceiling: AtomicI64::new(i64::MAX),
            spent: AtomicI64::new(0),
            beyond: AtomicI64::new(0),
            booked: Mutex::default(),
        }
    }

    /// One call, if any is left: asked before each.
    pub fn take(&self) -> bool {
        let taken = self.granted.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| (left > 0).then(|| left - 1));
        if taken.is_ok() {
            self.made.fetch_add(1, Ordering::SeqCst);
        }
        taken.is_ok()
    }

    /// Calls made through this ledger since it was built.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::SeqCst)
    }

    /// Reads what was spent, and reserves the first slice.
    pub async fn start(&self, store: &dyn Store, epoch: Epoch, now: Millis) -> Result<(), StoreError> {
        self.carry_over(store, epoch, now).await?;
        let spent = store.spent(&self.account, now.minus(DAY_MS)).await?;
        self.spent.store(i64::try_from(spent).unwrap_or(i64::MAX), Ordering::SeqCst);
        self.top_up(store, epoch, now, SLICE).await
    }

    /// Sets the ceiling: the rules' own limit, and the server's less what is kept for people.
    pub fn limit(&self, limits: &Limits, side: Side, usage: Usage) {
        let rule = limits.calls_per_day[side].map_or(i64::MAX, i64::from);
        let kept = limits.keep_percent[side].and_then(|percent| percent.to_f64()).unwrap_or(0.0);
        let server = usage.limit.map_or(i64::MAX, |limit| (limit as f64 * (1.0 - kept / 100.0)) as i64);
        let ceiling = rule.min(server);
        self.ceiling.store(ceiling, Ordering::SeqCst);
        // The first slice is reserved before the rules are read; of it only what the ceiling allows may be used.
        let over = self.spent.load(Ordering::SeqCst).saturating_sub(ceiling);
        if over > 0 {
            let granted = self.granted.load(Ordering::SeqCst);
            let back = over.min(granted);
            self.granted.store(granted - back, Ordering::SeqCst);
            self.spent.fetch_sub(back, Ordering::SeqCst);
            self.beyond.fetch_add(back, Ordering::SeqCst);
        }
    }

    /// The server has counted more than we have: other tools spend too.
    pub fn correct(&self, usage: Usage) {
        if let Some(used) = usage.used.and_then(|used| i64::try_from(used).ok()) {
            self.spent.fetch_max(used, Ordering::SeqCst);
        }
    }

    /// Percent of the ceiling that is spent.
    pub fn percent(&self) -> f64 {
        match self.ceiling.load(Ordering::SeqCst) {
            i64::MAX => 0.0,
            0 => 100.0,
            ceiling => {
                (self.spent.load(Ordering::SeqCst) - self.granted.load(Ordering::SeqCst)) as f64 * 100.0
                    / ceiling as f64
            }
        }
    }

    /// Calls that the day still allows; `None` where nothing limits them.
    pub fn left(&self) -> Option<u64> {
        match self.ceiling.load(Ordering::SeqCst) {
            i64::MAX => None,
            ceiling => {
                let used = self.spent.load(Ordering::SeqCst) - self.granted.load(Ordering::SeqCst);
                Some(u64::try_from(ceiling.saturating_sub(used)).unwrap_or(0))
            }
        }
    }

    /// Sees to it that `want` calls may be made, as far as the day allows.
    pub async fn top_up(&self, store: &dyn Store, epoch: Epoch, now: Millis, want: i64) -> Result<(), StoreError> {
        let now = self.carry_over(store, epoch, now).await?;
        let missing = want - self.granted.load(Ordering::SeqCst);
        if missing <= 0 {
            return Ok(());
        }
        let left = self.ceiling.load(Ordering::SeqCst).saturating_sub(self.spent.load(Ordering::SeqCst));
        let slice = missing.max(SLICE).min(left);
        if slice > 0 {
            store.spend(epoch, &self.account, now, slice).await?;
            self.spent.fetch_add(slice, Ordering::SeqCst);
            self.granted.fetch_add(slice, Ordering::SeqCst);
            self.booked().calls += slice;
        }
        Ok(())
    }

    /// Books what was in hand at the last step in the hour of this one, if that is another: it may be made, or was made,
    /// since that has begun. Returns the time to book at, which never goes back.
    async fn carry_over(&self, store: &dyn Store, epoch: Epoch, now: Millis) -> Result<Millis, StoreError> {
        let last = *self.booked();
        let now = now.max(last.at);
        if last.calls > 0 && last.at.0.div_euclid(HOUR_MS) != now.0.div_euclid(HOUR_MS) {
            store.spend(epoch, &self.account, now, last.calls).await?;
            store.spend(epoch, &self.account, last.at, -last.calls).await?;
        }
        let in_hand = self.granted.load(Ordering::SeqCst) + self.beyond.load(Ordering::SeqCst);
        *self.booked() = Booked { at: now, calls: in_hand };
        Ok(now)
    }

    fn booked(&self) -> MutexGuard<'_, Booked> {
        self.booked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what was reserved and not used.
    pub async fn close(&self, store: &dyn Store, epoch: Epoch, now: Millis) -> Result<(), StoreError> {
        let now = self.carry_over(store, epoch, now).await?;
        let granted = self.granted.swap(0, Ordering::SeqCst);
        self.spent.fetch_sub(granted, Ordering::SeqCst);
        let unused = granted + self.beyond.swap(0, Ordering::SeqCst);
        if unused > 0 {
            store.spend(epoch, &self.account, now, -unused).await?;
            self.booked().calls = 0;
        }
        Ok(())
    }
}

impl crate::crm::http::Meter for Ledger {
    fn take(&self) -> bool {
        Ledger::take(self)
    }
}
