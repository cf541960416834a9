//! Property definitions as the properties API writes and reads them.

use serde_json::{Value, json};

use super::{PropertyDef, PropertyOption, PropertyType};

impl PropertyDef {
    pub(in crate::sandbox::hubspot) fn to_json(&self) -> Value {
        let options: Vec<Value> = self
            .options
            .iter()
            .map(|o| json!({"value": o.value, "label": o.label, "displayOrder": o.display_order, "hidden": o.hidden}))
            .collect();
        let mut json = json!({
            "name": self.name, "label": self.label, "type": self.kind.name(), "fieldType": self.field_type,
            "groupName": self.group, "description": self.description, "options": options,
            "displayOrder": self.display_order, "calculated": self.calculated, "hasUniqueValue": self.unique,
            "externalOptions": self.external_options, "hidden": self.hidden, "formField": self.form_field,
            "hubspotDefined": self.hubspot_defined, "archived": self.archived, "dataSensitivity": "non_sensitive",
            "createdAt": self.created.to_iso(), "updatedAt": self.updated.to_iso(),
            "modificationMetadata": {"archivable": !self.hubspot_defined, "readOnlyDefinition": self.hubspot_defined,
                "readOnlyOptions": self.hubspot_defined && self.options.is_empty(),
                "readOnlyValue": self.read_only || self.calculated},
        });
        if let (Some(of), Some(fields)) = (&self.referenced_object_type, json.as_object_mut()) {
            fields.insert("referencedObjectType".to_owned(), json!(of));
        }
        if let (Some(name), Some(fields)) = (&self.currency_property, json.as_object_mut()) {
            fields.insert("currencyPropertyName".to_owned(), json!(name));
        }
        json
    }

    /// Reads what `to_json` writes or what a client posts; the error is a sentence for it.
    pub(in crate::sandbox::hubspot) fn from_json(json: &Value) -> Result<PropertyDef, String> {
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        let flag = |key: &str| json.get(key).and_then(Value::as_bool).unwrap_or(false);
        let name = text("name").ok_or("name is required")?;
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts_well || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            return Err(format!("Property name {name} must start with a letter and hold only a-z, 0-9 and _"));
        }
        let kind = text("type").ok_or("type is required")?;
        let kind = PropertyType::parse(kind).ok_or_else(|| format!("{kind} is not a property type"))?;
        let mut def = PropertyDef::custom(name, text("label").unwrap_or(name), kind);
        if let Some(field) = text("fieldType") {
            def.field_type = field.to_owned();
        }
        def.group = text("groupName").unwrap_or_default().to_owned();
        def.description = text("description").unwrap_or_default().to_owned();
        def.options = options(json.get("options"));
        def.display_order = json.get("displayOrder").and_then(Value::as_i64).unwrap_or(-1);
        def.unique = flag("hasUniqueValue");
        def.calculated = flag("calculated");
        def.read_only = json.pointer("/modificationMetadata/readOnlyValue").and_then(Value::as_bool).unwrap_or(false);
        def.hidden = flag("hidden");
        def.form_field = flag("formField");
        def.hubspot_defined = flag("hubspotDefined");
        def.external_options = flag("externalOptions");
        def.archived = flag("archived");
        def.referenced_object_type = text("referencedObjectType").map(str::to_owned);
        def.currency_property = text("currencyPropertyName").map(str::to_owned);
        Ok(def)
    }
}

/// Options as posted; one without a value is left out.
pub(in crate::sandbox::hubspot) fn options(json: Option<&Value>) -> Vec<PropertyOption> {
    let items = json.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |(at, item): (usize, &Value)| {
        let value = item.get("value")?.as_str()?.to_owned();
        let label = item.get("label").and_then(Value::as_str).unwrap_or(&value).to_owned();
        let display_order = item.get("displayOrder").and_then(Value::as_i64).unwrap_or(at as i64);
        let hidden = item.get("hidden").and_then(Value::as_bool).unwrap_or(false);
        Some(PropertyOption { value, label, display_order, hidden })
    };
    items.iter().enumerate().filter_map(read).collect()
}
