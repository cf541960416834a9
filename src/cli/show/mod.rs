//! Changes, skips and problems for people and for machines.

mod changes;
mod json;
mod summary;
mod told;

use crate::data::{Millis, Side};

pub(super) use changes::changes;
pub(super) use json::{by_crm, to_json};
pub(super) use summary::{reasons, summary};
pub(super) use told::Collector;

/// The sides' names: HubSpot is left of an arrow.
pub(super) fn crm(side: Side) -> &'static str {
    match side {
        Side::Left => "HubSpot",
        Side::Right => "Salesforce",
    }
}

/// To the second: `2026-01-01T20:49:32Z`.
pub(super) fn moment(at: Millis) -> String {
    let text = at.to_iso();
    text.split_once('.').map(|(seconds, _)| format!("{seconds}Z")).unwrap_or(text)
}
