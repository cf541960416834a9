//! The standard objects as every Developer Edition org has them, with the custom fields of its sample data.
//!
//! Fields, labels, lengths and picklists as public describe results show them; an object's system fields come first and
//! are not repeated here. State and country picklists are off: the Code fields do not exist.

mod account;
mod activity;
mod campaign;
mod catalog;
mod contact;
mod lead;
mod opportunity;
mod user;
mod values;

use super::field::{FieldDef, FieldType};
use super::schema::{ObjectDef, Schema};

/// One field: name, label, kind, and words: `required`, `read` (set by the org), `create` (not changed later), `calc`,
/// `lookup` (can be an upsert key), `case` (case-sensitive), `default=…` (to the end).
type Line = (&'static str, &'static str, Kind, &'static str);

/// A field's kind with what belongs to it.
#[derive(Clone, Copy)]
enum Kind {
    Text(u32),
    Area,
    Long,
    Email,
    Phone,
    Url,
    Bool,
    Int(u8),
    Num(u8, u8),
    Money,
    Percent(u8, u8),
    Date,
    Time,
    Pick(&'static [&'static str]),
    /// A restricted picklist.
    Closed(&'static [&'static str]),
    Combo(&'static [&'static str]),
    /// Objects pointed to, and the name of the children there (empty: none).
    Ref(&'static [&'static str], &'static str),
}

/// The schema of a new org.
pub(super) fn schema() -> Schema {
    let objects = vec![
        object("Account", "Account", "Accounts", "001", true, account::FIELDS),
        object("Contact", "Contact", "Contacts", "003", true, contact::FIELDS),
        object("Lead", "Lead", "Leads", "00Q", true, lead::FIELDS),
        object("Opportunity", "Opportunity", "Opportunities", "006", true, opportunity::FIELDS),
        object(
            "OpportunityContactRole",
            "Opportunity Contact Role",
            "Opportunity Contact Role",
            "00K",
            true,
            opportunity::ROLE_FIELDS,
        ),
        object("User", "User", "Users", "005", false, user::FIELDS),
        object("Task", "Task", "Tasks", "00T", true, activity::TASK_FIELDS),
        object("Event", "Event", "Events", "00U", true, activity::EVENT_FIELDS),
        object("Campaign", "Campaign", "Campaigns", "701", true, campaign::FIELDS),
        object("CampaignMember", "Campaign Member", "Campaign Members", "00v", true, campaign::MEMBER_FIELDS),
        object("OpportunityStage", "Opportunity Stage", "Opportunity Stage", "01J", false, catalog::STAGE_FIELDS),
        object("LeadStatus", "Lead Status Value", "Lead Status Value", "01J", false, catalog::LEAD_STATUS_FIELDS),
        object("RecordType", "Record Type", "Record Types", "012", false, catalog::RECORD_TYPE_FIELDS),
        object("Organization", "Organization", "Organizations", "00D", false, catalog::ORGANIZATION_FIELDS),
    ];
    Schema { objects }
}

/// The stages and statuses of a new org, as rows of `OpportunityStage` and `LeadStatus`.
pub(super) use catalog::{LEAD_STATUSES, STAGES};

fn object(
    name: &'static str,
    label: &'static str,
    plural: &'static str,
    prefix: &'static str,
    writable: bool,
    lines: &[Line],
) -> ObjectDef {
    let mut object = ObjectDef::new(name, label, plural, prefix);
    object.writable = writable;
    for line in lines {
        let def = field(line);
        object.add(if writable { def } else { FieldDef { createable: false, updateable: false, ..def } });
    }
    object
}

fn field((name, label, kind, words): &Line) -> FieldDef {
    let sized = |kind, precision, scale| FieldDef { precision, scale, ..FieldDef::new(*name, *label, kind) };
    let plain = |kind| FieldDef::new(*name, *label, kind);
    let mut def = match *kind {
        Kind::Text(length) => FieldDef::text(*name, *label, length),
        Kind::Area => plain(FieldType::TextArea),
        Kind::Long => plain(FieldType::LongTextArea),
        Kind::Email => plain(FieldType::Email),
        Kind::Phone => plain(FieldType::Phone),
        Kind::Url => plain(FieldType::Url),
        Kind::Bool => plain(FieldType::Boolean),
        Kind::Int(digits) => sized(FieldType::Int, digits, 0),
        Kind::Num(precision, scale) => sized(FieldType::Double, precision, scale),
        Kind::Money => sized(FieldType::Currency, 18, 2),
        Kind::Percent(precision, scale) => sized(FieldType::Percent, precision, scale),
        Kind::Date => plain(FieldType::Date),
        Kind::Time => plain(FieldType::DateTime),
        Kind::Pick(values) => FieldDef::picklist(*name, *label, values),
        Kind::Closed(values) => FieldDef::picklist(*name, *label, values).restricted(),
        Kind::Combo(values) => FieldDef { kind: FieldType::Combobox, ..FieldDef::picklist(*name, *label, values) },
        Kind::Ref(objects, children) => FieldDef {
            refers_to: objects.iter().map(|o| (*o).into()).collect(),
            children: (!children.is_empty()).then_some(children.into()),
            ..FieldDef::reference(*name, *label, "")
        },
    };
    let (words, default) = match words.split_once("default=") {
        Some((words, default)) => (words, Some(default)),
        None => (*words, None),
    };
    if let Some(default) = default {
        def.default = Some(default.into());
    }
    for word in words.split_whitespace() {
        match word {
            "required" => def.nillable = false,
            "read" => (def.createable, def.updateable) = (false, false),
            "create" => def.updateable = false,
            "calc" => (def.createable, def.updateable, def.calculated) = (false, false, true),
            "lookup" => def.id_lookup = true,
            "case" => def.case_sensitive = true,
            _ => {}
        }
    }
    def
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_every_table_is_known() {
        let known = ["required", "read", "create", "calc", "lookup", "case"];
        for lines in [
            account::FIELDS,
            contact::FIELDS,
            lead::FIELDS,
            opportunity::FIELDS,
            opportunity::ROLE_FIELDS,
            user::FIELDS,
            activity::TASK_FIELDS,
            activity::EVENT_FIELDS,
            campaign::FIELDS,
            campaign::MEMBER_FIELDS,
            catalog::STAGE_FIELDS,
            catalog::LEAD_STATUS_FIELDS,
            catalog::RECORD_TYPE_FIELDS,
            catalog::ORGANIZATION_FIELDS,
        ] {
            for (name, _, _, words) in lines {
                let words = words.split("default=").next().unwrap_or_default();
                assert!(words.split_whitespace().all(|w| known.contains(&w)), "{name}: {words}");
            }
        }
    }

    #[test]
    fn what_a_lead_needs_is_what_salesforce_asks_for() {
        let schema = schema();
        let lead = schema.find("lead").and_then(|ix| schema.object(ix)).unwrap();
        let required: Vec<_> = lead
            .visible()
            .filter(|(_, f)| f.createable && !f.nillable && !f.defaulted())
            .map(|(_, f)| f.name.as_ref())
            .collect();
        assert_eq!(required, ["LastName", "Company"]);
    }
}
