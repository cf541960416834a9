//! `syncline lsp`: rules in an editor. Every question is a function of an [`Analysis`], one state of a project; the
//! protocol stands at the edge (`server`, `requests`, `convert`), and the disk is passed in.

pub mod actions;
pub mod analysis;
pub mod completion;
mod convert;
pub mod disk;
mod document;
pub mod folding;
pub mod formatting;
pub mod highlight;
pub mod hover;
pub mod names;
mod position;
pub mod references;
pub mod rename;
mod requests;
mod server;
pub mod symbols;
#[cfg(test)]
mod testing;
mod text;
mod wire;
mod words;
mod workspace;

pub use analysis::Analysis;
pub use disk::{Disk, Folder};
pub use server::{Ended, serve};
