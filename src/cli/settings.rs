//! `syncline.yaml`: everything that is not a rule. Secrets are named here, never written here.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use miette::Diagnostic;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use thiserror::Error;

use super::connect::ConnectError;

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
}

/// Where a secret is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    Env(String),
    File(PathBuf),
}

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

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Interval, D::Error> {
        let text = String::deserialize(deserializer)?;
        Interval::parse(&text)
            .ok_or_else(|| de::Error::custom("an interval is `1s` to `24h`: a number and `s`, `m` or `h`"))
    }
}

#[derive(Debug, Error, Diagnostic)]
pub enum SettingsError {
    #[error("cannot read `{path}`: {why}")]
    #[diagnostic(help("run in the folder of the project, or make the file"))]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error("{path}:1:1: the file is larger than 256 KiB")]
    #[diagnostic(help("settings are short; tables and rules belong into the folder of the rules"))]
    TooLarge { path: String },
    /// Line and column count from 1, columns in characters.
    #[error("{path}:{line}:{column}: {what}")]
    Wrong {
        path: String,
        line: usize,
        column: usize,
        what: String,
        #[help]
        help: String,
    },
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

impl SecretRef {
    /// Fetches the secret, without white space around it.
    pub fn read(&self) -> Result<SecretString, ConnectError> {
        let text = match self {
            SecretRef::Env(name) => std::env::var(name)
                .ok()
                .filter(|text| !text.trim().is_empty())
                .ok_or_else(|| ConnectError::NoVariable(name.clone()))?,
            SecretRef::File(path) => {
                let unreadable = |why: String| ConnectError::SecretFile { path: path.clone(), why };
                let mut text = String::new();
                let read = File::open(path).and_then(|file| file.take(LIMIT).read_to_string(&mut text));
                read.map_err(|error| unreadable(error.to_string()))?;
                if text.trim().is_empty() {
                    return Err(unreadable("it is empty".to_owned()));
                }
                text
            }
        };
        Ok(SecretString::from(text.trim()))
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretRef, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = SecretRef;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("`{env: NAME}` or `{file: PATH}`")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretRef, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            env: Option<String>,
            file: Option<PathBuf>,
        }
        let named = Named::deserialize(de::value::MapAccessDeserializer::new(map))?;
        match (named.env, named.file) {
            (Some(name), None) => Ok(SecretRef::Env(name)),
            (None, Some(path)) => Ok(SecretRef::File(path)),
            _ => Err(de::Error::custom("a secret is named by either `env` or `file`")),
        }
    }
}

/// Line and column of the end of `text`, from 1.
fn place(text: &[u8]) -> (usize, usize) {
    let line = text.iter().filter(|b| **b == b'\n').count() + 1;
    let last = text.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    (line, String::from_utf8_lossy(last).chars().count() + 1)
}

/// The first `&anchor` or `*alias` outside of quotes and comments: one that starts a value or a key.
fn reference_mark(text: &str) -> Option<(usize, usize)> {
    let mut quote = None;
    for (line, content) in text.lines().enumerate() {
        // At the start of a line, and after what YAML puts before a value.
        let mut starts = true;
        let mut before = ' ';
        let mut chars = content.chars().enumerate().peekable();
        while let Some((column, c)) = chars.next() {
            match (quote, c) {
                (Some('"'), '\\') => {
                    chars.next();
                }
                (Some(open), c) if open == c => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') if starts => {
                    quote = Some(c);
                    starts = false;
                }
                (None, '#') if before.is_whitespace() => break,
                (None, '&' | '*') if starts && chars.peek().is_some_and(|(_, next)| !next.is_whitespace()) => {
                    return Some((line + 1, column + 1));
                }
                (None, '[' | '{' | ',') => starts = true,
                (None, ':' | '-' | '?') if chars.peek().is_none_or(|(_, next)| next.is_whitespace()) => starts = true,
                (None, c) if c.is_whitespace() => {}
                _ => starts = false,
            }
            before = c;
        }
    }
    None
}

/// The parser's message without its place, which is said already, and without what it found, which may be a secret.
fn without_values(message: &str) -> String {
    let message = message.rfind(" at line ").map_or(message, |at| message.get(..at).unwrap_or(message));
    let Some((start, end)) = message.find(": string \"").zip(message.rfind("\", expected")) else {
        return message.to_owned();
    };
    let (head, tail) = (message.get(..start).unwrap_or_default(), message.get(end + 1..).unwrap_or_default());
    format!("{head}: text{tail}")
}

