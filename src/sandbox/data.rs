//! Both models filled from a folder, from generated people, and written back to a folder.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thiserror::Error;

use super::{hubspot, people, salesforce};
use crate::data::Millis;

/// The portal in a data folder.
const HUBSPOT_FILE: &str = "hubspot.json";
/// The org in a data folder.
const SALESFORCE_FILE: &str = "salesforce.json";
/// The Salesforce field that holds the id of the HubSpot contact.
const LINK_FIELD: &str = "HubSpot_Id__c";

#[derive(Debug, Error)]
pub enum DataError {
    #[error("cannot read `{path}`: {why}")]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error("`{path}` is not JSON: {why}")]
    NotJson { path: PathBuf, why: serde_json::Error },
    #[error("the HubSpot data cannot be taken: {0}")]
    Hubspot(#[from] hubspot::LoadError),
    #[error("the Salesforce data cannot be taken: {0}")]
    Salesforce(#[from] salesforce::LoadError),
    #[error("cannot write `{path}`: {why}")]
    Unwritable { path: PathBuf, why: std::io::Error },
}

/// A portal and an org to be kept in step.
pub struct Worlds {
    pub hubspot: hubspot::World,
    pub salesforce: salesforce::World,
}

impl Worlds {
    /// From `hubspot.json` and `salesforce.json` of a folder, as [`Worlds::write`] leaves them.
    pub fn read(folder: &Path, seed: u64, now: Millis) -> Result<Worlds, DataError> {
        let read = |name| -> Result<Value, DataError> {
            let path = folder.join(name);
            let bytes = std::fs::read(&path).map_err(|why| DataError::Unreadable { path: path.clone(), why })?;
            serde_json::from_slice(&bytes).map_err(|why| DataError::NotJson { path, why })
        };
        Worlds::load(&read(HUBSPOT_FILE)?, &read(SALESFORCE_FILE)?, seed, now)
    }

    /// With `scale` generated people; the same scale, seed and time give the same worlds.
    pub fn generate(scale: usize, seed: u64, now: Millis) -> Result<Worlds, DataError> {
        let (hubspot, salesforce) = people::generate(scale, seed, now);
        Worlds::load(&hubspot, &salesforce, seed, now)
    }

    /// From both files' JSON. Lead and Contact have `HubSpot_Id__c` also where the data does not say so.
    pub fn load(hubspot: &Value, salesforce: &Value, seed: u64, now: Millis) -> Result<Worlds, DataError> {
        let mut worlds = Worlds {
            hubspot: hubspot::World::new(hubspot::Config::default(), seed, now),
            salesforce: salesforce::World::new(salesforce::Config::default(), seed, now),
        };
        worlds.hubspot.load(hubspot, now)?;
        for object in ["Lead", "Contact"] {
            // The data's own definition, if there is one, takes its place.
            let field = salesforce::FieldDef::text(LINK_FIELD, "HubSpot Id", 18).external_id().unique();
            worlds.salesforce.add_field(object, field);
        }
        worlds.salesforce.load(salesforce, now)?;
        Ok(worlds)
    }

    /// Writes both files into a folder, which is made where it is missing.
    pub fn write(folder: &Path, hubspot: &hubspot::World, salesforce: &salesforce::World) -> Result<(), DataError> {
        let unwritable = |path: &Path| {
            let path = path.to_owned();
            move |why| DataError::Unwritable { path, why }
        };
        std::fs::create_dir_all(folder).map_err(unwritable(folder))?;
        for (name, dump) in [(HUBSPOT_FILE, hubspot.dump()), (SALESFORCE_FILE, salesforce.dump())] {
            let path = folder.join(name);
            std::fs::write(&path, format!("{dump:#}\n")).map_err(unwritable(&path))?;
        }
        Ok(())
    }
}

/// What a client needs to reach both, in the one line that `syncline sandbox` prints.
pub fn credentials(hubspot: (&str, &hubspot::Config), salesforce: (&str, &salesforce::Config)) -> Value {
    let (org_url, org) = salesforce;
    json!({
        "hubspot": {"url": hubspot.0, "token": hubspot.1.token},
        "salesforce": {"url": org_url, "client_id": org.client_id, "client_secret": org.client_secret,
            "username": org.username, "password": org.password, "token": org.token},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_428_000_000);

    #[test]
    fn generated_worlds_come_back_from_a_folder() {
        let worlds = Worlds::generate(50, 7, NOW).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Worlds::write(folder.path(), &worlds.hubspot, &worlds.salesforce).unwrap();
        let again = Worlds::read(folder.path(), 7, NOW).unwrap();
        assert_eq!(again.hubspot.dump(), worlds.hubspot.dump());
        assert_eq!(again.salesforce.dump(), worlds.salesforce.dump());
    }

    #[test]
    fn two_leads_cannot_share_a_hubspot_id() {
        let mut worlds = Worlds::load(&json!({}), &json!({"Lead": []}), 1, NOW).unwrap();
        let mut lead = |name: &str| {
            let fields = [("LastName", json!(name)), ("Company", json!("Acme")), (LINK_FIELD, json!("151"))];
            worlds.salesforce.user_create("Lead", &fields, NOW)
        };
        assert!(lead("Moss").is_ok());
        let refused = lead("Reed").unwrap_err();
        assert_eq!(refused[0].code, "DUPLICATE_VALUE");
    }

    #[test]
    fn a_bad_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = |folder: &Path| Worlds::read(folder, 1, NOW).map(|_| ()).unwrap_err().to_string();
        assert!(error(folder.path()).contains("hubspot.json"));
        std::fs::write(folder.path().join("hubspot.json"), "{").unwrap();
        assert!(error(folder.path()).contains("hubspot.json` is not JSON"));
    }
}
