//! `/id/ORG/USER`: who a token belongs to, at the address that every login answer names.

use http::Request;
use serde_json::json;

use bytes::Bytes;

use crate::data::Millis;

use super::auth;
use super::ids::Id;
use super::record::moment;
use super::reply::Reply;
use super::request::pairs;
use super::world::World;

/// The token comes in the header or as `oauth_token`.
pub(super) fn answer(world: &mut World, now: Millis, request: &Request<Bytes>) -> Reply {
    let query = pairs(request.uri().query().unwrap_or_default());
    let given = query.iter().find(|(key, _)| key == "oauth_token").map(|(_, token)| token.clone());
    let known = match given {
        Some(token) => auth::session_user(world, now, &token).map_err(|_| "Bad_OAuth_Token"),
        None if request.headers().contains_key(http::header::AUTHORIZATION) => {
            auth::user(world, now, request.headers()).map_err(|_| "Bad_OAuth_Token")
        }
        None => Err("Missing_OAuth_Token"),
    };
    let user = match known {
        Ok(user) => user,
        Err(why) => return Reply::text(403, why),
    };
    let mut parts = request.uri().path().trim_end_matches('/').rsplit('/');
    let (asked, org) = (parts.next().and_then(Id::parse), parts.next().and_then(Id::parse));
    if org != Id::parse(&world.config.org_id) {
        return Reply::text(403, "Wrong_Org");
    }
    if asked != Some(user) {
        return Reply::text(404, "Bad_Id");
    }
    let org = auth::org_id(&world.config);
    let base = &world.config.instance_url;
    let row = world.record("User", user.short());
    let field = |name: &str| row.and_then(|row| world.value("User", row, name));
    let body = json!({
        "id": auth::identity_url(world, user), "asserted_user": true, "user_id": user.to_string(),
        "organization_id": org, "username": world.config.username, "nick_name": world.config.username,
        "display_name": field("Name"), "email": field("Email"), "email_verified": true,
        "first_name": field("FirstName"), "last_name": field("LastName"), "timezone": field("TimeZoneSidKey"),
        "photos": {"picture": null, "thumbnail": null}, "addr_street": null, "addr_city": null, "addr_state": null,
        "addr_country": null, "addr_zip": null, "mobile_phone": field("MobilePhone"),
        "mobile_phone_verified": false, "is_lightning_login_user": false,
        "status": {"created_date": null, "body": null},
        "urls": {
            "rest": format!("{base}/services/data/v{{version}}/"),
            "sobjects": format!("{base}/services/data/v{{version}}/sobjects/"),
            "search": format!("{base}/services/data/v{{version}}/search/"),
            "query": format!("{base}/services/data/v{{version}}/query/"),
            "partner": format!("{base}/services/Soap/u/{{version}}/{org}"),
            "profile": format!("{base}/{user}"), "custom_domain": base,
        },
        "active": true, "user_type": "STANDARD", "language": "en_US", "locale": "en_US", "utcOffset": -28_800_000,
        "last_modified_date": row.map(|row| moment(row.modified)), "is_app_installed": true,
    });
    Reply::json(200, body.to_string())
}
