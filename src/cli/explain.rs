//! `syncline explain`: what a rule does, what all rules do, what a code means.

use std::fmt::Write as _;
use std::path::PathBuf;

use miette::{Diagnostic, Report};
use serde_json::{Value, json};
use thiserror::Error;

use super::out::{out, outln};
use super::project::Project;
use super::{Format, Global, Outcome, check};
use crate::crm::{hubspot, salesforce};
use crate::data::{BySide, Dict};
use crate::diagnostic::escape;
use crate::diagnostic::explain::{Example, Explanation, PHASES, explanations, markdown_of, near};
use crate::lang::explain::{self, Document, PerCall};

const PER_CALL: BySide<PerCall> = BySide { left: hubspot::PER_CALL, right: salesforce::PER_CALL };

#[derive(clap::Args)]
#[command(after_help = "A rule is named as plans name it, with or without its quotes and the name of its sync:\n  \
    syncline explain people.firstname                    a row, by its field\n  \
    syncline explain 'people.\"our own staff\"'           a gate, a create line, a group, a stage, by its name\n  \
    syncline explain 'create Lead otherwise'             a create or match line without a name, by its words\n  \
    syncline explain lead_status                         a picklist, a place, an owners block, a set of values\n  \
    syncline explain contact.lifecyclestage              a lifecycle\n  \
    syncline explain people                              a whole sync\n  \
    syncline explain limits                              the limits\n  \
    syncline explain L301                                a code of a finding or a problem\n  \
    syncline explain                                     all rules of the project")]
pub(super) struct Args {
    /// A rule or a code; without it, all rules of the project are told
    #[arg(value_name = "RULE|CODE", conflicts_with = "codes")]
    what: Option<String>,
    /// List all codes
    #[arg(long)]
    codes: bool,
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

#[derive(Debug, Error, Diagnostic)]
enum ExplainError {
    #[error("there is no code `{code}`")]
    Code {
        code: String,
        #[help]
        help: String,
    },
    #[error("there is no rule `{rule}`")]
    Rule {
        rule: String,
        #[help]
        help: String,
    },
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    match &args.what {
        None if args.codes => codes(global),
        Some(what) if is_code(what) => {
            let one = Explanation::of(what).ok_or_else(|| unknown(what))?;
            match global.format {
                Format::Json => outln!("{}", json(&one)),
                Format::Markdown => out!("{}", markdown_of(&one)),
                _ => out!("{}", human_text(&one, global.look().width)),
            }
        }
        what => return rules(args, what.as_deref(), global),
    }
    Ok(Outcome::Fine)
}

/// A letter and digits: no rule is named like that unless a sync is.
fn is_code(what: &str) -> bool {
    let mut characters = what.chars();
    let (first, digits) = (characters.next(), characters.as_str());
    first.is_some_and(|first| first.is_ascii_alphabetic())
        && (1..=4).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn rules(args: &Args, what: Option<&str>, global: Global) -> Result<Outcome, Report> {
    let project = Project::read(&args.project)?;
    let (plan, findings) = project.compile(&mut Dict::default());
    let Some(plan) = plan else {
        check::print(&findings, &project.files, global);
        return Ok(Outcome::Findings);
    };
    let documents: Vec<Document> = match what {
        None => explain::project(&plan, &PER_CALL),
        Some(rule) => {
            let found = explain::find(&plan, rule);
            found.into_iter().filter_map(|subject| explain::explain(&plan, subject, &PER_CALL)).collect()
        }
    };
    if let (Some(rule), []) = (what, documents.as_slice()) {
        return Err(no_rule(rule, &explain::near(&plan, rule)).into());
    }
    match global.format {
        Format::Json => outln!("{}", json!({"version": 1, "documents": documents})),
        Format::Markdown => {
            let all: Vec<String> = documents.iter().map(|document| explain::markdown(document, 2)).collect();
            out!("{}", all.join("\n"));
        }
        format => {
            let (width, drawn) = (global.look().width, format == Format::Human);
            let all: Vec<String> = documents
                .iter()
                .map(|document| {
                    let text = explain::text(document, width, drawn);
                    text.lines().map(|line| format!("{}\n", escape(line))).collect()
                })
                .collect();
            out!("{}", all.join("\n"));
        }
    }
    Ok(Outcome::Fine)
}

fn codes(global: Global) {
    match global.format {
        Format::Json => outln!("{}", Value::from_iter(explanations().map(|one| json(&one)))),
        Format::Markdown => out!("{}", crate::diagnostic::explain::markdown()),
        _ => out!("{}", list(global.look().width)),
    }
}

fn no_rule(rule: &str, near: &[String]) -> ExplainError {
    let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    let help = match near.is_empty() {
        true => "`syncline explain` tells of all rules, `syncline explain --codes` lists all codes".to_owned(),
        false => format!("did you mean {}?", near.join(" or ")),
    };
    let rule: String = rule.chars().take(80).collect();
    ExplainError::Rule { rule: escape(&rule).into_owned(), help }
}

fn unknown(code: &str) -> ExplainError {
    let near: Vec<String> = near(code).iter().map(|id| format!("`{id}`")).collect();
    let help = match near.is_empty() {
        true => "`syncline explain --codes` lists all codes".to_owned(),
        false => format!("did you mean {}?", near.join(" or ")),
    };
    let code: String = code.chars().take(40).collect();
    ExplainError::Code { code: escape(&code).into_owned(), help }
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
