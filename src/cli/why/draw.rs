//! Explanations for people.

use std::fmt::Write;

use super::words::{
    Standing, age, both, match_name, message, moment, place, presence, standing, take_lines, value, way_out,
};
use super::{Asked, Found, State, Subject};
use crate::cli::show::crm;
use crate::data::{BySide, Side, Uid};
use crate::decide::{Creation, Flow, Held, Joint, Judged, RecordLine, RowLine, RowState, Verdict};
use crate::diagnostic::escape;
use crate::store::{IssueRow, JournalRow, OpAct, OpState, Role};

/// Operations that are shown.
const WRITES: usize = 8;
/// Records behind one answer that are shown.
const COUNTED: usize = 5;

pub(super) fn found(state: &State, subjects: &[Subject<'_>]) -> String {
    let mut out = String::new();
    for subject in subjects {
        one(&mut out, state, subject);
        out.push('\n');
    }
    out.push_str(&mirror(state));
    out
}

pub(super) fn not_found(state: &State, asked: &Asked, found: &Found) -> String {
    let mut out = String::new();
    let text = escape(&asked.text);
    match found.loose.as_slice() {
        [] => {
            let _ = writeln!(out, "`{text}` is not in the mirror");
        }
        loose => {
            for row in loose {
                let name = state.dict.name(row.ty).rsplit('/').next().unwrap_or_default();
                let _ = writeln!(
                    out,
                    "{} {name} {} is read for conditions only: no sync block holds it",
                    crm(row.side),
                    escape(&row.id)
                );
            }
        }
    }
    for near in &found.near {
        let _ = writeln!(out, "  did you mean `{}`?", escape(near));
    }
    if found.loose.is_empty() {
        let _ = writeln!(out, "  looked for it as {}", escape(&found.looked.join("; ")));
        out.push_str(
            "  a record without that key, one that was made since, and one whose type no rule names are not there\n",
        );
    }
    out.push('\n');
    out.push_str(&mirror(state));
    out
}

/// What all of it is based on.
fn mirror(state: &State) -> String {
    let mut out = match &state.last {
        Some(last) => format!(
            "By the state of {} ({} ago, pass {}) and rules {}; nothing was asked or written.\n",
            moment(last.ended),
            age(state.now.since(last.ended)),
            last.pass,
            state.plan.digest.short()
        ),
        None => format!("No pass has come to its end yet; rules {}.\n", state.plan.digest.short()),
    };
    if let Some(other) = &state.other_rules {
        let short: String = other.chars().take(8).collect();
        let _ = writeln!(
            out,
            "The files are not the rules that ran last ({short}): all is decided anew by them, and a field or key that is new \
             is not read yet."
        );
    }
    out
}

fn one(out: &mut String, state: &State, subject: &Subject<'_>) {
    let told = &subject.told;
    let (standing, why) = standing(subject);
    let _ = writeln!(out, "{}   {}   (sync {})", label(subject), message(&why), escape(&subject.program.block.name));
    takes(out, subject, standing);
    out.push('\n');
    records(out, state, subject);
    match &told.creation {
        Some(creation) => {
            way(out, state, creation.side, &told.ways[creation.side], &told.verdict, "creation in");
            create(out, state, creation);
            held(out, state, &told.held);
        }
        None if !told.rows.is_empty() => {
            for side in Side::BOTH {
                way(out, state, side, &told.ways[side], &told.verdict, "to");
            }
        }
        None => {}
    }
    rows(out, state, &told.rows);
    issues(out, state, subject);
    writes(out, state, subject);
}

/// What people know it by: the key that was found, or an id.
fn label(subject: &Subject<'_>) -> String {
    let primary = subject.told.records.iter().find(|row| row.role == Role::Primary);
    let row = primary.or(subject.told.records.first());
    let id = row.map_or("", |row| &row.id);
    escape(&subject.label.clone().unwrap_or_else(|| id.to_owned())).into_owned()
}

fn takes(out: &mut String, subject: &Subject<'_>, standing: Standing) {
    let told = &subject.told;
    if standing == Standing::Ambiguous {
        let _ = writeln!(out, "  to change that: {}", way_out("R701"));
        return;
    }
    let sides: Vec<Side> = match &told.creation {
        Some(creation) => vec![creation.side],
        None => Side::BOTH.into_iter().filter(|side| !told.ways[*side].lets_through()).collect(),
    };
    let mut said: Vec<Vec<String>> = Vec::new();
    for side in sides {
        let Some(take) = told.takes[side].as_ref().filter(|_| standing != Standing::Due) else { continue };
        let lines = take_lines(take);
        // Both directions are mostly closed by the same gate.
        if said.contains(&lines) {
            continue;
        }
        match lines.as_slice() {
            [line] => {
                let _ = writeln!(out, "  to change that: {line}");
            }
            lines => {
                let _ = writeln!(out, "  to change that:");
                lines.iter().for_each(|line| {
                    let _ = writeln!(out, "    {line}");
                });
            }
        }
        said.push(lines);
    }
}

fn records(out: &mut String, state: &State, subject: &Subject<'_>) {
    let told = &subject.told;
    let width = told.records.iter().map(|row| row.id.chars().count()).max().unwrap_or(0);
    let types = told.records.iter().map(|row| row.ty.len()).max().unwrap_or(0);
    let mut records: Vec<&RecordLine<'_>> = told.records.iter().collect();
    records.sort_by_key(|row| (row.side, row.role));
    for row in records {
        let role = match row.role {
            Role::Primary => "primary",
            Role::Other => "other",
            Role::Former => "former",
        };
        let id = escape(&row.id);
        let _ = write!(out, "  {:<10} {:<types$} {id:<width$}  {role:<7}", crm(row.side), row.ty);
        if let Some(state) = presence(row.presence) {
            let _ = write!(out, "  {state}");
        }
        if let Some(how) = how(state, subject, row) {
            let _ = write!(out, "  {how}");
        }
        out.push('\n');
    }
    for pick in &told.picks {
        let id = |rid| told.records.iter().find(|row| row.rid == rid).map_or("?", |row| &*row.id);
        let steps = pick.steps.iter().map(|(choice, left)| {
            let left: Vec<&str> = left.iter().map(|rid| id(*rid)).take(4).collect();
            format!("`{choice}` leaves {}", left.join(", "))
        });
        let steps: Vec<String> = steps.collect();
        match pick.taken {
            None => {
                let _ = writeln!(out, "  no `pick` line says which {} record counts", crm(pick.side));
            }
            Some(taken) => {
                let stays = told.records.iter().find(|row| row.side == pick.side && row.role == Role::Primary);
                let kept = stays.filter(|row| row.rid != taken).map_or("", |_| "; a link that exists stays");
                let why = if steps.is_empty() { String::new() } else { format!(": {}", steps.join(", ")) };
                let _ = writeln!(out, "  pick takes {}{}{kept}", escape(id(taken)), escape(&why));
            }
        }
    }
    for rival in told.rivals.iter().take(COUNTED) {
        let linked = if rival.linked { ", which is linked to another record" } else { "" };
        let _ = writeln!(
            out,
            "  shares the key of `{}` with {} {} {}{linked}",
            escape(match_name(rival.rule)),
            crm(rival.side),
            rival.ty,
            escape(&rival.id)
        );
    }
    if told.rivals.len() > COUNTED {
        let _ = writeln!(out, "  … and with {} more", told.rivals.len() - COUNTED);
    }
}

/// How a record came to its subject.
fn how(state: &State, subject: &Subject<'_>, row: &RecordLine<'_>) -> Option<String> {
    let created = subject.journal.iter().find(|op| {
        matches!(op.intent.act, OpAct::Create { .. })
            && op.state == OpState::Done
            && op.side == row.side
            && op.id.as_deref() == Some(&*row.id)
    });
    if let Some(op) = created {
        let rule = rule_name(state, op.intent.rule);
        return Some(format!("created by `{}`, {}", escape(&rule), moment(op.at)));
    }
    let partnered = subject.told.records.iter().any(|other| other.side != row.side);
    match row.matched {
        Some(rule) if row.side == Side::Right => {
            Some(format!("matched by `{}`   {}", escape(match_name(rule)), place(rule, &state.plan)))
        }
        None if row.side == Side::Right && partnered && row.role == Role::Primary => {
            Some("linked before; no match line finds it as both are now".into())
        }
        _ => None,
    }
}

fn way(out: &mut String, state: &State, side: Side, flow: &Flow<'_>, verdict: &Verdict, what: &str) {
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

fn create(out: &mut String, state: &State, creation: &Creation<'_>) {
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
fn held(out: &mut String, state: &State, held: &[Held]) {
    for held in held.iter().filter(|held| !held.why.is_empty()) {
        let (word, code) = if held.reject { ("stops the record", "R703") } else { ("is left out", "R702") };
        let at = place(&held.rule, &state.plan);
        let _ = writeln!(out, "  {} {word}, {code}: {}   {at}", escape(&held.rule.name), message(&held.why));
        let _ = writeln!(out, "      way out: {}", way_out(code));
    }
}

/// A condition as a tree, each part with its answer and what it saw.
fn tree(out: &mut String, judged: &Judged, indent: &str, last: bool) {
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
    let saw: Vec<String> =
        judged.saw.iter().map(|saw| format!("{} = {}", escape(&saw.name), value(saw.value.as_ref()))).collect();
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

fn rows(out: &mut String, state: &State, rows: &[RowLine<'_>]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("\nrows: HubSpot | Salesforce\n");
    let width = rows.iter().map(|row| row.rule.name.len()).max().unwrap_or(0);
    for row in rows {
        let name = escape(&row.rule.name);
        let at = place(row.rule, &state.plan);
        let (word, more) = row_state(state, row);
        let _ = writeln!(out, "  {name:<width$}  {word:<11}  {}   {at}", both(&row.values));
        if let Some(more) = more {
            let _ = writeln!(out, "      {more}");
        }
        if let RowState::NotThere(judged) = &row.state {
            tree(out, judged, "      ", true);
        }
        let differs =
            |side: Side| row.agreed.as_ref().is_some_and(|agreed| row.values[side].as_ref() != Some(&agreed[side]));
        match &row.agreed {
            Some(agreed) if differs(Side::Left) || differs(Side::Right) => {
                let agreed = BySide::new(Some(agreed.left.clone()), Some(agreed.right.clone()));
                let _ = writeln!(out, "      last agreed: {}", both(&agreed));
            }
            None if !matches!(row.state, RowState::OtherType | RowState::AtCreation | RowState::InStep) => {
                out.push_str("      never agreed so far\n");
            }
            _ => {}
        }
    }
}

fn row_state(state: &State, row: &RowLine<'_>) -> (&'static str, Option<String>) {
    let to =
        |side: Side, after| format!("{}: {} -> {}", crm(side), value(row.values[side].as_ref()), value(Some(after)));
    match &row.state {
        RowState::InStep => ("in step", None),
        RowState::Moves { side, after } => ("moves", Some(to(*side, after))),
        RowState::Closed(Some((side, after))) => {
            ("closed", Some(format!("would go to {}; nothing goes there now", to(*side, after))))
        }
        RowState::Closed(None) => ("closed", Some("would be held, if something might flow".into())),
        RowState::Held { code, why } => {
            ("held", Some(format!("{code}: {}\n      way out: {}", escape(why), way_out(code))))
        }
        RowState::HeldBy { rule } => {
            ("held", Some(format!("with {}   {}", escape(&rule.name), place(rule, &state.plan))))
        }
        RowState::Times => {
            ("moves", Some("both sides changed: the newer wins, by times that the next pass asks for".into()))
        }
        RowState::NotThere(_) => ("not there", Some("its `when` is false for this record".into())),
        RowState::NotKnown => {
            ("not known", Some("a value of it, or one that its `when` asks for, was not read yet".into()))
        }
        RowState::OtherType => ("other type", None),
        RowState::AtCreation => ("at creation", None),
    }
}

fn issues(out: &mut String, state: &State, subject: &Subject<'_>) {
    // What a row tells is not told again.
    let told = |line: Uid| {
        subject.told.rows.iter().any(|row| row.rule.uid == line && matches!(row.state, RowState::Held { .. }))
    };
    let others: Vec<&IssueRow> = subject.issues.iter().filter(|row| !told(row.issue.line)).collect();
    if !others.is_empty() {
        out.push_str("\non record\n");
    }
    for row in others {
        let issue = &row.issue;
        let of = if issue.line == Uid::NONE { "the record".to_owned() } else { rule_name(state, issue.line) };
        let _ = writeln!(
            out,
            "  {} {}: {}   since {}",
            escape(&issue.code),
            escape(&of),
            message(&issue.message),
            moment(row.first)
        );
        if issue.line == Uid::NONE {
            let _ = writeln!(out, "      way out: {}", way_out(&issue.code));
        }
    }
    match subject.work {
        Some((due, _)) if due <= state.now => out.push_str("\nit is decided again by the next pass\n"),
        Some((due, tries)) => {
            let tries =
                if tries > 0 { format!(", after {tries} tries in a row that came to nothing") } else { String::new() };
            let _ = writeln!(out, "\nit is decided again from {} on{tries}", moment(due));
        }
        None => {}
    }
}

fn writes(out: &mut String, state: &State, subject: &Subject<'_>) {
    if subject.journal.is_empty() {
        return;
    }
    out.push_str("\nlast writes\n");
    for op in subject.journal.iter().take(WRITES) {
        let what = match op.intent.act {
            OpAct::Create { .. } => format!("created by {}", escape(&rule_name(state, op.intent.rule))),
            OpAct::Update { .. } => "updated".to_owned(),
            OpAct::Delete { .. } => format!("deleted by {}", escape(&rule_name(state, op.intent.rule))),
        };
        let id = op.id.as_deref().map_or(String::new(), |id| format!(" {}", escape(id)));
        let _ = writeln!(out, "  {}  {}{id}  {what}{}", moment(op.at), crm(op.side), ending(op));
        let name = |field| state.dict.name(field).rsplit('.').next().unwrap_or_default().to_owned();
        let width = op.intent.cells.iter().map(|cell| name(cell.field).len()).max().unwrap_or(0);
        for cell in &op.intent.cells {
            let (field, after) = (name(cell.field), value(Some(&cell.after)));
            let rule = rule_name(state, cell.line);
            let _ = writeln!(
                out,
                "      {:<width$}   {} -> {after}   {}",
                escape(&field),
                value(Some(&cell.before)),
                escape(&rule)
            );
        }
        for (field, theirs) in &op.overwritten {
            let _ =
                writeln!(out, "      {} was {} when it was written over", escape(&name(*field)), value(Some(theirs)));
        }
    }
    if subject.journal.len() > WRITES {
        out.push_str("  …\n");
    }
}

fn ending(op: &JournalRow) -> String {
    let state = match op.state {
        OpState::Done => return String::new(),
        OpState::Intended => "on its way",
        OpState::Existed => "not done: the record was there already",
        OpState::Rejected => "refused",
        OpState::Unknown => "outcome not known yet",
        OpState::Void => "not done: decided anew",
        OpState::Late => "not found when looked for: sent again if it is still wanted",
    };
    match &op.fault {
        Some(fault) => format!("   {state}: {}", message(fault)),
        None => format!("   {state}"),
    }
}

pub(super) fn rule_name(state: &State, uid: Uid) -> String {
    if uid == Uid::NONE { String::new() } else { state.dict.name(uid).to_owned() }
}
