//! What the runner tells on stderr, one event a line: for people, or as JSON for programs.

use std::io::{IsTerminal, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::held::{Held, What};
use crate::cli::show::{by_crm, crm, moment};
use crate::cli::watch::Why;
use crate::cli::{Color, Format, Global};
use crate::crm::http::{Env, SystemEnv};
use crate::data::{BySide, Millis};
use crate::diagnostic::render::Look;
use crate::diagnostic::{escape, render};
use crate::lang::plan::Differences;
use crate::sync::{Ending, PassReport};

#[derive(Clone, Copy)]
pub(super) struct Log {
    global: Global,
}

/// The plan that runs, and since when.
#[derive(Clone, Debug, Serialize)]
pub(super) struct InForce {
    pub plan: String,
    #[serde(serialize_with = "iso")]
    pub since: Millis,
}

fn iso<S: serde::Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_iso())
}

pub(super) enum Event<'a> {
    /// The first plan runs.
    Running {
        now: &'a InForce,
        accounts: BySide<&'a str>,
        interval_s: u64,
    },
    /// Another plan runs, this long after the first sign of the change.
    Changed {
        was: &'a str,
        now: &'a InForce,
        means: &'a Differences,
        took_ms: Option<u64>,
    },
    /// The files changed, what they mean did not.
    Same {
        now: &'a InForce,
        interval_s: u64,
    },
    /// A change that does not run, and what runs instead.
    Refused {
        now: Option<&'a InForce>,
        why: &'a Why,
    },
    Held {
        now: &'a InForce,
        held: &'a Held,
    },
    /// What was held is not on disk, or not due, any more.
    Withdrawn {
        held: &'a Held,
    },
    Approved {
        held: &'a Held,
    },
    /// Somebody answered proposed matches.
    Answered {
        matches: usize,
    },
    /// Settings that only a start takes up.
    Restart {
        settings: &'a [&'static str],
    },
    /// Something that did not work and is tried again.
    Trouble {
        why: &'a str,
    },
    /// A problem of a record.
    Issue {
        subject: &'a str,
        rule: &'a str,
        code: &'a str,
        message: &'a str,
    },
    Pass {
        now: &'a InForce,
        report: &'a PassReport,
        issues: usize,
        left: BySide<Option<u64>>,
        next: Millis,
        short: Option<&'static str>,
    },
    Stopping,
    /// `whole`: whether the pass in flight came to its end.
    Stopped {
        whole: bool,
    },
}

impl Log {
    pub(super) fn new(global: Global) -> Log {
        Log { global }
    }

    /// Colour goes where it can be shown: on stderr, not stdout.
    fn look(self) -> Look {
        let look = self.global.look();
        let colour = match self.global.color {
            Color::Auto => look.colour && std::io::stderr().is_terminal(),
            _ => look.colour,
        };
        Look { colour, ..look }
    }

