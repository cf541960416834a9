//! One instance per state file: a lock that the operating system releases when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::port::StoreError;

/// Held for as long as the value lives.
#[derive(Debug)]
pub struct InstanceLock {
    _file: File,
}

impl InstanceLock {
    /// Locks `<state file>.lock`, or says at once that another process has it.
    pub fn take(state: &Path) -> Result<InstanceLock, StoreError> {
        let mut name = state.as_os_str().to_owned();
        name.push(".lock");
        let io = |error: std::io::Error| StoreError::Io(format!("`{}`: {error}", Path::new(&name).display()));
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(&name).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(InstanceLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }
}
