//! Groups that properties are shown in: those that properties name, and those that a portal made.

use serde_json::{Value, json};

use super::kind::Kind;
use super::world::World;

/// What a portal made or renamed; every other group has the label that HubSpot gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub label: String,
    pub display_order: i64,
}

const LABELS: [(&str, &str); 9] = [
    ("contactinformation", "Contact information"),
    ("contact_activity", "Contact activity"),
    ("companyinformation", "Company information"),
    ("company_activity", "Company activity"),
    ("dealinformation", "Deal information"),
    ("deal_activity", "Deal activity"),
    ("analyticsinformation", "Analytics information"),
    ("emailinformation", "Email information"),
    ("salesforceinformation", "Salesforce information"),
];

impl World {
    /// Names of the groups of a type, those of its properties first.
    pub(super) fn group_names(&self, kind: Kind) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let used = self.table(kind).schema.iter().filter(|def| !def.archived).map(|def| &def.group);
        let made = self.groups.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name);
        for name in used.chain(made).filter(|name| !name.is_empty()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    pub(super) fn group_json(&self, kind: Kind, name: &str) -> Value {
        let made = self.groups.get(&(kind, name.to_owned()));
        let known = LABELS.iter().find(|(known, _)| *known == name).map(|(_, label)| *label);
        let label = made.map(|group| group.label.as_str()).or(known).unwrap_or(name);
        let order = made.map_or(-1, |group| group.display_order);
        json!({"name": name, "label": label, "displayOrder": order, "archived": false})
    }
}
