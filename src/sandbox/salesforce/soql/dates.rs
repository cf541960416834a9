//! Dates that have names: `TODAY`, `LAST_N_DAYS:7` and their like. Days are days in UTC, weeks start on Sunday.

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

use crate::data::{Millis, day_from_iso, day_to_iso};

const DAY_MS: i64 = 86_400_000;
/// Most units that a name may count.
const MOST: i64 = 9_999;

/// First day and the day after the last one, in days since 1970-01-01.
pub(super) type Days = (i32, i32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

const UNITS: [(&str, Unit); 5] = [
    ("DAY", Unit::Day),
    ("WEEK", Unit::Week),
    ("MONTH", Unit::Month),
    ("QUARTER", Unit::Quarter),
    ("YEAR", Unit::Year),
];

/// A name as written, with its number where it takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    unit: Unit,
    /// Units from the current one to the first, and how many there are.
    from: i64,
    count: i64,
}

/// Whether the name needs `:n`; `None` when it is none.
pub(super) fn takes_number(name: &str) -> Option<bool> {
    let counted = name.to_ascii_uppercase().contains("_N_") || name.to_ascii_uppercase().starts_with("N_");
    named(name, counted.then_some(1)).map(|_| counted)
}

/// Reads a name; `number` is what follows its colon.
pub(super) fn named(name: &str, number: Option<i64>) -> Option<Named> {
    let name = name.to_ascii_uppercase();
    let of = |unit, from, count| Some(Named { unit, from, count });
    if let Some(n) = number {
        let n = Some(n).filter(|n| (0..=MOST).contains(n))?;
        let units =
            |text: &str| UNITS.iter().find(|(one, _)| text.strip_suffix('S') == Some(*one)).map(|(_, unit)| *unit);
        if let Some(unit) = name.strip_prefix("N_").and_then(|rest| rest.strip_suffix("_AGO")).and_then(units) {
            return of(unit, -n, 1);
        }
        if let Some(unit) = name.strip_prefix("NEXT_N_").and_then(units) {
            return of(unit, 1, n);
        }
        return match name.strip_prefix("LAST_N_").and_then(units)? {
            // Days reach up to now; the longer units end before the current one.
            Unit::Day => of(Unit::Day, -n, n + 1),
            unit => of(unit, -n, n),
        };
    }
    match name.as_str() {
        "YESTERDAY" => of(Unit::Day, -1, 1),
        "TODAY" => of(Unit::Day, 0, 1),
        "TOMORROW" => of(Unit::Day, 1, 1),
        "LAST_90_DAYS" => of(Unit::Day, -90, 91),
        "NEXT_90_DAYS" => of(Unit::Day, 1, 90),
        _ => {
            let (which, unit) = name.split_once('_')?;
            let unit = UNITS.iter().find(|(one, known)| *one == unit && *known != Unit::Day)?.1;
            let from = match which {
                "LAST" => -1,
                "THIS" => 0,
                "NEXT" => 1,
                _ => return None,
            };
            of(unit, from, 1)
        }
    }
}

impl Named {
    /// The days meant at a moment; `None` where they leave the calendar.
    pub fn days(self, now: Millis) -> Option<Days> {
        let today = i32::try_from(now.0.div_euclid(DAY_MS)).ok()?;
        let day = |days: i32| -> Option<Date> { day_to_iso(days).parse().ok() };
        let number = |date: Date| day_from_iso(&date.to_string());
        let today = day(today)?;
        let (start, step): (Date, Span) = match self.unit {
            Unit::Day => (today, 1.day()),
            Unit::Week => {
                let since_sunday = i64::from(today.weekday().to_sunday_zero_offset());
                (today.checked_sub(since_sunday.days()).ok()?, 1.week())
            }
            Unit::Month => (today.first_of_month(), 1.month()),
            Unit::Quarter => (date(today.year(), (today.month() - 1) / 3 * 3 + 1, 1), 3.months()),
            Unit::Year => (today.first_of_year(), 1.year()),
        };
        let at = |units: i64| start.checked_add(step.checked_mul(units).ok()?).ok();
        Some((number(at(self.from)?)?, number(at(self.from + self.count)?)?))
    }
}

/// The moment at which a day starts.
pub(super) fn midnight(day: i32) -> i64 {
    i64::from(day) * DAY_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_the_days_that_the_documentation_says() {
        // A Wednesday.
        let now = Millis::from_iso("2026-05-13T10:00:00Z").unwrap();
        let days = |name: &str, n: Option<i64>| {
            let (from, to) = named(name, n).unwrap().days(now).unwrap();
            (day_to_iso(from), day_to_iso(to))
        };
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(days("today", None), pair("2026-05-13", "2026-05-14"));
        assert_eq!(days("LAST_N_DAYS", Some(7)), pair("2026-05-06", "2026-05-14"));
        assert_eq!(days("NEXT_N_DAYS", Some(2)), pair("2026-05-14", "2026-05-16"));
        assert_eq!(days("N_DAYS_AGO", Some(2)), pair("2026-05-11", "2026-05-12"));
        assert_eq!(days("THIS_WEEK", None), pair("2026-05-10", "2026-05-17"));
        assert_eq!(days("LAST_MONTH", None), pair("2026-04-01", "2026-05-01"));
        assert_eq!(days("LAST_N_MONTHS", Some(2)), pair("2026-03-01", "2026-05-01"));
        assert_eq!(days("NEXT_QUARTER", None), pair("2026-07-01", "2026-10-01"));
        assert_eq!(days("THIS_YEAR", None), pair("2026-01-01", "2027-01-01"));
        for (name, number) in [("SOMEDAY", None), ("THIS_DAY", None), ("LAST_N_DAYS", None), ("TODAY", Some(1))] {
            assert_eq!(named(name, number), None, "{name}");
        }
        assert_eq!(named("NEXT_N_YEARS", Some(9_999)).unwrap().days(now), None);
    }
}
