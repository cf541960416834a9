//! Records become one, on either side.

use syncline::crm::http::Env;

use crate::rules;
use crate::world::World;

/// Two pairs: ids of the contacts and of the leads.
async fn two(world: &std::sync::Arc<World>) -> ([String; 2], [String; 2]) {
    let ana = world.contact(&[("email", "ana@globex.io"), ("firstname", "Ana"), ("lastname", "Lee")]);
    let anna = world.contact(&[("email", "anna@globex.io"), ("firstname", "Anna"), ("lastname", "Lee")]);
    world.pass().await;
    let lead_of = |id: &str| {
        world.people("Lead").into_iter().find(|lead| world.field("Lead", lead, "HubSpot_Id__c") == *id).unwrap()
    };
    let leads = [lead_of(&ana), lead_of(&anna)];
    ([ana, anna], leads)
}

#[tokio::test(start_paused = true)]
async fn a_merge_in_hubspot_is_followed_to_the_new_record() {
    let world = World::new(&rules(""));
    let ([ana, anna], leads) = two(&world).await;
    let merged = world.hubspot().user_merge("contact", &ana, &anna, world.now()).unwrap();
    world.pass().await;
    world.edit_contact(&merged, &[("firstname", "Annabel")]);
    world.pass().await;
    assert_eq!(world.contacts(), [merged.as_str()]);
    assert_eq!(world.people("Lead").len(), 2, "nobody is made a second time, nobody deleted");
    assert_eq!(world.field("Lead", &leads[0], "FirstName"), "Annabel");
    assert_eq!(world.field("Lead", &leads[0], "HubSpot_Id__c"), merged, "the key names the new record");
    assert_eq!(world.field("Lead", &leads[1], "FirstName"), "Anna", "what is too many is not written");
    assert!(world.issues().await.iter().all(|said| said.starts_with("R707")), "{:?}", world.issues().await);
    // Merged there as well, nothing is too many.
    world.salesforce().user_merge("Lead", &leads[0], &leads[1], world.now()).unwrap();
    world.pass().await;
    assert_eq!((world.issues().await, world.people("Lead")), (vec![], vec![leads[0].clone()]));
}

#[tokio::test(start_paused = true)]
async fn a_merge_in_salesforce_is_followed_to_the_survivor() {
    let world = World::new(&rules("").replace("to hubspot {", "to hubspot { on merge follow "));
    let ([ana, anna], leads) = two(&world).await;
    // The loser's partner was edited in the meantime: it goes on with nobody.
    world.salesforce().user_merge("Lead", &leads[1], &leads[0], world.now()).unwrap();
    world.edit_contact(&ana, &[("firstname", "A.")]);
    world.edit_contact(&anna, &[("firstname", "B.")]);
    world.pass().await;
    assert_eq!((world.contacts().len(), world.people("Lead")), (2, vec![leads[1].clone()]));
    assert_eq!(world.field("Lead", &leads[1], "FirstName"), "B.");
    let said = world.issues().await;
    assert!(
        matches!(said.as_slice(), [one] if one.starts_with(&format!("R707 {ana} is the same one as {anna}"))),
        "{said:?}"
    );
    let merged = world.hubspot().user_merge("contact", &anna, &ana, world.now()).unwrap();
    world.pass().await;
    assert_eq!((world.issues().await, world.field("Lead", &leads[1], "HubSpot_Id__c")), (vec![], merged));
}

#[tokio::test(start_paused = true)]
async fn a_survivor_that_is_new_to_us_takes_the_losers_partner() {
    let world = World::new(&rules(""));
    let ([ana, _], leads) = two(&world).await;
    let other = world.person("Lead", &[("LastName", "Li"), ("FirstName", "L")]);
    world.salesforce().user_merge("Lead", &other, &leads[0], world.now()).unwrap();
    world.pass().await;
    assert_eq!(world.contacts().len(), 2);
    assert_eq!((world.field("Lead", &other, "HubSpot_Id__c"), world.property(&ana, "firstname")), (ana, "L".into()));
}

#[tokio::test(start_paused = true)]
async fn a_merge_that_is_ignored_leaves_the_losers_partner_alone() {
    let world = World::new(&rules("").replace("to hubspot {", "to hubspot { on merge ignore "));
    let ([ana, anna], leads) = two(&world).await;
    world.salesforce().user_merge("Lead", &leads[1], &leads[0], world.now()).unwrap();
    world.pass().await;
    world.edit_contact(&ana, &[("firstname", "A.")]);
    world.edit_contact(&anna, &[("firstname", "B.")]);
    world.pass().await;
    assert_eq!((world.contacts().len(), world.people("Lead")), (2, vec![leads[1].clone()]));
    assert_eq!(world.field("Lead", &leads[1], "FirstName"), "B.");
    assert_eq!(world.issues().await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_merge_between_our_reading_and_our_writing_is_followed() {
    let world = World::new(&rules(""));
    let ([ana, anna], leads) = two(&world).await;
    world.edit_person("Lead", &leads[0], &[("FirstName", "Anastasia")]);
    let ids = (ana.clone(), anna.clone());
    world.before("batch/update", move |world| {
        world.hubspot().user_merge("contact", &ids.0, &ids.1, world.now()).unwrap();
    });
    world.pass().await;
    world.pass().await;
    let merged = world.contacts().remove(0);
    assert_eq!(world.property(&merged, "firstname"), "Anastasia");
    assert_eq!((world.contacts().len(), world.people("Lead").len()), (1, 2));
    world.edit_person("Lead", &leads[0], &[("FirstName", "Stacy")]);
    let loser = leads[0].clone();
    let winner = leads[1].clone();
    world.edit_contact(&merged, &[("phone", "1")]);
    world.before("PATCH", move |world| {
        world.salesforce().user_merge("Lead", &winner, &loser, world.now()).unwrap();
    });
    world.pass().await;
    world.pass().await;
    assert_eq!(world.people("Lead"), [leads[1].as_str()]);
    assert_eq!(world.field("Lead", &leads[1], "Phone"), "1");
}
