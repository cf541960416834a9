//! The one seam below the adapters: a request goes out, an answer comes back, or it is not known what happened.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use thiserror::Error;

use crate::data::Millis;

pub type Fut<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries one request. No retry, no redirect, no cookies: all that lies above, so that the simulation has it too.
pub trait Transport: Send + Sync {
    fn call<'a>(&'a self, request: http::Request<Bytes>) -> Fut<'a, Result<http::Response<Bytes>, NetError>>;
}

/// No whole answer came.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NetError {
    /// Nothing was sent: name, connection or TLS failed. The request had no effect.
    #[error("cannot reach `{host}`: {why}")]
    NotSent { host: String, why: String },
    /// Sent, or partly sent; whether it had an effect is unknown.
    #[error("no answer from `{host}`: {why}")]
    Lost { host: String, why: String },
    /// The answer was longer than the limit; its effect is unknown.
    #[error("the answer from `{host}` is over {limit} bytes")]
    TooLarge { host: String, limit: usize },
}

/// Wall time and chance, passed in. Waiting is `tokio::time`; times of records come from the servers.
pub trait Env: Send + Sync {
    fn now(&self) -> Millis;
    /// 64 fresh random bits.
    fn random(&self) -> u64;
}
