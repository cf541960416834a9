//! One field of an object, as describe shows it.

use std::borrow::Cow;

pub(super) type Text = Cow<'static, str>;

/// The kinds of field that the model knows; names as in describe save [`FieldType::LongTextArea`], which describe calls
/// `textarea` too but which cannot be filtered or sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    Id,
    Text,
    TextArea,
    LongTextArea,
    Email,
    Phone,
    Url,
    Picklist,
    MultiPicklist,
    Combobox,
    Reference,
    Boolean,
    Int,
    Double,
    Currency,
    Percent,
    Date,
    DateTime,
}

impl FieldType {
    const NAMES: [(FieldType, &'static str, &'static str); 18] = [
        (FieldType::Id, "id", "tns:ID"),
        (FieldType::Text, "string", "xsd:string"),
        (FieldType::TextArea, "textarea", "xsd:string"),
        (FieldType::LongTextArea, "textarea", "xsd:string"),
        (FieldType::Email, "email", "xsd:string"),
        (FieldType::Phone, "phone", "xsd:string"),
        (FieldType::Url, "url", "xsd:string"),
        (FieldType::Picklist, "picklist", "xsd:string"),
        (FieldType::MultiPicklist, "multipicklist", "xsd:string"),
        (FieldType::Combobox, "combobox", "xsd:string"),
        (FieldType::Reference, "reference", "tns:ID"),
        (FieldType::Boolean, "boolean", "xsd:boolean"),
        (FieldType::Int, "int", "xsd:int"),
        (FieldType::Double, "double", "xsd:double"),
        (FieldType::Currency, "currency", "xsd:double"),
        (FieldType::Percent, "percent", "xsd:double"),
        (FieldType::Date, "date", "xsd:date"),
        (FieldType::DateTime, "datetime", "xsd:dateTime"),
    ];

    /// The name in describe.
    pub fn name(self) -> &'static str {
        FieldType::NAMES.iter().find(|(kind, ..)| *kind == self).map_or("string", |(_, name, _)| name)
    }

    pub(super) fn soap_name(self) -> &'static str {
        FieldType::NAMES.iter().find(|(kind, ..)| *kind == self).map_or("xsd:string", |(.., soap)| soap)
    }

    /// The kind with this name in describe; a `textarea` over 255 characters is a long one.
    pub(super) fn named(name: &str, length: u32) -> Option<FieldType> {
        let kind = FieldType::NAMES.iter().find(|(_, n, _)| *n == name)?.0;
        Some(if kind == FieldType::TextArea && length > 255 { FieldType::LongTextArea } else { kind })
    }

    pub(super) fn is_text(self) -> bool {
        use FieldType::*;
        matches!(self, Text | TextArea | LongTextArea | Email | Phone | Url | Picklist | MultiPicklist | Combobox)
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, FieldType::Int | FieldType::Double | FieldType::Currency | FieldType::Percent)
    }
}

/// One entry of a picklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicklistValue {
    pub value: Text,
    pub label: Text,
    pub active: bool,
    /// Values of the controlling field that it goes with.
    pub valid_for: Vec<Text>,
}

impl PicklistValue {
    pub fn new(value: impl Into<Text>) -> PicklistValue {
        let value = value.into();
        PicklistValue { label: value.clone(), value, active: true, valid_for: Vec::new() }
    }
}

/// One field. Build with [`FieldDef::text`] and its like, then refine.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDef {
    pub name: Text,
    pub label: Text,
    pub kind: FieldType,
    /// Most characters; 0 where that means nothing.
    pub length: u32,
    /// Digits in all and after the point; 0 where that means nothing.
    pub precision: u8,
    pub scale: u8,
    pub nillable: bool,
    pub createable: bool,
    pub updateable: bool,
    pub calculated: bool,
    pub unique: bool,
    pub external_id: bool,
    pub id_lookup: bool,
    pub case_sensitive: bool,
    pub restricted: bool,
    pub picklist: Vec<PicklistValue>,
    /// The field whose value says which values this one may have.
    pub controller: Option<Text>,
    /// Objects that a reference may point to.
    pub refers_to: Vec<Text>,
    /// `Account` of `AccountId`, `Parent__r` of `Parent__c`.
    pub relationship: Option<Text>,
    /// The other end's name: `Contacts` of `Contact.AccountId`.
    pub children: Option<Text>,
    /// What a create stores when the field is not given, as text.
    pub default: Option<Text>,
    /// Is not in the standard schema: written by `dump`.
    pub added: bool,
    /// The object does not have this system field.
    pub hidden: bool,
}

