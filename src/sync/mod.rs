//! The engine: keeps two CRMs in step by a plan. Names no CRM and no SQL; waits only on its ports.
//!
//! One pass: recover what was left open, read what changed, take due subjects in waves (identify, decide, fetch what was
//! missing, commit the intents, send, settle), until nothing is due.

mod changes;
mod derive;
mod feeds;
mod hold;
mod keeper;
mod label;
mod ledger;
mod needs;
mod outcomes;
mod pass;
mod people;
mod problems;
mod reads;
mod recheck;
mod recover;
mod rehearsal;
mod release;
mod report;
mod session;
mod trial;
mod wave;

pub use changes::{Change, ChangeCell, LinkEnd, Relinked};
pub use hold::Holding;
pub use keeper::{Approved, Candidate, InForce, Keeper, Standing, TakenUp};
pub use ledger::Ledger;
pub use pass::{PassOptions, run_pass};
pub use people::{people_key, programs_of};
pub use problems::{Problem, problems};
pub use reads::{reads_of, type_indexes};
pub use rehearsal::Rehearsal;
pub use release::Release;
pub use report::{Counts, Ending, Event, Judged, Observer, PassReport, Silent};
pub use session::{Opening, Ports, Session, SyncError};
pub use trial::{Trial, trial};
