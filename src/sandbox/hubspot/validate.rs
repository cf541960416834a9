//! Whether a property takes a value, and the text in which HubSpot then keeps it.

use super::errors::Invalid;
use super::schema::{PropertyDef, PropertyType};
use crate::data::{Millis, day_from_iso, day_to_iso};

const TEXT_LIMIT: usize = 65_536;
const DAY_MS: i64 = 86_400_000;

/// A value as kept; `normalized` when a date had to be bent, which 2026-09 reports as a warning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    /// `None` clears.
    pub value: Option<String>,
    pub normalized: bool,
}

/// `current` matters to a multiple choice: a leading `;` appends to it. `lenient_dates` is the rule of 2026-09.
pub(super) fn check(
    def: &PropertyDef,
    raw: &str,
    current: Option<&str>,
    lenient_dates: bool,
) -> Result<Accepted, Invalid> {
    let refuse = |code, message: String| Err(Invalid { name: def.name.clone(), code, message });
    let kept = |value: String| Ok(Accepted { value: Some(value), normalized: false });
    if def.read_only || def.calculated {
        return refuse(
            "READ_ONLY_VALUE",
            format!("\"{}\" is a read only property; its value cannot be set.", def.name),
        );
    }
    if raw.is_empty() {
        return Ok(Accepted { value: None, normalized: false });
    }
    if raw.chars().count() > TEXT_LIMIT {
        return refuse("VALUE_TOO_LONG", format!("{} is longer than {TEXT_LIMIT} characters", def.name));
    }
    match def.kind {
        PropertyType::Text if def.name == "email" => match email(raw) {
            Some(email) => kept(email),
            None => refuse("INVALID_EMAIL", format!("Email address {raw} is invalid")),
        },
        PropertyType::Text | PropertyType::Phone => kept(raw.to_owned()),
        PropertyType::Number => match is_number(raw.trim()) {
            true => kept(raw.trim().to_owned()),
            false => refuse("INVALID_INTEGER", format!("{raw} was not a valid number.")),
        },
        PropertyType::Bool => match raw.to_lowercase().as_str() {
            text @ ("true" | "false") => kept(text.to_owned()),
            _ => refuse("INVALID_OPTION", format!("{raw} was not one of the allowed options: [true, false]")),
        },
        PropertyType::DateTime => match moment(raw) {
            Some(moment) => kept(moment.to_iso()),
            None => refuse("INVALID_LONG", format!("{raw} was not a valid long.")),
        },
        PropertyType::Date => match date(raw, lenient_dates) {
            Some((value, normalized)) => Ok(Accepted { value: Some(value), normalized }),
            None => refuse("INVALID_DATE", format!("{raw} is not a valid date: it is not at midnight UTC.")),
        },
        PropertyType::Enumeration => match choice(def, raw, current) {
            Ok(value) => kept(value),
            Err(invalid) => Err(invalid),
        },
    }
}

fn choice(def: &PropertyDef, raw: &str, current: Option<&str>) -> Result<String, Invalid> {
    let mut parts: Vec<String> = Vec::new();
    if def.is_multiple() {
        let appended = raw.starts_with(';');
        let old = current.filter(|_| appended).unwrap_or_default();
        for part in old.split(';').chain(raw.split(';')).map(str::trim).filter(|part| !part.is_empty()) {
            if !parts.iter().any(|known| known == part) {
                parts.push(part.to_owned());
            }
        }
    } else {
        parts.push(raw.to_owned());
    }
    for part in &mut parts {
        if def.name == "hs_additional_emails" {
            let Some(email) = email(part) else {
                let message = format!("Email address {part} is invalid");
                return Err(Invalid { name: def.name.clone(), code: "INVALID_EMAIL", message });
            };
            *part = email;
        } else if !def.options.is_empty()
            && !def.external_options
            && !def.options.iter().any(|option| option.value == *part)
            && !current.is_some_and(|old| def.is_multiple() && old.split(';').any(|known| known == part))
        {
            let allowed: Vec<&str> = def.options.iter().map(|option| option.value.as_str()).collect();
            let message = format!("{part} was not one of the allowed options: [{}]", allowed.join(", "));
            return Err(Invalid { name: def.name.clone(), code: "INVALID_OPTION", message });
        }
    }
    Ok(parts.join(";"))
}

