//! Models of both CRMs with the fields, options, requirements and lists of a project's schema snapshots.

use crate::data::{BySide, FieldKind, Millis, id_checksum};
use crate::lang::schema::{Catalog, FieldDef, Initial, TypeDef};
use crate::sandbox::hubspot::{PropertyDef, PropertyOption, PropertyType};
use crate::sandbox::salesforce::{self, FieldType, PicklistValue};
use crate::sandbox::{SALESFORCE_URL, hubspot};

/// A portal and an org without records. Cheap to clone.
#[derive(Clone)]
pub(super) struct Models {
    pub hubspot: hubspot::World,
    pub salesforce: salesforce::World,
}

impl Models {
    /// No lag, no limits, no chance beyond the seed.
    pub(super) fn of(catalogs: BySide<&Catalog>, seed: u64, now: Millis) -> Models {
        let currencies = catalogs.left.currencies.clone().unwrap_or_default();
        let mut portal = hubspot::Config {
            portal_id: catalogs.left.account.parse().unwrap_or_default(),
            search_lag_ms: 0,
            enforce_limits: false,
            ..hubspot::Config::default()
        };
        if !currencies.home.is_empty() {
            portal.currency = currencies.home;
            portal.additional_currencies = currencies.others.unwrap_or_default();
        }
        let mut org = salesforce::Config { instance_url: SALESFORCE_URL.to_owned(), ..salesforce::Config::default() };
        if let Some(id) = catalogs.right.account.get(..15).filter(|id| id_checksum(id).is_some()) {
            org.org_id = id.to_owned();
        }
        let mut models = Models {
            hubspot: hubspot::World::new(portal, seed, now),
            salesforce: salesforce::World::new(org, seed, now),
        };
        for (name, def) in &catalogs.left.types {
            models.hubspot.add_type(name, now);
            for (field, field_def) in &def.fields {
                let known = models.hubspot.property(name, field);
                let property = property(field, field_def, known);
                models.hubspot.add_property(name, property);
            }
        }
        for (name, def) in &catalogs.right.types {
            if name.ends_with("__c") {
                models.salesforce.add_object(name, &def.label);
            }
            // A test cannot name a field that the snapshot lacks, so no record can need it.
            let unknown = models.salesforce.fields(name).filter(|field| !def.fields.contains_key(&*field.name));
            let needed: Vec<_> = unknown.filter(|field| !field.nillable && field.createable).cloned().collect();
            for field in needed.into_iter().filter(|field| field.default.is_none()) {
                models.salesforce.add_field(name, salesforce::FieldDef { nillable: true, ..field });
            }
            for (field, field_def) in &def.fields {
                let known = models.salesforce.field(name, field);
                let shaped = sales_field(field, field_def, def, known);
                models.salesforce.add_field(name, shaped);
            }
        }
        for list in &catalogs.left.lists {
            // Of types that the model lacks no test can name a record.
            let _ = models.hubspot.list_create(&list.name, &list.of, hubspot::Processing::Manual, now);
        }
        models
    }
}

/// A property as the snapshot describes it; what the snapshot does not say is as in every portal.
fn property(name: &str, def: &FieldDef, known: Option<&PropertyDef>) -> PropertyDef {
    let (kind, field_type) = match def.kind {
        FieldKind::Text | FieldKind::Email | FieldKind::Id => (PropertyType::Text, "text"),
        FieldKind::Bool => (PropertyType::Bool, "booleancheckbox"),
        FieldKind::Number => (PropertyType::Number, "number"),
        FieldKind::Day => (PropertyType::Date, "date"),
        FieldKind::Time => (PropertyType::DateTime, "date"),
        FieldKind::Option => (PropertyType::Enumeration, "select"),
        FieldKind::Options => (PropertyType::Enumeration, "checkbox"),
    };
    let mut property = match known {
        Some(known) if same_kind(known, def.kind) => known.clone(),
        _ => PropertyDef { field_type: field_type.to_owned(), ..PropertyDef::custom(name, &def.label, kind) },
    };
    property.label = def.label.clone();
    property.calculated = def.calculated;
    property.currency_property = def.money.as_ref().and_then(|money| money.currency.clone());
    property.read_only = !def.updateable;
    property.unique = def.external_key;
    if matches!(def.kind, FieldKind::Option | FieldKind::Options) {
        property.external_options = !def.closed && !def.options.is_empty();
        property.options = def
            .options
            .iter()
            .zip(0..)
            .map(|(option, display_order)| PropertyOption {
                value: option.value.clone(),
                label: option.label.clone(),
                display_order,
                hidden: option.hidden,
            })
            .collect();
    }
    property
}

