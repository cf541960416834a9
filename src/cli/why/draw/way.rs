//! One direction: gates, creation, and what each condition saw.

use std::fmt::Write;

use crate::cli::show::crm;
use crate::cli::why::State;
use crate::cli::why::words::{message, place, value, way_out};
use crate::data::Side;
use crate::decide::{Creation, Flow, Held, Joint, Judged, Verdict};
use crate::diagnostic::escape;

/// Records behind one answer that are shown.
pub(super) const COUNTED: usize = 5;

pub(super) fn way(out: &mut String, state: &State, side: Side, flow: &Flow<'_>, verdict: &Verdict, what: &str) {
    if flow.gates.is_empty() {
        return;
    }
    let open = match (&flow.barred, flow.unread, flow.keep_syncing) {
        (Some(why), _, true) if matches!(verdict, Verdict::Linked { .. }) => {
            format!("open for linked records, else {why}")
        }
        (Some(why), ..) => format!("closed, {why}"),
        (None, Some(rule), _) => format!("not known yet, {} asks for what was not read", rule.name),
        (None, None, _) => "open".to_owned(),
    };
    let _ = writeln!(out, "\n{what} {}: {}", crm(side), escape(&open));
    for gate in &flow.gates {
        let kind = if gate.exclude { "exclude" } else { "include" };
        let scope = if gate.both { "   both ways" } else { "" };
        let at = place(gate.rule, &state.plan);
        let _ = writeln!(out, "  {kind} {}{scope}   {at}", escape(&gate.rule.name));
        tree(out, &gate.judged, "  ", true);
    }
}

pub(super) fn create(out: &mut String, state: &State, creation: &Creation<'_>) {
    let _ = writeln!(out, "\ncreate lines, from the top");
    for (at, line) in creation.lines.iter().enumerate() {
        let decides = if creation.chosen == Some(at) { "   decides" } else { "" };
        let excluded = if line.even_if_excluded { "   even if excluded" } else { "" };
        let place = place(line.rule, &state.plan);
        let _ = writeln!(out, "  {}{excluded}{decides}   {place}", escape(&line.rule.name));
        match &line.judged {
            Some(judged) if judged.text != "always" => tree(out, judged, "  ", true),
            Some(_) => {}
            None => out.push_str("  └─ not looked at\n"),
        }
    }
    if creation.chosen.is_none() {
        out.push_str("  none of them applies\n");
    }
    if creation.lines.iter().any(|line| line.target.is_some()) && !creation.values.is_empty() {
        let _ = writeln!(out, "\nthe new record would be given");
        let width = creation.values.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        for (name, given, rule) in &creation.values {
            let _ = writeln!(
                out,
                "  {:<width$} = {}   {}   {}",
                escape(name),
                value(Some(given)),
                escape(&rule.name),
                place(rule, &state.plan)
            );
        }
    }
}

/// Values that a new record is not given.
pub(super) fn held(out: &mut String, state: &State, held: &[Held]) {
    for held in held.iter().filter(|held| !held.why.is_empty()) {
        let (word, code) = if held.reject { ("stops the record", "R703") } else { ("is left out", "R702") };
        let at = place(&held.rule, &state.plan);
        let _ = writeln!(out, "  {} {word}, {code}: {}   {at}", escape(&held.rule.name), message(&held.why));
        let _ = writeln!(out, "      way out: {}", way_out(code));
    }
}

/// A condition as a tree, each part with its answer and what it saw.
pub(super) fn tree(out: &mut String, judged: &Judged, indent: &str, last: bool) {
    let branch = if last { "└─" } else { "├─" };
    let answer = match judged.answer {
        Some(true) => "true    ",
        Some(false) => "false   ",
        None => "not read",
    };
    let text = match judged.joint {
        Joint::All => "all of".into(),
        Joint::Any => "any of".into(),
        Joint::Not => "not".into(),
        Joint::One => escape(&judged.text),
    };
    // Of a question that is the condition itself the answer stands before it.
    let saw = judged.saw.iter().filter(|saw| saw.name != judged.text);
    let saw: Vec<String> = saw.map(|saw| format!("{} = {}", escape(&saw.name), value(saw.value.as_ref()))).collect();
    let saw =
        if saw.is_empty() || judged.joint != Joint::One { String::new() } else { format!("   ({})", saw.join(", ")) };
    let _ = writeln!(out, "{indent}{branch} {answer} {text}{saw}");
    let deeper = format!("{indent}{}", if last { "   " } else { "│  " });
    let parts = judged.parts.len();
    for (at, part) in judged.parts.iter().enumerate() {
        tree(out, part, &deeper, at + 1 == parts);
    }
    for counting in judged.counting.iter().take(COUNTED) {
        let id = counting.id.as_deref().unwrap_or("a record");
        match &counting.judged {
            Some(judged) => {
                let _ = writeln!(out, "{deeper}{}", escape(id));
                tree(out, judged, &deeper, true);
            }
            None => {
                let _ = writeln!(out, "{deeper}{} is not read yet", escape(id));
            }
        }
    }
    if judged.counting.len() > COUNTED {
        let _ = writeln!(out, "{deeper}… and {} more", judged.counting.len() - COUNTED);
    }
}
