//! When to look at the files, and when what was seen may be believed. No clock and no disk: both are passed in.
//!
//! A save is many small events: a temporary file, a rename, a truncation, several writes. What counts is the content, and a
//! content counts once it was read twice, with a pause between the two readings, while nobody was seen writing.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use crate::data::Digest;

#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Timing {
    /// Silence before the first reading.
    pub quiet: Duration,
    /// From the first reading to the second.
    pub settle: Duration,
    /// The same, when a file has vanished or is empty.
    pub doubt: Duration,
    /// A reading is made this long after the first event, however many follow.
    pub ceiling: Duration,
    /// How long a writer that has not closed its file, or a checkout that has not ended, is waited for.
    pub patience: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            quiet: Duration::from_millis(60),
            settle: Duration::from_millis(40),
            doubt: Duration::from_millis(1_000),
            ceiling: Duration::from_millis(1_000),
            patience: Duration::from_secs(10),
        }
    }
}

/// What happened in a watched folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Stir {
    /// Something that may have changed a file.
    Touched,
    /// The file was written to and is still open.
    Writing(PathBuf),
    /// Whoever wrote to the file has closed it.
    Closed(PathBuf),
    /// Events were lost.
    Lost,
}

/// What a reading means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Verdict {
    /// Read again when [`Pulse::due`] says so.
    Wait,
    /// The content is the one that was settled last.
    Known,
    /// The content is new and whole.
    Settled,
}

#[derive(Debug)]
pub(in crate::cli) struct Pulse {
    timing: Timing,
    /// The first and the last event since the content was settled.
    span: Option<(Instant, Instant)>,
    writing: BTreeSet<PathBuf>,
    /// What the last reading found, when this was found first, and how long it must stand.
    candidate: Option<(Digest, Instant, Duration)>,
    settled: Option<Digest>,
    /// No reading before this.
    not_before: Option<Instant>,
}

impl Pulse {
    pub(in crate::cli) fn new(timing: Timing) -> Pulse {
        Pulse { timing, span: None, writing: BTreeSet::new(), candidate: None, settled: None, not_before: None }
    }

    pub(in crate::cli) fn stir(&mut self, stir: Stir, now: Instant) {
        let first = self.span.map_or(now, |(first, _)| first);
        self.span = Some((first, now));
        match stir {
            Stir::Touched => {}
            Stir::Writing(path) => {
                self.writing.insert(path);
            }
            Stir::Closed(path) => {
                self.writing.remove(&path);
            }
            // A close may be among what was lost.
            Stir::Lost => self.writing.clear(),
        }
    }

    /// When to read; `None` while nothing has happened.
    pub(in crate::cli) fn due(&self) -> Option<Instant> {
        let (first, last) = self.span?;
        if !self.writing.is_empty() {
            return Some(last + self.timing.patience);
        }
        let calm = (last + self.timing.quiet).min(first + self.timing.ceiling);
        let due = match self.candidate {
            Some((_, since, wait)) => (since + wait).max(calm),
            None => calm,
        };
        Some(self.not_before.map_or(due, |moment| due.max(moment)))
    }

    /// Something that has no event of its own keeps the files changing: the reading is put off. False when that has been
    /// so for too long.
    pub(in crate::cli) fn put_off(&mut self, now: Instant) -> bool {
        let patient = self.span.is_some_and(|(first, _)| now < first + self.timing.patience);
        if patient {
            self.not_before = Some(now + self.timing.quiet);
            self.candidate = None;
        }
        patient
    }

    /// A reading has found `content`. `lacking`: a file that was there has vanished or is empty.
    pub(in crate::cli) fn read(&mut self, content: Digest, lacking: bool, now: Instant) -> Verdict {
        if self.due().is_some_and(|due| due > now) {
            // Something happened while it was being read.
            if self.candidate.is_some_and(|(known, ..)| known != content) {
                self.candidate = None;
            }
            return Verdict::Wait;
        }
        if self.settled == Some(content) {
            self.rest();
            return Verdict::Known;
        }
        match self.candidate {
            Some((known, ..)) if known == content => {
                self.settled = Some(content);
                self.rest();
                Verdict::Settled
            }
            _ => {
                let wait = if lacking { self.timing.doubt } else { self.timing.settle };
                self.candidate = Some((content, now, wait));
                Verdict::Wait
            }
        }
    }

    /// When the first event of what is going on was seen.
    pub(in crate::cli) fn began(&self) -> Option<Instant> {
        self.span.map(|(first, _)| first)
    }

