//! `/services/oauth2`: tokens by four flows, who a token belongs to, and when it ends. The partner API logs in here too.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Request};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde_json::{Value, json};

use crate::data::Millis;

use super::config::Config;
use super::errors::ApiError;
use super::ids::Id;
use super::reply::Reply;
use super::request::pairs;
use super::world::World;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// An assertion may end this far ahead, with a minute for clocks that differ.
const JWT_AHEAD_S: i64 = 180 + 60;

/// Access tokens and the one family of refresh tokens.
#[derive(Clone, Debug)]
pub(super) struct Sessions {
    open: BTreeMap<String, Session>,
    /// The token that refreshes now; `None` once the family is revoked.
    refresh: Option<String>,
    used: Vec<String>,
}

#[derive(Clone, Debug)]
struct Session {
    user: Id,
    last_used: Millis,
    refreshed: bool,
}

impl Sessions {
    pub fn new(config: &Config) -> Sessions {
        let refresh = Some(config.refresh_token.clone()).filter(|t| !t.is_empty());
        Sessions { open: BTreeMap::new(), refresh, used: Vec::new() }
    }
}

/// What a login is refused with: an object, not the array of the data API.
fn denied(error: &str, description: &str) -> Reply {
    Reply::json(400, json!({"error": error, "error_description": description}).to_string())
}

/// The user behind a call's `Authorization`.
pub(super) fn user(world: &mut World, now: Millis, headers: &HeaderMap) -> Result<Id, ApiError> {
    let invalid = || ApiError::new("INVALID_SESSION_ID", "Session expired or invalid");
    let header = headers.get(http::header::AUTHORIZATION).and_then(|v| v.to_str().ok()).ok_or_else(invalid)?;
    let (scheme, token) =
        header.split_once(' ').ok_or_else(|| ApiError::new("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"))?;
    if !scheme.eq_ignore_ascii_case("Bearer") && !scheme.eq_ignore_ascii_case("OAuth") {
        return Err(ApiError::new("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"));
    }
    session_user(world, now, token.trim())
}

/// The user behind a session, which this keeps alive.
pub(super) fn session_user(world: &mut World, now: Millis, token: &str) -> Result<Id, ApiError> {
    let invalid = || ApiError::new("INVALID_SESSION_ID", "Session expired or invalid");
    if !world.config.token.is_empty() && token == world.config.token {
        return Ok(world.integration_user);
    }
    let life = world.config.session_ms;
    let session = world.sessions.open.get_mut(token).ok_or_else(invalid)?;
    if now.since(session.last_used) >= life {
        world.sessions.open.remove(token);
        return Err(invalid());
    }
    session.last_used = session.last_used.max(now);
    Ok(session.user)
}

/// `POST /services/oauth2/token`.
pub(super) fn token(world: &mut World, now: Millis, headers: &HeaderMap, body: &[u8]) -> Reply {
    let form = pairs(&String::from_utf8_lossy(body));
    let field = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    let basic = basic_credentials(headers);
    let client = (
        field("client_id").map(str::to_owned).or_else(|| basic.as_ref().map(|b| b.0.clone())),
        field("client_secret").map(str::to_owned).or_else(|| basic.map(|b| b.1)),
    );
    match field("grant_type") {
        Some(JWT_BEARER) => jwt(world, now, field("assertion").unwrap_or_default()),
        Some("client_credentials") => match check_client(&world.config, &client, true) {
            Ok(()) => granted(world, now, Grant::Plain),
            Err(reply) => reply,
        },
        Some("refresh_token") => match check_client(&world.config, &client, false) {
            Ok(()) => refresh(world, now, field("refresh_token").unwrap_or_default()),
            Err(reply) => reply,
        },
        Some("password") => {
            let given = (field("username").unwrap_or_default(), field("password").unwrap_or_default());
            match check_client(&world.config, &client, true) {
                Ok(()) if is_user(&world.config, given.0, given.1) => granted(world, now, Grant::Plain),
                Ok(()) => denied("invalid_grant", "authentication failure"),
                Err(reply) => reply,
            }
        }
        Some(_) => denied("unsupported_grant_type", "grant type not supported"),
        None => denied("invalid_request", "missing grant type"),
    }
}

