//! Moments and days as both CRMs write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

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
        let ts = jiff::Timestamp::from_millisecond(self.0).unwrap_or(match self.0 < 0 {
            true => jiff::Timestamp::MIN,
            false => jiff::Timestamp::MAX,
        });
        format!("{ts:.3}")
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
    let epoch = Date::constant(1970, 1, 1);
    epoch.until(date).ok().map(|span| span.get_days())
}

/// `2026-01-31`; a day outside years -9999 to 9999 is pinned to the border.
pub fn day_to_iso(day: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let date = epoch.checked_add(jiff::Span::new().days(day.clamp(-4_371_587, 2_932_896))).unwrap_or(epoch);
    date.to_string()
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
    fn days_come_back() {
        for text in ["1970-01-01", "2026-02-28", "1583-10-15", "9999-12-31"] {
            assert_eq!(day_from_iso(text).map(day_to_iso).as_deref(), Some(text));
        }
        assert_eq!(day_from_iso("2026-02-30"), None);
    }
}
