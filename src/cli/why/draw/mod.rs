//! Explanations for people.

mod records;
mod rows;
mod standing;
mod story;
mod way;

use std::fmt::Write;

use crate::cli::show::crm;
use crate::cli::show::moment;
use crate::cli::why::words::{age, message, standing};
use crate::cli::why::{Asked, Found, State, Subject};
use crate::data::{Side, Uid};
use crate::diagnostic::escape;
use records::records;
use rows::{rows, stages};
use standing::{label, takes};
use story::{issues, writes};
use way::{create, held, way};

pub(in crate::cli::why) fn found(state: &State, subjects: &[Subject<'_>]) -> String {
    let mut out = String::new();
    for subject in subjects {
        one(&mut out, state, subject);
        out.push('\n');
    }
    out.push_str(&mirror(state));
    out
}

pub(in crate::cli::why) fn not_found(state: &State, asked: &Asked, found: &Found) -> String {
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
    told.stages.iter().for_each(|told| stages(out, state, told));
    issues(out, state, subject);
    writes(out, state, subject);
}

pub(in crate::cli::why) fn rule_name(state: &State, uid: Uid) -> String {
    if uid == Uid::NONE { String::new() } else { state.dict.name(uid).to_owned() }
}
