//! Rule files that Syncline changes: what it would change, and the change itself, whole or not at all.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

#[derive(Debug, Error, Diagnostic)]
pub(super) enum WriteError {
    #[error("cannot write `{path}`: {why}")]
    #[diagnostic(help("look at its place and rights; nothing of it was changed"))]
    Write { path: PathBuf, why: String },
    #[error("`{0}` was changed by somebody else in the meantime")]
    #[diagnostic(help("nothing of it was changed; run it again"))]
    Changed(PathBuf),
}

/// Puts `new` in the place of `old`. A symbolic link stays one, and rights stay as they are.
pub(super) fn replace(path: &Path, old: &str, new: &str) -> Result<(), WriteError> {
    let fail = |error: std::io::Error| WriteError::Write { path: path.to_owned(), why: error.to_string() };
    let real = path.canonicalize().map_err(fail)?;
    if std::fs::read(&real).map_err(fail)? != old.as_bytes() {
        return Err(WriteError::Changed(path.to_owned()));
    }
    let fresh = real.with_added_extension("new");
    let written = (|| {
        let mut file = std::fs::File::create(&fresh)?;
        file.set_permissions(std::fs::metadata(&real)?.permissions())?;
        file.write_all(new.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&fresh, &real)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written.map_err(fail)
}

/// Lines around a change that stay as they are.
const CONTEXT: usize = 3;

/// The change as other tools write it, `diff -u`; empty where nothing changes.
pub(super) fn diff(name: &str, old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let lines = compare(&old, &new);
    let changes: Vec<usize> =
        (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| line.sign != ' ')).collect();
    let mut out = String::new();
    let mut rest = changes.as_slice();
    while let Some(first) = rest.first() {
        let mut last = *first;
        while let Some(next) = rest.iter().find(|at| **at > last).filter(|at| **at <= last + 2 * CONTEXT + 1) {
            last = *next;
        }
        rest = rest.get(rest.partition_point(|at| *at <= last)..).unwrap_or(&[]);
        let hunk = lines.get(first.saturating_sub(CONTEXT)..(last + CONTEXT + 1).min(lines.len())).unwrap_or(&[]);
        if out.is_empty() {
            let _ = writeln!(out, "--- {name}\n+++ {name}");
        }
        hunk_text(hunk, &mut out);
    }
    out
}

struct DiffLine<'t> {
    sign: char,
    /// Lines before it, in the old text and in the new one.
    old: usize,
    new: usize,
    text: &'t str,
}

fn hunk_text(hunk: &[DiffLine<'_>], out: &mut String) {
    let range = |start: usize, length: usize| match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    };
    let count = |other: char| hunk.iter().filter(|line| line.sign != other).count();
    let Some(first) = hunk.first() else { return };
    let _ = writeln!(out, "@@ -{} +{} @@", range(first.old, count('+')), range(first.new, count('-')));
    for line in hunk {
        let text = crate::diagnostic::escape(line.text.trim_end_matches(['\n', '\r']));
        let _ = writeln!(out, "{}{text}", line.sign);
        if !line.text.ends_with('\n') {
            let _ = writeln!(out, "\\ No newline at end of file");
        }
    }
}

/// Line by line, by the longest common run of lines between what is equal at the beginning and at the end. Where that
/// would take too long, the middle is shown as replaced whole.
fn compare<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<DiffLine<'t>> {
    const MOST_CELLS: usize = 4_000_000;
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let room = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    // `longest[i][j]`: most lines that the rest of both has in common.
    let mut longest = vec![vec![0u32; b.len() + 1]; if a.len() * b.len() > MOST_CELLS { 0 } else { a.len() + 1 }];
    for i in (0..a.len()).rev().filter(|_| !longest.is_empty()).collect::<Vec<_>>() {
        for j in (0..b.len()).rev() {
            longest[i][j] =
                if a[i] == b[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let mut lines = Vec::new();
    let mut push = |sign, i: usize, j: usize, text| lines.push(DiffLine { sign, old: i, new: j, text });
    (0..start).for_each(|at| push(' ', at, at, old[at]));
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let at = |i: usize, j: usize| longest.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
        if !longest.is_empty() && i < a.len() && j < b.len() && a[i] == b[j] {
            push(' ', start + i, start + j, a[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && at(i + 1, j) >= at(i, j + 1)) {
            push('-', start + i, start + j, a[i]);
            i += 1;
        } else {
            push('+', start + i, start + j, b[j]);
            j += 1;
        }
    }
    (0..end).for_each(|at| push(' ', old.len() - end + at, new.len() - end + at, old[old.len() - end + at]));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_what_patch_reads() {
        let old: String = (1..=20).map(|line| format!("{line}\n")).collect();
        let new = old.replace("2\n3\n", "2\nthree\n3\n").replace("15\n", "").replace("20\n", "20");
        assert_eq!(
            diff("a", &old, &new),
            "--- a\n+++ a\n@@ -1,5 +1,6 @@\n 1\n 2\n+three\n 3\n 4\n 5\n@@ -12,9 +13,8 @@\n 12\n 13\n 14\n-15\n 16\n 17\n \
             18\n 19\n-20\n+20\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("a", &old, &old), "");
        assert_eq!(diff("a", "", "x\n"), "--- a\n+++ a\n@@ -0,0 +1 @@\n+x\n");
    }

    #[test]
    fn a_file_that_somebody_else_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sync");
        std::fs::write(&path, "theirs").unwrap();
        assert!(matches!(replace(&path, "old", "new"), Err(WriteError::Changed(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        replace(&path, "theirs", "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(matches!(replace(&folder.path().join("none"), "", "x"), Err(WriteError::Write { .. })));
    }
}
