//! What is not written and why, and the sums.

use std::collections::BTreeMap;

use super::moment;
use super::told::Told;
use crate::diagnostic::escape;
use crate::sync::{Ending, Holding, PassReport};

/// Skipped records by reason, and problems.
pub(in crate::cli) fn reasons(told: &Told, most: usize) -> String {
    let mut out = String::new();
    for issue in told.issues.iter().take(most) {
        let rule = if issue.rule.is_empty() { String::new() } else { format!(" ({})", issue.rule) };
        let since = issue.since.map(|at| format!("   since {}", moment(at))).unwrap_or_default();
        out.push_str(&format!(
            "  ! {} {}: {}{}{since}\n",
            issue.code,
            escape(&issue.label),
            escape(&issue.message),
            escape(&rule)
        ));
    }
    if told.issues.len() > most {
        out.push_str(&format!("  … and {} more problems\n", told.issues.len() - most));
    }
    by_reason("frozen", &told.frozen, &mut out);
    by_reason("skipped", &told.skipped, &mut out);
    out
}

fn by_reason(word: &str, of: &[(String, String)], out: &mut String) {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (label, why) in of {
        by_reason.entry(why).or_default().push(label);
    }
    for (why, labels) in by_reason {
        let some: Vec<_> = labels.iter().take(3).map(|label| escape(label).into_owned()).collect();
        let more = if labels.len() > 3 { ", …" } else { "" };
        out.push_str(&format!("  - {:>3} {word}: {}   ({}{more})\n", labels.len(), escape(why), some.join(", ")));
    }
}

/// The last lines: sums, calls, and what is left to do.
pub(in crate::cli) fn summary(report: &PassReport, told: &Told, dry: bool) -> String {
    let counts = &report.counts;
    let refused = told.changes.iter().filter(|change| change.fault.is_some()).count();
    let verb = if dry { "Plan" } else { "Done" };
    let tense = if dry { "to " } else { "" };
    let word = |done: &str, to: &str| if dry { to.to_owned() } else { done.to_owned() };
    let mut out = format!(
        "{verb}: {} {tense}{} ({} in HubSpot, {} in Salesforce), {} {tense}{} ({}, {})",
        counts.created.both(),
        word("created", "create"),
        counts.created.left,
        counts.created.right,
        counts.updated.both(),
        word("updated", "update"),
        counts.updated.left,
        counts.updated.right,
    );
    if counts.deleted.both() > 0 {
        let (deleted, word) = (counts.deleted, word("deleted", "delete"));
        out.push_str(&format!(", {} {tense}{word} ({}, {})", deleted.both(), deleted.left, deleted.right));
    }
    if counts.relinked > 0 {
        let links = if counts.relinked == 1 { "link" } else { "links" };
        out.push_str(&format!(", {} {links} {tense}{}", counts.relinked, word("moved", "move")));
    }
    if counts.frozen > 0 {
        out.push_str(&format!(", {} {tense}{}", counts.frozen, word("frozen", "freeze")));
    }
    if refused > 0 {
        out.push_str(&format!(", {refused} refused"));
    }
    let (read, write) = (counts.calls, counts.write_calls);
    let calls = format!("Calls: {} to HubSpot and {} to Salesforce", read.left, read.right);
    out.push_str(&match dry {
        true => format!(".\n{calls}; the writes would cost {} and {} more.\n", write.left, write.right),
        false => format!(".\n{calls}; the writes among them cost {} and {}.\n", write.left, write.right),
    });
    match &report.ending {
        Ending::Quiet => {}
        Ending::Later { why } => {
            let why = escape(why.trim_end_matches('.')).into_owned();
            out.push_str(&format!("Not all could be done: {why}. The next pass goes on.\n"))
        }
        Ending::Held(held) => out.push_str(&format!(
            "Held: {}. Nothing was written.\nLook at `syncline plan`, then release exactly this with `syncline apply \
             --approve {}`.\n",
            at_stake(held),
            held.token
        )),
    }
    if let Some(held) = &report.would_hold {
        out.push_str(&format!(
            "The guard would hold this: {}. Release exactly this with `syncline apply --approve {}`.\n",
            at_stake(held),
            held.token
        ));
    }
    out
}

/// What the guard counts: records of both sides that belong together are one.
fn at_stake(held: &Holding) -> String {
    format!("{}; the rules allow {} without a word", held.counted(), held.limit)
}
