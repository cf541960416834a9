//! The portal's own description: properties, lists, account.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Hubspot, VERSION, faults, path_of};
use crate::crm::http::{Query, parse};
use crate::crm::{Account, CallError};
use crate::data::FieldKind;
use crate::lang::schema::{Catalog, Currencies, FieldDef, Initial, ListDef, Money, OptionDef, Reference, TypeDef};

/// Longest text that a property holds: https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
const TEXT_MAX: u32 = 65_536;

#[derive(Deserialize)]
struct Properties {
    results: Vec<Property>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Property {
    name: String,
    label: String,
    #[serde(rename = "type")]
    ty: String,
    field_type: String,
    options: Vec<PropertyOption>,
    calculated: bool,
    external_options: bool,
    has_unique_value: bool,
    archived: bool,
    referenced_object_type: Option<String>,
    /// The property that says in which currency this amount is.
    currency_property_name: Option<String>,
    modification_metadata: Option<Modification>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PropertyOption {
    label: String,
    value: String,
    display_order: i64,
    hidden: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Modification {
    read_only_value: bool,
}

impl Hubspot {
    pub(super) async fn account(&self) -> Result<Account, CallError> {
        let (body, _) = self.json(Query::get(format!("/account-info/{VERSION}/details"))).await?;
        account_of(&body)
    }

    pub(super) async fn catalog(&self, types: &[String]) -> Result<Catalog, CallError> {
        let (body, _) = self.json(Query::get(format!("/account-info/{VERSION}/details"))).await?;
        let account = account_of(&body)?.id;
        let currencies = currencies(&body);
        let mut catalog = Catalog { crm: "hubspot".into(), account, currencies, ..Catalog::default() };
        for name in types {
            let answer = self.call(Query::get(format!("/crm/properties/{VERSION}/{}", path_of(name)))).await?;
            if !answer.status.is_success() {
                return Err(faults::refused(&answer));
            }
            let properties: Properties = parse(&answer.body, &mut Vec::new())?;
            catalog.types.insert(name.clone(), type_def(name, properties));
        }
        catalog.lists = self.lists().await?;
        Ok(catalog)
    }

    async fn lists(&self) -> Result<Vec<ListDef>, CallError> {
        let mut lists = Vec::new();
        let mut offset = 0;
        loop {
            let body = json!({"query": "", "offset": offset, "count": 100});
            let (page, _) = self.json(Query::ask(format!("/crm/lists/{VERSION}/search"), &body)).await?;
            let found = page.get("lists").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            lists.extend(found.iter().filter_map(|list| {
                let contact = list.get("objectTypeId").and_then(Value::as_str) == Some("0-1");
                let name = list.get("name")?.as_str()?.to_owned();
                contact.then(|| ListDef { name, of: "contact".into() })
            }));
            offset += found.len();
            if found.is_empty() || page.get("hasMore") != Some(&Value::Bool(true)) {
                break;
            }
        }
        lists.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(lists)
    }
}

fn account_of(body: &Value) -> Result<Account, CallError> {
    let id = body.get("portalId").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let id = id
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| faults::local("HubSpot does not say which portal this is".into()))?;
    let kind = body.get("accountType").and_then(Value::as_str).unwrap_or_default();
    Ok(Account { name: format!("HubSpot portal {id}"), id, user: None, live: kind == "STANDARD" })
}

/// The company's currency, and those that it counts in beside it.
fn currencies(body: &Value) -> Option<Currencies> {
    let home = body.get("companyCurrency")?.as_str().filter(|code| !code.is_empty())?.to_owned();
    let others = body.get("additionalCurrencies").and_then(Value::as_array);
    let others = others.map(|codes| codes.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Some(Currencies { home, others })
}

fn type_def(name: &str, properties: Properties) -> TypeDef {
    let label = match name {
        "contact" => "Contact",
        "company" => "Company",
        "deal" => "Deal",
        other => other,
    };
    let unique: Vec<String> = properties
        .results
        .iter()
        .filter(|property| property.has_unique_value || (name == "contact" && property.name == "email"))
        .map(|property| property.name.clone())
        .collect();
    let mut fields: BTreeMap<String, FieldDef> = properties
        .results
        .into_iter()
        .filter(|property| !property.archived && !matches!(property.ty.as_str(), "json" | "object_coordinates"))
        .map(|property| (property.name.clone(), field_def(name, property)))
        .collect();
    let names: BTreeSet<String> = fields.keys().cloned().collect();
    for money in fields.values_mut().filter_map(|field| field.money.as_mut()) {
        // One that is not among the properties says nothing.
        money.currency = money.currency.take().filter(|name| names.contains(name));
    }
    // The portal's own object types call it otherwise.
    let created =
        ["createdate", "hs_createdate"].into_iter().find(|name| fields.contains_key(*name)).map(str::to_owned);
    let mut references = BTreeMap::new();
    if name != "company" && fields.contains_key("associatedcompanyid") {
        let company = Reference { field: "associatedcompanyid".into(), to: "company".into() };
        references.insert("company".to_owned(), company);
    }
    TypeDef { label: label.into(), fields, id: "hs_object_id".into(), created, references, unique }
}

fn field_def(of: &str, property: Property) -> FieldDef {
    let kind = kind(of, &property);
    let fixed = property.calculated || property.modification_metadata.is_some_and(|m| m.read_only_value);
    let mut options: Vec<PropertyOption> = property.options;
    options.sort_by_key(|option| option.display_order);
    let listed = matches!(kind, FieldKind::Option | FieldKind::Options);
    FieldDef {
        label: property.label,
        kind,
        max: matches!(kind, FieldKind::Text | FieldKind::Email).then_some(TEXT_MAX),
        scale: None,
        required: false,
        createable: !fixed,
        updateable: !fixed,
        external_key: property.has_unique_value,
        closed: listed && !property.external_options && !options.is_empty(),
        ordered: matches!(property.name.as_str(), "lifecyclestage" | "dealstage"),
        // A portal's settings give new contacts a stage; which one, its description does not say.
        initial: match property.name == "lifecyclestage" {
            true => Initial::Unknown,
            false => Initial::Blank,
        },
        calculated: property.calculated,
        money: property.currency_property_name.map(|name| Money { currency: Some(name) }),
        options: match listed {
            true => options
                .into_iter()
                .map(|option| OptionDef {
                    value: option.value,
                    label: option.label,
                    hidden: option.hidden,
                    valid_for: Vec::new(),
                })
                .collect(),
            false => Vec::new(),
        },
    }
}

fn kind(of: &str, property: &Property) -> FieldKind {
    match (property.ty.as_str(), property.field_type.as_str()) {
        _ if matches!(property.name.as_str(), "hs_object_id" | "associatedcompanyid") => FieldKind::Id,
        _ if of == "contact" && property.name == "email" => FieldKind::Email,
        ("enumeration", "booleancheckbox") | ("bool", _) => FieldKind::Bool,
        ("enumeration", _) if property.referenced_object_type.as_deref() == Some("OWNER") => FieldKind::Text,
        ("enumeration", "checkbox") => FieldKind::Options,
        ("enumeration", _) => FieldKind::Option,
        ("number", _) => FieldKind::Number,
        ("date", _) => FieldKind::Day,
        ("datetime", _) => FieldKind::Time,
        _ => FieldKind::Text,
    }
}
