//! Login and logout by the partner API, and who a session belongs to.

use super::*;

fn envelope(header: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:u=\"urn:partner.soap.sforce.com\"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
}

fn soap(world: &mut World, version: &str, envelope: &str) -> (u16, String) {
    let url = format!("/services/Soap/u/{version}");
    let request = Request::post(url).header("content-type", "text/xml").body(Bytes::from(envelope.to_owned()));
    let response = handle(world, NOW, &request.unwrap());
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn login(world: &mut World, version: &str, password: &str) -> (u16, String) {
    let body =
        format!("<u:login><u:username>sync@acme.com.sim</u:username><u:password>{password}</u:password></u:login>");
    soap(world, version, &envelope("", &body))
}

fn between<'a>(text: &'a str, tag: &str) -> &'a str {
    text.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0
}

fn get(world: &mut World, url: &str) -> (u16, Bytes) {
    let response = handle(world, NOW, &Request::get(url).body(Bytes::new()).unwrap());
    (response.status().as_u16(), response.body().clone())
}

#[test]
fn a_session_is_given_for_the_password_with_or_without_the_security_token() {
    let mut world = world();
    world.config.password = "a&b<c>".to_owned();
    for password in ["a&amp;b&lt;c&gt;", "a&amp;b&lt;c&gt;sim-token"] {
        let (status, body) = login(&mut world, "59.0", password);
        assert_eq!((status, between(&body, "passwordExpired")), (200, "false"), "{body}");
        assert!(between(&body, "serverUrl").starts_with("http://127.0.0.1/services/Soap/u/59.0/00D"));
        let token = between(&body, "sessionId").to_owned();
        let user = between(&body, "userId");
        let id = format!("/id/{}/{user}?format=json&oauth_token={}", between(&body, "organizationId"), encoded(&token));
        let (status, identity) = get(&mut world, &id);
        let identity: Value = serde_json::from_slice(&identity).unwrap();
        assert_eq!((status, &identity["username"]), (200, &json!("sync@acme.com.sim")));
        let header = format!("<u:SessionHeader><u:sessionId>{token}</u:sessionId></u:SessionHeader>");
        assert_eq!(soap(&mut world, "59.0", &envelope(&header, "<u:logout/>")).0, 200);
        assert_eq!(get(&mut world, &id), (403, Bytes::from_static(b"Bad_OAuth_Token")));
        assert_eq!(soap(&mut world, "59.0", &envelope(&header, "<u:logout/>")).0, 500);
    }
}

#[test]
fn refusals_are_faults() {
    let mut world = world();
    for password in ["", "wrong", "sim-passwordwrong", "sim-tokensim-password"] {
        let (status, body) = login(&mut world, "59.0", password);
        assert_eq!((status, between(&body, "sf:exceptionCode")), (500, "INVALID_LOGIN"), "{password}");
        assert!(between(&body, "faultstring").starts_with("INVALID_LOGIN: Invalid username, password"));
    }
    // From version 65 on there is no login in this API.
    let (status, body) = login(&mut world, "65.0", "sim-password");
    assert!(status == 500 && body.contains("No operation available for request"), "{body}");
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    for broken in ["", "<a", "<a/>", bomb, &"<a>".repeat(100_000), &deep] {
        assert_eq!(soap(&mut world, "59.0", broken).0, 500);
    }
    assert_eq!(get(&mut world, "/id/00DHs000000Sim1/005").0, 403);
    assert_eq!(get(&mut world, "/services/Soap/u/59.0").0, 405);
}

#[test]
fn a_revoked_token_is_no_session_any_more() {
    let mut world = world();
    let (_, body) = login(&mut world, "59.0", "sim-password");
    let revoke = |world: &mut World, token: &str| {
        let form = format!("token={}", encoded(token));
        handle(world, NOW, &Request::post("/services/oauth2/revoke").body(Bytes::from(form)).unwrap()).status().as_u16()
    };
    let token = between(&body, "sessionId");
    assert_eq!((revoke(&mut world, token), revoke(&mut world, token)), (200, 400));
    let limits = Request::get(format!("{ROOT}/limits")).header("authorization", format!("Bearer {token}"));
    assert_eq!(handle(&mut world, NOW, &limits.body(Bytes::new()).unwrap()).status(), 401);
    assert_eq!(revoke(&mut world, "sim-refresh"), 200);
}
