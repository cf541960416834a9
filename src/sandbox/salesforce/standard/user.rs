//! Fields of User.

use super::Kind::*;
use super::Line;

const TYPE: &[&str] = &[
    "Standard",
    "PowerPartner",
    "CSPLitePortal",
    "CustomerSuccess",
    "PowerCustomerSuccess",
    "CsnOnly",
    "AutomatedProcess",
    "CloudIntegrationUser",
    "Guest",
];

pub(super) const FIELDS: &[Line] = &[
    ("Username", "Username", Text(80), "required lookup"),
    ("LastName", "Last Name", Text(80), "required"),
    ("FirstName", "First Name", Text(40), ""),
    ("Name", "Full Name", Text(121), "read"),
    ("CompanyName", "Company Name", Text(80), ""),
    ("Division", "Division", Text(80), ""),
    ("Department", "Department", Text(80), ""),
    ("Title", "Title", Text(80), ""),
    ("Email", "Email", Email, "required lookup"),
    ("Phone", "Phone", Phone, ""),
    ("MobilePhone", "Cell", Phone, ""),
    ("Alias", "Alias", Text(8), "required"),
    ("IsActive", "Active", Bool, ""),
    ("UserType", "User Type", Closed(TYPE), "read"),
    ("TimeZoneSidKey", "Time Zone", Text(40), "required"),
    ("LocaleSidKey", "Locale", Text(40), "required"),
    ("LanguageLocaleKey", "Language", Text(40), "required"),
    ("EmailEncodingKey", "Email Encoding", Text(40), "required"),
    ("ManagerId", "Manager ID", Ref(&["User"], ""), ""),
];
