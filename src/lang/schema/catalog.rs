//! One side's description, in one form for both CRMs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::FieldKind;

/// A CRM's own description, as far as rules can name it. Stands in `schemas/*.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// `hubspot` or `salesforce`.
    pub crm: String,
    /// The portal or org it was read from; rules are refused against another.
    pub account: String,
    /// By API name.
    pub types: BTreeMap<String, TypeDef>,
    #[serde(default)]
    pub lists: Vec<ListDef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currencies: Option<Currencies>,
}

/// In which currencies an account counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Currencies {
    /// The company's own, as a code like `EUR`: that of an amount whose record does not say it.
    pub home: String,
    /// All others; `None`: the account does not say whether there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeDef {
    pub label: String,
    /// By API name.
    pub fields: BTreeMap<String, FieldDef>,
    /// The field with the record's own id.
    pub id: String,
    /// The field with the time of creation, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Names by which conditions reach another type, and the field that holds its id: `company`: `associatedcompanyid`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, Reference>,
    /// Fields whose value no two records share, enforced by the CRM at creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    pub field: String,
    /// API name of the type.
    pub to: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDef {
    pub label: String,
    pub kind: FieldKind,
    /// Most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Digits after the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// Must be given at creation and never takes a blank.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// May be written in the call that creates the record.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub createable: bool,
    /// May be written later.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub updateable: bool,
    /// Can carry our own key: unique, and records can be looked up and upserted by it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external_key: bool,
    /// Options in their order; empty for other kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionDef>,
    /// The CRM refuses values that are no option.
    #[serde(default, skip_serializing_if = "is_false")]
    pub closed: bool,
    /// The order of the options means something (lifecycle stages): `is at least` may be used.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ordered: bool,
    /// What a new record holds in it when nothing is given; of fields that may be given at all.
    #[serde(default, skip_serializing_if = "Initial::is_blank")]
    pub initial: Initial,
    /// Computed by the CRM; its change need not show in the record's last change.
    #[serde(default, skip_serializing_if = "is_false")]
    pub calculated: bool,
    /// An amount of money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// API name of the record's field that says in which currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// What the CRM puts into a field of a new record that nobody gave a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initial {
    #[default]
    Blank,
    /// The default of a picklist.
    Value(Box<str>),
    /// It computes the value, and only it knows how.
    Unknown,
}

impl Initial {
    fn is_blank(&self) -> bool {
        *self == Initial::Blank
    }
}

impl FieldDef {
    /// Plain text of at most `max` characters.
    pub fn text(label: &str, max: Option<u32>) -> FieldDef {
        FieldDef {
            label: label.to_owned(),
            kind: FieldKind::Text,
            max,
            scale: None,
            required: false,
            createable: true,
            updateable: true,
            external_key: false,
            options: Vec::new(),
            closed: false,
            ordered: false,
            initial: Initial::Blank,
            calculated: false,
            money: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionDef {
    /// API name.
    pub value: String,
    pub label: String,
    /// Known, but no longer to be chosen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// In a dependent picklist: the options of the controlling field with which it may be chosen, by API name. Empty: with
    /// all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub valid_for: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDef {
    pub name: String,
    /// API name of the type of its members.
    pub of: String,
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn is_false(value: &bool) -> bool {
    !*value
}
