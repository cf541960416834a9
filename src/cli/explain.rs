//! `syncline explain`: what a code means.

use std::fmt::Write as _;

use miette::{Diagnostic, Report};
use serde_json::{Value, json};
use thiserror::Error;

use super::out::{out, outln};
use super::{Format, Global, Outcome};
use crate::diagnostic::escape;
use crate::diagnostic::explain::{Example, Explanation, PHASES, explanations, near};

#[derive(clap::Args)]
pub(super) struct Args {
    /// A code such as `L301`; without it, all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

#[derive(Debug, Error, Diagnostic)]
#[error("there is no code `{code}`")]
struct Unknown {
    code: String,
    #[help]
    help: String,
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let human = global.format != Format::Json;
    match &args.code {
        None if human => out!("{}", list(global.look().width)),
        None => outln!("{}", Value::from_iter(explanations().map(|one| json(&one)))),
        Some(code) => {
            let one = Explanation::of(code).ok_or_else(|| unknown(code))?;
            match human {
                true => out!("{}", human_text(&one, global.look().width)),
                false => outln!("{}", json(&one)),
            }
        }
    }
    Ok(Outcome::Fine)
}

fn unknown(code: &str) -> Unknown {
    let near: Vec<String> = near(code).iter().map(|id| format!("`{id}`")).collect();
    let help = match near.is_empty() {
        true => "`syncline explain` lists all codes".to_owned(),
        false => format!("did you mean {}?", near.join(" or ")),
    };
    let code: String = code.chars().take(40).collect();
    Unknown { code: escape(&code).into_owned(), help }
}

fn json(one: &Explanation) -> Value {
    let example = match one.example {
        Example::Rules(_) => json!({"rules": one.example()}),
        Example::Words(words) => json!({"words": words}),
    };
    json!({
        "code": one.id, "kind": one.word(), "about": one.phase(), "means": one.means, "why": one.why,
        "way_out": one.way_out, "example": example,
    })
}

fn human_text(one: &Explanation, width: usize) -> String {
    let mut out = format!("{}   {}   {}\n\n{}", one.id, one.word(), one.phase(), wrapped(one.means, "", width));
    let _ = write!(out, "\nwhy it matters\n{}", wrapped(one.why, "  ", width));
    let _ = write!(out, "\nway out\n{}\nexample\n", wrapped(one.way_out, "  ", width));
    match one.example {
        Example::Rules(_) => one.example().lines().for_each(|line| {
            let line = format!("  {}", escape(line));
            let _ = writeln!(out, "{}", line.trim_end());
        }),
        Example::Words(words) => out.push_str(&wrapped(words, "  ", width)),
    }
    out
}

/// One line per code: the first sentence of what it means.
fn list(width: usize) -> String {
    let mut out = String::new();
    for (letter, about) in PHASES {
        let _ = writeln!(out, "{}{letter}   {about}", if out.is_empty() { "" } else { "\n" });
        for one in explanations().filter(|one| one.id.starts_with(letter)) {
            let first = one.means.split_inclusive(". ").next().unwrap_or(one.means).trim_end();
            let room = width.max(40) - 18;
            let cut: String = first.chars().take(room).collect();
            let more = if cut.len() < first.len() { "…" } else { "" };
            let _ = writeln!(out, "  {}  {:<7}  {}{more}", one.id, one.word(), cut.trim_end());
        }
    }
    out
}

/// In lines no wider than `width`, words whole.
fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut out = String::new();
    let mut line = indent.to_owned();
    for word in text.split(' ') {
        let fresh = line.len() == indent.len();
        if !fresh && line.chars().count() + 1 + word.chars().count() > width {
            let _ = writeln!(out, "{line}");
            line = indent.to_owned();
        } else if !fresh {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
    out
}
