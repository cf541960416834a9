//! `syncline.yaml`: everything that is not a rule. Secrets are named here, never written here.

mod error;
mod secret;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer};

pub use error::SettingsError;
use error::{help_for, place, reference_mark, without_values};
pub use secret::SecretRef;

/// Longest file that is read, and longest secret, in bytes.
const LIMIT: u64 = 256 * 1024;
/// Said when a secret stands in the file itself.
const LITERAL: &str = "a secret must not be written here";

/// The file as it is, with paths made relative to its folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Folder with the rules.
    pub rules: PathBuf,
    /// Folder with the schema snapshots of both sides.
    pub schemas: PathBuf,
    /// The state file.
    pub state: PathBuf,
    pub run: RunSettings,
    pub hubspot: Option<HubspotSettings>,
    pub salesforce: Option<SalesforceSettings>,
}

/// What `syncline run` goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunSettings {
    /// From the start of a pass to the start of the next, while the budget of calls allows it.
    pub interval: Interval,
}

/// A span of time as people write it: `30s`, `5m`, `2h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval(pub Duration);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubspotSettings {
    /// Another address than HubSpot's own: a sandbox.
    pub url: Option<String>,
    /// A service key or a private app's token.
    pub token: SecretRef,
    /// Record types that `pull` describes beside the standard ones: `2-3456`.
    #[serde(default)]
    pub types: Vec<String>,
    /// See [`SalesforceSettings::currency`].
    pub currency: Option<CurrencyCode>,
}

/// One way to log in: `key` (JWT), `client_secret` alone (client credentials), `refresh_token`, or `session`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SalesforceSettings {
    /// My Domain: `https://acme.my.salesforce.com`.
    pub url: String,
    pub client_id: Option<String>,
    pub client_secret: Option<SecretRef>,
    pub username: Option<String>,
    /// RSA private key in PEM.
    pub key: Option<SecretRef>,
    /// Where the JWT is addressed to; the login host that fits `url` by default.
    pub audience: Option<String>,
    pub refresh_token: Option<SecretRef>,
    pub session: Option<SecretRef>,
    /// Record types that `pull` describes beside the standard ones: `Visit__c`, `CampaignMember`.
    #[serde(default)]
    pub types: Vec<String>,
    /// The account's own currency, which `pull` writes into the schema: that of amounts whose record does not say it. It
    /// counts before what the CRM says.
    pub currency: Option<CurrencyCode>,
}

/// `EUR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencyCode(pub String);

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            rules: "rules".into(),
            schemas: "schemas".into(),
            state: ".syncline/state.db".into(),
            run: RunSettings::default(),
            hubspot: None,
            salesforce: None,
        }
    }
}

impl Settings {
    pub fn read(path: &Path) -> Result<Settings, SettingsError> {
        Settings::from_bytes(&Settings::load(path)?, path)
    }

    /// The bytes of the file, unless there are too many.
    pub(super) fn load(path: &Path) -> Result<Vec<u8>, SettingsError> {
        let unreadable = |why| SettingsError::Unreadable { path: path.to_owned(), why };
        let mut text = Vec::new();
        File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut text)).map_err(unreadable)?;
        if text.len() as u64 > LIMIT {
            return Err(SettingsError::TooLarge { path: path.display().to_string() });
        }
        Ok(text)
    }

    /// Reads what the file at `path` held; paths are made relative to its folder.
    pub(super) fn from_bytes(text: &[u8], path: &Path) -> Result<Settings, SettingsError> {
        let name = path.display().to_string();
        let text = std::str::from_utf8(text).map_err(|error| {
            let (line, column) = place(text.get(..error.valid_up_to()).unwrap_or_default());
            let help = "save the file as UTF-8".to_owned();
            SettingsError::Wrong { path: name.clone(), line, column, what: "this is not UTF-8".to_owned(), help }
        })?;
        let mut settings = Settings::parse(text, &name)?;
        settings.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(settings)
    }

    /// Reads the text of the file `name`; paths stay as they are written.
    pub fn parse(text: &str, name: &str) -> Result<Settings, SettingsError> {
        if let Some((line, column)) = reference_mark(text) {
            let what = "anchors and aliases are not read".to_owned();
            let help = "write the value where it is needed, and put quotes around text that starts with `&` or `*`";
            return Err(SettingsError::Wrong { path: name.to_owned(), line, column, what, help: help.to_owned() });
        }
        let empty = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        if empty {
            return Ok(Settings::default());
        }
        serde_yaml::from_str(text).map_err(|error| {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line().max(1), at.column().max(1)));
            let what = without_values(&error.to_string());
            let help = help_for(&what);
            SettingsError::Wrong { path: name.to_owned(), line, column, what, help }
        })
    }

    fn resolve(&mut self, folder: &Path) {
        for path in [&mut self.rules, &mut self.schemas, &mut self.state] {
            *path = folder.join(&*path);
        }
        let salesforce = self.salesforce.iter_mut().flat_map(|side| {
            [&mut side.client_secret, &mut side.key, &mut side.refresh_token, &mut side.session].into_iter().flatten()
        });
        for secret in self.hubspot.iter_mut().map(|side| &mut side.token).chain(salesforce) {
            if let SecretRef::File(path) = secret {
                *path = folder.join(&*path);
            }
        }
    }
}

impl Default for RunSettings {
    fn default() -> RunSettings {
        RunSettings { interval: Interval(Duration::from_secs(60)) }
    }
}

impl Interval {
    const LEAST: Duration = Duration::from_secs(1);
    const MOST: Duration = Duration::from_secs(24 * 60 * 60);

    fn parse(text: &str) -> Option<Interval> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let seconds = match text.get(digits.len()..)?.trim() {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            _ => return None,
        };
        let span = Duration::from_secs(digits.parse::<u64>().ok()?.checked_mul(seconds)?);
        (Interval::LEAST..=Interval::MOST).contains(&span).then_some(Interval(span))
    }
}

impl<'de> Deserialize<'de> for CurrencyCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CurrencyCode, D::Error> {
        let text = String::deserialize(deserializer)?;
        let good = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        good.then_some(CurrencyCode(text)).ok_or_else(|| de::Error::custom("a currency is a code like `EUR`"))
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Interval, D::Error> {
        let text = String::deserialize(deserializer)?;
        Interval::parse(&text)
            .ok_or_else(|| de::Error::custom("an interval is `1s` to `24h`: a number and `s`, `m` or `h`"))
    }
}
