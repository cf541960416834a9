//! Faults by seed: which calls are refused, lost or slowed.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use miette::Diagnostic;
use thiserror::Error;

/// What can go wrong with a call, for messages.
const KINDS: &str = "the faults are `429`, `500`, `503`, `401` (Salesforce only), `lost` and `slow`, each with a share of \
                     the calls such as `429=2%`, and `latency=50` in milliseconds for all of them";
/// How long a slow call takes.
const SLOW: Duration = Duration::from_secs(5);
/// Longest latency that can be asked for.
const LONGEST_MS: u64 = 60_000;

#[derive(Debug, Error, Diagnostic, PartialEq, Eq)]
pub enum FaultsError {
    #[error("`{0}` is no fault")]
    #[diagnostic(help("{KINDS}"))]
    Unknown(String),
    #[error("`{0}` does not say a share of the calls between 0% and 100%")]
    #[diagnostic(help("{KINDS}"))]
    Share(String),
    #[error("`{0}` does not say a time between 0 and {LONGEST_MS} milliseconds")]
    #[diagnostic(help("{KINDS}"))]
    Latency(String),
    #[error("`{0}` is there twice")]
    #[diagnostic(help("give each fault once"))]
    Twice(String),
    #[error("the shares in `{0}` come to more than 100%")]
    #[diagnostic(help("a call meets one fault at most, so the shares of all but `slow` share 100%"))]
    TooMuch(String),
}

/// The CRM that a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crm {
    Hubspot,
    Salesforce,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    /// Refused with this status; nothing is applied.
    Refused(StatusCode),
    /// Applied, but the connection breaks before the answer is through.
    Lost,
}

/// What becomes of a call, and how long it takes on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    pub outcome: Outcome,
    pub delay: Duration,
}

/// Shares of calls that go wrong. The same seed and the same calls give the same faults.
#[derive(Clone, Debug)]
pub struct Faults {
    /// At most one of these meets a call; shares are 0 to 1.
    outcomes: Vec<(Outcome, f64)>,
    slow: f64,
    latency: Duration,
    rng: fastrand::Rng,
}

impl Faults {
    /// Reads `429=2%,lost=1%,slow=5%,latency=50`.
    pub fn parse(spec: &str, seed: u64) -> Result<Faults, FaultsError> {
        let mut faults =
            Faults { outcomes: Vec::new(), slow: 0.0, latency: Duration::ZERO, rng: fastrand::Rng::with_seed(seed) };
        let mut seen: Vec<&str> = Vec::new();
        for part in spec.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, amount) = part.split_once('=').map_or((part, ""), |(name, amount)| (name.trim(), amount.trim()));
            if seen.contains(&name) {
                return Err(FaultsError::Twice(name.to_owned()));
            }
            seen.push(name);
            let outcome = match name {
                "429" => Outcome::Refused(StatusCode::TOO_MANY_REQUESTS),
                "500" => Outcome::Refused(StatusCode::INTERNAL_SERVER_ERROR),
                "503" => Outcome::Refused(StatusCode::SERVICE_UNAVAILABLE),
                "401" => Outcome::Refused(StatusCode::UNAUTHORIZED),
                "lost" => Outcome::Lost,
                "slow" => {
                    faults.slow = share(part, amount)?;
                    continue;
                }
                "latency" => {
                    let ms = amount.trim_end_matches("ms").parse().ok().filter(|ms| *ms <= LONGEST_MS);
                    faults.latency = Duration::from_millis(ms.ok_or_else(|| FaultsError::Latency(part.to_owned()))?);
                    continue;
                }
                _ => return Err(FaultsError::Unknown(part.to_owned())),
            };
            faults.outcomes.push((outcome, share(part, amount)?));
        }
        let all: f64 = faults.outcomes.iter().map(|(_, share)| share).sum();
        if all > 1.0 + 1e-9 { Err(FaultsError::TooMuch(spec.to_owned())) } else { Ok(faults) }
    }

    /// The fate of the next call. A 401 is for Salesforce's data API only: HubSpot's token does not run out, and a login
    /// has no session yet.
    pub fn draw(&mut self, crm: Crm, path: &str) -> Fate {
        let (dice, slow) = (self.rng.f64(), self.rng.f64() < self.slow);
        let mut below = 0.0;
        let met = self.outcomes.iter().find(|(_, share)| {
            below += share;
            dice < below
        });
        let has_session = crm == Crm::Salesforce && !path.starts_with("/services/oauth2");
        let outcome = met
            .map(|(outcome, _)| *outcome)
            .filter(|outcome| *outcome != Outcome::Refused(StatusCode::UNAUTHORIZED) || has_session);
        let delay = self.latency + if slow { SLOW } else { Duration::ZERO };
        Fate { outcome: outcome.unwrap_or(Outcome::Answered), delay }
    }
}

