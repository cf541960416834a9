//! What came of the tests: for people, for programs, and for servers that build.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::Report;
use super::coverage::{Described, Point};
use super::expect::shown;
use super::failure::{Failure, Told};
use crate::diagnostic::render::{self, Look, xml};
use crate::diagnostic::{Finding, SourceFile, escape};
use crate::lang::plan::{Place, Plan};

fn at(plan: &Plan, place: &Place) -> String {
    plan.files.get(place.file).map(|file| format!("{file}:{}", place.line)).unwrap_or_default()
}

/// `all`: tests that passed are listed too.
pub(super) fn human(report: &Report<'_>, files: &[SourceFile], look: Look, all: bool) -> String {
    let mut out = String::new();
    for (test, played) in &report.played {
        let sign = if played.failures.is_empty() { "✓" } else { "✗" };
        if all || !played.failures.is_empty() {
            let _ = writeln!(out, "{sign} {}   {}", escape(&test.name), at(report.plan, &test.place));
        }
        for (at, failure) in played.failures.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            let _ = writeln!(out, "{gap}{}", drawn(&failure.finding, files, look).trim());
            out.push_str(&difference(failure));
            // All of them are about one pass.
            if let Some(told) = failure.told.as_ref().filter(|_| at + 1 == played.failures.len()) {
                out.push_str(&trace(told, report.plan));
            }
            out.push('\n');
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let failed = report.failed();
    let _ = match (report.played.len(), failed) {
        (0, _) => writeln!(out, "no tests"),
        (n, 0) => writeln!(out, "{} passed", plural(n, "test")),
        (n, failed) => writeln!(out, "{failed} of {} failed", plural(n, "test")),
    };
    out
}

fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn drawn(finding: &Finding, files: &[SourceFile], look: Look) -> String {
    let text = render::human(std::slice::from_ref(finding), files, look);
    // Without the summary of a single finding.
    text.trim_end().rsplit_once('\n').map_or(String::new(), |(drawn, _)| drawn.to_owned())
}

fn difference(failure: &Failure) -> String {
    let mut out = String::new();
    if let Some(difference) = &failure.difference {
        let _ = writeln!(out, "\n  {}", escape(&difference.record));
        let width = difference.fields.iter().map(|field| field.field.len()).max().unwrap_or_default();
        for field in &difference.fields {
            let actual = field.actual.as_ref().map_or("(no such field)".to_owned(), shown);
            let _ = writeln!(out, "    - {:<width$}   {}   expected", field.field, escape(&shown(&field.expected)));
            let _ = writeln!(out, "    + {:<width$}   {}", field.field, escape(&actual));
        }
    }
    out
}

fn trace(told: &Told, plan: &Plan) -> String {
    let mut out = String::new();
    match told.wrote.is_empty() {
        true => drop(writeln!(out, "\n  pass {} wrote nothing", told.pass)),
        false => drop(writeln!(out, "\n  pass {} wrote", told.pass)),
    }
    for wrote in &told.wrote {
        let (sign, by) = match &wrote.created_by {
            Some((rule, place)) => ("+", format!("   {}   {}", escape(rule), at(plan, place))),
            None => ("~", String::new()),
        };
        let _ = writeln!(out, "    {sign} {}{by}", escape(&wrote.record));
        let width = wrote.cells.iter().map(|(field, ..)| field.len()).max().unwrap_or_default();
        for (field, before, after, rule, place) in &wrote.cells {
            let value = match &wrote.created_by {
                Some(_) => shown(after),
                None => format!("{} -> {}", shown(before), shown(after)),
            };
            let _ =
                writeln!(out, "        {field:<width$}   {}   {}   {}", escape(&value), escape(rule), at(plan, place));
        }
    }
    if !told.left.is_empty() {
        let _ = writeln!(out, "  left as it is");
    }
    for left in &told.left {
        let _ = writeln!(out, "    - {}", escape(&left.record));
        for why in &left.why {
            let _ = writeln!(out, "        {}", escape(why));
        }
        for stop in &left.stops {
            let _ =
                writeln!(out, "        {}   {}   {}", escape(&stop.rule), escape(&stop.text), at(plan, &stop.place));
        }
    }
    for trouble in &told.troubles {
        let _ = writeln!(out, "    ! {}", escape(trouble));
    }
    out
}

/// How much of the rules the tests have seen, and what they have not.
pub(super) fn coverage(report: &Report<'_>) -> String {
    let mut out = String::new();
    let missing = report.missing();
    if !missing.is_empty() {
        out.push_str("\nnot seen by any test\n");
    }
    let width = missing.iter().map(|(_, described)| described.rule.chars().count()).max().unwrap_or_default();
    let what = missing.iter().map(|(_, described)| described.what.chars().count()).max().unwrap_or_default();
    for (_, described) in &missing {
        let place = described.place.as_ref().map(|place| at(report.plan, place)).unwrap_or_default();
        let line = format!("  {:<width$}   {:<what$}   {place}", escape(&described.rule), escape(&described.what));
        let _ = writeln!(out, "{}", line.trim_end());
    }
    let (seen, all) = report.share();
    let _ = writeln!(out, "\ncoverage {}%: {seen} of {all} outcomes of the rules", report.percent());
    out
}

pub(super) fn to_json(report: &Report<'_>, files: &[SourceFile], with_coverage: bool) -> Json {
    let tests: Vec<Json> = report
        .played
        .iter()
        .map(|(test, played)| {
            let failures: Vec<Json> =
                played.failures.iter().map(|failure| failure_json(failure, files, report.plan)).collect();
            json!({
                "name": test.name, "file": report.plan.files.get(test.place.file), "line": test.place.line,
                "passed": failures.is_empty(), "failures": failures,
            })
        })
        .collect();
    let mut out = json!({
        "version": 1, "plan": report.plan.digest.to_string(), "tests": tests, "failed": report.failed(),
    });
    if with_coverage {
        let (seen, all) = report.share();
        let missing: Vec<Json> =
            report.missing().iter().map(|(_, described)| point_json(described, report.plan)).collect();
        out["coverage"] = json!({"seen": seen, "outcomes": all, "percent": report.percent(), "missing": missing});
    }
    out
}

fn point_json(described: &Described, plan: &Plan) -> Json {
    let place = described.place.as_ref();
    json!({
        "rule": described.rule, "outcome": described.what,
        "file": place.and_then(|place| plan.files.get(place.file)), "line": place.map(|place| place.line),
    })
}

fn failure_json(failure: &Failure, files: &[SourceFile], plan: &Plan) -> Json {
    let mut out = render::json(std::slice::from_ref(&failure.finding), files).get(0).cloned().unwrap_or_default();
    if let Some(difference) = &failure.difference {
        let fields: Vec<Json> = difference
            .fields
            .iter()
            .map(|field| json!({"field": field.field, "expected": field.expected, "actual": field.actual}))
            .collect();
        out["difference"] = json!({"record": difference.record, "fields": fields});
    }
    if let Some(told) = &failure.told {
        let rule =
            |rule: &str, place: &Place| json!({"rule": rule, "file": plan.files.get(place.file), "line": place.line});
        let wrote: Vec<Json> = told
            .wrote
            .iter()
            .map(|wrote| {
                let cells = wrote.cells.iter().map(|(field, before, after, by, place)| {
                    json!({"field": field, "before": before, "after": after, "by": rule(by, place)})
                });
                let created = wrote.created_by.as_ref().map(|(by, place)| rule(by, place));
                json!({"record": wrote.record, "created_by": created, "cells": cells.collect::<Vec<_>>()})
            })
            .collect();
        let left: Vec<Json> = told
            .left
            .iter()
            .map(|left| {
                let stops = left.stops.iter().map(|stop| {
                    let mut out = rule(&stop.rule, &stop.place);
                    out["text"] = json!(stop.text);
                    out
                });
                json!({"record": left.record, "why": left.why, "stopped_by": stops.collect::<Vec<_>>()})
            })
            .collect();
        out["pass"] = json!({"number": told.pass, "wrote": wrote, "left": left, "troubles": told.troubles});
    }
    out
}

/// One paragraph per failure, without drawings.
pub(super) fn plain(report: &Report<'_>, files: &[SourceFile]) -> String {
    let mut out = String::new();
    for (test, played) in report.played.iter().filter(|(_, played)| !played.failures.is_empty()) {
        let _ = writeln!(out, "Test `{}` failed, {}.", escape(&test.name), at(report.plan, &test.place));
        for failure in &played.failures {
            let said = render::plain(std::slice::from_ref(&failure.finding), files);
            // Without the summary of a single finding.
            let _ = writeln!(out, "{}", said.split("\n\n").next().unwrap_or_default());
            for field in failure.difference.iter().flat_map(|difference| &difference.fields) {
                let actual = field.actual.as_ref().map_or("no such field".to_owned(), shown);
                let (expected, actual) = (shown(&field.expected), actual);
                let _ = writeln!(out, "`{}` is {}, expected {}.", field.field, escape(&actual), escape(&expected));
            }
        }
        out.push('\n');
    }
    let failed = report.failed();
    let _ = match (report.played.len(), failed) {
        (0, _) => writeln!(out, "No tests."),
        (n, 0) => writeln!(out, "{} passed.", plural(n, "test")),
        (n, failed) => writeln!(out, "{failed} of {} failed.", plural(n, "test")),
    };
    out
}

/// A remark on each line where a test failed.
pub(super) fn github(report: &Report<'_>, files: &[SourceFile]) -> String {
    let failures = report.played.iter().flat_map(|(_, played)| &played.failures);
    let findings: Vec<Finding> = failures.map(|failure| failure.finding.clone()).collect();
    let said = render::github(&findings, files);
    let commands = said.lines().filter(|line| line.starts_with("::")).map(|line| format!("{line}\n"));
    commands.chain([format!("{} of {} failed\n", report.failed(), plural(report.played.len(), "test"))]).collect()
}

/// One suite per file, in the form that build servers read: https://github.com/testmoapp/junitxml
pub(super) fn junit(report: &Report<'_>, files: &[SourceFile]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"syncline\" tests=\"{}\" failures=\"{}\">",
        report.played.len(),
        report.failed()
    );
    for (at, file) in report.plan.files.iter().enumerate() {
        let cases: Vec<_> = report.played.iter().filter(|(test, _)| test.place.file == at).collect();
        if cases.is_empty() {
            continue;
        }
        let failed = cases.iter().filter(|(_, played)| !played.failures.is_empty()).count();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" file=\"{}\">",
            xml(file),
            cases.len(),
            xml(file)
        );
        for (test, played) in cases {
            let head = format!(
                "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\"",
                xml(&test.name),
                xml(file),
                xml(file),
                test.place.line
            );
            if played.failures.is_empty() {
                let _ = writeln!(out, "{head}/>");
                continue;
            }
            let _ = writeln!(out, "{head}>");
            for failure in &played.failures {
                let look = Look { width: 100, colour: false };
                let trace = failure.told.as_ref().map(|told| trace(told, report.plan)).unwrap_or_default();
                let drawn = drawn(&failure.finding, files, look);
                let text = format!("{}\n{}{trace}", drawn.trim(), difference(failure));
                let _ = writeln!(
                    out,
                    "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                    failure.finding.code,
                    xml(&failure.finding.message),
                    xml(&text)
                );
            }
            let _ = writeln!(out, "    </testcase>");
        }
        let _ = writeln!(out, "  </testsuite>");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Points in their order, for those who list them.
pub(super) type Missing<'r> = Vec<(&'r Point, &'r Described)>;
