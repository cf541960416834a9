//! `limits`: how much may happen.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::{crm, number};
use crate::data::Side;

impl Teller<'_> {
    pub(super) fn limits(&self) -> Document {
        let limits = &self.plan.limits;
        let mut lines = Vec::new();
        for side in Side::BOTH {
            if let Some(calls) = limits.calls_per_day[side] {
                lines.push(format!(
                    "{}: at most {} calls in any 24 hours; what is left waits",
                    crm(side),
                    number(calls)
                ));
            }
            if let Some(percent) = limits.keep_percent[side] {
                lines.push(format!(
                    "{}: {} % of the day's calls are left to people and other tools",
                    crm(side),
                    percent.normalize()
                ));
            }
            if let Some(percent) = limits.pause_retries_percent[side] {
                lines.push(format!(
                    "{}: nothing is tried again above {} % of the day's calls",
                    crm(side),
                    percent.normalize()
                ));
            }
        }
        if let Some(hold) = &limits.hold {
            let percent =
                hold.percent.map_or_else(String::new, |percent| format!(" or {} % of them", percent.normalize()));
            lines.push(format!(
                "a pass that would change more than {} records{percent} writes nothing until somebody releases it",
                number(hold.records)
            ));
        }
        if let Some(deletes) = limits.deletes_per_pass {
            lines.push(format!(
                "at most {} records are deleted in a pass; the rest waits for the next",
                number(deletes)
            ));
        }
        if lines.is_empty() {
            lines.push("none: a pass does all that there is to do".to_owned());
        }
        Document::new("limits", "limits", self.plan.limits_at.as_ref().and_then(|place| self.at(place)))
            .with("", vec![Part::List(lines)])
    }
}