fn share(part: &str, amount: &str) -> Result<f64, FaultsError> {
    let percent = amount.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
    percent.map(|percent| percent / 100.0).ok_or_else(|| FaultsError::Share(part.to_owned()))
}

/// The refusal in the CRM's own words.
pub fn refusal(crm: Crm, status: StatusCode) -> Response<Bytes> {
    let body = match (crm, status) {
        (Crm::Hubspot, StatusCode::TOO_MANY_REQUESTS) => {
            r#"{"status":"error","message":"You have reached your secondly limit.","errorType":"RATE_LIMIT","policyName":"SECONDLY"}"#
        }
        (Crm::Hubspot, _) => r#"{"status":"error","message":"internal error"}"#,
        (Crm::Salesforce, StatusCode::TOO_MANY_REQUESTS) => {
            r#"[{"message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#
        }
        (Crm::Salesforce, StatusCode::UNAUTHORIZED) => {
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#
        }
        (Crm::Salesforce, StatusCode::SERVICE_UNAVAILABLE) => {
            r#"[{"message":"Server is unavailable","errorCode":"SERVER_UNAVAILABLE"}]"#
        }
        (Crm::Salesforce, _) => r#"[{"message":"An unexpected error occurred","errorCode":"UNKNOWN_EXCEPTION"}]"#,
    };
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json;charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_part_is_named() {
        let error = |spec| Faults::parse(spec, 1).map(|_| ()).unwrap_err();
        assert_eq!(error("429=2%,418=1%"), FaultsError::Unknown("418=1%".into()));
        assert_eq!(error("429"), FaultsError::Share("429".into()));
        assert_eq!(error("lost=NaN%"), FaultsError::Share("lost=NaN%".into()));
        assert_eq!(error("slow=5"), FaultsError::Share("slow=5".into()));
        assert_eq!(error("latency=-1"), FaultsError::Latency("latency=-1".into()));
        assert_eq!(error("500=1%,500=2%"), FaultsError::Twice("500".into()));
        assert_eq!(error("500=60%,503=50%"), FaultsError::TooMuch("500=60%,503=50%".into()));
        assert!(error("x").help().is_some_and(|help| help.to_string().contains("`lost`")));
    }

    #[test]
    fn shares_hold_and_a_seed_repeats() {
        let fates = |seed| {
            let mut faults = Faults::parse(" 429=10%, lost=5%, 401=20%, slow=1%, latency=50", seed).unwrap();
            (0..10_000).map(|_| faults.draw(Crm::Hubspot, "/crm")).collect::<Vec<_>>()
        };
        let all = fates(7);
        let count = |outcome| all.iter().filter(|fate| fate.outcome == outcome).count();
        assert!((900..1100).contains(&count(Outcome::Refused(StatusCode::TOO_MANY_REQUESTS))));
        assert!((420..580).contains(&count(Outcome::Lost)));
        assert_eq!(count(Outcome::Refused(StatusCode::UNAUTHORIZED)), 0, "HubSpot has no 401 of a session");
        assert!(all.iter().all(|fate| fate.delay >= Duration::from_millis(50)));
        assert_eq!(all, fates(7));
        assert_ne!(all, fates(8));
    }
}
