//! What waits for a person's word, as files beside the state file: the runner holds the state, so that another process can
//! neither read its memory nor write to its database.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::sync::Holding;

/// One thing that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Held {
    /// What releases it.
    pub word: String,
    pub what: What,
    /// The rules that would do it.
    pub plan: String,
    /// Records that would change.
    pub records: u64,
    pub creates: u64,
    /// Those to which values flow no more, and nothing else.
    #[serde(default)]
    pub frozen: u64,
    pub of: u64,
    pub limit: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum What {
    /// Changed rules; the ones before them run on.
    Rules,
    /// What is due under the rules that run.
    Pass,
}

impl Held {
    pub(super) fn new(what: What, plan: String, holding: &Holding) -> Held {
        let Holding { records, creates, frozen, of, limit, token } = holding.clone();
        Held { word: token, what, plan, records, creates, frozen, of, limit }
    }

    pub(in crate::cli) fn text(&self) -> String {
        let Held { word: _, what, plan, records, creates, frozen, of, limit } = self;
        let frozen = if *frozen > 0 { format!(", {frozen} frozen") } else { String::new() };
        let cause = match what {
            What::Rules => format!("rules {plan} would change"),
            What::Pass => "the pass would change".to_owned(),
        };
        format!(
            "{cause} {records} of {of} records, {creates} of them created{frozen}; {limit} may change without a word"
        )
    }
}

fn beside(state: &Path, ending: &str) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Says what is held, to whoever looks; nothing held, no file.
pub(super) fn publish(state: &Path, held: &[Held]) -> std::io::Result<()> {
    let path = beside(state, ".held.json");
    if held.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let fresh = beside(state, ".held.new");
    std::fs::write(&fresh, serde_json::to_vec(held)?)?;
    std::fs::rename(fresh, path)
}

/// What a runner says is held.
pub(in crate::cli) fn published(state: &Path) -> Vec<Held> {
    let text = std::fs::read(beside(state, ".held.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// The file whose existence approves `word`.
fn approval(state: &Path, word: &str) -> PathBuf {
    beside(state, &format!(".approve-{word}"))
}

pub(in crate::cli) fn approve(state: &Path, held: &Held) -> std::io::Result<()> {
    std::fs::write(approval(state, &held.word), b"")
}

pub(in crate::cli) fn is_taken(state: &Path, held: &Held) -> bool {
    !approval(state, &held.word).exists()
}

/// Takes an approval, if there is one: each counts once.
pub(super) fn take(state: &Path, word: &str) -> bool {
    std::fs::remove_file(approval(state, word)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_counts_once_and_only_for_its_word() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.db");
        let (limit, token) = ("5 records".to_owned(), "0a1b2c3d".to_owned());
        let holding = Holding { records: 7, creates: 1, frozen: 2, of: 9, limit, token };
        let held = Held::new(What::Rules, "abcd".into(), &holding);
        publish(&state, std::slice::from_ref(&held)).unwrap();
        assert_eq!(published(&state), std::slice::from_ref(&held));
        approve(&state, &held).unwrap();
        assert!(!take(&state, "ffffffff") && !is_taken(&state, &held));
        assert!(take(&state, &held.word) && !take(&state, &held.word) && is_taken(&state, &held));
        publish(&state, &[]).unwrap();
        publish(&state, &[]).unwrap();
        assert_eq!(published(&state), []);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
