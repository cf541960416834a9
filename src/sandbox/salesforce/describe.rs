//! What objects and fields there are: `/sobjects`, `/sobjects/X`, `/sobjects/X/describe`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::field::{FieldDef, FieldType, PicklistValue};
use super::reply::Reply;
use super::request::Call;
use super::schema::{ObjectDef, Schema};
use super::world::World;

/// `GET /sobjects`.
pub(super) fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let objects: Vec<Value> = world.schema.objects.iter().map(|o| Value::Object(summary(o, &call.root()))).collect();
    Reply::json(200, json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}).to_string())
}

/// `GET /sobjects/X`.
pub(super) fn basic(world: &mut World, call: &Call<'_>, object: &str) -> Reply {
    let Some(def) = world.schema.find(object).and_then(|ix| world.schema.object(ix)) else {
        return ApiError::not_found().into();
    };
    Reply::json(200, json!({"objectDescribe": summary(def, &call.root()), "recentItems": []}).to_string())
}

/// `GET /sobjects/X/describe`.
pub(super) fn full(world: &mut World, call: &Call<'_>, object: &str) -> Reply {
    if call.method != "GET" {
        return call.not_allowed("GET, HEAD").into();
    }
    let Some(def) = world.schema.find(object).and_then(|ix| world.schema.object(ix)) else {
        return ApiError::not_found().into();
    };
    let mut out = summary(def, &call.root());
    let fields: Vec<Value> = def.visible().map(|(_, f)| field(f, def)).collect();
    let more = json!({
        "fields": fields,
        "childRelationships": children(&world.schema, def),
        "recordTypeInfos": [{
            "active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master",
            "master": true, "name": "Master", "recordTypeId": "012000000000000AAA", "urls": {},
        }],
        "actionOverrides": [], "compactLayoutable": true, "listviewable": null, "lookupLayoutable": null,
        "namedLayoutInfos": [], "networkScopeFieldName": null, "searchLayoutable": true,
        "supportedScopes": [{"label": "All records", "name": "everything"}], "defaultImplementation": null,
        "extendedBy": null, "extendsInterfaces": null, "implementedBy": null, "implementsInterfaces": null,
        "sobjectDescribeOption": "FULL",
    });
    if let Value::Object(more) = more {
        out.extend(more);
    }
    Reply::json(200, Value::Object(out).to_string())
}

fn summary(object: &ObjectDef, root: &str) -> Map<String, Value> {
    let writes = object.writable;
    let base = format!("{root}/sobjects/{}", object.name);
    let json = json!({
        "name": object.name, "label": object.label, "labelPlural": object.plural, "keyPrefix": object.prefix,
        "custom": false, "customSetting": false, "createable": writes, "updateable": writes, "deletable": writes,
        "undeletable": writes, "queryable": true, "retrieveable": true, "searchable": writes, "replicateable": true,
        "mergeable": matches!(object.name, "Account" | "Contact" | "Lead"), "triggerable": writes,
        "layoutable": writes, "activateable": false, "feedEnabled": writes, "mruEnabled": writes,
        "hasSubtypes": false, "isSubtype": false, "isInterface": false, "deepCloneable": false,
        "deprecatedAndHidden": false, "associateEntityType": null, "associateParentEntity": null,
        "urls": {"sobject": base, "describe": format!("{base}/describe"), "rowTemplate": format!("{base}/{{ID}}")},
    });
    match json {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn children(schema: &Schema, parent: &ObjectDef) -> Vec<Value> {
    let child = |object: &ObjectDef, field: &FieldDef| {
        json!({
            "cascadeDelete": false, "childSObject": object.name, "deprecatedAndHidden": false, "field": field.name,
            "junctionIdListNames": [], "junctionReferenceTo": [], "relationshipName": field.children,
            "restrictedDelete": false,
        })
    };
    schema.children(parent.name).filter_map(|(ox, _, field)| Some(child(schema.object(ox)?, field))).collect()
}

/// In base64, the most significant bit first: bit i stands for value i of the controlling field.
fn bitmap(controlling: &[PicklistValue], value: &PicklistValue) -> String {
    let mut bits = vec![0_u8; controlling.len().div_ceil(8)];
    for (at, _) in controlling.iter().enumerate().filter(|(_, of)| value.valid_for.contains(&of.value)) {
        bits[at / 8] |= 0x80 >> (at % 8);
    }
    STANDARD.encode(bits)
}

fn field(f: &FieldDef, object: &ObjectDef) -> Value {
    let controlling = f.controller.as_deref().and_then(|name| object.field(object.find(name)?));
    let entry = |p: &PicklistValue| {
        let default = f.default.as_deref() == Some(&*p.value);
        let valid_for = controlling.map(|field| bitmap(&field.picklist, p));
        json!({"active": p.active, "defaultValue": default, "label": p.label, "value": p.value, "validFor": valid_for})
    };
    let default = match (f.kind, f.default.as_deref()) {
        (FieldType::Boolean, Some(text)) => Value::from(text == "true"),
        (_, Some(text)) => text.into(),
        (_, None) => Value::Null,
    };
    let name_field = match object.name {
        "Task" | "Event" => "Subject",
        "CampaignMember" | "OpportunityContactRole" => "",
        _ => "Name",
    };
    let shape = json!({
        "name": f.name, "label": f.label, "type": f.kind.name(), "soapType": f.kind.soap_name(),
        "length": f.length, "byteLength": f.length.saturating_mul(3), "precision": f.precision, "scale": f.scale,
        "digits": if f.kind == FieldType::Int { f.precision } else { 0 },
        "nillable": f.nillable, "createable": f.createable, "updateable": f.updateable,
        "defaultedOnCreate": f.defaulted() || !f.createable, "defaultValue": default, "defaultValueFormula": null,
        "calculated": f.calculated, "calculatedFormula": null, "autoNumber": false, "custom": f.custom(),
        "unique": f.unique, "externalId": f.external_id, "idLookup": f.id_lookup,
        "caseSensitive": f.case_sensitive, "nameField": f.name == name_field,
        "filterable": f.filterable(), "sortable": f.filterable(),
        "groupable": f.filterable() && !matches!(f.kind, FieldType::Double | FieldType::Currency | FieldType::DateTime),
        "aggregatable": f.filterable(), "permissionable": f.nillable && f.createable,
    });
    let links = json!({
        "picklistValues": f.picklist.iter().map(entry).collect::<Vec<_>>(), "restrictedPicklist": f.restricted,
        "dependentPicklist": controlling.is_some(), "controllerName": f.controller, "referenceTo": f.refers_to,
        "relationshipName": f.relationship, "relationshipOrder": null, "referenceTargetField": null,
        "polymorphicForeignKey": f.refers_to.len() > 1, "namePointing": f.refers_to.len() > 1,
        "cascadeDelete": false, "restrictedDelete": false, "writeRequiresMasterRead": false,
        "aiPredictionField": false, "compoundFieldName": null, "deprecatedAndHidden": false,
        "displayLocationInDecimal": false, "encrypted": false,
        "extraTypeInfo": if f.kind == FieldType::LongTextArea { "plaintextarea".into() } else { Value::Null },
        "filteredLookupInfo": null, "formulaTreatNullNumberAsZero": false, "highScaleNumber": false,
        "htmlFormatted": false, "inlineHelpText": null, "mask": null, "maskType": null, "queryByDistance": false,
        "searchPrefilterable": f.kind == FieldType::Reference,
    });
    match (shape, links) {
        (Value::Object(mut shape), Value::Object(links)) => {
            shape.extend(links);
            Value::Object(shape)
        }
        _ => Value::Null,
    }
}
