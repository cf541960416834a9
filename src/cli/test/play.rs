//! One test from its first step to its last, or to the first that is not as it should be.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::coverage::Point;
use super::expect::{Asked, judge};
use super::failure::{Failure, Told};
use super::lab::{Lab, in_virtual_time};
use super::models::Models;
use super::people::{Cast, Undone};
use super::witness::Witness;
use crate::crm::Crm;
use crate::crm::http::Env;
use crate::data::{BySide, Dict};
use crate::diagnostic::Code;
use crate::lang::plan::{Plan, RuleTest, TestStep, TestStepKind};
use crate::store::Sqlite;
use crate::sync::{Ending, Ledger, Opening, PassOptions, PassReport, Ports, Session, run_pass};

/// What all tests of a plan start from.
pub(super) struct Ground<'a> {
    pub plan: &'a Plan,
    pub dict: &'a Dict,
    pub models: &'a Models,
}

/// What came of one test.
#[derive(Debug, Default)]
pub(super) struct Played {
    /// Empty: it passed.
    pub failures: Vec<Failure>,
    pub covered: BTreeSet<Point>,
}

/// Plays a test in a world of its own. An error means that it could not be played at all.
pub(super) fn play(ground: &Ground<'_>, test: &RuleTest) -> Result<Played, String> {
    in_virtual_time(steps(ground, test)).map_err(|error| error.to_string())?
}

async fn steps(ground: &Ground<'_>, test: &RuleTest) -> Result<Played, String> {
    let lab = Lab::new(ground.models.clone());
    let store = Sqlite::in_memory().map_err(|error| error.to_string())?;
    let ledgers = BySide::new(Arc::new(Ledger::new("hubspot")), Arc::new(Ledger::new("salesforce")));
    let both = lab.connect(&ledgers).map_err(|error| error.to_string())?;
    let ports = Ports {
        store: &store,
        crm: BySide::new(&both.hubspot as &dyn Crm, &both.salesforce as &dyn Crm),
        env: &lab,
        ledger: BySide::new(&ledgers.left, &ledgers.right),
    };
    let opening = Opening::begin(ports, "test").await.map_err(|error| error.to_string())?;
    let session = Session::begin(ports, opening, ground.dict.clone(), ground.plan.clone(), Vec::new()).await;
    let session = session.map_err(|error| error.to_string())?;
    let witness = Witness::default();
    let mut cast = Cast::default();
    let mut failures = Vec::new();
    let (mut passes, mut report) = (0, PassReport::default());
    for step in &test.steps {
        let expects = matches!(step.kind, TestStepKind::Expect(_));
        // The expectations after one pass are all judged; what comes later stands on sand.
        if !failures.is_empty() && !expects {
            break;
        }
        match &step.kind {
            TestStepKind::Expect(expected) => {
                let models = lab.models();
                let seen = witness.seen();
                let asked = Asked { models: &models, cast: &cast, seen: &seen, report: &report };
                if let Err(wrong) = judge(&asked, step, expected) {
                    let told = Told::of(passes, &seen, &cast);
                    failures.push(Failure::new(test, step, wrong, Some(told)));
                }
                continue;
            }
            TestStepKind::Pass => {
                lab.step().await;
                passes += 1;
                witness.begin();
                let options = PassOptions { force_read: true, no_hold: true, ..PassOptions::default() };
                let ended = run_pass(ports, &session, &options, &witness).await;
                let why = match ended {
                    Ok(ended) => {
                        report = ended;
                        // What waits for a time is left for a later pass, as it would be in life.
                        let unread = report.unread.left.clone().or(report.unread.right.clone());
                        unread.filter(|_| matches!(report.ending, Ending::Later { .. }))
                    }
                    Err(error) => Some(error.to_string()),
                };
                if let Some(why) = why {
                    let told = Told::of(passes, &witness.seen(), &cast);
                    failures.push(Failure::plain(test, step, Code::PassFailed, why, Some(told)));
                }
            }
            TestStepKind::Wait(ms) => lab.wait(*ms).await,
            _ => {
                lab.step().await;
                let now = lab.now();
                let done = act(&mut cast, &mut lab.models(), step, now);
                if let Err(undone) = done {
                    failures.push(Failure::undone(test, step, &undone));
                }
            }
        }
        cast.look(&lab.models());
    }
    let covered = std::mem::take(&mut witness.seen().covered);
    Ok(Played { failures, covered })
}

/// What people do.
fn act(cast: &mut Cast, models: &mut Models, step: &TestStep, now: crate::data::Millis) -> Result<(), Undone> {
    match &step.kind {
        TestStepKind::Given { record, fields } => cast.give(models, record, fields, now),
        TestStepKind::Set { record, fields } => cast.set(models, record, fields, now),
        TestStepKind::Member { list, record, joins } => cast.member(models, list, record, *joins, now),
        TestStepKind::Delete(record) => cast.delete(models, record, now),
        TestStepKind::Restore(record) => cast.restore(models, record, now),
        TestStepKind::Convert(record) => cast.convert(models, record, now),
        TestStepKind::Merge { record, into } => cast.merge(models, record, into, now),
        TestStepKind::Pass | TestStepKind::Wait(_) | TestStepKind::Expect(_) => Ok(()),
    }
}
