//! The real network, through reqwest.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use super::transport::{Fut, NetError, Transport};

/// Longest answer that is read, decoded.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// No redirects, no cookies; every wait has an end.
pub struct Network {
    client: reqwest::Client,
}

impl Network {
    pub fn new() -> Result<Network, NetError> {
        // Somebody may have installed one already: any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("syncline/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60))
            .timeout(Duration::from_secs(130))
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .map_err(|error| NetError::NotSent { host: String::new(), why: error.without_url().to_string() })?;
        Ok(Network { client })
    }
}

impl Transport for Network {
    fn call<'a>(&'a self, request: http::Request<Bytes>) -> Fut<'a, Result<http::Response<Bytes>, NetError>> {
        Box::pin(async move {
            let host = request.uri().host().unwrap_or("?").to_owned();
            let not_sent = |why: String| NetError::NotSent { host: host.clone(), why };
            let request =
                reqwest::Request::try_from(request).map_err(|error| not_sent(error.without_url().to_string()))?;
            let answer = self.client.execute(request).await.map_err(|error| {
                let (unsent, why) = (error.is_connect() || error.is_builder(), reason(error));
                match unsent {
                    true => not_sent(why),
                    false => NetError::Lost { host: host.clone(), why },
                }
            })?;
            let mut parts = http::Response::builder().status(answer.status());
            if let Some(headers) = parts.headers_mut() {
                *headers = answer.headers().clone();
            }
            let mut body = BytesMut::new();
            let mut chunks = answer.bytes_stream();
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.map_err(|error| NetError::Lost { host: host.clone(), why: reason(error) })?;
                if body.len() + chunk.len() > BODY_LIMIT {
                    return Err(NetError::TooLarge { host, limit: BODY_LIMIT });
                }
                body.extend_from_slice(&chunk);
            }
            parts.body(body.freeze()).map_err(|error| NetError::Lost { host: host.clone(), why: error.to_string() })
        })
    }
}

/// The innermost cause, without the URL: it may hold what should not be shown.
fn reason(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".into();
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
