//! Fields of Campaign and CampaignMember.

use super::Kind::*;
use super::Line;

const TYPE: &[&str] = &[
    "Conference",
    "Webinar",
    "Trade Show",
    "Public Relations",
    "Partners",
    "Referral Program",
    "Advertisement",
    "Banner Ads",
    "Direct Mail",
    "Email",
    "Telemarketing",
    "Other",
];
const STATUS: &[&str] = &["Planned", "In Progress", "Completed", "Aborted"];

pub(super) const FIELDS: &[Line] = &[
    ("Name", "Name", Text(80), "required"),
    ("ParentId", "Parent Campaign ID", Ref(&["Campaign"], "ChildCampaigns"), ""),
    ("Type", "Type", Pick(TYPE), "default=Conference"),
    ("Status", "Status", Pick(STATUS), "default=Planned"),
    ("StartDate", "Start Date", Date, ""),
    ("EndDate", "End Date", Date, ""),
    ("IsActive", "Active", Bool, ""),
    ("Description", "Description", Long, ""),
    ("OwnerId", "Owner ID", Ref(&["User"], ""), "required"),
];

pub(super) const MEMBER_FIELDS: &[Line] = &[
    ("CampaignId", "Campaign ID", Ref(&["Campaign"], "CampaignMembers"), "required create"),
    ("LeadId", "Lead ID", Ref(&["Lead"], "CampaignMembers"), "create"),
    ("ContactId", "Contact ID", Ref(&["Contact"], "CampaignMembers"), "create"),
    ("Status", "Status", Pick(&["Sent", "Responded"]), "default=Sent"),
    ("HasResponded", "Responded", Bool, "read"),
];
