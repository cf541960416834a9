//! From settings to both adapters, on the real network.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::Diagnostic;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::settings::{SalesforceSettings, SecretRef, Settings};
use crate::crm::http::{Env, Meter, NetError, Network, Origin, SystemEnv, Transport};
use crate::crm::hubspot::{Hubspot, HubspotConfig};
use crate::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use crate::data::BySide;
use crate::sandbox::{HUBSPOT_URL, SALESFORCE_URL, hubspot, salesforce};

const HUBSPOT: &str = "https://api.hubapi.com";
const LOGIN: &str = "https://login.salesforce.com";
const SANDBOX_LOGIN: &str = "https://test.salesforce.com";

#[derive(Debug, Error, Diagnostic)]
pub enum ConnectError {
    #[error("`{0}` is not in the settings")]
    #[diagnostic(help("add a section `{0}` to `syncline.yaml`"))]
    NoSection(&'static str),
    #[error("`{0}` is no address to connect to")]
    #[diagnostic(help("write it as `https://…`; plain `http://` goes to this machine only"))]
    Url(String),
    #[error("the variable `{0}` is not set, or empty")]
    #[diagnostic(help("set it in the environment of this command"))]
    NoVariable(String),
    #[error("cannot read a secret from `{path}`: {why}")]
    #[diagnostic(help("write the secret, and nothing else, into that file"))]
    SecretFile { path: PathBuf, why: String },
    #[error("the settings of Salesforce name {0} ways to log in")]
    #[diagnostic(help(
        "name one: `key` with `client_id` and `username`; `refresh_token` with `client_id`; `client_secret` with \
         `client_id`; or `session`"
    ))]
    Login(usize),
    #[error("`salesforce.{0}` is missing")]
    #[diagnostic(help("this way to log in needs it"))]
    Missing(&'static str),
    #[error(transparent)]
    Network(#[from] NetError),
}

/// Both CRMs, ready to be called.
pub struct Connection {
    pub hubspot: Hubspot,
    pub salesforce: Salesforce,
}

/// Reads the secrets and makes both adapters. Calls nobody yet.
pub fn connect(
    settings: &Settings,
    hubspot_meter: Arc<dyn Meter>,
    salesforce_meter: Arc<dyn Meter>,
) -> Result<Connection, ConnectError> {
    let portal = settings.hubspot.as_ref().ok_or(ConnectError::NoSection("hubspot"))?;
    let org = settings.salesforce.as_ref().ok_or(ConnectError::NoSection("salesforce"))?;
    let portal =
        HubspotConfig { origin: origin(portal.url.as_deref().unwrap_or(HUBSPOT))?, token: portal.token.read()? };
    let org = SalesforceConfig { origin: origin(&org.url)?, flow: flow(org)? };
    let network: Arc<dyn Transport> = Arc::new(Network::new()?);
    let env: Arc<dyn Env> = Arc::new(SystemEnv);
    Ok(Connection {
        hubspot: Hubspot::new(portal, network.clone(), hubspot_meter, env.clone()),
        salesforce: Salesforce::new(org, network, salesforce_meter, env),
    })
}

/// Both adapters on models of the CRMs in this process, which `transport` hands the requests to.
pub fn connect_models(
    hubspot: &hubspot::Config,
    salesforce: &salesforce::Config,
    transport: Arc<dyn Transport>,
    env: Arc<dyn Env>,
    meters: BySide<Arc<dyn Meter>>,
) -> Result<Connection, ConnectError> {
    let portal = HubspotConfig { origin: origin(HUBSPOT_URL)?, token: SecretString::from(hubspot.token.clone()) };
    let flow = Flow::ClientCredentials {
        client_id: salesforce.client_id.clone(),
        client_secret: SecretString::from(salesforce.client_secret.clone()),
    };
    let org = SalesforceConfig { origin: origin(SALESFORCE_URL)?, flow };
    Ok(Connection {
        hubspot: Hubspot::new(portal, transport.clone(), meters.left, env.clone()),
        salesforce: Salesforce::new(org, transport, meters.right, env),
    })
}

fn origin(url: &str) -> Result<Origin, ConnectError> {
    Origin::parse(url).ok_or_else(|| ConnectError::Url(url.to_owned()))
}

fn flow(org: &SalesforceSettings) -> Result<Flow, ConnectError> {
    let client_id = || org.client_id.clone().ok_or(ConnectError::Missing("client_id"));
    let secret = || org.client_secret.as_ref().map(SecretRef::read).transpose();
    match (&org.key, &org.refresh_token, &org.session) {
        (Some(key), None, None) => Ok(Flow::Jwt {
            client_id: client_id()?,
            username: org.username.clone().ok_or(ConnectError::Missing("username"))?,
            audience: org.audience.clone().unwrap_or_else(|| login_host(&org.url).to_owned()),
            key_pem: key.read()?,
        }),
        (None, Some(token), None) => Ok(Flow::Refresh {
            client_id: client_id()?,
            client_secret: secret()?,
            refresh_token: token.read()?,
            keep: match token {
                SecretRef::File(path) => {
                    let path = path.clone();
                    // A token that cannot be kept still serves this run; the next one says that it has to log in anew.
                    Some(Box::new(move |token: &SecretString| drop(keep(&path, token))))
                }
                SecretRef::Env(_) => None,
            },
        }),
        (None, None, Some(session)) => Ok(Flow::Session(session.read()?)),
        (None, None, None) => Ok(Flow::ClientCredentials {
            client_secret: secret()?.ok_or(ConnectError::Login(0))?,
            client_id: client_id()?,
        }),
        (key, refresh, session) => Err(ConnectError::Login(
            usize::from(key.is_some()) + usize::from(refresh.is_some()) + usize::from(session.is_some()),
        )),
    }
}

/// Sandboxes have their own: `https://acme--dev.sandbox.my.salesforce.com`.
fn login_host(url: &str) -> &'static str {
    if url.contains(".sandbox.") { SANDBOX_LOGIN } else { LOGIN }
}

