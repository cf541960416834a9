//! Company properties.

use super::contacts::{LEAD_STATUS, LIFECYCLE, TRAFFIC};
use super::industries::INDUSTRIES;
use super::row::{Options, Row, choice, datetime, flag, number, owner, text};

const INFO: &str = "companyinformation";
const SALESFORCE: &str = "salesforceinformation";
const ACTIVITY: &str = "company_activity";

const TYPES: Options = &[
    ("PROSPECT", "Prospect"),
    ("PARTNER", "Partner"),
    ("RESELLER", "Reseller"),
    ("VENDOR", "Vendor"),
    ("OTHER", "Other"),
];

pub(super) const ROWS: &[Row] = &[
    number(INFO, "hs_object_id", "Record ID").read_only(),
    datetime(INFO, "createdate", "Create Date").read_only(),
    datetime(INFO, "hs_lastmodifieddate", "Last Modified Date").read_only(),
    text(INFO, "name", "Company name"),
    text(INFO, "domain", "Company Domain Name"),
    choice(INFO, "hs_additional_domains", "Additional Domains", &[]).field("checkbox").external().read_only(),
    text(INFO, "website", "Website URL"),
    text(INFO, "phone", "Phone Number").field("phonenumber"),
    text(INFO, "address", "Street Address"),
    text(INFO, "address2", "Street Address 2"),
    text(INFO, "city", "City"),
    text(INFO, "state", "State/Region"),
    text(INFO, "zip", "Postal Code"),
    text(INFO, "country", "Country/Region"),
    choice(INFO, "industry", "Industry", INDUSTRIES),
    choice(INFO, "type", "Type", TYPES),
    text(INFO, "description", "Description").field("textarea"),
    text(INFO, "about_us", "About Us").field("textarea"),
    number(INFO, "numberofemployees", "Number of Employees"),
    number(INFO, "annualrevenue", "Annual Revenue"),
    text(INFO, "founded_year", "Year Founded"),
    text(INFO, "timezone", "Time Zone"),
    flag(INFO, "is_public", "Is Public"),
    choice(INFO, "lifecyclestage", "Lifecycle Stage", LIFECYCLE).field("radio"),
    choice(INFO, "hs_lead_status", "Lead Status", LEAD_STATUS).field("radio"),
    owner(INFO, "hubspot_owner_id", "Company owner"),
    datetime(INFO, "hubspot_owner_assigneddate", "Owner assigned date").read_only(),
    number(INFO, "hs_parent_company_id", "Parent Company").read_only(),
    datetime(INFO, "closedate", "Close Date"),
    text(INFO, "hs_merged_object_ids", "Merged record IDs").read_only().hidden(),
    text(INFO, "hs_object_source", "Record source").read_only(),
    choice(INFO, "hs_analytics_source", "Original Traffic Source", TRAFFIC),
    datetime(INFO, "hs_lifecyclestage_lead_date", "Became a Lead Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_opportunity_date", "Became an Opportunity Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_customer_date", "Became a Customer Date").read_only(),
    datetime(ACTIVITY, "notes_last_contacted", "Last Contacted").read_only(),
    datetime(ACTIVITY, "notes_last_updated", "Last Activity Date").read_only(),
    text(SALESFORCE, "salesforceaccountid", "Salesforce Account ID"),
    flag(SALESFORCE, "salesforcedeleted", "Salesforce Deleted"),
    datetime(SALESFORCE, "salesforcelastsynctime", "Last Salesforce Sync Time"),
];
