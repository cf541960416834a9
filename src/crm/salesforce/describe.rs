//! The org's own description.

use std::collections::BTreeMap;

use base64::Engine;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Salesforce, VERSION, faults, ids, soql};
use crate::crm::http::{Query, parse};
use crate::crm::{Account, CallError};
use crate::data::FieldKind;
use crate::lang::schema::{Catalog, FieldDef, Initial, Money, OptionDef, Reference, TypeDef};

/// There in orgs with several currencies, and only there.
const CURRENCY: &str = "CurrencyIsoCode";

#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    label: String,
    fields: Vec<Field>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Field {
    name: String,
    label: String,
    #[serde(rename = "type")]
    ty: String,
    length: u32,
    scale: u32,
    nillable: bool,
    createable: bool,
    updateable: bool,
    defaulted_on_create: bool,
    default_value: Option<Json>,
    calculated: bool,
    unique: bool,
    external_id: bool,
    restricted_picklist: bool,
    picklist_values: Vec<PicklistValue>,
    reference_to: Vec<String>,
    relationship_name: Option<String>,
    deprecated_and_hidden: bool,
    dependent_picklist: bool,
    controller_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PicklistValue {
    value: String,
    label: Option<String>,
    active: bool,
    default_value: bool,
    valid_for: Option<String>,
}

impl Salesforce {
    pub(super) async fn account(&self) -> Result<Account, CallError> {
        let (body, _) = self.json(Query::get("/services/oauth2/userinfo")).await?;
        let text = |key: &str| body.get(key).and_then(Json::as_str).filter(|id| ids::is_id(id)).map(ids::long);
        let id =
            text("organization_id").ok_or_else(|| faults::local("Salesforce does not say which org this is".into()))?;
        let name = body.get("preferred_username").and_then(Json::as_str).unwrap_or("?").to_owned();
        Ok(Account { name: format!("Salesforce org {id} as {name}"), id, user: text("user_id"), live: true })
    }

    pub(super) async fn catalog(&self, types: &[String]) -> Result<Catalog, CallError> {
        let account = self.account().await?.id;
        let mut catalog = Catalog { crm: "salesforce".into(), account, ..Catalog::default() };
        for name in types {
            if !soql::is_name(name) {
                return Err(faults::local(format!("`{name}` is no name of a record type")));
            }
            let answer = self.call(Query::get(format!("/services/data/{VERSION}/sobjects/{name}/describe"))).await?;
            if !answer.status.is_success() {
                return Err(faults::refused(&answer));
            }
            let described: Described = parse(&answer.body, &mut Vec::new())?;
            catalog.types.insert(name.clone(), type_def(described));
        }
        Ok(catalog)
    }
}

fn type_def(described: Described) -> TypeDef {
    let values = |field: &Field| field.picklist_values.iter().map(|option| option.value.clone()).collect();
    let controllers: BTreeMap<String, Vec<String>> =
        described.fields.iter().map(|field| (field.name.clone(), values(field))).collect();
    // Where records have a currency of their own, all amounts of a record are in it.
    let currency = described.fields.iter().find(|field| field.name == CURRENCY).map(|field| field.name.clone());
    let fields = described.fields.into_iter().filter(|field| !field.deprecated_and_hidden);
    let mut def = TypeDef { label: described.label, id: "Id".into(), ..TypeDef::default() };
    let mut references = BTreeMap::new();
    for field in fields {
        if let (Some(name), [to]) = (&field.relationship_name, field.reference_to.as_slice()) {
            references.insert(name.clone(), Reference { field: field.name.clone(), to: to.clone() });
        }
        if field.name == "CreatedDate" {
            def.created = Some(field.name.clone());
        }
        if field.unique {
            def.unique.push(field.name.clone());
        }
        if let Some(kind) = kind(&field) {
            let money = (field.ty == "currency").then(|| Money { currency: currency.clone() });
            def.fields.insert(field.name.clone(), FieldDef { money, ..field_def(field, kind, &controllers) });
        }
    }
    def.references = references;
    def
}

/// Compound fields have parts that are fields of their own.
fn kind(field: &Field) -> Option<FieldKind> {
    Some(match field.ty.as_str() {
        "address" | "location" | "base64" | "complexvalue" | "anyType" => return None,
        "id" | "reference" => FieldKind::Id,
        "email" => FieldKind::Email,
        "boolean" => FieldKind::Bool,
        "int" | "long" | "double" | "currency" | "percent" => FieldKind::Number,
        "date" => FieldKind::Day,
        "datetime" => FieldKind::Time,
        "picklist" | "combobox" => FieldKind::Option,
        "multipicklist" => FieldKind::Options,
        _ => FieldKind::Text,
    })
}

/// A picklist names its default. Any other default may be a formula; a checkbox that starts unticked is as good as blank.
fn initial(field: &Field, kind: FieldKind) -> Initial {
    let default = field.picklist_values.iter().find(|option| option.default_value && option.active);
    match (default, kind) {
        (Some(option), FieldKind::Option | FieldKind::Options) => Initial::Value(option.value.as_str().into()),
        (_, FieldKind::Bool) if field.default_value != Some(Json::Bool(true)) => Initial::Blank,
        _ if field.defaulted_on_create => Initial::Unknown,
        _ => Initial::Blank,
    }
}

/// `controllers`: the options of every picklist of the type, in their order, hidden ones too.
fn field_def(field: Field, kind: FieldKind, controllers: &BTreeMap<String, Vec<String>>) -> FieldDef {
    let controller = field.controller_name.as_ref().filter(|_| field.dependent_picklist);
    let controlling = controller.and_then(|name| controllers.get(name)).map(Vec::as_slice).unwrap_or_default();
    let texts = matches!(kind, FieldKind::Text | FieldKind::Email);
    let initial = initial(&field, kind);
    let whole = matches!(field.ty.as_str(), "int" | "long");
    FieldDef {
        label: field.label,
        kind,
        max: (texts && field.length > 0).then_some(field.length),
        scale: (kind == FieldKind::Number).then_some(if whole { 0 } else { field.scale }),
        required: field.createable && !field.nillable && !field.defaulted_on_create,
        createable: field.createable,
        updateable: field.updateable,
        external_key: field.external_id && field.unique,
        closed: field.restricted_picklist,
        ordered: false,
        initial: if field.createable { initial } else { Initial::Blank },
        calculated: field.calculated,
        money: None,
        options: field
            .picklist_values
            .into_iter()
            .map(|option| OptionDef {
                valid_for: option.valid_for.map_or_else(Vec::new, |bits| valid_for(&bits, controlling)),
                label: option.label.unwrap_or_else(|| option.value.clone()),
                value: option.value,
                hidden: !option.active,
            })
            .collect(),
    }
}

/// A bitmap in base64: bit i, the most significant one of the first byte first, stands for option i of the controlling
/// field.
fn valid_for(bits: &str, controlling: &[String]) -> Vec<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(bits).unwrap_or_default();
    let set = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    controlling.iter().enumerate().filter(|(at, _)| set(*at)).map(|(_, option)| option.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependent_options_name_the_options_that_they_go_with() {
        let described = serde_json::json!({"label": "Contact", "fields": [
            {"name": "MailingStateCode", "label": "State", "type": "picklist", "dependentPicklist": true,
             "controllerName": "MailingCountryCode", "restrictedPicklist": true, "createable": true,
             "picklistValues": [
                {"value": "CA", "label": "California", "active": true, "validFor": "AIAA"},
                {"value": "XX", "label": "Everywhere", "active": false, "validFor": "gIAA"},
                {"value": "YY", "label": "Nowhere", "active": true, "validFor": "not base64"},
             ]},
            {"name": "MailingCountryCode", "label": "Country", "type": "picklist", "picklistValues":
                (0..9).map(|at| serde_json::json!({"value": format!("C{at}"), "active": at != 1})).collect::<Vec<_>>()},
        ]});
        let def = type_def(serde_json::from_value(described).unwrap());
        let options = &def.fields["MailingStateCode"].options;
        let valid: Vec<&[String]> = options.iter().map(|option| option.valid_for.as_slice()).collect();
        assert_eq!(valid, [&["C8".to_owned()][..], &["C0".to_owned(), "C8".to_owned()][..], &[]]);
        assert!(def.fields["MailingCountryCode"].options[0].valid_for.is_empty());
    }
}
