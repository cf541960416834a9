//! A file gets new contents whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Puts `bytes` in the place of what the file holds. It keeps its permissions; of a symbolic link, the file that it leads
/// to is written, and the link stays.
pub(super) fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let path = path.canonicalize()?;
    let permissions = path.metadata()?.permissions();
    if permissions.readonly() {
        return Err(Error::new(ErrorKind::PermissionDenied, "it may only be read"));
    }
    let (fresh, mut file) = beside(&path)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.set_permissions(permissions))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&fresh, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

/// A new hidden file in the same folder, so that it can be moved and nobody takes it for rules.
fn beside(path: &Path) -> Result<(PathBuf, File), Error> {
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
