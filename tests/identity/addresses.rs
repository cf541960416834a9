//! Contacts with several addresses.

use crate::rules;
use crate::world::World;

#[tokio::test(start_paused = true)]
async fn a_contact_is_found_by_each_of_its_addresses() {
    let world = World::new(&rules(""));
    let ana = world.contact(&[("email", "old@globex.io"), ("lastname", "Lee")]);
    world.edit_contact(&ana, &[("email", "ana@globex.io")]);
    assert_eq!(world.property(&ana, "hs_additional_emails"), "old@globex.io");
    let lead = world.person("Lead", &[("LastName", "Lee"), ("Email", "old@globex.io")]);
    world.pass().await;
    assert_eq!((world.contacts(), world.people("Lead")), (vec![ana.clone()], vec![lead.clone()]));
    assert_eq!((world.field("Lead", &lead, "HubSpot_Id__c"), world.issues().await), (ana, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_first_address_keeps_the_link() {
    let world = World::new(&rules(""));
    let ana = world.contact(&[("email", "old@globex.io"), ("lastname", "Lee")]);
    world.pass().await;
    let lead = world.people("Lead").remove(0);
    world.edit_contact(&ana, &[("email", "ana@globex.io")]);
    world.pass().await;
    assert_eq!(world.field("Lead", &lead, "Email"), "ana@globex.io");
    // Somebody makes a lead with the old address: it is the same person.
    let second = world.person("Lead", &[("LastName", "Lee"), ("Email", "old@globex.io")]);
    world.pass().await;
    assert_eq!((world.contacts(), world.field("Lead", &second, "HubSpot_Id__c")), (vec![ana], String::new()));
    let said = world.issues().await;
    assert!(matches!(said.as_slice(), [one] if one.starts_with("R707")), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn an_address_that_we_learn_of_from_a_refusal_joins_the_two() {
    let world = World::new(&rules(""));
    let ana = world.contact(&[("email", "ana@globex.io"), ("lastname", "Lee")]);
    world.pass().await;
    let lead = world.people("Lead").remove(0);
    let _ = world.person("Lead", &[("LastName", "Lee"), ("Email", "new@globex.io")]);
    let of = ana.clone();
    world.before("batch/create", move |world| world.edit_contact(&of, &[("email", "new@globex.io")]));
    world.pass_in(1_000).await;
    assert!(!world.undone());
    world.pass().await;
    assert_eq!((world.contacts(), world.field("Lead", &lead, "HubSpot_Id__c")), (vec![ana.clone()], ana));
}

/// A contact is refused because of an address that another one has, which no match line finds.
#[tokio::test(start_paused = true)]
async fn who_was_refused_because_of_another_record_is_tried_again_when_that_changes() {
    let world = World::new(&rules("").replace("match email = Email", "match phone = Phone"));
    let other = world.contact(&[("email", "ana@globex.io"), ("lastname", "Lee"), ("phone", "1")]);
    world.pass().await;
    world.person("Lead", &[("Email", "ana@globex.io"), ("LastName", "Li"), ("Phone", "2")]);
    world.pass().await;
    let said = world.issues().await;
    assert!(matches!(said.as_slice(), [one] if one.starts_with("R706") && one.contains(&other)), "{said:?}");
    world.pass().await;
    assert_eq!(world.contacts(), [other.as_str()], "nothing has changed");
    // HubSpot keeps it as an additional one: tried again, refused again.
    let calls = world.written().await;
    world.edit_contact(&other, &[("email", "ana.lee@globex.io")]);
    world.pass().await;
    assert_eq!((world.issues().await, world.contacts().len()), (said, 1));
    assert!(world.written().await > calls);
    world.edit_contact(&other, &[("hs_additional_emails", "")]);
    world.pass().await;
    assert_eq!((world.issues().await, world.contacts().len()), (vec![], 2));
}