/// Whether these log the integration user in. The security token may follow the password, as clients send it; here it is
/// [`Config::token`].
fn is_user(config: &Config, username: &str, password: &str) -> bool {
    let rest = password.strip_prefix(config.password.as_str());
    username.eq_ignore_ascii_case(&config.username) && rest.is_some_and(|rest| rest.is_empty() || rest == config.token)
}

/// A session by user name and password alone, as the partner API gives it.
pub(super) fn login(world: &mut World, now: Millis, username: &str, password: &str) -> Option<String> {
    is_user(&world.config, username, password).then(|| open_session(world, now, false))
}

/// Ends a session; false when there is none of that id. The one that always works stays.
pub(super) fn end(world: &mut World, token: &str) -> bool {
    let lasting = !token.is_empty() && token == world.config.token;
    world.sessions.open.remove(token).is_some() || lasting
}

/// `/services/oauth2/revoke`, with `token` in the body or the query: an access token, or a refresh token with all that
/// came of it.
pub(super) fn revoke(world: &mut World, request: &Request<Bytes>) -> Reply {
    let mut form = pairs(request.uri().query().unwrap_or_default());
    form.extend(pairs(&String::from_utf8_lossy(request.body())));
    let token = form.iter().find(|(key, _)| key == "token").map(|(_, token)| token.as_str()).unwrap_or_default();
    if end(world, token) {
        return Reply::empty(200);
    }
    if !token.is_empty() && world.sessions.refresh.as_deref() == Some(token) {
        world.sessions.refresh = None;
        world.sessions.open.retain(|_, session| !session.refreshed);
        return Reply::empty(200);
    }
    denied("invalid_token", "invalid token")
}

/// Where a user is told about. Real answers name the login host; here it is the model's own, so that nothing that a
/// client then sends leaves this machine.
pub(super) fn identity_url(world: &World, user: Id) -> String {
    format!("{}/id/{}/{user}", world.config.instance_url, org_id(&world.config))
}

/// `GET /services/oauth2/userinfo`.
pub(super) fn userinfo(world: &mut World, user: Id) -> Reply {
    let org = org_id(&world.config);
    let base = &world.config.instance_url;
    let name = world.record("User", user.short()).and_then(|r| world.value("User", r, "Name"));
    let email = world.record("User", user.short()).and_then(|r| world.value("User", r, "Email"));
    let body = json!({
        "sub": identity_url(world, user),
        "user_id": user.to_string(),
        "organization_id": org,
        "preferred_username": world.config.username,
        "nickname": world.config.username,
        "name": name,
        "email": email,
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": -28_800_000,
        "urls": {
            "rest": format!("{base}/services/data/v{{version}}/"),
            "sobjects": format!("{base}/services/data/v{{version}}/sobjects/"),
            "query": format!("{base}/services/data/v{{version}}/query/"),
            "profile": format!("{base}/{user}"),
        },
    });
    Reply::json(200, body.to_string())
}

/// 18 characters.
pub(super) fn org_id(config: &Config) -> String {
    Id::parse(&config.org_id).map_or_else(|| config.org_id.clone(), |id| id.to_string())
}

fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let header = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let bytes = STANDARD.decode(header.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn check_client(config: &Config, client: &(Option<String>, Option<String>), secret_needed: bool) -> Result<(), Reply> {
    if client.0.as_deref() != Some(config.client_id.as_str()) {
        return Err(denied("invalid_client_id", "client identifier invalid"));
    }
    match client.1.as_deref() {
        Some(secret) if secret == config.client_secret => Ok(()),
        None if !secret_needed => Ok(()),
        _ => Err(denied("invalid_client", "invalid client credentials")),
    }
}

fn jwt(world: &mut World, now: Millis, assertion: &str) -> Reply {
    let claims = match read_assertion(&world.config, assertion) {
        Some(claims) => claims,
        None => return denied("invalid_grant", "invalid assertion"),
    };
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let config = &world.config;
    if claim("iss") != config.client_id {
        return denied("invalid_client_id", "client identifier invalid");
    }
    let audience = ["https://login.salesforce.com", "https://test.salesforce.com", config.instance_url.as_str()];
    if !audience.contains(&claim("aud").trim_end_matches('/')) {
        return denied("invalid_grant", "audience is invalid");
    }
    if claim("sub") != config.username {
        return denied("invalid_grant", "user hasn't approved this consumer");
    }
    let exp = claims.get("exp").and_then(|e| e.as_i64().or_else(|| e.as_str()?.parse().ok())).unwrap_or(0);
    let now_s = now.0.div_euclid(1000);
    if exp <= now_s || exp > now_s.saturating_add(JWT_AHEAD_S) {
        return denied("invalid_grant", "expired authorization code");
    }
    granted(world, now, Grant::Jwt)
}

/// The claims of a signed assertion; times are not looked at, the model has its own.
fn read_assertion(config: &Config, assertion: &str) -> Option<Value> {
    let Some(pem) = &config.jwt_public_key_pem else {
        return jsonwebtoken::dangerous::insecure_decode::<Value>(assertion).ok().map(|t| t.claims);
    };
    let key = DecodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(assertion, &key, &rules).ok().map(|t| t.claims)
}

fn refresh(world: &mut World, now: Millis, token: &str) -> Reply {
    let expired = || denied("invalid_grant", "expired access/refresh token");
    if world.sessions.used.iter().any(|t| t == token) {
        world.sessions.refresh = None;
        world.sessions.open.retain(|_, s| !s.refreshed);
        return expired();
    }
    if token.is_empty() || world.sessions.refresh.as_deref() != Some(token) {
        return expired();
    }
    granted(world, now, Grant::Refresh)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grant {
    /// Replies to an assertion lack `issued_at` and `signature`.
    Jwt,
    Refresh,
    Plain,
}

fn random(rng: &mut fastrand::Rng, length: usize) -> String {
    (0..length).map(|_| rng.alphanumeric()).collect()
}

/// A new session of the integration user.
fn open_session(world: &mut World, now: Millis, refreshed: bool) -> String {
    let life = world.config.session_ms;
    world.sessions.open.retain(|_, s| now.since(s.last_used) < life);
    let org = org_id(&world.config);
    let token = format!("{}!AQ{}", org.get(..15).unwrap_or(&org), random(&mut world.rng, 60));
    let session = Session { user: world.integration_user, last_used: now, refreshed };
    world.sessions.open.insert(token.clone(), session);
    world.counters.logins += 1;
    token
}

fn granted(world: &mut World, now: Millis, grant: Grant) -> Reply {
    let token = open_session(world, now, grant == Grant::Refresh);
    let id = identity_url(world, world.integration_user);
    let mut body = json!({
        "access_token": token, "instance_url": world.config.instance_url, "id": id, "token_type": "Bearer",
        "scope": "api refresh_token",
    });
    let Some(fields) = body.as_object_mut() else { return Reply::empty(500) };
    if grant != Grant::Jwt {
        let issued = now.0.to_string();
        fields.insert("signature".into(), signature(&world.config.client_secret, &format!("{id}{issued}")).into());
        fields.insert("issued_at".into(), issued.into());
    }
    if grant == Grant::Refresh && world.config.rotate_refresh {
        let next = format!("5Aep{}", random(&mut world.rng, 60));
        if let Some(old) = world.sessions.refresh.replace(next.clone()) {
            world.sessions.used.push(old);
        }
        fields.insert("refresh_token".into(), next.into());
    }
    Reply::json(200, body.to_string())
}

/// base64(HMAC-SHA256(secret, message)).
fn signature(secret: &str, message: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signed = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap_or_default();
    STANDARD.encode(URL_SAFE_NO_PAD.decode(signed).unwrap_or_default())
}
