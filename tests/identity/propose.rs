//! `or propose`: who is found is held until a person says whether the two are one.

use std::sync::Arc;

use crate::rules;
use crate::world::World;

/// Ana in both CRMs, with one address.
async fn ana() -> (Arc<World>, String, String) {
    let world = World::new(&rules("").replace("match email = Email", "match email = Email or propose"));
    let contact = world.contact(&[("email", "ana@globex.io"), ("lastname", "Lee")]);
    let lead = world.person("Lead", &[("Email", "ana@globex.io"), ("LastName", "Li")]);
    world.pass().await;
    (world, contact, lead)
}

fn counts(world: &World) -> (usize, usize) {
    (world.contacts().len(), world.people("Lead").len())
}

#[tokio::test(start_paused = true)]
async fn nothing_is_linked_written_or_created_until_somebody_answers() {
    let (world, contact, lead) = ana().await;
    let said = world.issues().await;
    let why = format!("R709 `match email = Email` proposes that contact {contact} and Lead {lead} are the same");
    assert_eq!(said, [why.clone(), why]);
    assert_eq!((counts(&world), world.written().await), ((1, 1), 0));
    // Neither time nor an edit is an answer.
    world.edit_contact(&contact, &[("lastname", "Leigh")]);
    world.pass().await;
    assert_eq!((world.issues().await.len(), world.written().await), (2, 0));
    // Another address is another person.
    world.edit_person("Lead", &lead, &[("Email", "other@globex.io")]);
    world.pass().await;
    assert_eq!((world.issues().await, counts(&world)), (vec![], (2, 2)));
}

#[tokio::test(start_paused = true)]
async fn who_is_linked_by_hand_is_kept_in_step() {
    let (world, contact, lead) = ana().await;
    world.say(&contact, &lead, true).await;
    let planned = world.operations_of_a_dry_run().await;
    world.pass().await;
    assert_eq!((world.issues().await, counts(&world)), (vec![], (1, 1)));
    assert_eq!(world.field("Lead", &lead, "LastName"), "Lee");
    assert_eq!(planned as usize, world.written().await, "the plan is what is done");
    // Whatever the keys say later.
    world.edit_person("Lead", &lead, &[("Email", "ana@elsewhere.io"), ("FirstName", "Ana")]);
    world.pass().await;
    assert_eq!((world.property(&contact, "firstname").as_str(), counts(&world)), ("Ana", (1, 1)));
}

/// HubSpot knows one contact by an address: the lead's own one needs another.
#[tokio::test(start_paused = true)]
async fn who_is_declined_is_never_proposed_again_and_gets_a_partner_of_its_own() {
    let (world, contact, lead) = ana().await;
    world.say(&contact, &lead, false).await;
    world.edit_person("Lead", &lead, &[("Email", "ana@elsewhere.io")]);
    world.pass().await;
    assert_eq!((world.issues().await, counts(&world)), (vec![], (2, 2)));
    let others = world.contacts().into_iter().filter(|id| *id != contact);
    assert_eq!(others.map(|id| world.property(&id, "email")).collect::<Vec<_>>(), ["ana@elsewhere.io"]);
    world.edit_person("Lead", &lead, &[("Email", "ana@globex.io")]);
    let written = world.written().await;
    world.pass().await;
    assert!(world.issues().await.iter().all(|said| !said.starts_with("R709")));
    assert_eq!((counts(&world), written > 0), ((2, 2), true));
}

/// The contact alone had nothing that changed since it was held.
#[tokio::test(start_paused = true)]
async fn a_record_goes_on_as_it_is_once_the_question_is_gone() {
    for (lines, code) in [("match email = Email or propose", "R709"), ("match phone = Phone", "R701")] {
        let world = World::new(&rules("").replace("match email = Email", lines));
        let person = [("email", "ana@globex.io"), ("phone", "1"), ("lastname", "Lee")];
        world.contact(&person);
        let bo =
            (code == "R701").then(|| world.contact(&[("email", "bo@globex.io"), ("phone", "1"), ("lastname", "Lee")]));
        let fields = [("Email", "ana@globex.io"), ("Phone", "1"), ("LastName", "Li")];
        let lead = world.person("Lead", &fields);
        world.pass().await;
        let said = world.issues().await;
        assert!(!said.is_empty() && said.iter().all(|said| said.starts_with(code)), "{said:?}");
        let before = counts(&world);
        world.edit_person("Lead", &lead, &[("Email", "li@globex.io"), ("Phone", "2")]);
        // Two of one number would stay in question by themselves.
        if let Some(bo) = bo {
            world.edit_contact(&bo, &[("phone", "3")]);
        }
        world.pass().await;
        // Each has a partner of its own.
        assert_eq!(counts(&world), (before.0 + 1, before.1 + before.0), "{code}: {:?}", world.issues().await);
        assert_eq!(world.issues().await, Vec::<String>::new());
    }
}