/// Puts a rotated refresh token in the place of the old one, whole or not at all, for the owner's eyes only.
fn keep(path: &Path, token: &SecretString) -> std::io::Result<()> {
    let fresh = path.with_added_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(token.expose_secret().as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::crm::Crm;
    use crate::crm::http::Unmetered;
    use crate::sandbox::data::{Worlds, credentials};
    use crate::sandbox::face;

    #[tokio::test]
    async fn adapters_know_the_sandbox_over_http() {
        let Worlds { hubspot, salesforce } = Worlds::generate(20, 1, SystemEnv.now()).unwrap();
        let (hubspot, salesforce) = (Arc::new(Mutex::new(hubspot)), Arc::new(Mutex::new(salesforce)));
        let face = face::serve(hubspot.clone(), salesforce.clone(), (0, 0), || SystemEnv.now(), None).await.unwrap();
        let given = credentials(
            (&face.hubspot_url(), &face::locked(&hubspot).config),
            (&face.salesforce_url(), &face::locked(&salesforce).config),
        );
        let folder = tempfile::tempdir().unwrap();
        let text = |pointer: &str| given.pointer(pointer).unwrap().as_str().unwrap();
        std::fs::write(folder.path().join("token"), format!("{}\n", text("/hubspot/token"))).unwrap();
        std::fs::write(folder.path().join("secret"), text("/salesforce/client_secret")).unwrap();
        let path = folder.path().join("syncline.yaml");
        let yaml = format!(
            "hubspot:\n  url: {}\n  token: {{file: token}}\nsalesforce:\n  url: {}\n  client_id: {}\n  \
             client_secret: {{file: secret}}\n",
            text("/hubspot/url"),
            text("/salesforce/url"),
            text("/salesforce/client_id"),
        );
        std::fs::write(&path, yaml).unwrap();
        let settings = Settings::read(&path).unwrap();
        let both = connect(&settings, Arc::new(Unmetered), Arc::new(Unmetered)).unwrap();
        assert_eq!(both.hubspot.whoami().await.unwrap().id, "147893286");
        assert!(both.salesforce.whoami().await.unwrap().id.starts_with("00DHs000000Sim1"));
        let portal = both.hubspot.describe(&["contact".to_owned()]).await.unwrap();
        assert!(portal.types.iter().any(|of| format!("{of:?}").contains("lifecyclestage")));
        let org = both.salesforce.describe(&["Lead".to_owned()]).await.unwrap();
        assert!(org.types.iter().any(|of| format!("{of:?}").contains("HubSpot_Id__c")));
        let owners = both.hubspot.people().await.unwrap();
        let users = both.salesforce.people().await.unwrap();
        assert!(owners.iter().any(|owner| owner.active && users.iter().any(|user| user.email == owner.email)));
        face.stop().await;
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = |yaml: &str| {
            let settings = Settings::parse(yaml, "syncline.yaml").unwrap();
            connect(&settings, Arc::new(Unmetered), Arc::new(Unmetered)).map(|_| ()).unwrap_err().to_string()
        };
        assert_eq!(error("rules: a"), "`hubspot` is not in the settings");
        let org = "salesforce: {url: 'https://acme.my.salesforce.com'";
        let unset = format!("hubspot: {{token: {{env: SYNCLINE_TEST_UNSET}}}}\n{org}}}");
        assert_eq!(error(&unset), "the variable `SYNCLINE_TEST_UNSET` is not set, or empty");
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "t").unwrap();
        let portal = format!("hubspot: {{token: {{file: '{}'}}}}\n{org}", token.display());
        assert_eq!(error(&format!("{portal}}}")), "the settings of Salesforce name 0 ways to log in");
        let two = ", session: {env: A}, key: {env: B}}";
        assert_eq!(error(&format!("{portal}{two}")), "the settings of Salesforce name 2 ways to log in");
        assert_eq!(error(&format!("{portal}, key: {{env: B}}}}")), "`salesforce.client_id` is missing");
        let plain = format!("{portal}}}").replace("https://acme", "http://acme");
        assert_eq!(error(&plain), "`http://acme.my.salesforce.com` is no address to connect to");
    }

    #[test]
    fn a_rotated_refresh_token_takes_the_place_of_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("refresh");
        std::fs::write(&path, "old").unwrap();
        keep(&path, &SecretString::from("new")).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    }
}
