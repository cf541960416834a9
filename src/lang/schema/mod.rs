//! What a CRM says of itself: record types, fields, options. Read from snapshot files that stand beside the rules.

mod catalog;

pub use catalog::{Catalog, Currencies, FieldDef, Initial, ListDef, Money, OptionDef, Reference, TypeDef};
