//! The pest parser, alone in its module so that edits elsewhere do not derive it again.

#[derive(pest_derive::Parser)]
#[grammar = "sync.pest"]
pub(crate) struct SyncParser;
