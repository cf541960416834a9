//! Contact properties: those that the native Salesforce integration maps, and what rules commonly read.

use super::row::{Options, Row, YES_NO, choice, datetime, flag, number, owner, text};

const INFO: &str = "contactinformation";
const SALESFORCE: &str = "salesforceinformation";
const ACTIVITY: &str = "contact_activity";
const ANALYTICS: &str = "analyticsinformation";
const EMAIL: &str = "emailinformation";

/// In this order: the API moves a record forward only.
pub(super) const LIFECYCLE: Options = &[
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
];

pub(super) const LEAD_STATUS: Options = &[
    ("NEW", "New"),
    ("OPEN", "Open"),
    ("IN_PROGRESS", "In Progress"),
    ("OPEN_DEAL", "Open Deal"),
    ("UNQUALIFIED", "Unqualified"),
    ("ATTEMPTED_TO_CONTACT", "Attempted to Contact"),
    ("CONNECTED", "Connected"),
    ("BAD_TIMING", "Bad Timing"),
];

pub(super) const TRAFFIC: Options = &[
    ("ORGANIC_SEARCH", "Organic Search"),
    ("PAID_SEARCH", "Paid Search"),
    ("EMAIL_MARKETING", "Email Marketing"),
    ("SOCIAL_MEDIA", "Organic Social"),
    ("REFERRALS", "Referrals"),
    ("OTHER_CAMPAIGNS", "Other Campaigns"),
    ("DIRECT_TRAFFIC", "Direct Traffic"),
    ("OFFLINE", "Offline Sources"),
    ("PAID_SOCIAL", "Paid Social"),
    ("AI_REFERRALS", "AI Referrals"),
];

const EMPLOYEES: Options = &[
    ("1-5", "1-5"),
    ("5-25", "5-25"),
    ("25-50", "25-50"),
    ("50-100", "50-100"),
    ("100-500", "100-500"),
    ("500-1000", "500-1000"),
    ("1000+", "1000+"),
];

const LEGAL_BASIS: Options = &[
    ("Legitimate interest – prospect/lead", "Legitimate interest – prospect/lead"),
    ("Legitimate interest – existing customer", "Legitimate interest – existing customer"),
    ("Legitimate interest - other", "Legitimate interest - other"),
    ("Performance of a contract", "Performance of a contract"),
    ("Freely given consent from contact", "Freely given consent from contact"),
    ("Not applicable", "Not applicable"),
];

