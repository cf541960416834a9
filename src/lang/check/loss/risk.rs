//! What can happen to values on their way.

use crate::data::FieldKind;
use crate::lang::check::list_of::as_field;
use crate::lang::check::names::{Origin, Resolved};
use crate::lang::check::operands::Part;
use crate::lang::schema::FieldDef;

/// Longest text of a number: 28 digits, sign, point, zero.
const NUMBER_LENGTH: u32 = 31;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Risk {
    /// Characters: most at the source, where that is known, and most at the target. Only text may be cut: an address or
    /// an option cut short is another one.
    TooLong {
        longest: Option<u32>,
        max: u32,
        cut: bool,
    },
    /// Digits after the point, likewise.
    TooPrecise(Option<u32>, u32),
    /// Some values have no form of the target's type.
    Misfits,
    /// Options that the target does not take.
    Options(Vec<String>),
    Never,
    /// Between days and moments.
    Days,
}

/// What can happen to values of `source` (none: a record id) on their way into `target`.
fn risks(source: Option<&FieldDef>, target: &FieldDef) -> Vec<Risk> {
    use FieldKind as K;
    let kind = source.map_or(K::Id, |def| def.kind);
    let own = match (kind, target.kind) {
        (_, K::Id) => Risk::Never,
        (_, K::Text) | (K::Email, K::Email) => return too_long(source, target),
        (K::Text, K::Email) => return [vec![Risk::Misfits], too_long(source, target)].concat(),
        (_, K::Email) => Risk::Never,
        (K::Number, K::Number) => return too_precise(source, target),
        (K::Bool, K::Bool) | (K::Day, K::Day) | (K::Time, K::Time) => return Vec::new(),
        (K::Day, K::Time) | (K::Time, K::Day) => Risk::Days,
        (K::Text, K::Number | K::Bool | K::Day | K::Time) | (K::Option | K::Id, K::Number) => Risk::Misfits,
        (K::Option, K::Bool) => return options(source, &["true", "false"]),
        (_, K::Number | K::Bool | K::Day | K::Time) => Risk::Never,
        (K::Day | K::Time | K::Id, K::Option | K::Options) => Risk::Never,
        (K::Options, K::Option) => Risk::Misfits,
        (_, K::Option | K::Options) if !target.closed => return too_long(source, target),
        (K::Bool, K::Option | K::Options) => {
            let missing = ["true", "false"].into_iter().filter(|word| !has_option(target, word)).map(str::to_owned);
            return lost(missing.collect());
        }
        (_, K::Option | K::Options) => {
            let known: Vec<&str> = target.options.iter().map(|option| option.value.as_str()).collect();
            return options(source, &known);
        }
    };
    vec![own]
}

/// What a row carries from one record type.
pub(super) enum Carried<'a> {
    /// A record id, of the member or of a record that it may not have.
    Id {
        reached: bool,
    },
    Field {
        def: &'a FieldDef,
        reached: bool,
    },
    /// A text put together, or a list, and whether all of it may be blank.
    Text {
        def: FieldDef,
        blank: bool,
    },
    /// Fitted to the target where it is written.
    Constant(FieldKind),
}

