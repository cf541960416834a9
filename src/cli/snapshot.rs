//! The files of a project as they were on disk, read once: a plan is made from these bytes and never from a second look.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::settings::{Settings, SettingsError};
use crate::data::{BySide, Digest};

/// Longest schema snapshot that is read, in bytes.
const SCHEMA_LIMIT: u64 = 64 * 1024 * 1024;
/// Longest rule file that is read; the language's own limit is below it.
pub(super) const RULES_LIMIT: u64 = 4 * 1024 * 1024;

/// Names of the schema snapshots.
pub(super) const SCHEMAS: BySide<&str> = BySide { left: "hubspot.json", right: "salesforce.json" };

/// What a file held, or why that is not known.
pub(super) type Contents = Result<Vec<u8>, Unread>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Missing,
    TooLong { limit: u64 },
    Failed(String),
}

pub(super) struct Snapshot {
    pub root: PathBuf,
    pub settings: Result<Settings, SettingsError>,
    pub parts: Option<Parts>,
    /// Stands for everything that was read, and for what could not be.
    pub digest: Digest,
    /// Bytes per file that could be read.
    pub sizes: BTreeMap<PathBuf, u64>,
}

/// What the settings lead to.
pub(super) struct Parts {
    /// By path; or why the folder cannot be listed.
    pub rules: Result<Vec<(PathBuf, Contents)>, String>,
    pub schemas: BySide<(PathBuf, Contents)>,
}

impl Snapshot {
    pub(super) fn take(root: &Path) -> Snapshot {
        let path = root.join("syncline.yaml");
        let text = Settings::load(&path);
        let mut seen = Seen::default();
        seen.add(&path, &text.as_ref().map_err(ToString::to_string).map(Vec::as_slice));
        let settings = text.and_then(|text| Settings::from_bytes(&text, &path));
        let parts = settings.as_ref().ok().map(|settings| {
            let rules = rule_paths(&settings.rules).map(|paths| {
                paths.into_iter().map(|path| (path.clone(), contents(&path, RULES_LIMIT))).collect::<Vec<_>>()
            });
            let schema = |name: &str| {
                let path = settings.schemas.join(name);
                let contents = contents(&path, SCHEMA_LIMIT);
                (path, contents)
            };
            Parts { rules, schemas: BySide::new(schema(SCHEMAS.left), schema(SCHEMAS.right)) }
        });
        if let Some(Parts { rules, schemas }) = &parts {
            match rules {
                Ok(files) => files.iter().for_each(|(path, contents)| seen.add_contents(path, contents)),
                Err(why) => seen.add(Path::new("rules"), &Err(why.clone())),
            }
            for (path, contents) in [&schemas.left, &schemas.right] {
                seen.add_contents(path, contents);
            }
        }
        Snapshot { root: root.to_owned(), settings, parts, digest: Digest::of(&seen.told), sizes: seen.sizes }
    }

    /// Whether a file that `before` has is gone or empty here: what a save looks like before it is done.
    pub(super) fn lacks(&self, before: &BTreeMap<PathBuf, u64>) -> bool {
        before.iter().any(|(path, size)| *size > 0 && self.sizes.get(path).is_none_or(|size| *size == 0))
    }
}

/// The rule files of a folder, sorted; its subfolders are not looked into.
pub(super) fn rule_paths(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if is_rule_file(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Ends in `.sync`, and is not hidden as what editors put beside the file they work on (`.#people.sync`).
pub(super) fn is_rule_file(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && path.extension().is_some_and(|extension| extension == "sync")
}

pub(super) fn contents(path: &Path, limit: u64) -> Contents {
    let mut bytes = Vec::new();
    // A pipe would be waited for until somebody writes into it.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Err(Unread::Failed("it is no file, but a pipe, a socket or a device".to_owned()));
    }
    match File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)) {
        Ok(_) if bytes.len() as u64 > limit => Err(Unread::TooLong { limit }),
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Unread::Missing),
        Err(error) => Err(Unread::Failed(error.to_string())),
    }
}

/// A text that differs whenever anything read differs.
#[derive(Default)]
struct Seen {
    told: Vec<u8>,
    sizes: BTreeMap<PathBuf, u64>,
}

impl Seen {
    fn add(&mut self, path: &Path, found: &Result<&[u8], String>) {
        let told = match found {
            Ok(bytes) => {
                self.sizes.insert(path.to_owned(), bytes.len() as u64);
                Digest::of(bytes).to_string()
            }
            Err(why) => why.clone(),
        };
        self.told.extend_from_slice(path.as_os_str().as_encoded_bytes());
        self.told.push(0);
        self.told.extend_from_slice(told.as_bytes());
        self.told.push(0);
    }

    fn add_contents(&mut self, path: &Path, contents: &Contents) {
        self.add(path, &contents.as_ref().map(Vec::as_slice).map_err(|why| format!("{why:?}")));
    }
}

/// Stands for sizes, times and identities of the files, without reading them: for looks at an interval.
pub(super) fn glance(root: &Path, settings: &Settings) -> Digest {
    let mut paths = vec![root.join("syncline.yaml")];
    paths.extend(rule_paths(&settings.rules).unwrap_or_default());
    paths.extend([SCHEMAS.left, SCHEMAS.right].map(|name| settings.schemas.join(name)));
    let mut told = String::new();
    for path in paths {
        let seen = std::fs::metadata(&path).map(|meta| (meta.len(), meta.modified().ok(), identity(&meta)));
        told.push_str(&format!("{path:?} {:?}\n", seen.ok()));
    }
    Digest::of(told.as_bytes())
}

/// Device and number of a file, where there is such a thing: another file under the same name has others.
#[cfg(unix)]
pub(super) fn identity(meta: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (meta.dev(), meta.ino())
}

#[cfg(not(unix))]
pub(super) fn identity(_: &std::fs::Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_would_be_waited_for_is_not_read() {
        let found = contents(Path::new("/dev/null"), 10);
        assert!(matches!(&found, Err(Unread::Failed(why)) if why.contains("no file")), "{found:?}");
    }
}
