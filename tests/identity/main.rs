//! Who is who while users convert, merge, delete and restore: from the rules to what both CRMs hold.

mod addresses;
mod conversion;
mod deletions;
mod keys;
mod merges;
mod propose;
mod rehearsed;
mod relink;
mod several_syncs;
mod through;
mod twins;
/// Other tests use it too, and more of it.
#[allow(dead_code)]
mod world;

/// People on both sides, in step; `more` goes into the sync.
fn rules(more: &str) -> String {
    format!(
        "edition 2026
sync people: hubspot contact <-> salesforce Lead or Contact {{
  match email = Email
  to salesforce {{ create Lead always }}
  to hubspot {{ create contact always }}
  {more}
  map hubspot wins {{
    email        <-> Email    or reject
    firstname    <-> FirstName or truncate  newest wins
    lastname     <-> LastName  or truncate  or use \"(unknown)\"
    phone        <-> Phone     or truncate
    country      <-> Lead.Country, Contact.MailingCountry  or truncate
    company       -> Lead.Company  or truncate  or use \"(unknown)\"
    hs_object_id  -> HubSpot_Id__c
  }}
}}
"
    )
}
