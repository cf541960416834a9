//! Records as HubSpot returns them, into rows: only the properties that are wanted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::values::to_cell;
use crate::crm::http::shape;
use crate::crm::{CallError, CallErrorKind, RawRow, Redirect, TypeRead};
use crate::data::{Cell, Millis, Presence, Stamp, Uid, encode};

/// The ids that a record had before it was merged with others, joined by `;`: a read by one of them finds the record.
pub(super) const MERGED: &str = "hs_merged_object_ids";

/// The address that a contact is known by, and its secondary ones, joined by `;`: a look-up by e-mail finds it by each of them.
/// https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
const EMAIL: &str = "email";
pub(super) const FURTHER_EMAILS: &str = "hs_additional_emails";

/// What is read of every record, beside the properties that the rules name.
pub(super) fn identity(read: &TypeRead) -> Vec<&str> {
    let emails = read.name == "contact" && read.fields.iter().any(|field| field.name == EMAIL);
    [MERGED].into_iter().chain(emails.then_some(FURTHER_EMAILS)).collect()
}

/// A page or a batch answer. One without `results` is no empty page.
#[derive(Deserialize)]
pub(super) struct Records<'a> {
    #[serde(borrow)]
    pub results: Vec<Record<'a>>,
    #[serde(default)]
    pub paging: Option<Paging>,
    #[serde(default)]
    pub errors: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct Paging {
    #[serde(default)]
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: String,
}

/// Where the page after the one that began at `from` begins, ready for a query string; none after the last. HubSpot's own
/// tokens are escaped already (`NTI1Cg%3D%3D`).
pub(super) fn next_page(paging: Option<Paging>, from: Option<&str>) -> Result<Option<String>, CallError> {
    let Some(next) = paging.and_then(|paging| paging.next) else { return Ok(None) };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%=".contains(&b);
    let escape = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    let after: String = next.after.bytes().map(escape).collect();
    if after.is_empty() || from == Some(&after) {
        let error = shape("the pages do not move on: the same one came twice");
        return Err(CallError { kind: CallErrorKind::Cursor, ..error });
    }
    Ok(Some(after))
}

/// One record; old answers give numbers where new ones give text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    pub id: Ident,
    #[serde(borrow, default)]
    pub properties: BTreeMap<Cow<'a, str>, Loose<'a>>,
    #[serde(borrow, default)]
    pub properties_with_history: BTreeMap<Cow<'a, str>, Vec<Version<'a>>>,
    #[serde(borrow, default)]
    pub updated_at: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub archived_at: Option<Cow<'a, str>>,
    #[serde(default)]
    pub archived: bool,
    #[serde(borrow, default)]
    pub object_write_trace_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version<'a> {
    #[serde(borrow, default)]
    pub value: Option<Loose<'a>>,
    #[serde(borrow, default)]
    pub timestamp: Cow<'a, str>,
}

/// An id as text, whatever it was sent as.
pub(super) struct Ident(pub Box<str>);

impl<'de> Deserialize<'de> for Ident {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Loose::deserialize(deserializer)?.text() {
            Some(text) if !text.is_empty() => Ok(Ident(text.into())),
            _ => Err(serde::de::Error::custom("a record without an id")),
        }
    }
}

/// A value that should be text or null, and is sometimes a number or a boolean.
pub(super) struct Loose<'a>(Option<Cow<'a, str>>);

impl Loose<'_> {
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Loose<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text or null")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Loose(None))
            }
            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(Loose(None))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Owned(value.to_string()))))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Record<'_> {
    /// The row, and one for each id that the record had before it was merged with others.
    pub(super) fn rows(&self, read: &TypeRead) -> Vec<RawRow> {
        let row = self.row(read);
        let former = self.properties.get(MERGED).and_then(Loose::text).unwrap_or_default().split(';').map(str::trim);
        let former = former.filter(|id| !id.is_empty() && **id != *row.id).map(|id| RawRow {
            ty: read.uid,
            id: id.into(),
            stamp: row.stamp,
            presence: Presence::Redirected,
            redirect: Some(Redirect { ty: read.name.as_str().into(), id: row.id.clone() }),
            ..RawRow::default()
        });
        let mut rows: Vec<RawRow> = former.collect();
        rows.push(row);
        rows
    }

    /// The row, with those of the wanted properties that the record names: null or empty is blank. A property that was asked
    /// for and is blank comes as null, so one that is not named was not told (a write's reply tells only some), or does not
    /// exist: it is not known.
    pub(super) fn row(&self, read: &TypeRead) -> RawRow {
        let mut arenas: Vec<String> = vec![String::new(); read.fields.len()];
        let cells: Vec<(Uid, Cell<'_>)> = read
            .fields
            .iter()
            .zip(&mut arenas)
            .filter_map(|(field, arena)| {
                let value = self.properties.get(field.name.as_str())?;
                Some((field.uid, to_cell(field.kind, value.text(), arena)))
            })
            .collect();
        let mut blob = Vec::with_capacity(cells.len() * 12);
        encode(cells, &mut blob);
        let stamp = self.updated_at.as_deref().and_then(Millis::from_iso);
        RawRow {
            ty: read.uid,
            id: self.id.0.clone(),
            stamp: Stamp { at: stamp.unwrap_or_default(), exact: stamp.is_some() },
            presence: if self.archived { Presence::Archived } else { Presence::Live },
            cells: blob,
            aliases: self.further_emails(read),
            ..RawRow::default()
        }
    }

    /// A contact's secondary addresses, where they were told.
    fn further_emails(&self, read: &TypeRead) -> Option<Vec<(Uid, Box<str>)>> {
        let email = read.fields.iter().find(|field| field.name == EMAIL)?.uid;
        let emails = self.properties.get(FURTHER_EMAILS)?.text().unwrap_or_default().split(';').map(str::trim);
        let emails = emails.filter(|email| !email.is_empty());
        let mut all: Vec<(Uid, Box<str>)> = emails.map(|one| (email, one.to_lowercase().into())).collect();
        all.sort();
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::FieldRead;
    use crate::data::{FieldKind, Value, decode};

    #[test]
    fn a_property_that_is_not_named_is_not_blank() {
        let field =
            |uid, name: &str, kind| FieldRead { uid: Uid(uid), name: name.into(), kind, initial: Default::default() };
        let read = TypeRead {
            uid: Uid(1),
            name: "contact".into(),
            fields: vec![
                field(2, "email", FieldKind::Email),
                field(3, "phone", FieldKind::Text),
                field(4, "city", FieldKind::Text),
                field(5, "optout", FieldKind::Bool),
                field(6, "vip", FieldKind::Bool),
            ],
            own_keys: Vec::new(),
            unique: Vec::new(),
        };
        let record: Record<'_> =
            serde_json::from_str(r#"{"id":7,"properties":{"email":"A@b.c","phone":null,"optout":""}}"#).unwrap();
        let row = record.row(&read);
        let cells: Vec<(u32, Value)> =
            decode(&row.cells).map(|entry| entry.map(|(uid, cell)| (uid.0, cell.to_value())).unwrap()).collect();
        assert_eq!(cells, [(2, Value::text("a@b.c")), (3, Value::Null), (5, Value::Bool(false))]);
        assert!(!row.stamp.exact);
    }
}
