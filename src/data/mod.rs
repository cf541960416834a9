//! Plain data that everything else speaks: cells, rows, names, times. Depends on nothing in the crate.

mod bytes;
mod cell;
mod dict;
mod fingerprint;
mod key;
mod kind;
mod person;
mod row;
mod side;
mod time;

pub use bytes::{Bytes, put_varint, put_zigzag};
pub use cell::{Cell, Value};
pub use dict::{Dict, Kind, Uid};
pub use fingerprint::{Digest, Fingerprint};
pub use key::KeyForm;
pub use kind::{FieldKind, id_checksum, id_core};
pub use person::Person;
pub use row::{CellList, CodecError, Presence, Stamp, decode, encode, merge, raw_cell, raw_cells};
pub use side::{BySide, Side};
pub use time::{Millis, Zone, day_from_iso, day_to_iso};
