//! What is on record against records: problems stay there until what they come from has changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{Millis, Uid};
use crate::decide::{Frame, identify};
use crate::store::Sid;

use super::label::label;
use super::session::{Ports, Session, SyncError};

/// A problem of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What people know the record by.
    pub label: String,
    /// The rule that it is about; empty where it is about the whole record.
    pub rule: String,
    pub code: String,
    pub message: String,
    /// When it was first seen.
    pub since: Millis,
}

impl Problem {
    /// Whether somebody has to do something about it: what a row leaves out by its own word (R702), further records with the
    /// same key (R707) and deletions that wait for the next pass (R708) are only told.
    pub fn is_open(&self) -> bool {
        !matches!(&*self.code, "R702" | "R707" | "R708")
    }
}

/// Subjects looked at in one step.
const STEP: usize = 500;

/// All problems of the plan's records, sorted by code and record.
pub async fn problems(ports: Ports<'_>, session: &Session) -> Result<Vec<Problem>, SyncError> {
    let rows = ports.store.issues().await?;
    let sids: Vec<Sid> = rows.iter().map(|row| row.issue.sid).collect::<BTreeSet<_>>().into_iter().collect();
    let mut labels: BTreeMap<Sid, String> = BTreeMap::new();
    for sids in sids.chunks(STEP) {
        let hood = ports.store.load(sids).await?.seen(ports.env.now(), Default::default());
        for program in &session.programs {
            for (sid, members) in &identify(program, &hood, hood.now.0).subjects {
                let mut frame = Frame::default();
                frame.fill(program, &hood, members)?;
                labels.insert(*sid, label(program, &frame, &hood, members));
            }
        }
    }
    let name = |rule: Uid| if rule == Uid::NONE { String::new() } else { session.dict.name(rule).to_owned() };
    let mut found: Vec<Problem> = rows
        .into_iter()
        .filter_map(|row| {
            Some(Problem {
                label: labels.get(&row.issue.sid)?.clone(),
                rule: name(row.issue.rule),
                code: row.issue.code,
                message: row.issue.message,
                since: row.first,
            })
        })
        .collect();
    found.sort_by(|a, b| (&a.code, &a.label, &a.rule).cmp(&(&b.code, &b.label, &b.rule)));
    Ok(found)
}
