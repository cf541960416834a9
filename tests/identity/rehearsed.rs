//! What a dry run tells of records that it only means to create.

use crate::world::World;

/// HubSpot computes who has opted out, and nobody knows it before the contact is there.
#[tokio::test(start_paused = true)]
async fn what_only_the_crm_computes_is_no_problem_of_a_record_to_be() {
    let rules = "edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  both ways { exclude \"opted out\" when hs_email_optout is true }
  to hubspot { create contact always }
  map newest wins {
    email    <-> Email    or reject
    lastname <-> LastName or truncate  or use \"(unknown)\"
  }
}
";
    let world = World::new(rules);
    world.person("Lead", &[("LastName", "Lee"), ("Email", "ana@globex.io"), ("Company", "Globex")]);
    let planned = world.plan().await.counts;
    assert_eq!((planned.created.left, planned.rejected, planned.waiting), (1, 0, 0));
    let done = world.pass().await.counts;
    assert_eq!((done.created.left, done.rejected, done.waiting), (1, 0, 0));
}

/// A group that waits for times holds the other rows of its record: those of a record to be are its creation's.
#[tokio::test(start_paused = true)]
async fn the_fields_of_a_record_to_be_have_the_time_of_its_creation() {
    let rules = "edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  to salesforce { create Lead always }
  map newest wins {
    email    <-> Email    or reject
    lastname <-> LastName or truncate  or use \"(unknown)\"
    company   -> Company  or truncate  or use \"(unknown)\"
    jobtitle <-  Status   or truncate
    state    <-> State    via places.state
    country  <-> Country  via places.country
  }
}
place places { picklists none  unknown skip }
";
    let world = World::new(rules);
    world.contact(&[("email", "ana@globex.io"), ("state", "Nowhere"), ("country", "Mexico")]);
    world.wait(60_000);
    let planned = world.plan().await.counts;
    let done = world.pass().await.counts;
    assert_eq!((done.created.right, done.updated.left, done.waiting), (1, 1, 0), "the status that the org gives");
    assert_eq!((planned.created.right, planned.updated.left, planned.waiting), (1, 1, 0));
}
