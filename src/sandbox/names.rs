//! Names of the record types that an account has beside the standard ones: each is kept once, for as long as the program
//! runs, so that types are as cheap to hand around as the standard ones. Only what an account is given is kept, never what a
//! request asks for.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

fn kept() -> MutexGuard<'static, BTreeSet<&'static str>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn keep(name: &str) -> &'static str {
    let mut kept = kept();
    match kept.get(name) {
        Some(name) => name,
        None => {
            let name: &'static str = Box::leak(name.into());
            kept.insert(name);
            name
        }
    }
}

/// One that some account was given.
pub(super) fn find(name: &str) -> Option<&'static str> {
    kept().get(name).copied()
}
