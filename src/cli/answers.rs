//! People's words on proposed matches, on their way to the state: empty files beside it, whose names say all. Whoever works
//! on the state takes them up.

use std::path::{Path, PathBuf};

use crate::data::{Millis, Uid};
use crate::store::{Answer, Epoch, Rid, Store, StoreError};

const INFIX: &str = ".answer-";

fn file(state: &Path, answer: &Answer) -> PathBuf {
    let Answer { block, left, right, same } = answer;
    let mut name = state.as_os_str().to_owned();
    name.push(format!("{INFIX}{}-{}-{}-{}", block.0, left.0, right.0, if *same { "link" } else { "decline" }));
    name.into()
}

/// What a file's name says, behind the name of the state.
fn parse(name: &str) -> Option<Answer> {
    let mut parts = name.strip_prefix(INFIX)?.split('-');
    let mut number = || parts.next()?.parse::<i64>().ok().filter(|number| *number > 0);
    let (block, left, right) = (number()?, number()?, number()?);
    let same = match (parts.next()?, parts.next()) {
        ("link", None) => true,
        ("decline", None) => false,
        _ => return None,
    };
    Some(Answer { block: Uid(u32::try_from(block).ok()?), left: Rid(left), right: Rid(right), same })
}

/// Leaves a word for the process that works on the state. The last one about two records counts.
pub(super) fn leave(state: &Path, answer: &Answer) -> std::io::Result<()> {
    let _ = std::fs::remove_file(file(state, &Answer { same: !answer.same, ..answer.clone() }));
    std::fs::write(file(state, answer), b"")
}

pub(super) fn is_taken(state: &Path, answer: &Answer) -> bool {
    !file(state, answer).exists()
}

/// Words that were left, in an order of their own.
fn left(state: &Path) -> Vec<Answer> {
    let (Some(folder), Some(name)) = (state.parent(), state.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut answers: Vec<Answer> = names.filter_map(|found| parse(found.strip_prefix(name)?)).collect();
    answers.sort_unstable();
    answers
}

/// Takes up the words that were left: how many there were. One that names a record that is no more means nothing.
pub(super) async fn take(state: &Path, store: &dyn Store, epoch: Epoch, now: Millis) -> Result<usize, StoreError> {
    let answers = left(state);
    for answer in &answers {
        store.answer(epoch, answer, now).await?;
        // One that cannot be taken away is taken up again, and says the same again.
        let _ = std::fs::remove_file(file(state, answer));
    }
    Ok(answers.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_about_two_records_counts() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.db");
        let answer = |right, same| Answer { block: Uid(7), left: Rid(5), right: Rid(right), same };
        for (right, same) in [(9, true), (11, false), (9, false)] {
            leave(&state, &answer(right, same)).unwrap();
        }
        for other in
            ["state.db.answer-7-5", "state.db.answer-7-5-9-maybe", "state.db.answer-0-5-9-link", "x.answer-7-5-9-link"]
        {
            std::fs::write(folder.path().join(other), b"").unwrap();
        }
        assert_eq!(left(&state), [answer(9, false), answer(11, false)]);
        assert!(is_taken(&state, &answer(9, true)) && !is_taken(&state, &answer(9, false)));
    }
}