fn help_for(what: &str) -> String {
    if what.contains(LITERAL) {
        return "use `{env: NAME}` for a variable of the environment, or `{file: PATH}` for a file outside of version \
                control; if this file has been shared, replace the secret"
            .to_owned();
    }
    if let Some((_, rest)) = what.split_once("unknown field `") {
        let mut names = rest.split('`').step_by(2);
        let wrong = names.next().unwrap_or_default();
        let near = names
            .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
            .min()
            .filter(|(distance, name)| *distance <= 2.max(name.len() / 3));
        return match near {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => "remove it; the keys that are read are listed in the message".to_owned(),
        };
    }
    if what.contains("missing field") {
        return "add it".to_owned();
    }
    if what.contains("invalid type") {
        return "write what is expected; text that looks like a number needs quotes".to_owned();
    }
    "see the description of `syncline.yaml` for what it may hold".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (String, String) {
        let error = Settings::parse(text, "syncline.yaml").unwrap_err();
        (error.to_string(), error.help().map(|help| help.to_string()).unwrap_or_default())
    }

    #[test]
    fn a_full_file_is_read() {
        let text = "hubspot:\n  token: {env: HS}\nsalesforce:\n  url: https://acme.my.salesforce.com\n  client_id: a & b\n  \
                    key:\n    file: keys/sf.pem # not *this\n";
        let mut settings = Settings::parse(text, "syncline.yaml").unwrap();
        settings.resolve(Path::new("project"));
        assert_eq!(settings.rules, Path::new("project/rules"));
        assert_eq!(settings.state, Path::new("project/.syncline/state.db"));
        assert_eq!(settings.hubspot.unwrap().token, SecretRef::Env("HS".into()));
        assert_eq!(settings.salesforce.unwrap().key, Some(SecretRef::File("project/keys/sf.pem".into())));
        assert_eq!(Settings::parse("# nothing yet\n", "s").unwrap().rules, Path::new("rules"));
    }

    #[test]
    fn wrong_keys_and_types_have_a_place_and_a_way_out() {
        let (what, help) = error("rules: a\nschema: b\n");
        assert!(what.starts_with("syncline.yaml:2:1: unknown field `schema`"), "{what}");
        assert_eq!(help, "did you mean `schemas`?");
        let (what, _) = error("hubspot:\n  token: {env: [1]}\n");
        assert!(what.starts_with("syncline.yaml:2:16: hubspot.token.env: invalid type: sequence"), "{what}");
        let (what, help) = error("salesforce:\n  client_id: a\n");
        assert!(what.contains("syncline.yaml:2:3: salesforce: missing field `url`"), "{what}");
        assert_eq!(help, "add it");
        let (what, _) = error("rules: [a\n");
        assert!(what.starts_with("syncline.yaml:"), "{what}");
        let (what, _) = error("rules: a\nrules: b\n");
        assert!(what.contains("duplicate"), "{what}");
        let (what, _) = error("hubspot:\n  token: {env: A, file: b}\n");
        assert!(what.contains("either `env` or `file`"), "{what}");
    }

    #[test]
    fn an_interval_is_a_number_with_its_unit() {
        let interval = |text: &str| Settings::parse(text, "s").map(|settings| settings.run.interval.0.as_secs());
        assert_eq!(interval("run: {interval: 30s}\n").unwrap(), 30);
        assert_eq!(interval("run:\n  interval: 5 m\n").unwrap(), 300);
        assert_eq!(interval("rules: a\n").unwrap(), 60);
        for wrong in ["30", "0s", "s", "25h", "-1s", "1.5h", "99999999999999999999h", "ü"] {
            let (what, _) = error(&format!("run: {{interval: {wrong}}}\n"));
            assert!(what.starts_with("s") && what.contains("syncline.yaml:1:"), "{what}");
        }
        let (what, help) = error("run: {intervall: 30s}\n");
        assert!(what.contains("unknown field `intervall`"), "{what}");
        assert_eq!(help, "did you mean `interval`?");
    }

    #[test]
    fn a_literal_secret_is_refused_and_not_repeated() {
        for text in [
            "hubspot:\n  token: pat-na1-s3cret\n",
            "hubspot: pat-na1-s3cret\n",
            "hubspot: \"pat-na1-s3cret\\\", expected\"\n",
            "salesforce:\n  url: a\n  key: |\n    s3cret\n",
            "pat-na1-s3cret\n",
        ] {
            let (what, help) = error(text);
            assert!(!what.contains("s3cret") && !help.contains("s3cret"), "{what}");
        }
        let (what, help) = error("hubspot:\n  token: pat-na1-s3cret\n");
        assert_eq!(what, "syncline.yaml:2:10: hubspot.token: a secret must not be written here");
        assert!(help.contains("{env: NAME}") && help.contains("{file: PATH}"));
        assert!(error("hubspot:\n  token: 12345\n").0.contains(LITERAL));
    }

    #[test]
    fn anchors_aliases_and_large_files_are_refused() {
        assert!(error("rules: &r a\nschemas: b\n").0.starts_with("syncline.yaml:1:8: anchors"));
        assert!(error("rules: a\nhubspot: {token: *r}\n").0.starts_with("syncline.yaml:2:18: anchors"));
        assert!(error("hubspot:\n  <<: *base\n").0.starts_with("syncline.yaml:2:7: anchors"));
        assert!(error("rules: 'it''s'\nschemas: *a\n").0.starts_with("syncline.yaml:2:10: anchors"));
        assert!(Settings::parse("rules: \"*a &b\" # &c\nschemas: b&c*d\n", "s").is_ok());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("syncline.yaml");
        std::fs::write(&path, "#".repeat(300_000)).unwrap();
        let error = Settings::read(&path).unwrap_err().to_string();
        assert!(error.ends_with("syncline.yaml:1:1: the file is larger than 256 KiB"), "{error}");
        assert!(Settings::parse(&"[".repeat(100_000), "s").is_err());
    }
}
