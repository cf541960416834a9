//! `syncline pull`: both CRMs' own descriptions, as files beside the rules.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, Report};
use serde_json::json;
use thiserror::Error;

use super::connect::connect;
use super::out::{out, outln};
use super::settings::{CurrencyCode, Settings};
use super::{Format, Global, Outcome, block_on};
use crate::crm::http::Unmetered;
use crate::crm::{CallError, Crm};
use crate::diagnostic::escape;
use crate::lang::schema::{Catalog, Currencies, FieldDef};

const HUBSPOT_TYPES: [&str; 3] = ["contact", "company", "deal"];
const SALESFORCE_TYPES: [&str; 6] = ["Lead", "Contact", "Account", "Opportunity", "OpportunityContactRole", "User"];

#[derive(clap::Args)]
pub(super) struct Args {
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

#[derive(Debug, Error, Diagnostic)]
enum PullError {
    #[error(transparent)]
    #[diagnostic(help("{}", super::passes::call_help(.0)))]
    Call(#[from] CallError),
    #[error("cannot write `{path}`: {why}")]
    Write { path: PathBuf, why: String },
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let settings = Settings::read(&args.project.join("syncline.yaml"))?;
    let both = connect(&settings, Arc::new(Unmetered), Arc::new(Unmetered))?;
    let told = block_on(async {
        let mut told = Vec::new();
        let more = settings.hubspot.as_ref().map_or((&[][..], None), |side| (&side.types, side.currency.as_ref()));
        let hubspot = (&both.hubspot as &dyn Crm, types(&HUBSPOT_TYPES, more.0), more.1);
        let more = settings.salesforce.as_ref().map_or((&[][..], None), |side| (&side.types, side.currency.as_ref()));
        let salesforce = (&both.salesforce as &dyn Crm, types(&SALESFORCE_TYPES, more.0), more.1);
        for (name, (crm, types, currency)) in [("hubspot", hubspot), ("salesforce", salesforce)] {
            let mut catalog = crm.describe(&types).await?;
            if let Some(CurrencyCode(home)) = currency {
                let others = catalog.currencies.and_then(|told| told.others);
                catalog.currencies = Some(Currencies { home: home.clone(), others });
            }
            told.push(write(&settings.schemas.join(format!("{name}.json")), &catalog)?);
        }
        Ok::<_, PullError>(told)
    })??;
    for change in told {
        match global.format {
            Format::Json => outln!("{}", change.json()),
            _ => out!("{}", change.text()),
        }
    }
    Ok(Outcome::Fine)
}

/// The standard types, and those that the settings name; each once.
fn types(standard: &[&str], more: &[String]) -> Vec<String> {
    let mut all: Vec<String> = standard.iter().map(|&ty| ty.to_owned()).collect();
    all.extend(more.iter().filter(|ty| !standard.contains(&ty.as_str())).cloned());
    all
}

/// What a snapshot holds, and what differs from the one before.
struct Pulled {
    path: PathBuf,
    types: usize,
    fields: usize,
    added: Vec<String>,
    removed: Vec<String>,
    /// With what is another in each.
    changed: Vec<(String, String)>,
}

fn write(path: &Path, catalog: &Catalog) -> Result<Pulled, PullError> {
    let fail = |error: std::io::Error| PullError::Write { path: path.to_owned(), why: error.to_string() };
    let old: Option<Catalog> = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut text = serde_json::to_string_pretty(catalog).unwrap_or_default();
    text.push('\n');
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    let fresh = path.with_added_extension("new");
    std::fs::write(&fresh, text).map_err(fail)?;
    std::fs::rename(&fresh, path).map_err(fail)?;
    let names = |catalog: &Catalog| -> BTreeSet<String> {
        let fields =
            catalog.types.iter().flat_map(|(ty, def)| def.fields.keys().map(move |field| format!("{ty}.{field}")));
        fields.collect()
    };
    let is = names(catalog);
    let was = old.as_ref().map(names).unwrap_or_default();
    let field = |catalog: &Catalog, name: &str| {
        let (ty, field) = name.split_once('.')?;
        catalog.types.get(ty)?.fields.get(field).cloned()
    };
    let differs = |name: &String| {
        let (was, is) = (field(old.as_ref()?, name)?, field(catalog, name)?);
        (was != is).then(|| (name.clone(), difference(&was, &is)))
    };
    Ok(Pulled {
        path: path.to_owned(),
        types: catalog.types.len(),
        fields: is.len(),
        changed: is.intersection(&was).filter_map(differs).collect(),
        added: if old.is_some() { is.difference(&was).cloned().collect() } else { Vec::new() },
        removed: was.difference(&is).cloned().collect(),
    })
}

impl Pulled {
    fn json(&self) -> serde_json::Value {
        let changed: Vec<&String> = self.changed.iter().map(|(name, _)| name).collect();
        json!({
            "path": self.path, "types": self.types, "fields": self.fields, "added": self.added, "removed": self.removed,
            "changed": changed,
        })
    }

