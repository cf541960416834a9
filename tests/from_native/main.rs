//! The native integration's settings page, row by row, over HTTP: what `docs/from-native.md` says of each is shown here,
//! with the rules that stand there.

mod campaigns;
mod companies;
mod creation;
mod currencies;
mod deletions;
mod document;
mod duplicates;
mod fields;
mod inclusion;
mod lifecycle;
mod limits;
mod owners;
mod places;
mod rig;
mod rules;
mod to_hubspot;
