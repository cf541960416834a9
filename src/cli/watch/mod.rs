//! Watches a project's files and tells what they mean whenever they have changed as a whole.

mod folders;
mod loader;
mod pulse;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use folders::Folders;
pub(super) use loader::{Found, Loaded, Loader, Refused, TESTS, Why};
pub(super) use pulse::Timing;
use pulse::{Pulse, Stir, Verdict};

use super::settings::Settings;
use super::snapshot::{Snapshot, glance};

/// Between two looks that do not wait for an event: network drives and some containers send none.
const LOOK: Duration = Duration::from_secs(2);

/// A watch; it ends when this is dropped.
pub(super) struct Watch {
    pub found: UnboundedReceiver<Found>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Starts watching, and loads what is there now: the first answer comes without a change.
    pub(super) fn start(loader: Loader, timing: Timing) -> Watch {
        let (tell, found) = mpsc::unbounded_channel();
        let task = tokio::spawn(watching(loader, timing, tell));
        Watch { found, task }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watching(loader: Loader, timing: Timing, tell: UnboundedSender<Found>) {
    let (send, mut events) = mpsc::unbounded_channel();
    let mut desk =
        Desk { git: git_folder(loader.root()), loader, folders: Folders::new(send), settings: Settings::default() };
    let mut pulse = Pulse::new(timing);
    pulse.stir(Stir::Touched, Instant::now());
    let mut sizes = std::collections::BTreeMap::new();
    let (mut seen, mut trouble) = (None, None);
    let mut look = tokio::time::interval(LOOK);
    loop {
        let due = pulse.due();
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { return };
                desk.folders.meaning(event).into_iter().for_each(|stir| pulse.stir(stir, Instant::now()));
                continue;
            }
            _ = look.tick() => {
                let now = glance(desk.loader.root(), &desk.settings);
                if seen.replace(now) != Some(now) {
                    pulse.stir(Stir::Touched, Instant::now());
                }
                continue;
            }
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
        }
        if desk.checkout_runs() && pulse.put_off(Instant::now()) {
            continue;
        }
        let (back, snapshot) = match tokio::task::spawn_blocking(move || desk.read()).await {
            Ok(read) => read,
            // Only when the runtime is being taken down.
            Err(_) => return,
        };
        desk = back;
        while let Ok(event) = events.try_recv() {
            desk.folders.meaning(event).into_iter().for_each(|stir| pulse.stir(stir, Instant::now()));
        }
        if trouble.as_deref() != desk.folders.trouble() {
            trouble = desk.folders.trouble().map(str::to_owned);
            if let Some(why) = &trouble
                && tell.send(Found::Unwatched(why.clone())).is_err()
            {
                return;
            }
        }
        let began = pulse.began().unwrap_or_else(Instant::now);
        if pulse.read(snapshot.digest, snapshot.lacks(&sizes), Instant::now()) != Verdict::Settled {
            continue;
        }
        sizes = snapshot.sizes.clone();
        let loaded = tokio::task::spawn_blocking(move || {
            let loaded = desk.loader.load(snapshot, began);
            (desk, loaded)
        });
        let Ok((back, loaded)) = loaded.await else { return };
        desk = back;
        let found = match loaded {
            Ok(loaded) => Found::Good(Box::new(loaded)),
            Err(refused) => Found::Refused(refused),
        };
        if tell.send(found).is_err() {
            return;
        }
    }
}

/// What goes to another thread while files are read.
struct Desk {
    loader: Loader,
    folders: Folders,
    /// The last ones that could be read: they say which folders to watch.
    settings: Settings,
    /// Where git keeps its lock while it changes the files.
    git: Option<PathBuf>,
}

impl Desk {
    /// Watches before it reads: what comes after the reading is then seen as an event.
    fn read(mut self) -> (Desk, Snapshot) {
        let root = self.loader.root().to_owned();
        let mut snapshot = Snapshot::take(&root);
        if let Ok(settings) = &snapshot.settings {
            self.settings = settings.clone();
        }
        if self.folders.arm(&root, &self.settings) {
            snapshot = Snapshot::take(&root);
        }
        (self, snapshot)
    }

    fn checkout_runs(&self) -> bool {
        self.git.as_ref().is_some_and(|git| git.join("index.lock").exists())
    }
}

/// `.git` of the work tree that the project is in; in a linked work tree a file there names the folder.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let root = std::path::absolute(root).ok()?;
    let marked = root.ancestors().map(|folder| folder.join(".git")).find(|path| path.exists())?;
    if marked.is_dir() {
        return Some(marked);
    }
    let text = std::fs::read_to_string(&marked).ok()?;
    let folder = text.strip_prefix("gitdir:")?.trim();
    Some(marked.parent()?.join(folder))
}
