//! Rule files that Syncline changes: what it would change, and the change itself, whole or not at all.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Error as IoError, ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use similar::{ChangeTag, TextDiff};
use thiserror::Error;

use super::out::out;
use crate::diagnostic::escape;

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
    let fail = |error: IoError| WriteError::Write { path: path.to_owned(), why: error.to_string() };
    let real = path.canonicalize().map_err(fail)?;
    if std::fs::read(&real).map_err(fail)? != old.as_bytes() {
        return Err(WriteError::Changed(path.to_owned()));
    }
    let rights = real.metadata().map_err(fail)?.permissions();
    if rights.readonly() {
        return Err(fail(IoError::new(ErrorKind::PermissionDenied, "it may only be read")));
    }
    let (fresh, mut file) = beside(&real).map_err(fail)?;
    let written = file
        .write_all(new.as_bytes())
        .and_then(|()| file.set_permissions(rights))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&fresh, &real));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written.map_err(fail)
}

/// A new file in the same folder, so that it can be moved; hidden, so that nobody takes it for rules.
fn beside(path: &Path) -> Result<(PathBuf, File), IoError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut tries = 0;
    loop {
        let fresh = path.with_file_name(format!(".{name}.{}-{tries}.new", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&fresh) {
            Ok(file) => return Ok((fresh, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && tries < 16 => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The change on stdout. Another program gets it as it is; a terminal gets no character that it would act on.
pub(super) fn print_diff(name: &str, old: &str, new: &str) {
    let diff = diff(name, old, new);
    match std::io::stdout().is_terminal() {
        true => {
            let tame = |part: &str| part.split('\t').map(escape).collect::<Vec<_>>().join("\t");
            let lines: Vec<String> = diff.split('\n').map(|line| tame(line.trim_end_matches('\r'))).collect();
            out!("{}", lines.join("\n"));
        }
        false => out!("{diff}"),
    }
}

/// The change as other tools write it, `diff -u`, so that `patch` takes it; empty where nothing changes.
fn diff(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut out = String::new();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if out.is_empty() {
            let _ = writeln!(out, "--- {name}\n+++ {name}");
        }
        let _ = writeln!(out, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let _ = writeln!(out, "{sign}{}", change.value().trim_end_matches('\n'));
            if change.missing_newline() {
                let _ = writeln!(out, "\\ No newline at end of file");
            }
        }
    }
    out
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

    /// What `patch` makes of the text.
    fn patched(old: &str, diff: &str) -> Option<String> {
        let folder = tempfile::tempdir().ok()?;
        std::fs::create_dir(folder.path().join("rules")).ok()?;
        std::fs::write(folder.path().join("rules/a.sync"), old).ok()?;
        std::fs::write(folder.path().join("change.diff"), diff).ok()?;
        let patch = std::process::Command::new("patch")
            .args(["-p0", "--binary", "-s", "-i", "change.diff"])
            .current_dir(folder.path())
            .status();
        let done = patch.ok()?.success();
        Some(if done {
            std::fs::read_to_string(folder.path().join("rules/a.sync")).ok()?
        } else {
            "refused".to_owned()
        })
    }

    /// A reader of the format, which takes every line at its word.
    fn applied(old: &str, diff: &str) -> String {
        let mut rest = old.split_inclusive('\n');
        let (mut out, mut at) = (String::new(), 1);
        let mut lines = diff.split_inclusive('\n').skip(2).peekable();
        while let Some(line) = lines.next() {
            if let Some(hunk) = line.strip_prefix("@@ -") {
                let from: usize = hunk.split([',', ' ']).next().unwrap().parse().unwrap();
                while at < from {
                    out += rest.next().unwrap();
                    at += 1;
                }
                continue;
            }
            let bare = lines.peek().is_some_and(|next| next.starts_with('\\'));
            let text = if bare { line[1..].trim_end_matches('\n') } else { &line[1..] };
            match &line[..1] {
                "\\" => continue,
                "+" => out += text,
                sign => {
                    assert_eq!(rest.next(), Some(text), "{sign}");
                    at += 1;
                    out += if sign == " " { text } else { "" };
                }
            }
        }
        out + &rest.collect::<String>()
    }

    #[test]
    fn whatever_stands_in_a_line_the_diff_can_be_applied() {
        let old = "a\tb\r\n\tc // \u{1b}[2J\n\u{202e}\nlast\n1\n2\n3\n4\n5\n6\n7\nend";
        for new in [old.replace('c', "  d\t"), old.replace("\r\n", "\n"), format!("{old}\n"), old.replace("\n4\n5", "")]
        {
            let diff = diff("rules/a.sync", old, &new);
            assert_eq!(applied(old, &diff), new, "{diff}");
            assert!(patched(old, &diff).is_none_or(|patched| patched == new), "{diff}");
        }
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
