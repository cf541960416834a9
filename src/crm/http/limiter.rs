//! Keeps within a server's burst limits, and out of its way when it says so.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// At most `calls` in any `span`.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub calls: usize,
    pub span: Duration,
}

/// One limit of one account. Callers wait their turn.
pub struct Limiter {
    window: Window,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the last `calls` calls went or will go out.
    recent: VecDeque<Instant>,
    not_before: Option<Instant>,
}

impl Limiter {
    pub fn new(window: Window) -> Limiter {
        Limiter { window, state: Mutex::default() }
    }

    /// Waits until one more call fits.
    pub async fn turn(&self) {
        let at = self.book(Instant::now());
        tokio::time::sleep_until(at).await;
    }

    /// The server has had enough for this long.
    pub fn pause(&self, wait: Duration) {
        let mut state = self.lock();
        let until = Instant::now() + wait;
        state.not_before = Some(state.not_before.map_or(until, |before| before.max(until)));
    }

    fn book(&self, now: Instant) -> Instant {
        let mut state = self.lock();
        let mut at = state.not_before.map_or(now, |before| before.max(now));
        if state.recent.len() >= self.window.calls
            && let Some(oldest) = state.recent.pop_front()
        {
            at = at.max(oldest + self.window.span);
        }
        state.recent.push_back(at);
        at
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_span_holds_more_calls_than_allowed() {
        let limiter = Limiter::new(Window { calls: 4, span: Duration::from_secs(1) });
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..12 {
            limiter.turn().await;
            times.push(start.elapsed());
        }
        for (early, late) in times.iter().zip(&times[4..]) {
            assert!(*late >= *early + Duration::from_secs(1), "{times:?}");
        }
        limiter.pause(Duration::from_secs(9));
        limiter.turn().await;
        assert!(start.elapsed() >= times[11] + Duration::from_secs(9));
    }
}
