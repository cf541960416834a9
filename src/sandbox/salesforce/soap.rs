//! `/services/Soap/u/VV`: login and logout, the two calls of the partner API that clients of the REST API still make.

use http::Request;

use bytes::Bytes;

use crate::data::Millis;

use super::auth;
use super::reply::Reply;
use super::world::World;

/// The first version without `login`.
const LOGIN_ENDED: u16 = 65;
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const PARTNER: &str = "urn:partner.soap.sforce.com";
const FAULT: &str = "urn:fault.partner.soap.sforce.com";

/// The version of a path such as `/services/Soap/u/59.0`, with or without the org's id behind.
pub(super) fn version(path: &str) -> Option<u16> {
    let rest = path.strip_prefix("/services/Soap/u/")?;
    let version = rest.split('/').next()?;
    version.strip_suffix(".0").unwrap_or(version).parse().ok()
}

pub(super) fn answer(world: &mut World, now: Millis, version: u16, request: &Request<Bytes>) -> Reply {
    let Some(call) = read(request.body()) else {
        return fault("soapenv:Client", "the envelope cannot be read", None);
    };
    match call.name.as_str() {
        "login" if version < LOGIN_ENDED => match auth::login(world, now, &call.username, &call.password) {
            Some(session) => logged_in(world, version, &session),
            None => {
                let message = "Invalid username, password, security token; or user locked out.";
                fault("sf:INVALID_LOGIN", &format!("INVALID_LOGIN: {message}"), Some(("INVALID_LOGIN", message)))
            }
        },
        "logout" => match auth::end(world, &call.session) {
            true => envelope("<logoutResponse/>"),
            false => {
                let message = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing \
                               session hash";
                let code = "INVALID_SESSION_ID";
                fault("sf:INVALID_SESSION_ID", &format!("{code}: {message}"), Some((code, message)))
            }
        },
        name => {
            let message = format!(
                "No operation available for request {{{PARTNER}}}{name}, please check the WSDL for the service."
            );
            fault("soapenv:Client", &message, None)
        }
    }
}

/// What an envelope asks for. Texts that it lacks are empty.
struct Call {
    name: String,
    username: String,
    password: String,
    session: String,
}

fn read(body: &[u8]) -> Option<Call> {
    // Without DTDs there are no entities to expand.
    let document = roxmltree::Document::parse(std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}')).ok()?;
    let envelope = document.root_element();
    let part = |name: &str| envelope.children().find(|n| n.has_tag_name((ENVELOPE, name)));
    let operation = part("Body")?.children().find(|n| n.is_element())?;
    let text = |within: Option<roxmltree::Node<'_, '_>>, name: &str| {
        let found = within.and_then(|node| node.descendants().find(|n| n.tag_name().name() == name));
        found.and_then(|n| n.text()).unwrap_or_default().to_owned()
    };
    Some(Call {
        name: operation.tag_name().name().to_owned(),
        username: text(Some(operation), "username"),
        password: text(Some(operation), "password"),
        session: text(part("Header"), "sessionId"),
    })
}

fn logged_in(world: &World, version: u16, session: &str) -> Reply {
    let (base, org) = (escaped(&world.config.instance_url), escaped(&auth::org_id(&world.config)));
    let user = world.integration_user;
    let field = |name: &str| {
        let value = world.record("User", user.short()).and_then(|row| world.value("User", row, name));
        escaped(value.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default())
    };
    let name = escaped(&world.config.org_name);
    let (email, full, zone) = (field("Email"), field("Name"), field("TimeZoneSidKey"));
    let username = escaped(&world.config.username);
    let life = world.config.session_ms / 1000;
    envelope(&format!(
        "<loginResponse><result><metadataServerUrl>{base}/services/Soap/m/{version}.0/{org}</metadataServerUrl>\
         <passwordExpired>false</passwordExpired><sandbox>false</sandbox>\
         <serverUrl>{base}/services/Soap/u/{version}.0/{org}</serverUrl><sessionId>{}</sessionId>\
         <userId>{user}</userId><userInfo><currencySymbol>$</currencySymbol>\
         <organizationId>{org}</organizationId><organizationMultiCurrency>false</organizationMultiCurrency>\
         <organizationName>{name}</organizationName><sessionSecondsValid>{life}</sessionSecondsValid>\
         <userDefaultCurrencyIsoCode xsi:nil=\"true\"/><userEmail>{email}</userEmail>\
         <userFullName>{full}</userFullName><userId>{user}</userId><userLanguage>en_US</userLanguage>\
         <userLocale>en_US</userLocale><userName>{username}</userName><userTimeZone>{zone}</userTimeZone>\
         <userType>Standard</userType></userInfo></result></loginResponse>",
        escaped(session)
    ))
}

fn envelope(body: &str) -> Reply {
    Reply::xml(
        200,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"{ENVELOPE}\" \
             xmlns=\"{PARTNER}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}\
             </soapenv:Body></soapenv:Envelope>"
        ),
    )
}

fn fault(code: &str, message: &str, detail: Option<(&str, &str)>) -> Reply {
    let detail = detail.map_or_else(String::new, |(code, message)| {
        format!(
            "<detail><sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>{code}</sf:exceptionCode>\
             <sf:exceptionMessage>{}</sf:exceptionMessage></sf:LoginFault></detail>",
            escaped(message)
        )
    });
    let message = escaped(message);
    Reply::xml(
        500,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"{ENVELOPE}\" \
             xmlns:sf=\"{FAULT}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>\
             <soapenv:Fault><faultcode>{code}</faultcode><faultstring>{message}</faultstring>{detail}\
             </soapenv:Fault></soapenv:Body></soapenv:Envelope>"
        ),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
