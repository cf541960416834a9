//! Map rows from the rule text to what stays written: a pair of records, a base, and both CRMs as plain fields.

mod circles;
mod currencies;
mod groups;
mod laws;
mod lists;
mod newest;
mod refusals;
mod rows;
mod two;
