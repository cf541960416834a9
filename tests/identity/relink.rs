//! `relink when another is picked`: the link follows the duplicate that the `pick` line takes.

use std::sync::Arc;

use syncline::crm::http::Env;
use syncline::sandbox::salesforce;

use crate::rules;
use crate::world::World;

/// As the native integration: the duplicate that was edited last.
fn native() -> String {
    rules("").replace("to salesforce {", "to salesforce { pick most recently updated  relink when another is picked  ")
}

/// Ana, linked to a lead that a pass made, and a duplicate of it that somebody made afterwards.
async fn ana(rules: &str) -> (Arc<World>, String, String, String) {
    let world = World::new(rules);
    let ana = world.contact(&[("email", "ana@globex.io"), ("firstname", "Ana"), ("lastname", "Lee"), ("phone", "1")]);
    world.pass().await;
    let first = world.people("Lead").remove(0);
    world.pass_in(1_000).await;
    let second = world.person("Lead", &[("Email", "ana@globex.io"), ("LastName", "Li"), ("FirstName", "Anna")]);
    (world, ana, first, second)
}

fn key(world: &World, lead: &str) -> String {
    world.field("Lead", lead, "HubSpot_Id__c")
}

#[tokio::test(start_paused = true)]
async fn the_link_follows_the_duplicate_that_people_edit() {
    let (world, ana, first, second) = ana(&native()).await;
    world.pass().await;
    // As at a first link: what HubSpot knows goes over, what both know is for the winner, nothing is cleared.
    assert_eq!((key(&world, &first), key(&world, &second)), (String::new(), ana.clone()));
    assert_eq!(world.field("Lead", &second, "LastName"), "Lee");
    assert_eq!(world.property(&ana, "firstname"), "Anna", "newer in Salesforce");
    assert_eq!((world.property(&ana, "phone"), world.field("Lead", &second, "Phone")), ("1".into(), "1".into()));
    // The one before is as it was, but for the key, and nothing reaches it any more.
    world.edit_contact(&ana, &[("lastname", "Leigh")]);
    world.pass().await;
    assert_eq!(
        (world.field("Lead", &first, "LastName"), world.field("Lead", &second, "LastName")),
        ("Lee".into(), "Leigh".into())
    );
    // Our own writes make nothing the newest: it stays there, over any number of passes.
    let written = world.written().await;
    for _ in 0..3 {
        world.pass().await;
    }
    assert_eq!((world.written().await, key(&world, &second)), (written, ana.clone()));
    // Until somebody edits the other one again, be it a field that no rule reads.
    world.edit_person("Lead", &first, &[("Industry", "Energy")]);
    world.pass().await;
    assert_eq!((key(&world, &first), key(&world, &second)), (ana.clone(), String::new()));
    assert_eq!(world.field("Lead", &first, "LastName"), "Leigh");
    assert_eq!((world.contacts().len(), world.people("Lead").len(), world.issues().await), (1, 2, vec![]));
}

/// We write the linked one after somebody edited the other one, before that is read.
#[tokio::test(start_paused = true)]
async fn a_write_of_ours_does_not_hide_an_edit_of_the_other_one() {
    let (world, ana, first, second) = ana(&native()).await;
    world.pass().await;
    world.edit_contact(&ana, &[("phone", "2")]);
    let other = first.clone();
    world.before("Phone", move |world| world.edit_person("Lead", &other, &[("Title", "CTO")]));
    world.pass().await;
    assert!(!world.undone());
    world.pass().await;
    assert_eq!((key(&world, &first), key(&world, &second)), (ana, String::new()));
    assert_eq!(world.field("Lead", &first, "Phone"), "2");
}

#[tokio::test(start_paused = true)]
async fn without_the_line_and_outside_the_gates_it_stays() {
    for rules in [
        native().replace("relink when another is picked", "relink never"),
        native().replace(
            "match email = Email",
            "match email = Email\n both ways { include \"x\" when lastname is not \"Lee\" }",
        ),
    ] {
        let world = World::new(&rules);
        let ana = world.contact(&[("email", "ana@globex.io"), ("lastname", "Ode")]);
        world.pass().await;
        let first = world.people("Lead").remove(0);
        world.edit_contact(&ana, &[("lastname", "Lee")]);
        world.pass().await;
        let second = world.person("Lead", &[("Email", "ana@globex.io"), ("LastName", "Li")]);
        world.pass().await;
        assert_eq!((key(&world, &first), key(&world, &second)), (ana, String::new()), "{rules}");
        assert_eq!(world.field("Lead", &second, "LastName"), "Li");
    }
}

/// The CRM refuses to let the key go: all goes on with the record that is linked, and people are told.
#[tokio::test(start_paused = true)]
async fn a_key_that_may_not_go_keeps_the_link() {
    let (world, ana, first, second) = ana(&native()).await;
    let key_field = salesforce::FieldDef::text("HubSpot_Id__c", "HubSpot ID", 18).external_id().unique().required();
    world.salesforce().add_field("Lead", key_field);
    world.pass().await;
    world.edit_contact(&ana, &[("phone", "2")]);
    world.pass().await;
    assert_eq!((key(&world, &first), key(&world, &second)), (ana, String::new()));
    assert_eq!(world.field("Lead", &first, "Phone"), "2");
    let said = world.issues().await;
    assert!(matches!(said.as_slice(), [one] if one.starts_with("R710")), "{said:?}");
}

/// A lead that is linked has a contact beside it by the same address: contacts go before leads.
#[tokio::test(start_paused = true)]
async fn a_link_moves_to_a_record_of_another_type() {
    let rules = rules("").replace(
        "to salesforce {",
        "to salesforce { pick Contact, then oldest created  relink when another is picked ",
    );
    let (world, ana, first, _) = ana(&rules).await;
    world.pass().await;
    assert_eq!(key(&world, &first), ana);
    let contact = world.person("Contact", &[("Email", "ana@globex.io"), ("LastName", "Lee")]);
    world.pass().await;
    assert_eq!((key(&world, &first), world.field("Contact", &contact, "HubSpot_Id__c")), (String::new(), ana.clone()));
    // A blank of the new one is none that somebody made.
    assert_eq!((world.property(&ana, "phone"), world.field("Contact", &contact, "Phone")), ("1".into(), "1".into()));
    // Deleted, it is for `on delete` to say what becomes of its partner.
    world.salesforce().user_delete("Contact", &contact, world.now()).unwrap();
    world.pass().await;
    assert_eq!((key(&world, &first), world.people("Lead").len(), world.people("Contact").len()), (String::new(), 2, 0));
}
