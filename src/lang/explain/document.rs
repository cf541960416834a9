//! A document as plain data, and its two forms as text.

use std::fmt::Write as _;

use serde::Serialize;

/// Everything about one rule, or about all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Document {
    /// As rules are named: `people.firstname`.
    pub title: String,
    /// `row`, `gate`, `create line` …
    pub kind: &'static str,
    /// File and line, where the rule has one.
    pub place: Option<String>,
    pub sections: Vec<Section>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Section {
    /// Empty: it goes without.
    pub heading: String,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text(String),
    List(Vec<String>),
    Table { head: Vec<String>, rows: Vec<Vec<String>> },
}

impl Document {
    pub(super) fn new(title: impl Into<String>, kind: &'static str, place: Option<String>) -> Document {
        Document { title: title.into(), kind, place, sections: Vec::new() }
    }

    /// With a section, if there is something in it.
    pub(super) fn with(mut self, heading: &str, parts: Vec<Part>) -> Document {
        let parts: Vec<Part> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            self.sections.push(Section { heading: heading.to_owned(), parts });
        }
        self
    }
}

impl Part {
    fn is_empty(&self) -> bool {
        match self {
            Part::Text(text) => text.is_empty(),
            Part::List(items) => items.is_empty(),
            Part::Table { rows, .. } => rows.is_empty(),
        }
    }
}

/// For people: lines no wider than `width`. `drawn`: tables stand in columns; else each row is a line of its own.
pub fn text(document: &Document, width: usize, drawn: bool) -> String {
    let mut out = document.title.clone();
    let _ = write!(out, "   {}", document.kind);
    if let Some(place) = &document.place {
        let _ = write!(out, "   {place}");
    }
    if !drawn {
        out = out.replace("   ", ", ");
    }
    out.push('\n');
    for section in &document.sections {
        out.push('\n');
        let indent = if section.heading.is_empty() { "" } else { "  " };
        if !section.heading.is_empty() {
            let _ = writeln!(out, "{}", section.heading);
        }
        for part in &section.parts {
            match part {
                Part::Text(text) => wrapped(text, indent, indent, width, &mut out),
                Part::List(items) => {
                    let deeper = format!("{indent}  ");
                    items.iter().for_each(|item| wrapped(item, &format!("{indent}- "), &deeper, width, &mut out));
                }
                Part::Table { head, rows } if drawn => columns(head, rows, indent, width, &mut out),
                Part::Table { head, rows } => {
                    let deeper = format!("{indent}  ");
                    rows.iter()
                        .for_each(|row| wrapped(&said(head, row), &format!("{indent}- "), &deeper, width, &mut out));
                }
            }
        }
    }
    out
}

/// `Field: firstname. Both changed: Salesforce wins.`
fn said(head: &[String], row: &[String]) -> String {
    let cells = head.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
    let cells = cells.map(|(head, cell)| if head.is_empty() { cell.clone() } else { format!("{head}: {cell}") });
    cells.collect::<Vec<_>>().join("; ")
}

/// Between columns.
const GAP: usize = 3;
/// Columns are made no narrower than this, nor narrower than a word.
const NARROW: usize = 8;

/// Where the table is wider than `width`, its widest columns give way, and their cells take several lines.
fn columns(head: &[String], rows: &[Vec<String>], indent: &str, width: usize, out: &mut String) {
    let all = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let most = |at: usize, of: &dyn Fn(&str) -> usize| {
        all().filter_map(|row| row.get(at)).map(|cell| of(cell)).max().unwrap_or(0)
    };
    let word = |cell: &str| cell.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..head.len()).map(|at| most(at, &|cell| cell.chars().count())).collect();
    let least: Vec<usize> = (0..head.len()).map(|at| most(at, &word).max(NARROW)).collect();
    let room = width.saturating_sub(indent.len() + GAP * head.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let widest = (0..widths.len()).filter(|at| widths[*at] > least[*at]).max_by_key(|at| widths[*at]);
        let Some(widest) = widest else { break };
        widths[widest] -= 1;
    }
    for row in all().filter(|row| row.iter().any(|cell| !cell.is_empty())) {
        let cells: Vec<Vec<String>> = row.iter().zip(&widths).map(|(cell, width)| broken(cell, *width)).collect();
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let line = cells.iter().zip(&widths).map(|(cell, width)| {
                let piece = cell.get(at).map_or("", String::as_str);
                format!("{piece:<width$}")
            });
            let line = line.collect::<Vec<_>>().join(&" ".repeat(GAP));
            let _ = writeln!(out, "{}", format!("{indent}{line}").trim_end());
        }
    }
}

/// In lines no longer than `width`, words whole.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Words whole; `first` leads the first line, `rest` the others.
fn wrapped(text: &str, first: &str, rest: &str, width: usize, out: &mut String) {
    let (mut line, mut fresh) = (first.to_owned(), true);
    for word in text.split(' ') {
        if !fresh && line.chars().count() + 1 + word.chars().count() > width.max(40) {
            let _ = writeln!(out, "{line}");
            (line, fresh) = (rest.to_owned(), true);
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(word);
        fresh = false;
    }
    let _ = writeln!(out, "{line}");
}

/// For tickets and pages.
pub fn markdown(document: &Document, level: usize) -> String {
    let hashes = "#".repeat(level);
    let mut out = format!("{hashes} {} `{}`\n", capital(document.kind), document.title.replace('`', "'"));
    if let Some(place) = &document.place {
        let _ = write!(out, "\n{place}\n");
    }
    for section in &document.sections {
        if !section.heading.is_empty() {
            let _ = write!(out, "\n{hashes}# {}\n", capital(&section.heading));
        }
        for part in &section.parts {
            out.push('\n');
            match part {
                Part::Text(text) => out.push_str(&format!("{text}\n")),
                Part::List(items) => items.iter().for_each(|item| out.push_str(&format!("- {item}\n"))),
                Part::Table { head, rows } => {
                    let line = |cells: &[String]| {
                        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    out.push_str(&line(head));
                    out.push_str(&line(&vec!["---".to_owned(); head.len()]));
                    rows.iter().for_each(|row| out.push_str(&line(row)));
                }
            }
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
