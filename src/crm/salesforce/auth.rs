//! Access tokens: JWT bearer, client credentials, refresh token. Salesforce says no lifetime: a 401 tells.

use std::sync::Arc;

use bytes::Bytes;
use http::header;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::crm::http::{Auth, Env, Fut, Origin, Transport, parse};
use crate::crm::{CallError, CallErrorKind, Effect};

/// Told of a rotated refresh token before it is used.
pub type KeepToken = Box<dyn Fn(&SecretString) + Send + Sync>;

/// How the first token is had.
pub enum Flow {
    /// `audience`: `https://login.salesforce.com`, or `https://test.salesforce.com` for a sandbox.
    Jwt {
        client_id: String,
        username: String,
        audience: String,
        key_pem: SecretString,
    },
    ClientCredentials {
        client_id: String,
        client_secret: SecretString,
    },
    /// With rotation on, each renewal brings another refresh token: `keep` is told before it is used.
    Refresh {
        client_id: String,
        client_secret: Option<SecretString>,
        refresh_token: SecretString,
        keep: Option<KeepToken>,
    },
    /// A session that somebody else opened: cannot be renewed.
    Session(SecretString),
}

/// Hands out one token to all, and renews it once for all.
pub struct TokenSource {
    origin: Origin,
    flow: Flow,
    transport: Arc<dyn Transport>,
    env: Arc<dyn Env>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<SecretString>,
    /// A rotated refresh token.
    refresh: Option<SecretString>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    instance_url: Option<String>,
}

#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
}

impl TokenSource {
    pub fn new(origin: Origin, flow: Flow, transport: Arc<dyn Transport>, env: Arc<dyn Env>) -> TokenSource {
        TokenSource { origin, flow, transport, env, state: Mutex::default() }
    }

    async fn grant(&self, state: &mut State) -> Result<SecretString, CallError> {
        let form = self.form(state)?;
        let Some(form) = form else {
            return Err(refused("the session is no longer valid".into()));
        };
        let secrets: Vec<String> = form
            .iter()
            .filter(|(name, _)| *name != "grant_type" && *name != "client_id")
            .map(|(_, value)| value.clone())
            .collect();
        // A gateway may quote the whole request in its error.
        let quiet = |text: String| secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), "[secret]"));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = http::Request::new(Bytes::from(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = format!("{}/services/oauth2/token", self.origin.as_str())
            .parse()
            .map_err(|_| refused("the login address is no URL".into()))?;
        let kind = http::HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        let down = |text: String| CallError { effect: Effect::None, kind: CallErrorKind::Down, text };
        let response = self.transport.call(request).await.map_err(|error| down(error.to_string()))?;
        if response.status().is_server_error() || response.status().as_u16() == 429 {
            return Err(down(format!("the login of Salesforce answered {}", response.status())));
        }
        if !response.status().is_success() {
            let said: Refused = parse(response.body(), &mut Vec::new()).unwrap_or_default();
            let why: String = quiet(format!("{} ({})", said.error_description, said.error)).chars().take(400).collect();
            return Err(refused(why));
        }
        let mut mended = Vec::new();
        let granted: Granted = parse(response.body(), &mut mended).map_err(|error| CallError {
            effect: Effect::None,
            text: quiet(error.text),
            ..error
        })?;
        if let Some(instance) = &granted.instance_url
            && Origin::parse(instance).is_none_or(|instance| instance != self.origin)
        {
            let host: String = quiet(instance.clone()).chars().take(100).collect();
            return Err(refused(format!("this org lives at `{host}`: set that as its address")));
        }
        if let Some(rotated) = granted.refresh_token {
            let rotated = SecretString::from(rotated);
            if let Flow::Refresh { keep: Some(keep), .. } = &self.flow {
                keep(&rotated);
            }
            state.refresh = Some(rotated);
        }
        let token = SecretString::from(granted.access_token);
        state.token = Some(token.clone());
        Ok(token)
    }

    fn form(&self, state: &State) -> Result<Option<Vec<(&'static str, String)>>, CallError> {
        Ok(Some(match &self.flow {
            Flow::Session(_) => return Ok(None),
            Flow::ClientCredentials { client_id, client_secret } => vec![
                ("grant_type", "client_credentials".into()),
                ("client_id", client_id.clone()),
                ("client_secret", client_secret.expose_secret().into()),
            ],
            Flow::Refresh { client_id, client_secret, refresh_token, .. } => {
                let token = state.refresh.as_ref().unwrap_or(refresh_token);
                let mut form = vec![
                    ("grant_type", "refresh_token".into()),
                    ("client_id", client_id.clone()),
                    ("refresh_token", token.expose_secret().into()),
                ];
                form.extend(client_secret.as_ref().map(|secret| ("client_secret", secret.expose_secret().to_owned())));
                form
            }
            Flow::Jwt { client_id, username, audience, key_pem } => {
                let key = EncodingKey::from_rsa_pem(key_pem.expose_secret().as_bytes())
                    .map_err(|_| refused("the private key is not an RSA key in PEM".into()))?;
                let exp = self.env.now().0 / 1000 + 180;
                let claims = Claims { iss: client_id, sub: username, aud: audience, exp };
                let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key)
                    .map_err(|_| refused("the private key cannot sign".into()))?;
                vec![("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".into()), ("assertion", assertion)]
            }
        }))
    }
}

fn refused(why: String) -> CallError {
    CallError { effect: Effect::None, kind: CallErrorKind::Auth, text: format!("Salesforce refuses the login: {why}") }
}

impl Auth for TokenSource {
    fn token(&self) -> Fut<'_, Result<SecretString, CallError>> {
        Box::pin(async move {
            if let Flow::Session(token) = &self.flow {
                return Ok(token.clone());
            }
            let mut state = self.state.lock().await;
            match &state.token {
                Some(token) => Ok(token.clone()),
                None => self.grant(&mut state).await,
            }
        })
    }

    fn renew<'a>(&'a self, stale: &'a SecretString) -> Fut<'a, Result<bool, CallError>> {
        Box::pin(async move {
            if matches!(self.flow, Flow::Session(_)) {
                return Ok(false);
            }
            let mut state = self.state.lock().await;
            // Somebody else has renewed it while this call waited.
            let fresh = state.token.as_ref().is_some_and(|token| token.expose_secret() != stale.expose_secret());
            if !fresh {
                self.grant(&mut state).await?;
            }
            Ok(true)
        })
    }
}