impl<'a> Carried<'a> {
    /// Nothing where the records of this type do not have it.
    pub(super) fn of(from: &Resolved<'a>, ty: usize) -> Option<Carried<'a>> {
        if !from.applies(ty) {
            return None;
        }
        Some(match &from.origin {
            Origin::Constant(_) => Carried::Constant(from.kind()),
            Origin::Composed(parts) => {
                let of = |part: &Part<'a>| match part {
                    Part::Text(_) => None,
                    Part::Value(value) => Carried::of(value, ty),
                };
                let lengths = parts.iter().map(|part| match (part, of(part)) {
                    (Part::Text(text), _) => Some(u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)),
                    (_, Some(carried)) => carried.longest(),
                    (_, None) => Some(0),
                });
                let max = lengths.sum::<Option<u32>>();
                let blank = parts.iter().filter_map(of).all(|carried| carried.may_be_blank());
                Carried::Text { def: FieldDef::text(&from.name, max), blank }
            }
            Origin::ListOf { field, .. } => Carried::Text { def: as_field(&from.name, *field), blank: true },
            Origin::ReachedId { .. } => Carried::Id { reached: true },
            origin => match from.field(ty) {
                Some(field) => Carried::Field { def: field.def, reached: matches!(origin, Origin::Reached { .. }) },
                None => Carried::Id { reached: false },
            },
        })
    }

    pub(super) fn def(&self) -> Option<&FieldDef> {
        match self {
            Carried::Field { def, .. } => Some(def),
            Carried::Text { def, .. } => Some(def),
            Carried::Id { .. } | Carried::Constant(_) => None,
        }
    }

    pub(super) fn kind(&self) -> FieldKind {
        match self {
            Carried::Constant(kind) => *kind,
            other => other.def().map_or(FieldKind::Id, |def| def.kind),
        }
    }

    fn longest(&self) -> Option<u32> {
        longest(self.def())
    }

    pub(super) fn may_be_blank(&self) -> bool {
        match self {
            Carried::Id { reached } => *reached,
            Carried::Field { def, reached } => *reached || !def.required,
            Carried::Text { blank, .. } => *blank,
            Carried::Constant(_) => false,
        }
    }

    pub(super) fn risks(&self, target: &FieldDef) -> Vec<Risk> {
        match self {
            Carried::Constant(_) => Vec::new(),
            other => risks(other.def(), target),
        }
    }
}

fn has_option(def: &FieldDef, value: &str) -> bool {
    def.options.iter().any(|option| option.value == value)
}

fn options(source: Option<&FieldDef>, known: &[&str]) -> Vec<Risk> {
    let Some(source) = source.filter(|def| def.closed && !def.options.is_empty()) else { return vec![Risk::Misfits] };
    let values = source.options.iter().map(|option| option.value.as_str());
    lost(values.filter(|value| !known.contains(value)).map(str::to_owned).collect())
}

fn lost(options: Vec<String>) -> Vec<Risk> {
    if options.is_empty() { Vec::new() } else { vec![Risk::Options(options)] }
}

fn too_long(source: Option<&FieldDef>, target: &FieldDef) -> Vec<Risk> {
    let longest = longest(source);
    match target.max {
        Some(max) if longest.is_none_or(|longest| longest > max) => {
            vec![Risk::TooLong { longest, max, cut: target.kind == FieldKind::Text }]
        }
        _ => Vec::new(),
    }
}

fn longest(source: Option<&FieldDef>) -> Option<u32> {
    let Some(def) = source else { return Some(18) };
    let lengths = || def.options.iter().map(|option| option.value.encode_utf16().count() as u32);
    match def.kind {
        FieldKind::Bool => Some(5),
        FieldKind::Number => Some(NUMBER_LENGTH),
        FieldKind::Day => Some(10),
        FieldKind::Time => Some(24),
        FieldKind::Id => Some(18),
        FieldKind::Option if def.closed => lengths().max(),
        FieldKind::Options if def.closed => Some(lengths().map(|length| length + 1).sum::<u32>().saturating_sub(1)),
        FieldKind::Text | FieldKind::Email | FieldKind::Option | FieldKind::Options => def.max,
    }
}

fn too_precise(source: Option<&FieldDef>, target: &FieldDef) -> Vec<Risk> {
    let scale = source.and_then(|def| def.scale);
    match target.scale {
        Some(most) if scale.is_none_or(|scale| scale > most) => vec![Risk::TooPrecise(scale, most)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn def(kind: FieldKind, max: Option<u32>) -> FieldDef {
        serde_json::from_value(serde_json::json!({ "label": "L", "kind": kind, "max": max })).unwrap()
    }

    #[test]
    fn lengths_count_what_the_source_can_hold() {
        let target = def(FieldKind::Text, Some(20));
        assert_eq!(risks(Some(&def(FieldKind::Text, Some(20))), &target), []);
        assert_eq!(
            risks(Some(&def(FieldKind::Text, None)), &target),
            [Risk::TooLong { longest: None, max: 20, cut: true }]
        );
        assert_eq!(
            risks(Some(&def(FieldKind::Time, None)), &target),
            [Risk::TooLong { longest: Some(24), max: 20, cut: true }]
        );
        assert_eq!(risks(None, &target), []);
        assert_eq!(risks(None, &def(FieldKind::Id, None)), [Risk::Never]);
    }
}
