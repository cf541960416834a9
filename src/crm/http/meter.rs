//! The count of calls, kept by whoever pays for them.

/// Asked before every call that counts against an account's limit.
pub trait Meter: Send + Sync {
    /// Whether one more call may be made; counts it if so.
    fn take(&self) -> bool;
}

/// Lets everything through: for set-up and tests.
pub struct Unmetered;

impl Meter for Unmetered {
    fn take(&self) -> bool {
        true
    }
}
