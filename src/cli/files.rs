//! Rule files that Syncline changes: what it would change, and the change itself, whole or not at all.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Error as IoError, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use similar::{ChangeTag, TextDiff};
use thiserror::Error;

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

/// The change as other tools write it, `diff -u`; empty where nothing changes.
pub(super) fn diff(name: &str, old: &str, new: &str) -> String {
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
            let _ = writeln!(out, "{sign}{}", escape(change.value().trim_end_matches(['\n', '\r'])));
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
