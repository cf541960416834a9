//! The same for programs.

use serde_json::{Value, json};

use super::told::Told;
use super::{crm, moment};
use crate::lang::plan::Plan;
use crate::sync::{Ending, PassReport};

pub(in crate::cli) fn to_json(plan: &Plan, told: &Told, report: &PassReport, dry: bool) -> Value {
    let changes: Vec<Value> = told
        .changes
        .iter()
        .map(|change| {
            let mut value = serde_json::to_value(change).unwrap_or_default();
            value["side"] = json!(crm(change.side).to_lowercase());
            value
        })
        .collect();
    let skipped: Vec<Value> =
        told.skipped.iter().map(|(label, why)| json!({"subject": label, "reason": why})).collect();
    let issues: Vec<Value> = told
        .issues
        .iter()
        .map(|issue| {
            let since = issue.since.map(moment);
            json!({"subject": issue.label, "rule": issue.rule, "code": issue.code, "message": issue.message, "since": since})
        })
        .collect();
    let ending = match &report.ending {
        Ending::Quiet => json!({"state": "quiet"}),
        Ending::Later { why } => json!({"state": "later", "reason": why}),
        Ending::Held(holding) => json!({"state": "held", "holding": holding}),
    };
    let mut out = json!({
        "version": 1, "plan": plan.digest.to_string(), "dry_run": dry, "changes": changes, "skipped": skipped,
        "issues": issues, "ending": ending, "counts": by_crm(serde_json::to_value(&report.counts).unwrap_or_default()),
    });
    if !told.frozen.is_empty() {
        let frozen = told.frozen.iter().map(|(label, why)| json!({"subject": label, "reason": why}));
        out["frozen"] = frozen.collect();
    }
    if let Some(held) = &report.would_hold {
        out["would_hold"] = json!(held);
    }
    if !told.relinked.is_empty() {
        let relinked = told.relinked.iter().map(|relinked| {
            let mut value = serde_json::to_value(relinked).unwrap_or_default();
            value["side"] = json!(crm(relinked.side).to_lowercase());
            value
        });
        out["relinked"] = relinked.collect();
    }
    out
}

/// Sides by their names.
pub(in crate::cli) fn by_crm(mut counts: Value) -> Value {
    if let Some(counts) = counts.as_object_mut() {
        for value in counts.values_mut() {
            if let (Some(left), Some(right)) = (value.get("left").cloned(), value.get("right").cloned()) {
                *value = json!({"hubspot": left, "salesforce": right});
            }
        }
    }
    counts
}
