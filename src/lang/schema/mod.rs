//! What a CRM says of itself: record types, fields, options. Read from snapshot files that stand beside the rules.

mod catalog;

pub use catalog::{Catalog, FieldDef, Initial, ListDef, OptionDef, Reference, TypeDef};
