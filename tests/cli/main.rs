//! The built program, as people run it: what it says and where, its exit codes, and what it leaves behind.

mod agree;
#[path = "../ends/mod.rs"]
mod ends;
mod explain;
mod files;
mod fixes;
mod fmt;
mod formats;
#[cfg(unix)]
mod guard;
mod kill;
mod link;
mod lsp;
mod mistakes;
mod output;
mod pace;
mod rule_tests;
mod secrets;
mod stage;
mod state;
#[cfg(unix)]
mod terminal;
mod through;
mod tour;
mod why;
