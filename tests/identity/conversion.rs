//! A lead becomes a contact.

use crate::rules;
use crate::world::World;

const ANA: [(&str, &str); 4] =
    [("email", "ana@globex.io"), ("firstname", "Ana"), ("lastname", "Lee"), ("country", "Chile")];

#[tokio::test(start_paused = true)]
async fn a_converted_lead_keeps_its_one_contact() {
    let world = World::new(&rules(""));
    let ana = world.contact(&ANA);
    world.pass().await;
    let lead = world.people("Lead").remove(0);
    let contact = world.convert(&lead);
    // Not an address by which they would find each other.
    world.edit_person("Contact", &contact, &[("Email", "lee@globex.io"), ("FirstName", "Anna")]);
    world.edit_contact(&ana, &[("country", "Peru")]);
    world.pass().await;
    assert_eq!(world.contacts(), [ana.as_str()]);
    let (field, property) = (|name| world.field("Contact", &contact, name), |name| world.property(&ana, name));
    assert_eq!((property("firstname"), field("FirstName")), ("Anna".into(), "Anna".into()));
    assert_eq!((property("country"), field("MailingCountry")), ("Peru".into(), "Peru".into()));
    assert_eq!((property("email"), field("Email")), ("lee@globex.io".into(), "lee@globex.io".into()));
    assert_eq!(field("HubSpot_Id__c"), ana, "the contact is found by our key from now on");
    assert_eq!(world.issues().await, [""; 0]);
    let written = world.written().await;
    world.pass().await;
    assert_eq!(world.written().await, written, "all is said");
}

#[tokio::test(start_paused = true)]
async fn what_a_conversion_leaves_behind_clears_nothing() {
    let world = World::new(&rules(""));
    let ana =
        world.contact(&[("email", "ana@globex.io"), ("lastname", "Lee"), ("phone", "+56 2 123"), ("country", "Chile")]);
    world.pass().await;
    let contact = world.convert(&world.people("Lead").remove(0));
    world.edit_person("Contact", &contact, &[("Phone", ""), ("MailingCountry", "")]);
    world.pass().await;
    assert_eq!(world.property(&ana, "phone"), "+56 2 123");
    assert_eq!(world.field("Contact", &contact, "MailingCountry"), "Chile", "it was never agreed there");
}

#[tokio::test(start_paused = true)]
async fn a_conversion_between_our_reading_and_our_writing_is_followed() {
    for before in ["PATCH", "composite/sobjects"] {
        let world = World::new(&rules(""));
        let ana = world.contact(&ANA);
        world.pass().await;
        let lead = world.people("Lead").remove(0);
        world.edit_contact(&ana, &[("firstname", "Anne")]);
        world.before(before, move |world| drop(world.convert(&lead)));
        world.pass().await;
        assert!(!world.undone(), "nothing was written");
        let contact = world.people("Contact").remove(0);
        assert_eq!(world.field("Contact", &contact, "FirstName"), "Anne");
        assert_eq!(world.issues().await, [""; 0]);
        world.pass().await;
        assert_eq!((world.contacts().len(), world.people("Contact").len(), world.people("Lead").len()), (1, 1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn the_new_contact_may_be_read_before_the_conversion() {
    let world = World::new(&rules(""));
    let ana = world.contact(&ANA);
    world.pass().await;
    let lead = world.people("Lead").remove(0);
    // Leads are read in a call of their own, contacts after it: here, after they were read.
    world.before("batch/create", |_| panic!("a second contact is made"));
    world.hold_back("Lead");
    let contact = world.convert(&lead);
    world.edit_person("Contact", &contact, &[("Email", "lee@globex.io")]);
    world.pass_in(60_000).await;
    world.hold_back("");
    world.pass_in(60_000).await;
    world.pass().await;
    assert_eq!((world.contacts(), world.property(&ana, "email")), (vec![ana.clone()], "lee@globex.io".into()));
}

#[tokio::test(start_paused = true)]
async fn a_lead_converted_into_a_contact_that_is_linked_leaves_one_pair() {
    let world = World::new(&rules(""));
    let (ana, bo) = (world.contact(&ANA), world.contact(&[("email", "bo@globex.io"), ("lastname", "Bo")]));
    world.pass().await;
    let lead_of = |id: &str| {
        world.people("Lead").into_iter().find(|lead| world.field("Lead", lead, "HubSpot_Id__c") == *id).unwrap()
    };
    let (first, second) = (lead_of(&bo), lead_of(&ana));
    let contact = world.convert(&first);
    world.pass().await;
    world.salesforce().user_convert_into(&second, &contact, syncline::crm::http::Env::now(&*world)).unwrap();
    world.pass().await;
    world.edit_contact(&ana, &[("firstname", "nobody hears this")]);
    world.edit_contact(&bo, &[("firstname", "Robert")]);
    world.pass().await;
    assert_eq!(world.field("Contact", &contact, "FirstName"), "Robert");
    assert_eq!(world.property(&ana, "firstname"), "nobody hears this");
    assert_eq!(world.contacts().len(), 2);
    let said = world.issues().await;
    assert!(
        matches!(said.as_slice(), [one] if one.starts_with(&format!("R707 {ana} is the same one as {bo}"))),
        "{said:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn leads_converted_before_syncline_came_lead_to_their_contacts() {
    let world = World::new(&rules("match salesforceleadid = Lead.Id"));
    let lead = world.person("Lead", &[("LastName", "Lee"), ("Email", "old@globex.io")]);
    let contact = world.convert(&lead);
    world.edit_person("Contact", &contact, &[("Email", "new@globex.io")]);
    let ana = world.contact(&[("email", "ana@globex.io"), ("salesforceleadid", &lead), ("lastname", "Lee")]);
    world.pass().await;
    assert_eq!((world.contacts(), world.people("Contact")), (vec![ana.clone()], vec![contact.clone()]));
    assert_eq!(world.field("Contact", &contact, "HubSpot_Id__c"), ana);
}
