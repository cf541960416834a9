//! Several requests in one call: at most five queries or collections, run in order.

use std::borrow::Cow;

use http::{HeaderValue, Method};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::{Salesforce, VERSION, faults};
use crate::crm::CallError;
use crate::crm::http::{Query, Safety, parse, shape};
use crate::data::Millis;

/// Queries and collections that one composite may hold.
pub(super) const PARTS: usize = 5;

/// One request of a composite.
pub(super) struct Part {
    pub method: Method,
    /// From `/services` on.
    pub url: String,
    pub body: Option<Json>,
    /// The org's assignment rules run; without a word from us they would run at every write.
    pub assign: bool,
}

/// What one request of a composite was answered.
pub(super) struct PartAnswer {
    pub status: u16,
    pub body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answers<'a> {
    #[serde(borrow)]
    composite_response: Vec<OneAnswer<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneAnswer<'a> {
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
    http_status_code: u16,
    #[serde(borrow)]
    reference_id: Cow<'a, str>,
}

impl Part {
    pub(super) fn query(soql: &str) -> Part {
        Part::get("query", soql)
    }

    /// Deleted rows too.
    pub(super) fn query_all(soql: &str) -> Part {
        Part::get("queryAll", soql)
    }

    fn get(verb: &str, soql: &str) -> Part {
        let q: String = url::form_urlencoded::byte_serialize(soql.as_bytes()).collect();
        Part { method: Method::GET, url: format!("/services/data/{VERSION}/{verb}?q={q}"), body: None, assign: false }
    }

    /// Up to 2,000 records by id.
    pub(super) fn retrieve(of: &str, ids: &[String], fields: &[&str]) -> Part {
        let body = json!({"ids": ids, "fields": fields});
        Part {
            method: Method::POST,
            url: format!("/services/data/{VERSION}/composite/sobjects/{of}"),
            body: Some(body),
            assign: false,
        }
    }
}

impl Salesforce {
    /// Runs up to five parts in their order, for one call. One answer per part.
    pub(super) async fn composite(
        &self,
        parts: &[Part],
        safety: Safety,
    ) -> Result<(Vec<PartAnswer>, Millis), CallError> {
        let requests: Vec<Json> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| {
                let mut request =
                    json!({"method": part.method.as_str(), "url": part.url, "referenceId": format!("r{at}")});
                if let Some(body) = &part.body {
                    request["body"] = body.clone();
                }
                if part.method != Method::GET {
                    request["httpHeaders"] = json!({"Sforce-Auto-Assign": if part.assign { "TRUE" } else { "FALSE" }});
                }
                request
            })
            .collect();
        let body = json!({"allOrNone": false, "collateSubrequests": false, "compositeRequest": requests});
        let mut query = Query::write(Method::POST, format!("/services/data/{VERSION}/composite"), &body);
        query.safety = safety;
        query.headers.insert("sforce-auto-assign", HeaderValue::from_static("FALSE"));
        query.headers.insert("sforce-call-options", HeaderValue::from_static("client=syncline"));
        let answer = self.call(query).await?;
        if !answer.status.is_success() {
            return Err(faults::refused(&answer));
        }
        let mut mended = Vec::new();
        let answers: Answers<'_> = parse(&answer.body, &mut mended)?;
        let by_reference = |at: usize| {
            let reference = format!("r{at}");
            let found = answers.composite_response.iter().find(|one| one.reference_id == reference)?;
            let body = found.body.map_or("null", RawValue::get).to_owned();
            Some(PartAnswer { status: found.http_status_code, body })
        };
        let ordered: Option<Vec<PartAnswer>> = (0..parts.len()).map(by_reference).collect();
        let ordered = ordered.ok_or_else(|| shape("the composite answer lacks a part"))?;
        Ok((ordered, self.now(&answer)))
    }
}
