//! One pass, from recovery to quiet.

use crate::data::{BySide, Side};
use crate::decide::Program;
use crate::lang::plan::MatchLine;
use crate::planted::{self, Bug};
use crate::store::{Sid, Take};

use super::derive::derive;
use super::feeds::read_side;
use super::hold::{Weighed, weigh};
use super::people;
use super::recheck;
use super::recover::recover;
use super::release::Release;
use super::report::{Counts, Ending, Observer, PassReport, STOPPED};
use super::session::{Ports, Session, SyncError};
use super::wave::WaveCx;

/// Subjects decided together: enough to fill the CRMs' largest calls.
const WAVE: usize = 1_000;
/// Times that the whole queue is gone through: a create, then its key, then what these wake.
const SCANS: usize = 8;

#[derive(Clone, Debug, Default)]
pub struct PassOptions {
    /// Read every feed, due or not.
    pub force_read: bool,
    /// Releases what was held under this word.
    pub approve: Option<String>,
    /// What the guard would hold is told and done all the same: for a dry run.
    pub count_only: bool,
    /// What a person has released already.
    pub release: Release,
}

/// Runs one pass. Problems of records and of calls are in the report; an error means that the pass could not go on.
pub async fn run_pass(
    ports: Ports<'_>,
    session: &Session,
    options: &PassOptions,
    observer: &dyn Observer,
) -> Result<PassReport, SyncError> {
    let made = BySide::new(ports.ledger.left.made(), ports.ledger.right.made());
    let pass = ports.store.begin_pass(session.epoch, session.plan.digest, ports.env.now()).await?;
    let mut report = PassReport { pass, ..PassReport::default() };
    let ended = steps(ports, session, options, observer, &mut report).await;
    let now = ports.env.now();
    for side in Side::BOTH {
        report.counts.calls.add(side, ports.ledger[side].made() - made[side]);
        ports.ledger[side].correct(ports.crm[side].usage());
        ports.ledger[side].close(ports.store, session.epoch, now).await?;
    }
    let counts = serde_json::to_string(&report.counts).unwrap_or_default();
    ports.store.end_pass(session.epoch, pass, now, &counts).await?;
    ended?;
    Ok(report)
}

async fn steps(
    ports: Ports<'_>,
    session: &Session,
    options: &PassOptions,
    observer: &dyn Observer,
    report: &mut PassReport,
) -> Result<(), SyncError> {
    let mut doubts = recover(ports, session, observer, &mut report.counts).await?;
    recheck::recheck(ports, session).await?;
    let programs = people::programs(ports, session, options.force_read, observer).await?;
    let (mut left, mut right) = (Counts::default(), Counts::default());
    let (read_left, read_right) = futures_util::future::join(
        read_side(ports, session, Side::Left, options.force_read, observer, &mut left),
        read_side(ports, session, Side::Right, options.force_read, observer, &mut right),
    )
    .await;
    report.counts.rows_read += left.rows_read + right.rows_read;
    report.counts.rows_changed += left.rows_changed + right.rows_changed;
    report.unread = BySide::new(read_left?, read_right?);
    let current = BySide::new(report.unread.left.is_none(), report.unread.right.is_none());
    // Who has an operation in doubt waits, and so does who shares a key with it; nobody else does.
    for side in Side::BOTH {
        report.unread[side] = report.unread[side].take().or(doubts[side].take());
    }
    derive(ports, &programs, session.epoch, current).await?;
    let (pass, deletes) = (report.pass, Default::default());
    let cx = WaveCx { ports, session, programs: &programs, pass, observer, current, deletes };
    if planted::is(Bug::GuardAfterTheWaves) {
        waves(&cx, report).await?;
    }
    report.release = options.release.clone();
    if let Some(limit) = &session.plan.limits.hold {
        match weigh(ports, session, &programs, limit, &options.release).await? {
            Weighed::Within(due) => report.release.counted(due),
            Weighed::Over(holding) if options.approve.as_deref() == Some(&holding.token) => report.approved = true,
            Weighed::Over(holding) if options.count_only => report.would_hold = Some(holding),
            Weighed::Over(holding) => {
                report.ending = Ending::Held(holding);
                return Ok(());
            }
        }
    }
    report.ending = waves(&cx, report).await?;
    Ok(())
}

async fn waves(cx: &WaveCx<'_>, report: &mut PassReport) -> Result<Ending, SyncError> {
    let mut parked: BySide<Option<String>> = BySide::default();
    for _ in 0..SCANS {
        let mut idle = true;
        for program in in_turn(cx.programs) {
            let mut after = Sid(0);
            loop {
                if cx.observer.stopping() {
                    return Ok(Ending::Later { why: STOPPED.to_owned() });
                }
                let take = Take { now: cx.ports.env.now(), limit: WAVE, after, block: program.block.uid };
                let sids = cx.ports.store.take(&take).await?;
                let Some(last) = sids.last() else { break };
                (after, idle) = (*last, false);
                let end = cx.run(program, &sids, &mut report.counts).await?;
                if end.doubts {
                    recover(cx.ports, cx.session, cx.observer, &mut report.counts).await?;
                }
                for side in Side::BOTH {
                    parked[side] = end.parked[side].clone().or(parked[side].take());
                    let unread = &mut report.unread[side];
                    *unread = unread.take().or_else(|| end.unread[side].clone());
                }
                if parked.left.is_some() && parked.right.is_some() {
                    break;
                }
            }
        }
        if idle || parked.left.is_some() || parked.right.is_some() {
            break;
        }
    }
    let why = [&parked.left, &parked.right, &report.unread.left, &report.unread.right].into_iter().flatten().next();
    Ok(why.map_or(Ending::Quiet, |why| Ending::Later { why: why.clone() }))
}

/// Blocks through which another one finds its records come before it.
fn in_turn(programs: &[Program]) -> Vec<&Program> {
    let mut left: Vec<&Program> = programs.iter().collect();
    let mut out = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |program: &&Program| {
            let mut through = program.block.matches.iter().filter_map(MatchLine::through);
            through.any(|through| left.iter().any(|other| other.block.uid == through.block))
        };
        // The check refuses circles.
        let next = left.iter().position(|program| !waits(program)).unwrap_or(0);
        out.push(left.remove(next));
    }
    if planted::is(Bug::PeopleNotAwaited) {
        out.reverse();
    }
    out
}
