//! Ctrl-C and SIGTERM.

/// Both are caught from the moment that this exists.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn catch() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Ready at the next of either.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => below_echo(),
            _ = self.terminate.recv() => {}
        }
    }
}

/// A terminal shows the key as `^C`: what is written next, be it the shell's prompt, begins a line of its own.
#[cfg(unix)]
fn below_echo() {
    use std::io::{IsTerminal, Write};
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        let _ = std::io::stderr().write_all(b"\n");
    }
}

#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn catch() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    pub(super) async fn next(&mut self) {
        // Where the signal cannot be caught, it ends at once rather than never.
        let _ = tokio::signal::ctrl_c().await;
    }
}
