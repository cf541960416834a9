//! Adapters alone, on the models: what a CRM refuses whole costs only the record, or the field, that it is refused for, and
//! what it tells is read whole.

mod engine;
mod hubspot;
mod own_keys;
mod reading;
mod salesforce;
/// The tests of identity use more of it.
#[allow(dead_code)]
#[path = "../identity/world.rs"]
mod world;

use syncline::crm::http::Env;
use syncline::crm::{Item, Retry};
use syncline::data::Millis;

const NOW: Millis = Millis(1_800_000_000_000);

struct Still;

impl Env for Still {
    fn now(&self) -> Millis {
        NOW
    }

    fn random(&self) -> u64 {
        7
    }
}

/// Refused for no fault of its own: it is sent again.
fn waits(item: &Item) -> bool {
    matches!(item, Item::Rejected(fault) if matches!(fault.retry, Retry::Later(_)))
}