/// Trimmed and lower-cased; `None` for what HubSpot takes for no address.
pub(super) fn email(raw: &str) -> Option<String> {
    let text = raw.trim().to_lowercase();
    let (local, domain) = text.split_once('@')?;
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let (rest, top) = domain.rsplit_once('.')?;
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let top_ok = top.len() >= 2 && label(top) && !matches!(top, "test" | "invalid" | "localhost");
    (local_ok && top_ok && text.len() <= 254 && rest.split('.').all(label)).then_some(text)
}

/// Digits with one point, perhaps a sign; commas are refused.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(part) && !(whole.is_empty() && part.is_empty()) && digits != "." && !digits.is_empty()
}

/// ISO 8601 or milliseconds since 1970; a bare day is midnight UTC.
pub(super) fn moment(raw: &str) -> Option<Millis> {
    let text = raw.trim();
    if let Ok(ms) = text.parse::<i64>() {
        return Some(Millis(ms));
    }
    Millis::from_iso(text).or_else(|| day_from_iso(text).map(|day| Millis(i64::from(day) * DAY_MS)))
}

fn date(raw: &str, lenient: bool) -> Option<(String, bool)> {
    let text = raw.trim();
    if text.len() == 10
        && let Some(day) = day_from_iso(text)
    {
        return Some((day_to_iso(day), false));
    }
    let at = moment(text)?;
    let midnight = at.0.rem_euclid(DAY_MS) == 0;
    let from_number = text.parse::<i64>().is_ok();
    let exact = midnight && from_number;
    if !exact && !lenient {
        return None;
    }
    let day = i32::try_from(at.0.div_euclid(DAY_MS)).ok()?;
    Some((day_to_iso(day), !exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(def: &PropertyDef, raw: &str) -> Result<Option<String>, &'static str> {
        check(def, raw, None, false).map(|a| a.value).map_err(|i| i.code)
    }

    #[test]
    fn values_are_kept_in_canonical_text_or_refused_with_the_code() {
        let of = |kind| PropertyDef::custom("x", "X", kind);
        let email = PropertyDef::custom("email", "Email", PropertyType::Text);
        assert_eq!(code(&email, " Ada@Example.COM "), Ok(Some("ada@example.com".to_owned())));
        for bad in
            ["ada", "a@b", "kim@@example..com", "ada@example.test", "a b@example.com", "@example.com", "ada@-x.com"]
        {
            assert_eq!(code(&email, bad), Err("INVALID_EMAIL"), "{bad}");
        }
        assert_eq!(code(&of(PropertyType::Number), "-1500.50"), Ok(Some("-1500.50".to_owned())));
        for bad in ["1,000", ".", "-", "1.2.3", "ten", "1e5"] {
            assert_eq!(code(&of(PropertyType::Number), bad), Err("INVALID_INTEGER"), "{bad}");
        }
        let datetime = of(PropertyType::DateTime);
        assert_eq!(code(&datetime, "1767225600000"), Ok(Some("2026-01-01T00:00:00.000Z".to_owned())));
        assert_eq!(code(&datetime, "soon"), Err("INVALID_LONG"));
        let date = of(PropertyType::Date);
        assert_eq!(code(&date, "1767225600000"), Ok(Some("2026-01-01".to_owned())));
        assert_eq!(code(&date, "1767225600001"), Err("INVALID_DATE"));
        let lenient = check(&date, "2026-01-01T13:00:00Z", None, true);
        assert_eq!(lenient, Ok(Accepted { value: Some("2026-01-01".to_owned()), normalized: true }));
        assert_eq!(code(&of(PropertyType::Text), " kept "), Ok(Some(" kept ".to_owned())));
        assert_eq!(code(&of(PropertyType::Text), ""), Ok(None));
    }

    #[test]
    fn a_leading_semicolon_appends() {
        let mut def = PropertyDef::custom("colours", "Colours", PropertyType::Enumeration)
            .with_options([("red", "Red"), ("blue", "Blue")]);
        def.field_type = "checkbox".to_owned();
        let set = |raw, current| check(&def, raw, current, false).map(|a| a.value).map_err(|i| i.code);
        assert_eq!(set("blue", Some("red")), Ok(Some("blue".to_owned())));
        assert_eq!(set(";blue", Some("red")), Ok(Some("red;blue".to_owned())));
        assert_eq!(set("Blue", None), Err("INVALID_OPTION"));
    }
}