/// Whether a property holds what the snapshot says. An owner is text there.
fn same_kind(known: &PropertyDef, kind: FieldKind) -> bool {
    match known.kind {
        PropertyType::Text | PropertyType::Phone => matches!(kind, FieldKind::Text | FieldKind::Email | FieldKind::Id),
        PropertyType::Number => matches!(kind, FieldKind::Number | FieldKind::Id),
        PropertyType::Date => kind == FieldKind::Day,
        PropertyType::DateTime => kind == FieldKind::Time,
        PropertyType::Bool => kind == FieldKind::Bool,
        PropertyType::Enumeration => match known.field_type.as_str() {
            "checkbox" => kind == FieldKind::Options,
            "booleancheckbox" => kind == FieldKind::Bool,
            _ => kind == FieldKind::Option || (kind == FieldKind::Text && known.referenced_object_type.is_some()),
        },
    }
}

fn sales_field(name: &str, def: &FieldDef, of: &TypeDef, known: Option<&salesforce::FieldDef>) -> salesforce::FieldDef {
    let fresh = || {
        let kind = match def.kind {
            FieldKind::Text if def.max.is_some_and(|max| max > 255) => FieldType::LongTextArea,
            FieldKind::Text => FieldType::Text,
            FieldKind::Email => FieldType::Email,
            FieldKind::Bool => FieldType::Boolean,
            FieldKind::Number if def.money.is_some() => FieldType::Currency,
            FieldKind::Number => FieldType::Double,
            FieldKind::Day => FieldType::Date,
            FieldKind::Time => FieldType::DateTime,
            FieldKind::Option => FieldType::Picklist,
            FieldKind::Options => FieldType::MultiPicklist,
            FieldKind::Id => FieldType::Reference,
        };
        let mut field = salesforce::FieldDef::new(name.to_owned(), def.label.clone(), kind);
        let reference = of.references.iter().find(|(_, reference)| reference.field == name);
        if let Some((relationship, reference)) = reference {
            field.refers_to = vec![reference.to.clone().into()];
            field.relationship = Some(relationship.clone().into());
        }
        field
    };
    let mut field = match known {
        Some(known) if kind_of(known.kind) == def.kind => known.clone(),
        _ => fresh(),
    };
    field.label = def.label.clone().into();
    field.calculated = def.calculated;
    (field.createable, field.updateable) = (def.createable, def.updateable);
    // A checkbox always has a value.
    if def.required && def.kind != FieldKind::Bool {
        (field.nillable, field.default) = (false, None);
    } else if def.createable && field.default.is_none() && field.name != "OwnerId" {
        field.nillable = true;
    }
    if let Some(max) = def.max {
        field.length = max;
    }
    if let Some(scale) = def.scale.and_then(|scale| u8::try_from(scale).ok()) {
        field.scale = scale;
    }
    field.unique = field.unique || def.external_key || of.unique.iter().any(|unique| unique == name);
    field.external_id = field.external_id || def.external_key;
    field.id_lookup = field.id_lookup || field.unique;
    if matches!(def.kind, FieldKind::Option | FieldKind::Options) {
        field.restricted = def.closed;
        field.picklist = def
            .options
            .iter()
            .map(|option| PicklistValue {
                value: option.value.clone().into(),
                label: option.label.clone().into(),
                active: !option.hidden,
                valid_for: option.valid_for.iter().map(|of| of.clone().into()).collect(),
            })
            .collect();
        // Which field controls it the snapshot says of none but states, which go with their country.
        let country = name.strip_suffix("StateCode").map(|prefix| format!("{prefix}CountryCode"));
        field.controller = country.filter(|country| of.fields.contains_key(country)).map(Into::into);
        if let Initial::Value(value) = &def.initial {
            field.default = Some(value.to_string().into());
        }
    }
    field
}