    pub(super) fn tell(self, event: &Event<'_>) {
        let at = SystemEnv.now();
        let text = match self.global.format {
            Format::Json => {
                let mut value = event.json();
                value["at"] = json!(at.to_iso());
                format!("{value}\n")
            }
            _ if self.global.quiet && event.is_small() => return,
            _ => format!("{}  {}\n", moment(at), event.text(self.look())),
        };
        // Nobody reads it any more: that is no reason to stop syncing.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

impl Event<'_> {
    /// Left out when only results and errors are wanted.
    fn is_small(&self) -> bool {
        match self {
            Event::Pass { report, issues, .. } => {
                *issues == 0
                    && report.counts.created.both() + report.counts.updated.both() + report.counts.deleted.both() == 0
            }
            Event::Same { .. } | Event::Stopping => true,
            _ => false,
        }
    }

    fn json(&self) -> Value {
        match self {
            Event::Running { now, accounts, interval_s } => json!({
                "event": "running", "now": now, "interval_s": interval_s,
                "accounts": {"hubspot": accounts.left, "salesforce": accounts.right},
            }),
            Event::Changed { was, now, means, took_ms } => {
                json!({"event": "changed", "was": was, "now": now, "means": means, "took_ms": took_ms})
            }
            Event::Same { now, interval_s } => json!({"event": "same", "now": now, "interval_s": interval_s}),
            Event::Refused { now, why } => match why {
                Why::Findings(findings, files) => {
                    json!({"event": "refused", "now": now, "findings": render::json(findings, files)})
                }
                Why::Unfit(error) => json!({"event": "refused", "now": now, "error": error.to_string()}),
            },
            Event::Held { now, held } => json!({"event": "held", "now": now, "held": held}),
            Event::Withdrawn { held } => json!({"event": "withdrawn", "held": held}),
            Event::Approved { held } => json!({"event": "approved", "held": held}),
            Event::Answered { matches } => json!({"event": "answered", "matches": matches}),
            Event::Restart { settings } => json!({"event": "restart_needed", "settings": settings}),
            Event::Trouble { why } => json!({"event": "trouble", "why": why}),
            Event::Issue { subject, rule, code, message } => {
                json!({"event": "issue", "subject": subject, "rule": rule, "code": code, "message": message})
            }
            Event::Pass { now, report, issues, left, next, short } => json!({
                "event": "pass", "pass": report.pass, "plan": now.plan, "issues": issues,
                "ending": ending(&report.ending),
                "counts": by_crm(serde_json::to_value(&report.counts).unwrap_or_default()),
                "calls_left": {"hubspot": left.left, "salesforce": left.right},
                "next": next.to_iso(), "slowed_by": short,
            }),
            Event::Stopping => json!({"event": "stopping"}),
            Event::Stopped { whole } => json!({"event": "stopped", "whole": whole}),
        }
    }

    fn text(&self, look: Look) -> String {
        match self {
            Event::Running { now, accounts, interval_s } => format!(
                "running    rules {}, a pass every {interval_s} s; HubSpot {}, Salesforce {}",
                now.plan,
                escape(accounts.left),
                escape(accounts.right)
            ),
            Event::Changed { was, now, means, took_ms } => {
                let took = took_ms.map_or_else(String::new, |ms| format!(" in {ms} ms"));
                format!("changed    rules {was} -> {}{took}{}", now.plan, changes(means))
            }
            Event::Same { now, interval_s } => {
                format!(
                    "same       the files changed, the meaning of rules {} did not; a pass every {interval_s} s",
                    now.plan
                )
            }
            Event::Refused { now, why } => {
                let still = now
                    .map_or_else(String::new, |now| format!("rules {} run on, since {}", now.plan, moment(now.since)));
                let why = match why {
                    Why::Findings(findings, files) => render::human(findings, files, look),
                    Why::Unfit(error) => said(&**error),
                };
                format!("refused    {still}\n{}", why.trim_end())
            }
            Event::Held { now, held } => {
                let meanwhile = match held.what {
                    What::Rules => format!("rules {} run on", now.plan),
                    What::Pass => "nothing is written".to_owned(),
                };
                format!("held       {}. Until then {meanwhile}: `syncline approve {}`", held.text(), held.word)
            }
            Event::Withdrawn { held } => format!("withdrawn  {}: no longer so", held.word),
            Event::Approved { held } => format!("approved   {}: {}", held.word, held.text()),
            Event::Answered { matches: 1 } => "answered   a proposed match".to_owned(),
            Event::Answered { matches } => format!("answered   {matches} proposed matches"),
            Event::Restart { settings } => {
                format!("restart    {} changed: taken up at the next start", quoted(settings))
            }
            Event::Trouble { why } => format!("trouble    {}", escape(why)),
            Event::Issue { subject, rule, code, message } => {
                let rule = if rule.is_empty() { String::new() } else { format!(" ({})", escape(rule)) };
                format!("issue      {code} {}: {}{rule}", escape(subject), escape(message))
            }
            Event::Pass { report, left, next, short, .. } => pass(report, *left, *next, *short),
            Event::Stopping => "stopping   what is on its way is settled first".to_owned(),
            Event::Stopped { whole: true } => "stopped".to_owned(),
            Event::Stopped { whole: false } => {
                "stopped    within a pass: what it had sent is looked up by the next one".to_owned()
            }
        }
    }
}

fn said(error: &dyn miette::Diagnostic) -> String {
    let help = error.help().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    format!("  {error}{help}")
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn ending(ending: &Ending) -> &'static str {
    match ending {
        Ending::Quiet => "quiet",
        Ending::Later { .. } => "later",
        Ending::Held(_) => "held",
    }
}

fn changes(means: &Differences) -> String {
    let mut out = String::new();
    for (sign, names) in [("+", &means.added), ("-", &means.removed), ("~", &means.changed)] {
        names.iter().for_each(|name| out.push_str(&format!("\n  {sign} {}", escape(name))));
    }
    out
}

fn pass(report: &PassReport, left: BySide<Option<u64>>, next: Millis, short: Option<&str>) -> String {
    let counts = &report.counts;
    let calls = |made: u64, left: Option<u64>| {
        let left = left.map_or_else(String::new, |left| format!(" ({left} left)"));
        format!("{made} call{}{left}", if made == 1 { "" } else { "s" })
    };
    let mut out = format!("pass {:<5} {} read, {} changed", report.pass, counts.rows_read, counts.rows_changed);
    for (name, count) in [("created", counts.created.both()), ("updated", counts.updated.both())] {
        out.push_str(&format!(", {count} {name}"));
    }
    if counts.deleted.both() > 0 {
        out.push_str(&format!(", {} deleted", counts.deleted.both()));
    }
    for (name, count) in [("refused", counts.rejected), ("waiting", counts.waiting), ("looked up", counts.recovered)] {
        if count > 0 {
            out.push_str(&format!(", {count} {name}"));
        }
    }
    out.push_str(&format!(
        "; {} {}, {} {}",
        crm(crate::data::Side::Left),
        calls(counts.calls.left, left.left),
        crm(crate::data::Side::Right),
        calls(counts.calls.right, left.right)
    ));
    match &report.ending {
        Ending::Quiet => {}
        Ending::Later { why } => out.push_str(&format!("; not all could be done: {}", escape(why))),
        Ending::Held(_) => out.push_str("; held, nothing was written"),
    }
    out.push_str(&format!("; next {}", moment(next)));
    if let Some(short) = short {
        out.push_str(&format!(", later than wished for the sake of {short}'s calls"));
    }
    out
}
