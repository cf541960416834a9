//! A value into the type and the limits of its target.

use std::borrow::Cow;

use rust_decimal::{Decimal, RoundingStrategy};

use super::reason::Reason;
use super::{Carried, Converted, is_valid_email};
use crate::data::{Cell, FieldKind, Millis, Value, Zone, day_from_iso};
use crate::lang::plan::ir::{Handler, Target};
pub(super) struct Way<'p> {
    pub(super) handlers: &'p [Handler],
    pub(super) zone: Option<&'p Zone>,
    pub(super) several: bool,
    pub(super) target: &'p Target,
}

impl<'p> Way<'p> {
    pub(super) fn fit(&self, carried: Carried<'p>) -> Converted<'p> {
        if carried.cell().is_blank() {
            return self.blank();
        }
        match coerce(self.dated(carried), self.target.kind).and_then(|carried| self.limit(carried)) {
            Ok(carried) if carried.cell().is_blank() => self.blank(),
            Ok(carried) => Converted::Value(carried),
            Err(reason) => self.refuse(reason),
        }
    }

    /// A moment as its day, a day as its first moment, where the row says `as date`.
    pub(super) fn dated<'a>(&self, carried: Carried<'a>) -> Carried<'a> {
        match (carried.cell(), self.target.kind, self.zone) {
            (Cell::Time(at), FieldKind::Day, Some(zone)) => Carried::New(Value::Day(zone.day_of(Millis(at)))),
            (Cell::Day(day), FieldKind::Time, Some(zone)) => Carried::New(Value::Time(zone.start_of(day).0)),
            _ => carried,
        }
    }

    /// The row's own word, or else to leave the field as it is.
    pub(super) fn refuse(&self, reason: Reason) -> Converted<'p> {
        match self.handlers.iter().any(|handler| matches!(handler, Handler::Reject)) {
            true => Converted::Reject(reason.to_string()),
            false => Converted::Skip(reason.to_string()),
        }
    }

    pub(super) fn blank(&self) -> Converted<'p> {
        let substitute = self.handlers.iter().find_map(|handler| match handler {
            Handler::Use(value) => Some(value),
            _ => None,
        });
        if let Some(value) = substitute {
            let made = coerce(Carried::Same(value.cell()), self.target.kind).and_then(|value| self.limit(value));
            return match made {
                Ok(carried) => Converted::Value(carried),
                Err(reason) => self.refuse(reason),
            };
        }
        match (self.target.kind, self.target.required) {
            (FieldKind::Bool, _) => Converted::Value(Carried::Same(Cell::Bool(false))),
            (_, true) => self.refuse(Reason::Required),
            (_, false) => Converted::Blank,
        }
    }

    pub(super) fn limit<'a>(&self, carried: Carried<'a>) -> Result<Carried<'a>, Reason> {
        let target = self.target;
        match (carried.cell(), target.kind) {
            (Cell::Text(text), FieldKind::Option) => match is_option(target, text) {
                true => self.shorten(carried),
                false => Err(Reason::NotAnOption(text.to_owned())),
            },
            (Cell::Text(text), FieldKind::Options) => match text.split(';').find(|option| !is_option(target, option)) {
                Some(option) => Err(Reason::NotAnOption(option.to_owned())),
                None => Ok(carried),
            },
            (Cell::Text(_), _) => self.shorten(carried),
            (Cell::Num(number), FieldKind::Number) => self.round(carried, number),
            _ => Ok(carried),
        }
    }

    pub(super) fn shorten<'a>(&self, carried: Carried<'a>) -> Result<Carried<'a>, Reason> {
        let Some(max) = self.target.max else { return Ok(carried) };
        let cell = carried.cell();
        let text = cell.text();
        let fits = text.len() <= max as usize || text.encode_utf16().count() <= max as usize;
        if fits {
            return Ok(carried);
        }
        // An address or an option cut short is another one.
        let may_cut = self.target.kind == FieldKind::Text && self.handlers.contains(&Handler::Truncate);
        let cut = match (may_cut, self.several) {
            (true, true) => whole_values(&text, max),
            (true, false) => Some(truncate(&text, max)),
            (false, _) => None,
        };
        match cut {
            Some(cut) => Ok(Carried::New(Value::text(cut))),
            None => Err(Reason::TooLong { length: text.encode_utf16().count(), max }),
        }
    }

    pub(super) fn round<'a>(&self, carried: Carried<'a>, number: Decimal) -> Result<Carried<'a>, Reason> {
        let Some(scale) = self.target.scale.filter(|scale| number.normalize().scale() > *scale) else {
            return Ok(carried);
        };
        match self.handlers.contains(&Handler::Round) {
            true => {
                let rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
                Ok(Carried::New(Value::Num(rounded)))
            }
            false => Err(Reason::TooPrecise { scale }),
        }
    }
}

