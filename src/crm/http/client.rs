//! One account's HTTP: a pinned origin, a token, a turn, a count, and another try where that is safe.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use secrecy::ExposeSecret;

use super::auth::Auth;
use super::limiter::Limiter;
use super::meter::Meter;
use super::transport::{Env, NetError, Transport};
use crate::crm::{CallError, CallErrorKind, Effect, Scope};
use crate::data::Millis;
use crate::planted::{self, Bug};

/// Most tries of one call.
const TRIES: u32 = 5;
/// Longest successful answer that is searched for our token, in bytes: pages of records quote nobody.
const QUOTED: usize = 64 * 1024;
/// A server that asks for a longer pause than this is asked again later, not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Scheme, host and port that every call goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// From a URL, of which all but the origin is dropped. Plain HTTP only to this machine.
    pub fn parse(url: &str) -> Option<Origin> {
        let url = url::Url::parse(url).ok()?;
        let host = url.host_str()?;
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
        let good = url.scheme() == "https" || (url.scheme() == "http" && local);
        good.then(|| Origin(url.origin().ascii_serialization()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a call may be sent again when it is not known what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It changes nothing.
    Read,
    /// It may only be repeated when it surely had no effect.
    Write,
}

/// One call to make.
#[derive(Clone, Debug)]
pub struct Query {
    pub method: Method,
    /// With its query string.
    pub path: String,
    pub body: Option<Bytes>,
    pub headers: HeaderMap,
    pub safety: Safety,
    /// Index into the client's limiters.
    pub class: usize,
}

impl Query {
    pub fn get(path: impl Into<String>) -> Query {
        let headers = HeaderMap::new();
        Query { method: Method::GET, path: path.into(), body: None, headers, safety: Safety::Read, class: 0 }
    }

    /// A POST that changes nothing: searches, batch reads.
    pub fn ask(path: impl Into<String>, body: &impl serde::Serialize) -> Query {
        Query { safety: Safety::Read, ..Query::write(Method::POST, path, body) }
    }

    pub fn write(method: Method, path: impl Into<String>, body: &impl serde::Serialize) -> Query {
        let body = serde_json::to_vec(body).map(Bytes::from).ok();
        Query { method, path: path.into(), body, headers: HeaderMap::new(), safety: Safety::Write, class: 0 }
    }

    pub fn class(self, class: usize) -> Query {
        Query { class, ..self }
    }
}

/// A whole answer that is not the client's own business: any status but 401, 429 and 5xx.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The server's own clock.
    pub date: Option<Millis>,
}

/// How a refused call is to be taken: the vendors say it in their own words.
pub trait Reader: Send + Sync {
    /// `Some` when the account's limit is reached, whatever the status.
    fn throttled(&self, answer: &Answer) -> Option<(Duration, Scope)>;
    /// Sees every answer: counters in headers.
    fn seen(&self, answer: &Answer);
}

pub struct Client {
    pub name: &'static str,
    pub transport: Arc<dyn Transport>,
    pub origin: Origin,
    pub auth: Arc<dyn Auth>,
    pub meter: Arc<dyn Meter>,
    pub env: Arc<dyn Env>,
    pub limiters: Vec<Limiter>,
    pub reader: Arc<dyn Reader>,
}

impl Client {
    /// Makes the call. `Err` has the effect `Maybe` only when the request may have been carried out.
    pub async fn call(&self, query: &Query) -> Result<Answer, CallError> {
        let mut renewed = false;
        let mut tried = 0;
        loop {
            tried += 1;
            let token = self.auth.token().await?;
            if let Some(limiter) = self.limiters.get(query.class) {
                limiter.turn().await;
            }
            if !planted::is(Bug::BudgetNotAsked) && !self.meter.take() {
                return Err(error(
                    Effect::None,
                    CallErrorKind::Budget,
                    format!("{}: the day's budget of calls is used up", self.name),
                ));
            }
            let mut headers = query.headers.clone();
            let bearer = http::HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()));
            let mut bearer = bearer.map_err(|_| {
                error(Effect::None, CallErrorKind::Auth, format!("{}: the token is not one", self.name))
            })?;
            bearer.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, bearer);
            let failed = match self.once(query, headers).await {
                Ok(answer) => {
                    self.reader.seen(&answer);
                    if answer.status == StatusCode::UNAUTHORIZED {
                        if !renewed && self.auth.renew(&token).await? {
                            renewed = true;
                            continue;
                        }
                        let text = format!("{} refuses the credentials", self.name);
                        return Err(error(Effect::None, CallErrorKind::Auth, text));
                    }
                    match self.refused(query, &answer) {
                        None => return Ok(answer),
                        Some(failed) => failed,
                    }
                }
                Err(failed) => failed,
            };
            let repeatable = failed.effect == Effect::None || query.safety == Safety::Read;
            let wait = match failed.kind {
                CallErrorKind::Throttled { scope: Scope::Burst, after } => after,
                CallErrorKind::Down => self.back_off(tried),
                _ => Duration::MAX,
            };
            if !repeatable || tried >= TRIES || wait > LONGEST_WAIT {
                let effect = if query.safety == Safety::Read { Effect::None } else { failed.effect };
                return Err(CallError { effect, ..failed });
            }
            if let Some(limiter) = self.limiters.get(query.class) {
                limiter.pause(wait);
            }
        }
    }

    /// When an answer was given, by the earlier one of the server's clock and ours: what is read from there on may come
    /// twice, and never falls into a gap.
    pub fn date(&self, answer: &Answer) -> Millis {
        let now = self.env.now();
        answer.date.map_or(now, |date| date.min(now))
    }

    async fn once(&self, query: &Query, headers: HeaderMap) -> Result<Answer, CallError> {
        let secret = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
        let mut request = http::Request::new(query.body.clone().unwrap_or_default());
        *request.method_mut() = query.method.clone();
        *request.uri_mut() = format!("{}{}", self.origin.as_str(), query.path)
            .parse()
            .map_err(|_| error(Effect::None, CallErrorKind::Refused, "the address of a call is no URL".into()))?;
        *request.headers_mut() = headers;
        if query.body.is_some() {
            request.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        }
        match self.transport.call(request).await {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                let body =
                    if parts.status.is_success() && body.len() > QUOTED { body } else { unquoted(body, &secret) };
                let date = parts.headers.get(header::DATE).and_then(|date| http_date(date.to_str().ok()?));
                Ok(Answer { status: parts.status, headers: parts.headers, body, date })
            }
            Err(net) => {
                let effect = if matches!(net, NetError::NotSent { .. }) { Effect::None } else { Effect::Maybe };
                Err(error(effect, CallErrorKind::Down, net.to_string()))
            }
        }
    }

    /// Statuses that are about the server, not about the request.
    fn refused(&self, query: &Query, answer: &Answer) -> Option<CallError> {
        if let Some((after, scope)) = self.reader.throttled(answer) {
            let after = retry_after(answer, self.env.now()).unwrap_or(after);
            let what = if scope == Scope::Day { "the day's limit" } else { "the rate limit" };
            let text = format!("{}: {what} of the account is reached", self.name);
            return Some(error(Effect::None, CallErrorKind::Throttled { after, scope }, text));
        }
        let status = answer.status;
        if status.is_server_error() || matches!(status.as_u16(), 420 | 406) {
            let text = format!("{} answered {status} to {} {}", self.name, query.method, bare(&query.path));
            return Some(error(Effect::Maybe, CallErrorKind::Down, text));
        }
        if matches!(status.as_u16(), 423 | 477) {
            let after = retry_after(answer, self.env.now()).unwrap_or(Duration::from_secs(3));
            let text = format!("{} is busy with this account ({status})", self.name);
            return Some(error(Effect::None, CallErrorKind::Throttled { after, scope: Scope::Burst }, text));
        }
        None
    }

    /// Full jitter, doubling.
    fn back_off(&self, tried: u32) -> Duration {
        let most = 500u64 << tried.min(6);
        Duration::from_millis(self.env.random() % most + 50)
    }
}

