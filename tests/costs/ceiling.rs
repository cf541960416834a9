//! The most calls of a day, whatever hours they fall into.

use std::collections::VecDeque;

use fastrand::Rng;
use syncline::crm::Usage;
use syncline::data::{Millis, Side};
use syncline::lang::plan::Limits;
use syncline::store::{Sqlite, Store};
use syncline::sync::Ledger;

const LIMIT: u32 = 1_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Twelve days of passes that want more than the limit, each with steps that take their time; when calls were made.
async fn calls(seed: u64) -> Vec<Millis> {
    let mut rng = Rng::with_seed(seed);
    let store = Sqlite::in_memory().unwrap();
    let (epoch, _) = store.open("test").await.unwrap();
    let mut limits = Limits::default();
    limits.calls_per_day[Side::Left] = Some(LIMIT);
    let ledger = Ledger::new("left");
    let began = Millis(1_800_000_000_000 + rng.i64(0..HOUR));
    let (mut now, mut made) = (began, Vec::new());
    while now.since(began) < 12 * DAY {
        now = now.plus(rng.i64(0..3 * HOUR));
        ledger.start(&store, epoch, now).await.unwrap();
        ledger.limit(&limits, Side::Left, Usage::default());
        for _ in 0..rng.u32(1..6) {
            ledger.top_up(&store, epoch, now, rng.i64(1..300)).await.unwrap();
            for _ in 0..rng.u32(0..300) {
                now = now.plus(rng.i64(0..10_000));
                made.extend(ledger.take().then_some(now));
            }
        }
        ledger.close(&store, epoch, now).await.unwrap();
    }
    made
}

#[tokio::test]
async fn no_24_hours_hold_more_calls_than_the_limit() {
    for seed in 0..10 {
        let made = calls(seed).await;
        let mut day: VecDeque<Millis> = VecDeque::new();
        for at in &made {
            while day.front().is_some_and(|first| at.since(*first) >= DAY) {
                day.pop_front();
            }
            day.push_back(*at);
            assert!(
                day.len() <= LIMIT as usize,
                "seed {seed}: {} calls in the 24 hours before {}",
                day.len(),
                at.to_iso()
            );
        }
        // And not much less: a call counts for up to two hours more.
        assert!(made.len() > 12 * LIMIT as usize * 9 / 10, "seed {seed}: {} calls", made.len());
    }
}