pub(super) fn is_option(target: &Target, text: &str) -> bool {
    target.options.as_ref().is_none_or(|options| options.iter().any(|option| **option == *text))
}

/// The longest beginning that fits, in UTF-16 units, without half a character.
pub(super) fn truncate(text: &str, max: u32) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > max as usize
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// As many of the values that are joined by `;` as fit; none where the first one does not.
fn whole_values(text: &str, max: u32) -> Option<&str> {
    let cut = truncate(text, max);
    let whole = text.get(cut.len()..).is_some_and(|rest| rest.starts_with(';'));
    if whole { Some(cut) } else { cut.rfind(';').and_then(|at| cut.get(..at)) }
}

/// The value in the target's type. It is not blank when it comes in.
pub(super) fn coerce(carried: Carried<'_>, kind: FieldKind) -> Result<Carried<'_>, Reason> {
    let no = Err(Reason::NotA(kind));
    let made = match (carried.cell(), kind) {
        (Cell::Text(_), FieldKind::Text | FieldKind::Id) => return Ok(carried),
        (Cell::Text(text), FieldKind::Option) => match text.trim() == text {
            true => return Ok(carried),
            false => Value::text(text.trim()),
        },
        (Cell::Text(text), FieldKind::Email) => {
            let trimmed = text.trim();
            match (is_valid_email(trimmed), trimmed == text && !text.chars().any(char::is_uppercase)) {
                (false, _) => return no,
                (true, true) => return Ok(carried),
                (true, false) => Value::text(trimmed.to_lowercase()),
            }
        }
        (Cell::Text(text), FieldKind::Options) => match FieldKind::canonical_options(text) {
            Cow::Borrowed(_) => return Ok(carried),
            Cow::Owned(text) => Value::text(text),
        },
        (Cell::Text(text), FieldKind::Number) => match text.trim().parse() {
            Ok(number) => Value::Num(number),
            Err(_) => return no,
        },
        (Cell::Text(text), FieldKind::Bool) => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            text if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ => return no,
        },
        (Cell::Text(text), FieldKind::Day) => match day_from_iso(text.trim()).filter(|_| text.trim().len() == 10) {
            Some(day) => Value::Day(day),
            None => return no,
        },
        (Cell::Text(text), FieldKind::Time) => match Millis::from_iso(text.trim()) {
            Some(time) => Value::Time(time.0),
            None => return no,
        },
        (Cell::Num(_), FieldKind::Number)
        | (Cell::Bool(_), FieldKind::Bool)
        | (Cell::Day(_), FieldKind::Day)
        | (Cell::Time(_), FieldKind::Time) => return Ok(carried),
        (Cell::Num(_) | Cell::Bool(_), FieldKind::Option | FieldKind::Options)
        | (Cell::Num(_) | Cell::Bool(_) | Cell::Day(_) | Cell::Time(_), FieldKind::Text) => {
            Value::text(carried.cell().text())
        }
        _ => return no,
    };
    Ok(Carried::New(made))
}
