//! Logins, sessions, the daily limit.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey, LineEnding};

use super::*;

fn login(world: &mut World, now: Millis, form: &str, basic: Option<&str>) -> (u16, Value) {
    let mut builder = Request::builder().method("POST").uri("/services/oauth2/token");
    if let Some(basic) = basic {
        builder = builder.header("authorization", format!("Basic {}", STANDARD.encode(basic)));
    }
    let response = handle(world, now, &builder.body(Bytes::from(form.to_owned())).unwrap());
    (response.status().as_u16(), json_of(&response))
}

fn limits_with(world: &mut World, now: Millis, token: &str) -> (u16, Value) {
    let builder = Request::builder().uri(format!("{ROOT}/limits/")).header("authorization", format!("Bearer {token}"));
    let response = handle(world, now, &builder.body(Bytes::new()).unwrap());
    (response.status().as_u16(), json_of(&response))
}

#[test]
fn client_credentials_work_in_the_body_and_as_basic() {
    let mut world = world();
    let in_body = "grant_type=client_credentials&client_id=sim-client&client_secret=sim-secret";
    let (status, body) = login(&mut world, NOW, in_body, None);
    assert_eq!((status, body["instance_url"].as_str()), (200, Some("http://127.0.0.1")));
    assert_eq!(body["issued_at"], NOW.0.to_string());
    assert_eq!(STANDARD.decode(body["signature"].as_str().unwrap()).unwrap().len(), 32);
    let token = body["access_token"].as_str().unwrap().to_owned();
    assert_eq!(limits_with(&mut world, NOW, &token).0, 200);
    let basic = login(&mut world, NOW, "grant_type=client_credentials", Some("sim-client:sim-secret"));
    assert_eq!(basic.0, 200);
    let wrong = login(&mut world, NOW, "grant_type=client_credentials", Some("sim-client:no"));
    assert_eq!((wrong.0, wrong.1["error"].as_str()), (400, Some("invalid_client")));
    let unknown = login(&mut world, NOW, "grant_type=magic", None);
    assert_eq!(unknown.1["error"], "unsupported_grant_type");
}

#[test]
fn a_session_ends_when_idle_and_lives_on_when_used() {
    let mut world = world();
    let form = "grant_type=password&client_id=sim-client&client_secret=sim-secret&username=sync%40acme.com.sim&password=sim-passwordsim-token";
    let token = login(&mut world, NOW, form, None).1["access_token"].as_str().unwrap().to_owned();
    let hour = 3_600_000;
    for n in 1..=3 {
        assert_eq!(limits_with(&mut world, NOW.plus(n * hour), &token).0, 200);
    }
    let (status, body) = limits_with(&mut world, NOW.plus(5 * hour), &token);
    assert_eq!((status, code(&body)), (401, "INVALID_SESSION_ID"));
    assert_eq!(limits_with(&mut world, NOW, "unknown").0, 401);
}

#[test]
fn an_assertion_must_be_signed_by_the_key_and_be_current() {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
    let private = key.to_pkcs1_pem(LineEnding::LF).unwrap();
    let public = key.to_public_key().to_pkcs1_pem(LineEnding::LF).unwrap();
    let mut world = world();
    world.config.jwt_public_key_pem = Some(public);
    let now_s = NOW.0 / 1000;
    let good = json!({"iss": "sim-client", "sub": "sync@acme.com.sim", "aud": "https://login.salesforce.com", "exp": now_s + 120});
    let mut try_with = |key: &EncodingKey, algorithm, claims: &Value| {
        let assertion = encode(&Header::new(algorithm), claims, key).unwrap();
        let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
        login(&mut world, NOW, &format!("grant_type={grant}&assertion={assertion}"), None)
    };
    let signer = EncodingKey::from_rsa_pem(private.as_bytes()).unwrap();
    let (status, body) = try_with(&signer, Algorithm::RS256, &good);
    assert_eq!((status, body.get("issued_at")), (200, None));
    for (field, value) in [
        ("exp", json!(now_s)),
        ("exp", json!(now_s + 3600)),
        ("sub", json!("x")),
        ("aud", json!("https://evil.example")),
        ("iss", json!("other")),
    ] {
        let mut claims = good.clone();
        claims[field] = value;
        assert_eq!(try_with(&signer, Algorithm::RS256, &claims).0, 400, "{field}");
    }
    let stranger = EncodingKey::from_secret(b"secret");
    assert_eq!(try_with(&stranger, Algorithm::HS256, &good).0, 400);
}

#[test]
fn replaying_a_used_refresh_token_kills_the_family() {
    let mut world = world();
    world.config.rotate_refresh = true;
    let form = |token: &str| format!("grant_type=refresh_token&client_id=sim-client&refresh_token={token}");
    let first = login(&mut world, NOW, &form("sim-refresh"), None).1;
    let second = login(&mut world, NOW, &form(first["refresh_token"].as_str().unwrap()), None).1;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(login(&mut world, NOW, &form("sim-refresh"), None).1["error"], "invalid_grant");
    assert_eq!(login(&mut world, NOW, &form(second["refresh_token"].as_str().unwrap()), None).0, 400);
    assert_eq!(limits_with(&mut world, NOW, second["access_token"].as_str().unwrap()).0, 401);
}

#[test]
fn every_reply_tells_the_usage_and_the_limit_is_a_rolling_day() {
    let mut world = world();
    world.config.daily_limit = 2;
    let info = |world: &mut World, now| {
        let response = handle(world, now, &request("GET", "/limits", None));
        let info = response.headers()["sforce-limit-info"].to_str().unwrap().to_owned();
        (response.status().as_u16(), info, json_of(&response))
    };
    assert_eq!(info(&mut world, NOW).1, "api-usage=1/2");
    assert_eq!(info(&mut world, NOW.plus(3_600_000)).1, "api-usage=2/2");
    let (status, _, body) = info(&mut world, NOW.plus(7_200_000));
    assert_eq!((status, code(&body)), (403, "REQUEST_LIMIT_EXCEEDED"));
    assert_eq!(info(&mut world, NOW.plus(86_400_000)).0, 200);
    assert_eq!(world.counters().over_limit, 1);
}

#[test]
fn the_list_of_versions_and_who_i_am() {
    let mut world = world();
    let response = handle(&mut world, NOW, &Request::builder().uri("/services/data").body(Bytes::new()).unwrap());
    let list = json_of(&response);
    assert_eq!(list[0]["version"], "31.0");
    let last = list.as_array().unwrap().last().unwrap();
    assert_eq!((last["version"].as_str(), last["label"].as_str()), (Some("68.0"), Some("Winter '27")));
    let (_, me) = call(&mut world, "GET", "/services/oauth2/userinfo", None);
    assert_eq!(me["user_id"], world.integration_user());
    assert_eq!(me["organization_id"].as_str().map(str::len), Some(18));
}