    fn text(&self) -> String {
        let mut out = format!("{}: {} types, {} fields\n", self.path.display(), self.types, self.fields);
        for (sign, names) in [("+", &self.added), ("-", &self.removed)] {
            names.iter().for_each(|name| out.push_str(&format!("  {sign} {name}\n")));
        }
        self.changed.iter().for_each(|(name, what)| out.push_str(&format!("  ~ {name}   {what}\n")));
        out
    }
}

/// What is another in a field's description: `max 80 -> 100`, `options + Warm, - Cold`.
fn difference(was: &FieldDef, is: &FieldDef) -> String {
    const NAMED: usize = 3;
    let keys = |def: &FieldDef| {
        serde_json::to_value(def).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default()
    };
    let (before, after) = (keys(was), keys(is));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).filter(|key| *key != "options").collect();
    let shown = |value: Option<&serde_json::Value>| value.map_or("none".to_owned(), |value| cut(&value.to_string()));
    let differing = names.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let mut told: Vec<String> =
        differing.map(|key| format!("{key} {} -> {}", shown(before.get(key)), shown(after.get(key)))).collect();
    if was.options != is.options {
        let lacks = |of: &FieldDef, other: &FieldDef, sign: &str| -> Vec<String> {
            let gone = of.options.iter().filter(|one| other.options.iter().all(|known| known.value != one.value));
            let mut named: Vec<String> = gone.map(|one| format!("{sign} {}", cut(&one.value))).collect();
            let more = named.len().saturating_sub(NAMED);
            named.truncate(NAMED);
            named.extend((more > 0).then(|| format!("{sign} {more} more")));
            named
        };
        let moved = [lacks(is, was, "+"), lacks(was, is, "-")].concat();
        told.push(if moved.is_empty() { "options".to_owned() } else { format!("options {}", moved.join(", ")) });
    }
    told.join("; ")
}

fn cut(text: &str) -> String {
    escape(&text.chars().take(40).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::schema::OptionDef;

    fn option(value: &str) -> OptionDef {
        serde_json::from_value(json!({"value": value, "label": value})).unwrap()
    }

    #[test]
    fn what_is_another_in_a_field_is_named() {
        let was = FieldDef { options: vec![option("Cold"), option("Hot")], ..FieldDef::text("Rating", Some(80)) };
        let is = FieldDef { options: vec![option("Hot"), option("Warm")], ..FieldDef::text("Heat", Some(100)) };
        assert_eq!(difference(&was, &is), "label \"Rating\" -> \"Heat\"; max 80 -> 100; options + Warm, - Cold");
        let turned = FieldDef { options: vec![option("Hot"), option("Cold")], ..was.clone() };
        assert_eq!(difference(&was, &turned), "options");
        let many =
            FieldDef { options: ["a", "b", "c", "d", "e"].map(option).to_vec(), ..FieldDef::text("Rating", None) };
        assert_eq!(difference(&FieldDef::text("Rating", None), &many), "options + a, + b, + c, + 2 more");
    }
}