const LANGUAGES: Options = &[
    ("de", "German"),
    ("en", "English"),
    ("en-gb", "English - United Kingdom"),
    ("en-us", "English - United States"),
    ("es", "Spanish"),
    ("fr", "French"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("pt-br", "Portuguese - Brazil"),
    ("ru", "Russian"),
    ("sv", "Swedish"),
    ("zh", "Chinese"),
    ("zh-cn", "Chinese - China"),
    ("zh-tw", "Chinese - Taiwan"),
];

pub(super) const ROWS: &[Row] = &[
    number(INFO, "hs_object_id", "Record ID").read_only(),
    datetime(INFO, "createdate", "Create Date").read_only(),
    datetime(INFO, "lastmodifieddate", "Last Modified Date").read_only(),
    text(INFO, "email", "Email"),
    // Several addresses, and no options to choose from.
    choice(INFO, "hs_additional_emails", "Additional email addresses", &[]).field("checkbox").external(),
    text(INFO, "salutation", "Salutation"),
    text(INFO, "firstname", "First Name"),
    text(INFO, "lastname", "Last Name"),
    text(INFO, "jobtitle", "Job Title"),
    text(INFO, "company", "Company Name"),
    text(INFO, "phone", "Phone Number").field("phonenumber"),
    text(INFO, "mobilephone", "Mobile Phone Number").field("phonenumber"),
    text(INFO, "fax", "Fax Number"),
    text(INFO, "website", "Website URL"),
    text(INFO, "address", "Street Address"),
    text(INFO, "city", "City"),
    text(INFO, "state", "State/Region"),
    text(INFO, "zip", "Postal Code"),
    text(INFO, "country", "Country/Region"),
    text(INFO, "industry", "Industry"),
    text(INFO, "annualrevenue", "Annual Revenue"),
    choice(INFO, "numemployees", "Number of Employees", EMPLOYEES),
    text(INFO, "date_of_birth", "Date of birth"),
    text(INFO, "gender", "Gender"),
    text(INFO, "message", "Message").field("textarea"),
    choice(INFO, "lifecyclestage", "Lifecycle Stage", LIFECYCLE).field("radio"),
    choice(INFO, "hs_lead_status", "Lead Status", LEAD_STATUS).field("radio"),
    choice(INFO, "hs_language", "Preferred language", LANGUAGES),
    choice(INFO, "hs_legal_basis", "Legal basis for processing contact's data", LEGAL_BASIS).field("checkbox"),
    owner(INFO, "hubspot_owner_id", "Contact owner"),
    datetime(INFO, "hubspot_owner_assigneddate", "Owner assigned date").read_only(),
    number(INFO, "associatedcompanyid", "Primary Associated Company ID").read_only(),
    datetime(INFO, "closedate", "Close Date"),
    text(INFO, "hs_email_domain", "Email Domain").calculated(),
    text(INFO, "hs_full_name_or_email", "Full name or email").calculated(),
    text(INFO, "hs_merged_object_ids", "Merged record IDs").read_only().hidden(),
    choice(INFO, "hs_marketable_status", "Marketing contact status", YES_NO).read_only(),
    text(INFO, "hs_object_source", "Record source").read_only(),
    datetime(INFO, "hs_lifecyclestage_subscriber_date", "Became a Subscriber Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_lead_date", "Became a Lead Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_marketingqualifiedlead_date", "Became a Marketing Qualified Lead Date")
        .read_only(),
    datetime(INFO, "hs_lifecyclestage_salesqualifiedlead_date", "Became a Sales Qualified Lead Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_opportunity_date", "Became an Opportunity Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_customer_date", "Became a Customer Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_evangelist_date", "Became an Evangelist Date").read_only(),
    datetime(INFO, "hs_lifecyclestage_other_date", "Became an Other Lifecycle Date").read_only(),
    choice(ANALYTICS, "hs_analytics_source", "Original Traffic Source", TRAFFIC),
    text(ANALYTICS, "hs_analytics_source_data_1", "Original Traffic Source Drill-Down 1").read_only(),
    choice(ANALYTICS, "hs_latest_source", "Latest Traffic Source", TRAFFIC).read_only(),
    datetime(ANALYTICS, "hs_analytics_first_timestamp", "Time First Seen").read_only(),
    number(ANALYTICS, "hs_analytics_num_page_views", "Number of Pageviews").read_only(),
    datetime(ACTIVITY, "notes_last_contacted", "Last Contacted").read_only(),
    datetime(ACTIVITY, "notes_last_updated", "Last Activity Date").read_only(),
    datetime(ACTIVITY, "notes_next_activity_date", "Next Activity Date").read_only(),
    number(ACTIVITY, "num_contacted_notes", "Number of times contacted").read_only(),
    number(ACTIVITY, "hubspotscore", "HubSpot Score").calculated(),
    flag(EMAIL, "hs_email_optout", "Unsubscribed from all email").read_only(),
    number(EMAIL, "hs_email_bounce", "Marketing emails bounced").read_only(),
    text(SALESFORCE, "salesforceleadid", "Salesforce Lead ID"),
    text(SALESFORCE, "salesforcecontactid", "Salesforce Contact ID"),
    text(SALESFORCE, "salesforceaccountid", "Salesforce Account ID"),
    text(SALESFORCE, "salesforceownerid", "Salesforce Owner ID"),
    text(SALESFORCE, "salesforceopportunitystage", "Salesforce Opportunity Stage"),
    choice(SALESFORCE, "salesforcecampaignids", "Salesforce Campaigns", &[]).field("checkbox").external(),
    text(SALESFORCE, "sfcampaignid", "Form Salesforce Campaign"),
    flag(SALESFORCE, "salesforcedeleted", "Salesforce Deleted"),
    datetime(SALESFORCE, "salesforcelastsynctime", "Last Salesforce Sync Time"),
];
