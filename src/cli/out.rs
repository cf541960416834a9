//! Where results and talk are written. A reader that has seen enough and gone (`| head`) is no error; a disk that is full
//! is one, and is told by the exit code.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static LOST: AtomicBool = AtomicBool::new(false);

/// Like `println!`, to a stdout that may be closed.
macro_rules! outln {
    ($($arg:tt)*) => { $crate::cli::out::result(format_args!("{}\n", format_args!($($arg)*))) };
}

/// Like `print!`, to a stdout that may be closed.
macro_rules! out {
    ($($arg:tt)*) => { $crate::cli::out::result(format_args!($($arg)*)) };
}

/// Like `eprintln!`, to a stderr that may be closed.
macro_rules! errln {
    ($($arg:tt)*) => { $crate::cli::out::talk(format_args!($($arg)*)) };
}

pub(super) use {errln, out, outln};

pub(super) fn result(text: Arguments<'_>) {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_fmt(text).and_then(|()| stdout.flush());
    if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

pub(super) fn talk(text: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether a result could not be written.
pub(super) fn lost() -> bool {
    LOST.load(Ordering::Relaxed)
}