fn error(effect: Effect, kind: CallErrorKind, text: String) -> CallError {
    CallError { effect, kind, text }
}

/// A body without our token: a gateway may quote the whole request in its error, and errors are shown.
fn unquoted(body: Bytes, bearer: &[u8]) -> Bytes {
    let Ok(token) = std::str::from_utf8(bearer.strip_prefix(b"Bearer ").unwrap_or(bearer)) else { return body };
    let text = String::from_utf8_lossy(&body);
    match token.is_empty() || !text.contains(token) {
        true => body.clone(),
        false => text.replace(token, "[secret]").into(),
    }
}

/// A path without its query, which may hold values.
fn bare(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// Seconds or a date; what is absurd is pinned to a second and a quarter of an hour.
fn retry_after(answer: &Answer, now: Millis) -> Option<Duration> {
    let text = answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let ms = match text.parse::<f64>() {
        Ok(seconds) if seconds > 1000.0 => seconds,
        Ok(seconds) => seconds * 1000.0,
        Err(_) => http_date(text)?.since(answer.date.unwrap_or(now)) as f64,
    };
    Some(Duration::from_millis(ms.clamp(1_000.0, 900_000.0) as u64))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Millis> {
    let time = jiff::fmt::rfc2822::parse(&text.trim().replace("GMT", "+0000")).ok()?;
    Some(Millis(time.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        let date = http_date("Mon, 23 Nov 2026 10:00:00 GMT");
        let answer = Answer { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Bytes::new(), date };
        retry_after(&answer, Millis(0)).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        assert_eq!(wait("7"), Some(7));
        assert_eq!(wait("0"), Some(1));
        assert_eq!(wait("-5"), Some(1));
        assert_eq!(wait("2500"), Some(2), "more than a thousand is milliseconds");
        assert_eq!(wait("Mon, 23 Nov 2026 10:00:20 GMT"), Some(20));
        assert_eq!(wait("Sun, 23 Nov 2036 10:00:00 GMT"), Some(900));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        assert!(Origin::parse("http://127.0.0.1:8080/x").is_some());
        assert!(Origin::parse("https://api.hubapi.com").is_some());
        assert!(Origin::parse("http://api.hubapi.com").is_none());
        assert!(Origin::parse("ftp://127.0.0.1").is_none());
    }
}
