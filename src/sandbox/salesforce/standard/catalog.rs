//! Objects that describe the org itself: stages, lead statuses, record types, the organization.

use super::Kind::*;
use super::Line;

pub(super) const STAGE_FIELDS: &[Line] = &[
    ("MasterLabel", "Master Label", Text(255), ""),
    ("ApiName", "API Name", Text(255), ""),
    ("IsActive", "Is Active", Bool, ""),
    ("SortOrder", "Order", Int(9), ""),
    ("IsClosed", "Closed", Bool, ""),
    ("IsWon", "Won", Bool, ""),
    ("ForecastCategory", "Forecast Category", Text(40), ""),
    ("ForecastCategoryName", "Forecast Category Name", Text(255), ""),
    ("DefaultProbability", "Probability (%)", Percent(3, 0), ""),
];

/// Name, probability, forecast category, closed, won.
pub(in super::super) const STAGES: &[(&str, i64, &str, bool, bool)] = &[
    ("Prospecting", 10, "Pipeline", false, false),
    ("Qualification", 10, "Pipeline", false, false),
    ("Needs Analysis", 20, "Pipeline", false, false),
    ("Value Proposition", 50, "Pipeline", false, false),
    ("Id. Decision Makers", 60, "Pipeline", false, false),
    ("Perception Analysis", 70, "Pipeline", false, false),
    ("Proposal/Price Quote", 75, "Pipeline", false, false),
    ("Negotiation/Review", 90, "Pipeline", false, false),
    ("Closed Won", 100, "Closed", true, true),
    ("Closed Lost", 0, "Omitted", true, false),
];

pub(super) const LEAD_STATUS_FIELDS: &[Line] = &[
    ("MasterLabel", "Master Label", Text(255), ""),
    ("ApiName", "API Name", Text(255), ""),
    ("SortOrder", "Order", Int(9), ""),
    ("IsDefault", "Default", Bool, ""),
    ("IsConverted", "Converted", Bool, ""),
];

/// Name, default, converted.
pub(in super::super) const LEAD_STATUSES: &[(&str, bool, bool)] = &[
    ("Open - Not Contacted", true, false),
    ("Working - Contacted", false, false),
    ("Closed - Converted", false, true),
    ("Closed - Not Converted", false, false),
];

pub(super) const RECORD_TYPE_FIELDS: &[Line] = &[
    ("Name", "Record Type Name", Text(80), ""),
    ("DeveloperName", "Record Type Name", Text(80), ""),
    ("SobjectType", "SObject Type Name", Text(40), ""),
    ("IsActive", "Active", Bool, ""),
];

pub(super) const ORGANIZATION_FIELDS: &[Line] = &[
    ("Name", "Name", Text(80), ""),
    ("OrganizationType", "Edition", Text(40), ""),
    ("InstanceName", "Instance Name", Text(5), ""),
    ("IsSandbox", "Is Sandbox", Bool, ""),
    ("LanguageLocaleKey", "Language", Text(40), ""),
    ("TimeZoneSidKey", "Time Zone", Text(40), ""),
];
