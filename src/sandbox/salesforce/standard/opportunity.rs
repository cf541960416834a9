//! Fields of Opportunity and of the contact roles on it.

use super::Kind::*;
use super::Line;
use super::values::*;

const STAGE: &[&str] = &[
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Id. Decision Makers",
    "Perception Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
];
const TYPE: &[&str] = &[
    "Existing Customer - Upgrade",
    "Existing Customer - Replacement",
    "Existing Customer - Downgrade",
    "New Customer",
];
const FORECAST: &[&str] = &["Omitted", "Pipeline", "BestCase", "MostLikely", "Forecast", "Closed"];
const FORECAST_NAME: &[&str] = &["Omitted", "Pipeline", "Best Case", "Most Likely", "Commit", "Closed"];
const DELIVERY: &[&str] = &["In progress", "Yet to begin", "Completed"];

pub(super) const FIELDS: &[Line] = &[
    ("AccountId", "Account ID", Ref(&["Account"], "Opportunities"), ""),
    ("IsPrivate", "Private", Bool, ""),
    ("Name", "Name", Text(120), "required"),
    ("Description", "Description", Long, ""),
    ("StageName", "Stage", Pick(STAGE), "required"),
    ("Amount", "Amount", Money, ""),
    ("Probability", "Probability (%)", Percent(3, 0), ""),
    ("ExpectedRevenue", "Expected Amount", Money, "read"),
    ("TotalOpportunityQuantity", "Quantity", Num(18, 2), ""),
    ("CloseDate", "Close Date", Date, "required"),
    ("Type", "Opportunity Type", Pick(TYPE), ""),
    ("NextStep", "Next Step", Text(255), ""),
    ("LeadSource", "Lead Source", Pick(LEAD_SOURCE), ""),
    ("IsClosed", "Closed", Bool, "read"),
    ("IsWon", "Won", Bool, "read"),
    ("ForecastCategory", "Forecast Category", Closed(FORECAST), "read"),
    ("ForecastCategoryName", "Forecast Category", Pick(FORECAST_NAME), ""),
    ("CampaignId", "Campaign ID", Ref(&["Campaign"], "Opportunities"), ""),
    ("HasOpportunityLineItem", "Has Line Item", Bool, "read"),
    ("Pricebook2Id", "Price Book ID", Ref(&["Pricebook2"], ""), ""),
    ("OwnerId", "Owner ID", Ref(&["User"], ""), "required"),
    ("LastActivityDate", "Last Activity", Date, "read"),
    ("LastStageChangeDate", "Last Stage Change Date", Time, "read"),
    ("FiscalQuarter", "Fiscal Quarter", Int(9), "read"),
    ("FiscalYear", "Fiscal Year", Int(9), "read"),
    ("Fiscal", "Fiscal Period", Text(6), "read"),
    ("ContactId", "Contact ID", Ref(&["Contact"], ""), "create"),
    ("LastViewedDate", "Last Viewed Date", Time, "read"),
    ("LastReferencedDate", "Last Referenced Date", Time, "read"),
    ("DeliveryInstallationStatus__c", "Delivery/Installation Status", Pick(DELIVERY), ""),
    ("TrackingNumber__c", "Tracking Number", Text(12), ""),
    ("OrderNumber__c", "Order Number", Text(8), ""),
    ("CurrentGenerators__c", "Current Generator(s)", Text(100), ""),
    ("MainCompetitors__c", "Main Competitor(s)", Text(100), ""),
];

const ROLE: &[&str] = &[
    "Business User",
    "Decision Maker",
    "Economic Buyer",
    "Economic Decision Maker",
    "Evaluator",
    "Executive Sponsor",
    "Influencer",
    "Technical Buyer",
    "Other",
];

pub(super) const ROLE_FIELDS: &[Line] = &[
    ("OpportunityId", "Opportunity ID", Ref(&["Opportunity"], "OpportunityContactRoles"), "required create"),
    ("ContactId", "Contact ID", Ref(&["Contact"], "OpportunityContactRoles"), "required"),
    ("Role", "Role", Pick(ROLE), ""),
    ("IsPrimary", "Primary", Bool, ""),
];
