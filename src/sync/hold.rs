//! The guard: a cause that would change more than the rules allow is counted before its first write, and held whole.

use std::collections::BTreeSet;

use rust_decimal::prelude::ToPrimitive;

use crate::data::Fingerprint;
use crate::decide::{BaseView, Decision, Frame, Known, Program, Verdict, decide, identify};
use crate::lang::plan::Hold;
use crate::planted::{self, Bug};
use crate::store::{Sid, Take};

use super::release::Release;
use super::session::{Ports, Session, SyncError};

/// What would change, and the word that releases exactly this.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Holding {
    /// Subjects with at least one write, or to which values flow no more.
    pub records: u64,
    pub creates: u64,
    /// Those that are only frozen.
    pub frozen: u64,
    pub of: u64,
    pub limit: String,
    /// Stands for this plan and these very records: another change makes another word.
    pub token: String,
}

impl Holding {
    /// For people: records of both sides that belong together count as one.
    pub fn counted(&self) -> String {
        let Holding { records, creates, of, frozen, .. } = self;
        let frozen = if *frozen > 0 { format!(", {frozen} frozen") } else { String::new() };
        format!("{records} of {of} records would change, {creates} of them created{frozen}")
    }
}

/// Subjects looked at in one step.
const STEP: usize = 2_000;

pub(super) enum Weighed {
    /// Those that are due and change.
    Within(BTreeSet<Sid>),
    Over(Holding),
}

/// Counts by deciding everything that is due, locally; a record that waits for a fact counts as a write. What was released
/// already is no part of the limit.
pub(super) async fn weigh(
    ports: Ports<'_>,
    session: &Session,
    programs: &[Program],
    limit: &Hold,
    release: &Release,
) -> Result<Weighed, SyncError> {
    let (holding, due) = at_stake(ports, session, programs).await?;
    let beyond = match release {
        Release::Nothing => release.beyond(&due),
        _ if planted::is(Bug::ReleaseForgetsTheLimit) => 0,
        _ => release.beyond(&due),
    };
    let percent = limit.percent.and_then(|percent| percent.to_f64());
    let over = beyond > u64::from(limit.records)
        || percent.is_some_and(|percent| holding.of > 0 && beyond as f64 * 100.0 > percent * holding.of as f64);
    if !over {
        return Ok(Weighed::Within(due));
    }
    let limit = match limit.percent {
        Some(percent) => format!("{} records or {} %", limit.records, percent.normalize()),
        None => format!("{} records", limit.records),
    };
    Ok(Weighed::Over(Holding { limit, ..holding }))
}

async fn at_stake(
    ports: Ports<'_>,
    session: &Session,
    programs: &[Program],
) -> Result<(Holding, BTreeSet<Sid>), SyncError> {
    let now = ports.env.now();
    let (mut held, mut due) = (Holding::default(), BTreeSet::new());
    let mut token = Fingerprint::of(&session.plan.digest.0);
    for program in programs {
        held.of += ports.store.census(program.block.uid).await?.subjects;
    }
    let mut after = Sid(0);
    loop {
        let sids = ports.store.take(&Take { now, limit: STEP, after, ..Take::default() }).await?;
        let Some(last) = sids.last() else { break };
        after = *last;
        let hood = ports.store.load(&sids).await?.seen(now, Default::default());
        for program in programs {
            count(program, &hood, now.0, (&mut held, &mut due), &mut token)?;
        }
    }
    held.records = due.len() as u64;
    held.token = format!("{:08x}", token.0 >> 32);
    Ok((held, due))
}

fn count(
    program: &Program,
    hood: &crate::store::Hood,
    now: i64,
    (held, due): (&mut Holding, &mut BTreeSet<Sid>),
    token: &mut Fingerprint,
) -> Result<(), SyncError> {
    let identified = identify(program, hood, now);
    let (mut frame, mut base, mut decision) = (Frame::default(), BaseView::default(), Decision::default());
    for (sid, members) in &identified.subjects {
        let Some(subject) = hood.subject(*sid).filter(|_| !identified.ambiguous.contains_key(sid)) else { continue };
        frame.fill(program, hood, members)?;
        identified.complete(*sid, &mut frame);
        base.fill(identified.base(subject))?;
        let absent = crate::data::BySide::new(true, true);
        decide(program, &frame, &Known { base: &base, subject, times: &[], absent, now }, &mut decision);
        let moves = identified.relinks.contains_key(sid);
        let writes = decision.writes();
        let freezes = decision.freezes.left || decision.freezes.right;
        if moves || writes || freezes || !decision.needs.is_empty() {
            due.insert(*sid);
            held.creates += u64::from(writes && matches!(decision.verdict, Verdict::Create { .. }));
            held.frozen += u64::from(freezes && !writes && !moves);
            if !planted::is(Bug::WordForThePlanAlone) {
                *token = token.with(&decision.inputs.0.to_le_bytes());
            }
        }
    }
    Ok(())
}
