//! One record and the history of its values.

use std::sync::Arc;

use super::cells::{Cells, Prop};
use super::schema::Names;
use crate::data::Millis;

/// Versions kept of one property; HubSpot keeps some twenty as well.
const VERSIONS_KEPT: usize = 20;

/// Who set a value: `sourceType` of the property history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Api,
    CrmUi,
    Workflow,
    Calculated,
    Import,
    /// Whatever loaded history says.
    Other(Box<str>),
}

impl Source {
    pub fn name(&self) -> &str {
        match self {
            Source::Api => "API",
            Source::CrmUi => "CRM_UI",
            Source::Workflow => "AUTOMATION_PLATFORM",
            Source::Calculated => "CALCULATED",
            Source::Import => "IMPORT",
            Source::Other(name) => name,
        }
    }

    pub(super) fn parse(name: &str) -> Source {
        match name {
            "API" => Source::Api,
            "CRM_UI" => Source::CrmUi,
            "AUTOMATION_PLATFORM" => Source::Workflow,
            "CALCULATED" => Source::Calculated,
            "IMPORT" => Source::Import,
            other => Source::Other(other.into()),
        }
    }
}

/// A value that a property had from `at` on; `None` = cleared.
#[derive(Clone, Debug)]
pub struct Version {
    pub value: Option<Box<str>>,
    pub at: Millis,
    pub source: Source,
}

/// A contact, company or deal.
#[derive(Clone, Debug)]
pub struct Record {
    pub(super) id: u64,
    pub(super) created: Millis,
    pub(super) updated: Millis,
    pub(super) archived: Option<Millis>,
    pub(super) cells: Cells,
    /// Oldest first, and only of properties changed after creation: for the others the value and `created` say it all.
    pub(super) versions: Vec<(Prop, Version)>,
    pub(super) origin: Source,
    pub(super) names: Arc<Names>,
}

impl Record {
    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn created(&self) -> Millis {
        self.created
    }

    /// `updatedAt`, which the last-modified property mirrors.
    pub fn updated(&self) -> Millis {
        self.updated
    }

    pub fn archived(&self) -> Option<Millis> {
        self.archived
    }

    /// The value of a property; `None` when null or not defined.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.cells.get(self.names.find(name)?)
    }

    /// Every property that has a value.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cells.iter().filter_map(|(prop, value)| Some((self.names.name(prop)?, value)))
    }

    /// The versions of a property, newest first.
    pub fn history(&self, name: &str) -> Vec<Version> {
        self.names.find(name).map(|prop| self.history_of(prop)).unwrap_or_default()
    }

    pub(super) fn history_of(&self, prop: Prop) -> Vec<Version> {
        let kept: Vec<Version> =
            self.versions.iter().rev().filter(|(p, _)| *p == prop).map(|(_, version)| version.clone()).collect();
        match (kept.is_empty(), self.cells.get(prop)) {
            (true, Some(value)) => {
                vec![Version { value: Some(value.into()), at: self.created, source: self.origin.clone() }]
            }
            _ => kept,
        }
    }

    /// Notes that `prop` becomes `value`; to be called before the cell is changed.
    pub(super) fn remember(&mut self, prop: Prop, value: Option<&str>, at: Millis, source: &Source) {
        let known = self.versions.iter().filter(|(p, _)| *p == prop).count();
        if known == 0
            && let Some(old) = self.cells.get(prop)
        {
            let first = Version { value: Some(old.into()), at: self.created, source: self.origin.clone() };
            self.versions.push((prop, first));
        }
        if known >= VERSIONS_KEPT
            && let Some(oldest) = self.versions.iter().position(|(p, _)| *p == prop)
        {
            self.versions.remove(oldest);
        }
        self.versions.push((prop, Version { value: value.map(Into::into), at, source: source.clone() }));
    }
}
