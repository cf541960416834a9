//! Moments and days as both CRMs write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// Reads what the CRMs send: `2026-01-01T20:49:32Z`, `….468Z`, `….000+0000` (Salesforce, which strict RFC 3339
    /// readers refuse), `…+01:00`.
    pub fn from_iso(text: &str) -> Option<Millis> {
        if !text.is_ascii() || text.len() < 19 || text.len() > 40 {
            return None;
        }
        let (civil, zone) = match text.strip_suffix('Z').or_else(|| text.strip_suffix('z')) {
            Some(civil) => (civil, 0),
            None => {
                let at = 19 + text[19..].find(['+', '-'])?;
                (&text[..at], offset_minutes(&text[at..])?)
            }
        };
        let civil: DateTime = civil.parse().ok()?;
        let utc = civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
        Some(Millis(utc - zone * 60_000))
    }

    /// `2026-01-01T20:49:32.000Z`; a moment outside years -9999 to 9999 is pinned to the border.
    pub fn to_iso(self) -> String {
        format!("{:.3}", timestamp(self))
    }

    pub fn plus(self, ms: i64) -> Millis {
        Millis(self.0.saturating_add(ms))
    }

    pub fn minus(self, ms: i64) -> Millis {
        Millis(self.0.saturating_sub(ms))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    pub fn since(self, earlier: Millis) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Where days begin: a time zone of the IANA database, from the copy that is built in, so that every machine agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// By its IANA name, in any case: `America/New_York`.
    pub fn named(name: &str) -> Option<Zone> {
        TimeZoneDatabase::bundled().get(name).ok().map(Zone)
    }

    /// Every name that [`Zone::named`] knows.
    pub fn names() -> Vec<String> {
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The day on which the moment falls there, in days since 1970-01-01.
    pub fn day_of(&self, at: Millis) -> i32 {
        let date = self.0.to_datetime(timestamp(at)).date();
        epoch_day().until(date).map_or(0, |span| span.get_days())
    }

    /// The first moment of the day there; not midnight where a clock was put forward then.
    pub fn start_of(&self, day: i32) -> Millis {
        let start = date_of(day).to_zoned(self.0.clone());
        start.map_or(Millis(i64::from(day) * DAY_MS), |start| Millis(start.timestamp().as_millisecond()))
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn epoch_day() -> Date {
    Date::constant(1970, 1, 1)
}

/// Pinned to years -9999 to 9999.
fn timestamp(at: Millis) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(match at.0 < 0 {
        true => jiff::Timestamp::MIN,
        false => jiff::Timestamp::MAX,
    })
}

/// Pinned likewise.
fn date_of(day: i32) -> Date {
    let span = jiff::Span::new().days(day.clamp(-4_371_587, 2_932_896));
    epoch_day().checked_add(span).unwrap_or(epoch_day())
}

/// `+0000`, `+00:00`, `-0530` as minutes east of UTC.
fn offset_minutes(text: &str) -> Option<i64> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits[2..].parse().ok()?;
    Some(sign * (hours * 60 + minutes))
}

/// Days since 1970-01-01 of `2026-01-31`.
pub fn day_from_iso(text: &str) -> Option<i32> {
    let date: Date = text.parse().ok()?;
    epoch_day().until(date).ok().map(|span| span.get_days())
}

/// `2026-01-31`; a day outside years -9999 to 9999 is pinned to the border.
pub fn day_to_iso(day: i32) -> String {
    date_of(day).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_the_apis_send() {
        let same = [
            "2026-01-01T20:49:32Z",
            "2026-01-01T20:49:32.000Z",
            "2026-01-01T20:49:32.000+0000",
            "2026-01-01T21:49:32+01:00",
            "2026-01-01T15:19:32-0530",
        ];
        for text in same {
            assert_eq!(
                Millis::from_iso(text).map(Millis::to_iso).as_deref(),
                Some("2026-01-01T20:49:32.000Z"),
                "{text}"
            );
        }
        for text in ["", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "２０２６-01-01T00:00:00Z"] {
            assert_eq!(Millis::from_iso(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_where_the_zone_says() {
        let day = |text: &str| day_from_iso(text).unwrap();
        let at = |text: &str| Millis::from_iso(text).unwrap();
        let york = Zone::named("america/new_york").unwrap();
        assert_eq!(york.name(), "America/New_York");
        assert_eq!(york.day_of(at("2026-03-01T04:59:59Z")), day("2026-02-28"));
        assert_eq!(york.day_of(at("2026-03-01T05:00:00Z")), day("2026-03-01"));
        assert_eq!(york.start_of(day("2026-07-04")), at("2026-07-04T04:00:00Z"), "summer time");
        // Beirut put its clocks forward at midnight: this day began at one.
        let beirut = Zone::named("Asia/Beirut").unwrap();
        assert_eq!(beirut.start_of(day("2021-03-28")), at("2021-03-27T22:00:00Z"));
        for zone in ["UTC", "Asia/Beirut", "Pacific/Kiritimati", "America/New_York"] {
            let zone = Zone::named(zone).unwrap();
            for at in (-2_000_000_000_000..2_000_000_000_000).step_by(86_413_579_000) {
                let day = zone.day_of(Millis(at));
                assert_eq!(zone.day_of(zone.start_of(day)), day, "there and back");
                assert!(zone.start_of(day).0 <= at && at < zone.start_of(day + 1).0);
            }
        }
        assert!(Zone::named("Europe/Atlantis").is_none() && Zone::names().len() > 400);
        assert_eq!(york.day_of(Millis(i64::MAX)), day("9999-12-30"));
    }

    #[test]
    fn days_come_back() {
        for text in ["1970-01-01", "2026-02-28", "1583-10-15", "9999-12-31"] {
            assert_eq!(day_from_iso(text).map(day_to_iso).as_deref(), Some(text));
        }
        assert_eq!(day_from_iso("2026-02-30"), None);
    }
}
