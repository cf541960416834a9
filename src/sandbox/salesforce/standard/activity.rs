//! Fields of Task and Event.

use super::Kind::*;
use super::Line;

const SUBJECT: &[&str] = &["Call", "Send Letter", "Send Quote", "Email", "Meeting", "Other"];
const STATUS: &[&str] = &["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"];
const SUBTYPE: &[&str] = &["Task", "Email", "Call", "ListEmail", "Cadence", "LinkedIn"];
const WHO: &[&str] = &["Contact", "Lead"];
const WHAT: &[&str] = &["Account", "Opportunity", "Campaign"];

pub(super) const TASK_FIELDS: &[Line] = &[
    ("WhoId", "Name ID", Ref(WHO, "Tasks"), ""),
    ("WhatId", "Related To ID", Ref(WHAT, "Tasks"), ""),
    ("Subject", "Subject", Combo(SUBJECT), ""),
    ("ActivityDate", "Due Date Only", Date, ""),
    ("Status", "Status", Pick(STATUS), "required default=Not Started"),
    ("Priority", "Priority", Pick(&["High", "Normal", "Low"]), "required default=Normal"),
    ("OwnerId", "Assigned To ID", Ref(&["Group", "User"], ""), "required"),
    ("Description", "Description", Long, ""),
    ("Type", "Type", Pick(&["Call", "Email", "Meeting", "Other"]), ""),
    ("TaskSubtype", "Task Subtype", Closed(SUBTYPE), "create default=Task"),
    ("CallType", "Call Type", Closed(&["Internal", "Inbound", "Outbound"]), ""),
    ("CallDurationInSeconds", "Call Duration", Int(8), ""),
    ("CallDisposition", "Call Result", Text(255), ""),
    ("AccountId", "Account ID", Ref(&["Account"], ""), "read"),
    ("IsClosed", "Closed", Bool, "read"),
    ("IsArchived", "Archived", Bool, "read"),
    ("CompletedDateTime", "Completed Date/Time", Time, "read"),
];

pub(super) const EVENT_FIELDS: &[Line] = &[
    ("WhoId", "Name ID", Ref(WHO, "Events"), ""),
    ("WhatId", "Related To ID", Ref(WHAT, "Events"), ""),
    ("Subject", "Subject", Combo(SUBJECT), ""),
    ("Location", "Location", Text(255), ""),
    ("IsAllDayEvent", "All-Day Event", Bool, ""),
    ("ActivityDateTime", "Due Date Time", Time, ""),
    ("ActivityDate", "Due Date Only", Date, ""),
    ("StartDateTime", "Start Date Time", Time, ""),
    ("EndDateTime", "End Date Time", Time, ""),
    ("DurationInMinutes", "Duration", Int(8), ""),
    ("Description", "Description", Long, ""),
    ("OwnerId", "Assigned To ID", Ref(&["User"], ""), "required"),
    ("ShowAs", "Show Time As", Closed(&["Busy", "OutOfOffice", "Free"]), "default=Busy"),
    ("IsPrivate", "Private", Bool, ""),
    ("AccountId", "Account ID", Ref(&["Account"], ""), "read"),
    ("IsArchived", "Archived", Bool, "read"),
];
