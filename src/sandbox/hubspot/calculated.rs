//! Properties that HubSpot computes from others of the same record.

use super::kind::Kind;
use super::record::{Record, Source};
use super::world::World;
use crate::data::Millis;

const DAY_MS: i64 = 86_400_000;

impl World {
    /// Brings the calculated properties up to date.
    pub(super) fn calculate(&self, kind: Kind, record: &mut Record, now: Millis) {
        for (name, value) in self.calculated(kind, record) {
            let Some(prop) = self.table(kind).schema.names().find(name) else { continue };
            if record.cells.get(prop) == value.as_deref() {
                continue;
            }
            if record.created != now {
                record.remember(prop, value.as_deref(), now, &Source::Calculated);
            }
            record.cells.apply(std::iter::once((prop, value.as_deref())));
        }
    }

    pub(super) fn calculated(&self, kind: Kind, record: &Record) -> Vec<(&'static str, Option<String>)> {
        match kind {
            Kind::Contact => contact(record),
            Kind::Company | Kind::Custom(_) => Vec::new(),
            Kind::Deal => self.deal(record),
        }
    }

    fn deal(&self, record: &Record) -> Vec<(&'static str, Option<String>)> {
        let stage = record.get("dealstage").and_then(|id| self.pipelines.iter().find_map(|p| p.stage(id)));
        let amount = record.get("amount").map(str::to_owned);
        let closed = stage.is_some_and(|stage| stage.is_closed());
        let won = stage.is_some_and(|stage| stage.is_won());
        let days =
            record.get("closedate").and_then(Millis::from_iso).map(|close| close.since(record.created).max(0) / DAY_MS);
        vec![
            ("hs_is_closed", Some(closed.to_string())),
            ("hs_is_closed_won", Some(won.to_string())),
            ("hs_deal_stage_probability", stage.map(|stage| stage.probability.clone())),
            ("amount_in_home_currency", amount.clone()),
            ("hs_forecast_amount", amount.clone()),
            ("hs_closed_amount", Some(amount.filter(|_| won).unwrap_or_else(|| "0".to_owned()))),
            ("days_to_close", days.map(|days| days.to_string())),
        ]
    }
}

fn contact(record: &Record) -> Vec<(&'static str, Option<String>)> {
    let email = record.get("email");
    let domain = email.and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain.to_owned());
    let parts: Vec<&str> = ["firstname", "lastname"].into_iter().filter_map(|name| record.get(name)).collect();
    let name = match parts.is_empty() {
        true => email.map(str::to_owned),
        false => Some(parts.join(" ")),
    };
    vec![("hs_email_domain", domain), ("hs_full_name_or_email", name)]
}