impl FieldDef {
    pub fn new(name: impl Into<Text>, label: impl Into<Text>, kind: FieldType) -> FieldDef {
        FieldDef {
            name: name.into(),
            label: label.into(),
            kind,
            length: 0,
            precision: 0,
            scale: 0,
            nillable: kind != FieldType::Boolean,
            createable: true,
            updateable: true,
            calculated: false,
            unique: false,
            external_id: false,
            id_lookup: false,
            case_sensitive: false,
            restricted: false,
            picklist: Vec::new(),
            controller: None,
            refers_to: Vec::new(),
            relationship: None,
            children: None,
            default: (kind == FieldType::Boolean).then_some(Cow::Borrowed("false")),
            added: false,
            hidden: false,
        }
        .with_usual_size()
    }

    /// A text field of at most `length` characters.
    pub fn text(name: impl Into<Text>, label: impl Into<Text>, length: u32) -> FieldDef {
        FieldDef { length, ..FieldDef::new(name, label, FieldType::Text) }
    }

    /// A picklist; unrestricted, so other values are taken too.
    pub fn picklist(name: impl Into<Text>, label: impl Into<Text>, values: &[&'static str]) -> FieldDef {
        let picklist = values.iter().copied().map(PicklistValue::new).collect();
        FieldDef { picklist, ..FieldDef::new(name, label, FieldType::Picklist) }
    }

    /// A look-up to `object`, which lists its children under `children`.
    pub fn reference(name: impl Into<Text>, label: impl Into<Text>, object: &'static str) -> FieldDef {
        let name = name.into();
        let relationship = match (name.strip_suffix("__c"), name.strip_suffix("Id")) {
            (Some(stem), _) => Some(format!("{stem}__r").into()),
            (None, Some(stem)) => Some(stem.to_owned().into()),
            (None, None) => None,
        };
        FieldDef { refers_to: vec![object.into()], relationship, ..FieldDef::new(name, label, FieldType::Reference) }
    }

    pub fn external_id(mut self) -> FieldDef {
        (self.external_id, self.id_lookup) = (true, true);
        self
    }

    pub fn unique(mut self) -> FieldDef {
        (self.unique, self.id_lookup) = (true, true);
        self
    }

    pub fn required(mut self) -> FieldDef {
        self.nillable = false;
        self
    }

    pub fn restricted(mut self) -> FieldDef {
        self.restricted = true;
        self
    }

    /// Set by the org only.
    pub fn read_only(mut self) -> FieldDef {
        (self.createable, self.updateable) = (false, false);
        self
    }

    pub fn custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    pub(super) fn defaulted(&self) -> bool {
        self.default.is_some() || self.name == "OwnerId"
    }

    pub(super) fn filterable(&self) -> bool {
        self.kind != FieldType::LongTextArea
    }

    /// Has an index by value. Look-ups are indexed in every org, save owners and audit users here: nothing asks by them.
    pub(super) fn indexed(&self) -> bool {
        let keyed = self.kind.is_text() || self.kind.is_number();
        (keyed && (self.external_id || self.unique || self.id_lookup))
            || (self.kind == FieldType::Reference
                && !matches!(&*self.name, "OwnerId" | "CreatedById" | "LastModifiedById"))
    }

    fn with_usual_size(mut self) -> FieldDef {
        (self.length, self.precision, self.scale) = match self.kind {
            FieldType::Id | FieldType::Reference => (18, 0, 0),
            FieldType::Text | FieldType::TextArea | FieldType::Picklist | FieldType::Combobox | FieldType::Url => {
                (255, 0, 0)
            }
            FieldType::LongTextArea => (32_000, 0, 0),
            FieldType::MultiPicklist => (4_099, 0, 0),
            FieldType::Email => (80, 0, 0),
            FieldType::Phone => (40, 0, 0),
            FieldType::Double | FieldType::Currency => (0, 18, 2),
            FieldType::Percent => (0, 3, 0),
            FieldType::Int => (0, 8, 0),
            FieldType::Boolean | FieldType::Date | FieldType::DateTime => (0, 0, 0),
        };
        self
    }
}
