//! The form in which the property tables are written.

use super::{PropertyDef, PropertyType};
use crate::data::Millis;

/// `(value, label)`.
pub(super) type Options = &'static [(&'static str, &'static str)];

/// One line of a property table.
#[derive(Clone, Copy)]
pub(super) struct Row {
    name: &'static str,
    label: &'static str,
    group: &'static str,
    kind: PropertyType,
    field: &'static str,
    options: Options,
    read_only: bool,
    calculated: bool,
    owner: bool,
    external: bool,
    hidden: bool,
    currency: Option<&'static str>,
}

pub(super) const YES_NO: Options = &[("true", "Yes"), ("false", "No")];

const fn row(group: &'static str, name: &'static str, label: &'static str, kind: PropertyType) -> Row {
    let field = match kind {
        PropertyType::Text => "text",
        PropertyType::Number => "number",
        PropertyType::Date | PropertyType::DateTime => "date",
        PropertyType::Enumeration => "select",
        PropertyType::Bool => "booleancheckbox",
        PropertyType::Phone => "phonenumber",
    };
    let (read_only, calculated, owner, external, hidden) = (false, false, false, false, false);
    Row {
        name,
        label,
        group,
        kind,
        field,
        options: &[],
        read_only,
        calculated,
        owner,
        external,
        hidden,
        currency: None,
    }
}

pub(super) const fn text(group: &'static str, name: &'static str, label: &'static str) -> Row {
    row(group, name, label, PropertyType::Text)
}

pub(super) const fn number(group: &'static str, name: &'static str, label: &'static str) -> Row {
    row(group, name, label, PropertyType::Number)
}

pub(super) const fn datetime(group: &'static str, name: &'static str, label: &'static str) -> Row {
    row(group, name, label, PropertyType::DateTime)
}

pub(super) const fn flag(group: &'static str, name: &'static str, label: &'static str) -> Row {
    let row = row(group, name, label, PropertyType::Bool);
    Row { options: YES_NO, ..row }
}

pub(super) const fn choice(group: &'static str, name: &'static str, label: &'static str, options: Options) -> Row {
    let row = row(group, name, label, PropertyType::Enumeration);
    Row { options, ..row }
}

/// An owner id: an enumeration whose options are never listed.
pub(super) const fn owner(group: &'static str, name: &'static str, label: &'static str) -> Row {
    let row = row(group, name, label, PropertyType::Enumeration);
    Row { owner: true, external: true, ..row }
}

impl Row {
    pub(super) const fn field(self, field: &'static str) -> Row {
        Row { field, ..self }
    }

    pub(super) const fn read_only(self) -> Row {
        Row { read_only: true, ..self }
    }

    pub(super) const fn calculated(self) -> Row {
        Row { calculated: true, read_only: true, ..self }
    }

    pub(super) const fn external(self) -> Row {
        Row { external: true, ..self }
    }

    /// An amount, and the property that says in which currency it is.
    pub(super) const fn money(self, currency: &'static str) -> Row {
        Row { currency: Some(currency), ..self }
    }

    pub(super) const fn hidden(self) -> Row {
        Row { hidden: true, ..self }
    }

    pub(super) fn define(&self, now: Millis) -> PropertyDef {
        let def = PropertyDef {
            field_type: self.field.to_owned(),
            group: self.group.to_owned(),
            read_only: self.read_only,
            calculated: self.calculated,
            hidden: self.hidden,
            form_field: !self.read_only,
            hubspot_defined: true,
            external_options: self.external,
            referenced_object_type: self.owner.then(|| "OWNER".to_owned()),
            currency_property: self.currency.map(str::to_owned),
            created: now,
            updated: now,
            ..PropertyDef::custom(self.name, self.label, self.kind)
        };
        def.with_options(self.options.iter().copied())
    }
}
