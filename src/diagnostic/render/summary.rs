//! The last line under a list of findings.

use std::collections::BTreeSet;

use crate::diagnostic::{Finding, Severity};

/// `2 errors, 1 warning in 1 of 3 files`, or `no findings in 3 files`.
pub fn summary(findings: &[Finding], files: usize) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")];
    let parts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(*n, word)).collect();
    if parts.is_empty() {
        return format!("no findings in {}", plural(files, "file"));
    }
    let touched: BTreeSet<usize> =
        findings.iter().filter_map(|finding| finding.labels.first().map(|label| label.file)).collect();
    format!("{} in {} of {}", parts.join(", "), touched.len(), plural(files, "file"))
}

fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
