//! Deal properties.

use super::row::{Options, Row, choice, datetime, flag, number, owner, text};

const INFO: &str = "dealinformation";
const SALESFORCE: &str = "salesforceinformation";
const ACTIVITY: &str = "deal_activity";

const TYPES: Options = &[("newbusiness", "New Business"), ("existingbusiness", "Existing Business")];
const PRIORITIES: Options = &[("low", "Low"), ("medium", "Medium"), ("high", "High")];
const FORECASTS: Options = &[
    ("OMIT", "Not forecasted"),
    ("PIPELINE", "Pipeline"),
    ("BEST_CASE", "Best case"),
    ("COMMIT", "Commit"),
    ("CLOSED", "Closed won"),
];
const CURRENCIES: Options = &[
    ("AUD", "AUD"),
    ("BRL", "BRL"),
    ("CAD", "CAD"),
    ("CHF", "CHF"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("INR", "INR"),
    ("JPY", "JPY"),
    ("SEK", "SEK"),
    ("USD", "USD"),
];

/// `pipeline` and `dealstage` take their options from the portal's pipelines.
pub(super) const ROWS: &[Row] = &[
    number(INFO, "hs_object_id", "Record ID").read_only(),
    datetime(INFO, "createdate", "Create Date"),
    datetime(INFO, "hs_lastmodifieddate", "Last Modified Date").read_only(),
    text(INFO, "dealname", "Deal Name"),
    number(INFO, "amount", "Amount").money("deal_currency_code"),
    choice(INFO, "deal_currency_code", "Currency", CURRENCIES),
    choice(INFO, "pipeline", "Pipeline", &[]),
    choice(INFO, "dealstage", "Deal Stage", &[]).field("radio"),
    datetime(INFO, "closedate", "Close Date"),
    choice(INFO, "dealtype", "Deal Type", TYPES).field("radio"),
    text(INFO, "description", "Deal Description").field("textarea"),
    choice(INFO, "hs_priority", "Priority", PRIORITIES),
    text(INFO, "hs_next_step", "Next step"),
    text(INFO, "closed_lost_reason", "Closed Lost Reason").field("textarea"),
    text(INFO, "closed_won_reason", "Closed Won Reason").field("textarea"),
    owner(INFO, "hubspot_owner_id", "Deal owner"),
    datetime(INFO, "hubspot_owner_assigneddate", "Owner assigned date").read_only(),
    flag(INFO, "hs_is_closed", "Is Deal Closed?").calculated(),
    flag(INFO, "hs_is_closed_won", "Is Closed Won").calculated(),
    number(INFO, "hs_deal_stage_probability", "Deal probability").calculated(),
    choice(INFO, "hs_manual_forecast_category", "Forecast category", FORECASTS),
    number(INFO, "hs_forecast_amount", "Forecast amount").calculated(),
    number(INFO, "amount_in_home_currency", "Amount in company currency").calculated(),
    number(INFO, "hs_closed_amount", "Closed Deal Amount").calculated(),
    number(INFO, "days_to_close", "Days to close").calculated(),
    text(INFO, "hs_merged_object_ids", "Merged record IDs").read_only().hidden(),
    text(INFO, "hs_object_source", "Record source").read_only(),
    datetime(ACTIVITY, "notes_last_contacted", "Last Contacted").read_only(),
    datetime(ACTIVITY, "notes_last_updated", "Last Activity Date").read_only(),
    text(SALESFORCE, "hs_salesforceopportunityid", "Salesforce Opportunity ID"),
    flag(SALESFORCE, "salesforcedeleted", "Salesforce Deleted"),
    datetime(SALESFORCE, "salesforcelastsynctime", "Last Salesforce Sync Time"),
];
