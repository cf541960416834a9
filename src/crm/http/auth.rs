//! Tokens. A call asks for one; a 401 says that it has gone stale.

use secrecy::SecretString;

use super::transport::Fut;
use crate::crm::CallError;

/// Where bearer tokens come from. Whoever implements it makes sure that many stale calls cause one renewal.
pub trait Auth: Send + Sync {
    fn token(&self) -> Fut<'_, Result<SecretString, CallError>>;
    /// The server refused `stale`. `Ok(true)`: another token is to be had now; `Ok(false)`: there is no other.
    fn renew<'a>(&'a self, stale: &'a SecretString) -> Fut<'a, Result<bool, CallError>>;
}

/// A token that never changes: a service key, a private app's token.
pub struct StaticToken(pub SecretString);

impl Auth for StaticToken {
    fn token(&self) -> Fut<'_, Result<SecretString, CallError>> {
        Box::pin(async move { Ok(self.0.clone()) })
    }

    fn renew<'a>(&'a self, _: &'a SecretString) -> Fut<'a, Result<bool, CallError>> {
        Box::pin(async { Ok(false) })
    }
}