    fn rest(&mut self) {
        self.span = None;
        self.candidate = None;
        self.not_before = None;
        self.writing.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clock {
        start: Instant,
        pulse: Pulse,
    }

    impl Clock {
        fn new() -> Clock {
            Clock { start: Instant::now(), pulse: Pulse::new(Timing::default()) }
        }

        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn stir(&mut self, stir: Stir, ms: u64) {
            let now = self.at(ms);
            self.pulse.stir(stir, now);
        }

        fn due(&self) -> Option<u64> {
            self.pulse.due().map(|due| (due - self.start).as_millis() as u64)
        }

        /// Reads when it is due.
        fn read(&mut self, content: &str) -> Verdict {
            let now = self.pulse.due().unwrap();
            self.pulse.read(Digest::of(content.as_bytes()), content.is_empty(), now)
        }
    }

    #[test]
    fn a_content_counts_when_it_was_read_twice() {
        let mut clock = Clock::new();
        assert_eq!(clock.due(), None);
        clock.stir(Stir::Touched, 0);
        clock.stir(Stir::Touched, 30);
        assert_eq!(clock.due(), Some(90));
        assert_eq!(clock.read("a"), Verdict::Wait);
        assert_eq!(clock.due(), Some(130));
        assert_eq!(clock.read("a"), Verdict::Settled);
        assert_eq!(clock.due(), None);
    }

    #[test]
    fn a_content_that_differs_between_two_readings_does_not_count() {
        let mut clock = Clock::new();
        clock.stir(Stir::Touched, 0);
        assert_eq!(clock.read("half"), Verdict::Wait);
        assert_eq!(clock.read("whole"), Verdict::Wait);
        assert_eq!(clock.read("whole"), Verdict::Settled);
    }

    #[test]
    fn a_touch_that_changes_nothing_ends_with_one_reading() {
        let mut clock = Clock::new();
        clock.stir(Stir::Touched, 0);
        clock.read("a");
        clock.read("a");
        clock.stir(Stir::Touched, 500);
        assert_eq!(clock.read("a"), Verdict::Known);
        assert_eq!(clock.due(), None);
    }

    #[test]
    fn a_file_that_is_open_for_writing_is_not_read() {
        let mut clock = Clock::new();
        clock.stir(Stir::Writing("a.sync".into()), 0);
        assert_eq!(clock.due(), Some(10_000));
        clock.stir(Stir::Writing("a.sync".into()), 4_000);
        assert_eq!(clock.due(), Some(14_000));
        clock.stir(Stir::Closed("a.sync".into()), 5_000);
        assert!(clock.due().unwrap() <= 5_060);
    }

    #[test]
    fn a_writer_whose_end_was_lost_is_not_waited_for() {
        let mut clock = Clock::new();
        clock.stir(Stir::Writing("a.sync".into()), 0);
        clock.stir(Stir::Lost, 10);
        assert_eq!(clock.due(), Some(70));
    }

    #[test]
    fn what_vanishes_or_is_empty_must_stay_so_for_longer() {
        let mut clock = Clock::new();
        clock.stir(Stir::Touched, 0);
        assert_eq!(clock.read(""), Verdict::Wait);
        assert_eq!(clock.due(), Some(1_060));
        clock.stir(Stir::Touched, 100);
        assert_eq!(clock.pulse.read(Digest::of(b"a"), false, clock.at(100)), Verdict::Wait);
        assert_eq!(clock.due(), Some(160));
    }

    #[test]
    fn events_without_end_do_not_put_the_reading_off_for_ever() {
        let mut clock = Clock::new();
        for ms in (0..1_000).step_by(50) {
            clock.stir(Stir::Touched, ms);
        }
        assert_eq!(clock.due(), Some(1_000));
    }

    #[test]
    fn an_event_during_the_reading_makes_it_void() {
        let mut clock = Clock::new();
        clock.stir(Stir::Touched, 0);
        let started = clock.pulse.due().unwrap();
        clock.stir(Stir::Touched, 61);
        let later = started + Duration::from_millis(2);
        assert_eq!(clock.pulse.read(Digest::of(b"a"), false, later), Verdict::Wait);
        assert_eq!(clock.due(), Some(121));
    }

    #[test]
    fn a_checkout_is_waited_for_but_not_for_ever() {
        let mut clock = Clock::new();
        clock.stir(Stir::Touched, 0);
        for ms in (60..10_000).step_by(60) {
            let now = clock.at(ms);
            assert!(clock.pulse.put_off(now));
            assert_eq!(clock.due(), Some(ms + 60));
        }
        let now = clock.at(10_000);
        assert!(!clock.pulse.put_off(now));
    }
}