fn kind_of(kind: FieldType) -> FieldKind {
    match kind {
        FieldType::Id | FieldType::Reference => FieldKind::Id,
        FieldType::Email => FieldKind::Email,
        FieldType::Boolean => FieldKind::Bool,
        FieldType::Int | FieldType::Double | FieldType::Currency | FieldType::Percent => FieldKind::Number,
        FieldType::Date => FieldKind::Day,
        FieldType::DateTime => FieldKind::Time,
        FieldType::Picklist | FieldType::Combobox => FieldKind::Option,
        FieldType::MultiPicklist => FieldKind::Options,
        FieldType::Text | FieldType::TextArea | FieldType::LongTextArea | FieldType::Phone | FieldType::Url => {
            FieldKind::Text
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::cli::test::lab::{Lab, START, in_virtual_time};
    use crate::crm::Crm;
    use crate::data::Side;
    use crate::sync::Ledger;

    fn catalogs(folder: &str) -> BySide<Catalog> {
        let read = |name: &str| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
        };
        BySide::new(read("hubspot.json"), read("salesforce.json"))
    }

    /// What both models say of themselves, through the adapters.
    fn described(catalogs: &BySide<Catalog>) -> BySide<Catalog> {
        in_virtual_time(async {
            let lab = Lab::new(Models::of(BySide::new(&catalogs.left, &catalogs.right), 1, START));
            let ledgers = BySide::new(Arc::new(Ledger::new("l")), Arc::new(Ledger::new("r")));
            let store = crate::store::Sqlite::in_memory().unwrap();
            let (epoch, _) = crate::store::Store::open(&store, "describe").await.unwrap();
            for ledger in [&ledgers.left, &ledgers.right] {
                ledger.start(&store, epoch, START).await.unwrap();
            }
            let both = lab.connect(&ledgers).unwrap();
            let types = |side: Side| catalogs[side].types.keys().cloned().collect::<Vec<_>>();
            let left = both.hubspot.describe(&types(Side::Left)).await.unwrap();
            BySide::new(left, both.salesforce.describe(&types(Side::Right)).await.unwrap())
        })
        .unwrap()
    }

    #[test]
    fn the_models_describe_themselves_as_the_snapshots_of_the_example_do() {
        let snapshots = catalogs("examples/developer-edition/schemas");
        let models = described(&snapshots);
        for side in Side::BOTH {
            assert_eq!(models[side].account, snapshots[side].account);
            assert_eq!(models[side].lists, snapshots[side].lists);
            for (name, def) in &snapshots[side].types {
                assert_eq!(models[side].types[name].unique, def.unique, "{name}");
                assert_eq!(models[side].types[name].references, def.references, "{name}");
                for (field, expected) in &def.fields {
                    // What a CRM sets itself, a snapshot need not tell.
                    let initial = models[side].types[name].fields[field].initial.clone();
                    let initial = if expected.createable { expected.initial.clone() } else { initial };
                    let expected = FieldDef { initial, ..expected.clone() };
                    assert_eq!(models[side].types[name].fields[field], expected, "{name}.{field}");
                }
            }
        }
    }

    /// A portal and an org with fields, options and requirements of their own.
    #[test]
    fn custom_fields_are_as_they_were_pulled() {
        let mut snapshots = catalogs("tests/corpus/schemas");
        // An object that no model has.
        assert!(snapshots.right.types.remove("Case").is_some());
        let models = described(&snapshots);
        let mut seen = BTreeSet::new();
        for side in Side::BOTH {
            for (name, def) in &snapshots[side].types {
                for (field, expected) in &def.fields {
                    let is = &models[side].types[name].fields[field];
                    let rules = |def: &FieldDef| {
                        let options: Vec<String> = def.options.iter().map(|option| option.value.clone()).collect();
                        let closed = def.closed && !def.options.is_empty();
                        (def.kind, options, closed, def.createable, def.external_key)
                    };
                    assert_eq!(rules(is), rules(expected), "{name}.{field}");
                    if side == Side::Right && expected.kind != FieldKind::Bool {
                        assert_eq!((is.required, is.max), (expected.required, expected.max), "{name}.{field}");
                    }
                    seen.insert(expected.kind);
                }
            }
        }
        assert!(seen.len() >= 9, "every kind has a field: {seen:?}");
    }
}
