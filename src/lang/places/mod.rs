//! Countries and their parts: what people and CRMs call them, and how one is written where the other is read.
//!
//! The [`Atlas`] knows the names and codes of ISO 3166; a [`Vocabulary`] is what one side's fields take; [`PlaceTable`]
//! carries a place from one to the other.

mod atlas;
mod fold;
mod table;
mod vocabulary;

pub use atlas::{Atlas, Spot};
pub use fold::fold;
pub use table::{Beside, Notation, Part, Picklists, PlaceTable, Placed};
pub use vocabulary::{Entry, Vocabulary};
