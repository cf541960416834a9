//! Schemas of object types. The list holds custom types only, of which this portal has none.

use serde_json::{Value, json};

use super::super::edges::pair_types;
use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::schema::PropertyDef;
use super::super::world::World;
use super::reply::Reply;

pub(super) fn list() -> Result<Reply, ApiError> {
    Ok(Reply::Json(200, json!({"results": []})))
}

pub(super) fn get(world: &World, kind: Kind) -> Result<Reply, ApiError> {
    let (own, portal) = (kind.type_id(), world.config.portal_id);
    let title = |text: &str| {
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    let properties: Vec<Value> =
        world.table(kind).schema.iter().filter(|def| !def.archived).map(PropertyDef::to_json).collect();
    let ties: Vec<Value> = Kind::ALL
        .into_iter()
        .map(|to| {
            let id = pair_types(kind, to).plain.to_string();
            json!({"id": id, "fromObjectTypeId": own, "toObjectTypeId": to.type_id(),
                "name": format!("{}_to_{}", kind.singular(), to.singular())})
        })
        .collect();
    let shown: Vec<&str> = kind.searched().iter().copied().take(3).collect();
    let body = json!({"id": own, "objectTypeId": own, "name": kind.singular().to_uppercase(),
        "fullyQualifiedName": kind.singular().to_uppercase(), "portalId": portal, "metaType": "HUBSPOT",
        "labels": {"singular": title(kind.singular()), "plural": title(kind.plural())}, "archived": false,
        "requiredProperties": [], "searchableProperties": kind.searched(),
        "primaryDisplayProperty": shown.first(), "secondaryDisplayProperties": shown.get(1..).unwrap_or_default(),
        "properties": properties, "associations": ties});
    Ok(Reply::Json(200, body))
}
