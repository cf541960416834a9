//! Literals of a statement: numbers, dates, and what is between quotes.

use crate::data::{Millis, day_from_iso};

use super::SoqlError;
use super::ast::Lit;

/// Longest string in a condition, in characters.
const LONGEST_STRING: usize = 4_000;

/// A number, a date, or a moment.
pub(super) fn number(text: &str) -> Option<Lit> {
    if let Some(day) = day_from_iso(text).filter(|_| text.len() == 10) {
        return Some(Lit::Date(day));
    }
    if text.contains(['T', 't']) {
        return Millis::from_iso(text).map(|at| Lit::Time(at.0));
    }
    text.parse().ok().filter(|n: &f64| n.is_finite()).map(Lit::Num)
}

/// The characters of a string literal, each with whether it was escaped; `\_` and `\%` are for LIKE only.
pub(super) fn unescape(raw: &str, at: usize, like: bool) -> Result<Vec<(char, bool)>, SoqlError> {
    let mut out = Vec::with_capacity(raw.len());
    let mut units: Vec<u16> = Vec::new();
    let mut chars = raw.chars();
    let flush = |units: &mut Vec<u16>, out: &mut Vec<(char, bool)>| {
        let decoded = char::decode_utf16(units.drain(..)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        out.extend(decoded.map(|c| (c, true)));
    };
    while let Some(c) = chars.next() {
        let bad = || SoqlError::malformed("Invalid string literal. Illegal character sequence in the literal.", at);
        if c != '\\' {
            flush(&mut units, &mut out);
            out.push((c, false));
            continue;
        }
        let plain = match chars.next().ok_or_else(bad)? {
            'u' | 'U' => {
                let hex: String = chars.by_ref().take(4).collect();
                let unit = u16::from_str_radix(&hex, 16)
                    .ok()
                    .filter(|_| hex.len() == 4 && !hex.starts_with('+'))
                    .ok_or_else(bad)?;
                units.push(unit);
                continue;
            }
            'n' | 'N' => '\n',
            'r' | 'R' => '\r',
            't' | 'T' => '\t',
            'b' | 'B' => '\u{8}',
            'f' | 'F' => '\u{c}',
            c @ ('"' | '\'' | '\\') => c,
            c @ ('_' | '%') if like => c,
            _ => return Err(bad()),
        };
        flush(&mut units, &mut out);
        out.push((plain, true));
    }
    flush(&mut units, &mut out);
    if out.len() > LONGEST_STRING {
        return Err(SoqlError::malformed(
            format!("a string in a condition is longer than {LONGEST_STRING} characters"),
            at,
        ));
    }
    Ok(out)
}
