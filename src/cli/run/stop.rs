//! How the runner is asked to end, and made to.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::log::{Event, Log};
use crate::cli::signals::Signals;

/// How long calls that are on their way may take to be settled.
const GRACE: Duration = Duration::from_secs(5);
/// After this the process ends, whatever it is doing: every commit before is safe, and what was sent is looked up by the
/// next pass.
const LAST: Duration = Duration::from_secs(7);

#[derive(Clone)]
pub(super) struct Stop {
    asked: watch::Receiver<Option<Instant>>,
}

impl Stop {
    /// Listens on a task of its own, for a pass may keep the caller's thread busy.
    pub(super) fn listen(log: Log) -> std::io::Result<Stop> {
        let mut signals = Signals::catch()?;
        let (ask, asked) = watch::channel(None);
        tokio::spawn(async move {
            signals.next().await;
            log.tell(&Event::Stopping);
            ask.send_replace(Some(Instant::now() + GRACE));
            // A thread, for the runtime itself may hang on a disk that does not answer.
            std::thread::spawn(move || {
                std::thread::sleep(LAST);
                end(log)
            });
            signals.next().await;
            end(log)
        });
        Ok(Stop { asked })
    }

    /// Whether work is to come to its end.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.borrow().is_some()
    }

    /// Ready when it is time to end; tells until when work in progress may go on.
    pub(super) async fn asked(&mut self) -> Instant {
        match self.asked.wait_for(Option::is_some).await {
            Ok(until) => until.unwrap_or_else(Instant::now),
            // The task that listens lives as long as the runtime.
            Err(_) => std::future::pending().await,
        }
    }
}

fn end(log: Log) -> ! {
    log.tell(&Event::Stopped { whole: false });
    std::process::exit(0)
}
