//! Which folders to watch, and the watch on them.
//!
//! Files are never watched: editors save by renaming another file into place, and a watch on the old one is then dead. A
//! folder is watched for the names that matter in it, and every folder that holds a symbolic link on the way to a file is
//! watched for that link, so that `ln -sfn` and mounted configuration are seen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::UnboundedSender;

use super::pulse::Stir;
use crate::cli::settings::Settings;
use crate::cli::snapshot::{SCHEMAS, identity, is_rule_file, rule_paths};

/// Symbolic links followed on the way to one file.
const MOST_LINKS: usize = 40;

/// What matters in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Interest {
    /// The folder of the rules: whatever comes or goes may matter, for a link in it may be followed by a rule file.
    rules: bool,
    names: BTreeSet<OsString>,
}

type Wanted = BTreeMap<PathBuf, Interest>;

pub(super) struct Folders {
    /// `None` where the system gives no watch; then only looks at an interval are left.
    watcher: Option<RecommendedWatcher>,
    /// With the identity that the folder had when its watch was set.
    set: BTreeMap<PathBuf, (u64, u64)>,
    wanted: Wanted,
    trouble: Option<String>,
}

impl Folders {
    pub(super) fn new(events: UnboundedSender<notify::Result<Event>>) -> Folders {
        // Nobody listens any more when the watch is being taken down.
        let made = notify::recommended_watcher(move |event| drop(events.send(event)));
        let (watcher, trouble) = match made {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Folders { watcher, set: BTreeMap::new(), wanted: Wanted::new(), trouble }
    }

    /// Sets the watches that are missing, and takes away those that nothing needs any more. Returns whether any is new.
    pub(super) fn arm(&mut self, root: &Path, settings: &Settings) -> bool {
        self.wanted = wanted(root, settings);
        let Some(watcher) = &mut self.watcher else { return false };
        let gone: Vec<PathBuf> = self.set.keys().filter(|path| !self.wanted.contains_key(*path)).cloned().collect();
        for path in gone {
            self.set.remove(&path);
            // Fails when the folder is gone, and its watch with it.
            let _ = watcher.unwatch(&path);
        }
        let mut new = false;
        let mut trouble = None;
        for path in self.wanted.keys() {
            let Ok(meta) = std::fs::metadata(path) else { continue };
            let is = identity(&meta);
            if self.set.get(path) == Some(&is) {
                continue;
            }
            if self.set.remove(path).is_some() {
                let _ = watcher.unwatch(path);
            }
            match watcher.watch(path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.set.insert(path.clone(), is);
                    new = true;
                }
                Err(error) => trouble = Some(error.to_string()),
            }
        }
        self.trouble = trouble;
        new
    }

    /// Why some folder is not watched.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What an event means; empty when it does not matter.
    pub(super) fn meaning(&self, event: notify::Result<Event>) -> Vec<Stir> {
        let event = match event {
            Ok(event) if event.need_rescan() => return vec![Stir::Lost, Stir::Touched],
            Ok(event) => event,
            Err(_) => return vec![Stir::Lost, Stir::Touched],
        };
        if matches!(event.kind, EventKind::Access(what) if what != AccessKind::Close(AccessMode::Write)) {
            return Vec::new();
        }
        // An editor writes to its swap file all the time; only what comes and goes is looked at under any name.
        let data = matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Data(_)));
        let mine = event.paths.into_iter().filter(|path| self.matters(path, data));
        mine.map(|path| match event.kind {
            EventKind::Modify(ModifyKind::Data(_)) if TELLS_CLOSING => Stir::Writing(path),
            EventKind::Access(_) => Stir::Closed(path),
            // What is renamed or removed is no longer being written under this name.
            EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => Stir::Closed(path),
            _ => Stir::Touched,
        })
        .collect()
    }

    fn matters(&self, path: &Path, data: bool) -> bool {
        if self.wanted.contains_key(path) {
            return true;
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return true };
        self.wanted
            .get(folder)
            .is_some_and(|interest| interest.names.contains(name) || interest.rules && (!data || is_rule_file(path)))
    }
}

/// Whether the system says when a file that was written to is closed.
const TELLS_CLOSING: bool = cfg!(any(target_os = "linux", target_os = "android"));

fn wanted(root: &Path, settings: &Settings) -> Wanted {
    let mut wanted = Wanted::new();
    trail(&root.join("syncline.yaml"), &mut wanted);
    let rules = trail(&settings.rules, &mut wanted);
    wanted.entry(rules).or_default().rules = true;
    for path in rule_paths(&settings.rules).unwrap_or_default() {
        if path.is_symlink() {
            trail(&path, &mut wanted);
        }
    }
    for name in [SCHEMAS.left, SCHEMAS.right] {
        trail(&settings.schemas.join(name), &mut wanted);
    }
    wanted
}

/// Adds every folder with an entry that decides what `path` is: those with symbolic links on the way, that of the file in
/// the end, and the one above it, for a folder that is replaced. Returns the path without links.
fn trail(path: &Path, wanted: &mut Wanted) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let owned = |path: &Path| path.components().map(|part| PathBuf::from(part.as_os_str())).collect::<VecDeque<_>>();
    let mut todo = owned(&path);
    let mut real = PathBuf::new();
    let mut links = 0;
    while let Some(part) = todo.pop_front() {
        match part.components().next() {
            Some(Component::ParentDir) => {
                real.pop();
            }
            Some(Component::CurDir) | None => {}
            Some(Component::Normal(name)) => {
                let next = real.join(name);
                match std::fs::read_link(&next) {
                    Ok(target) if links < MOST_LINKS => {
                        links += 1;
                        add(wanted, &real, name);
                        for part in owned(&target).into_iter().rev() {
                            todo.push_front(part);
                        }
                    }
                    _ => real = next,
                }
            }
            Some(Component::RootDir | Component::Prefix(_)) => real.push(part),
        }
    }
    let mut at = real.as_path();
    for _ in 0..2 {
        let (Some(folder), Some(name)) = (at.parent(), at.file_name()) else { break };
        add(wanted, folder, name);
        at = folder;
    }
    real
}

fn add(wanted: &mut Wanted, folder: &Path, name: &std::ffi::OsStr) {
    wanted.entry(folder.to_owned()).or_default().names.insert(name.to_owned());
}
