//! Secrets are named, never written.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::{LIMIT, LITERAL};
use crate::cli::connect::ConnectError;

/// Where a secret is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    Env(String),
    File(PathBuf),
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
