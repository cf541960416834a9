//! What the check says of several syncs that hold the same records, and what such rules do when they run all the same.

use std::sync::Arc;

use syncline::lang::plan::Cond;

use crate::world::World;

const PASSES: usize = 5;

/// No new lead has a phone number.
const APART: &str = "\"back\" when Phone is known  create nothing otherwise";

/// A contact for each lead, and a lead for each contact. `back` is how the second sync finds the partner of a lead, `when`
/// its `create` lines.
fn there_and_back(back: &str, when: &str) -> String {
    format!(
        "edition 2026
sync out: hubspot contact -> salesforce Lead {{
  match hs_object_id = HubSpot_Id__c
  to salesforce {{ create Lead always }}
  map {{
    lastname     -> LastName  or truncate  or use \"(unknown)\"
    company      -> Company   or truncate  or use \"(unknown)\"
    hs_object_id -> HubSpot_Id__c
  }}
}}
sync back: hubspot contact <- salesforce Lead {{
  match {back}
  to hubspot {{ create contact {when} }}
  map {{ lastname <- LastName  salesforceleadid <- Id }}
}}
"
    )
}

/// How many contacts and leads there are.
fn count(world: &Arc<World>) -> (usize, usize) {
    (world.contacts().len(), world.people("Lead").len())
}

/// `A613`: "a Lead, for it a contact, then a Lead again", and so on for ever.
#[tokio::test(start_paused = true)]
async fn records_that_create_each_other_never_come_to_an_end() {
    // The check sees no circle where the new record has nothing that lets it pass.
    let apart = there_and_back("salesforceleadid = Id", APART);
    let world = World::broken(&apart, |plan| {
        let back = plan.blocks.iter_mut().find(|block| block.name == "back").unwrap();
        back.create.left[0].when = Cond::Always;
    });
    world.contact(&[("email", "ana@globex.io"), ("lastname", "Lee")]);
    let mut seen = vec![count(&world)];
    for _ in 0..PASSES {
        world.pass().await;
        seen.push(count(&world));
    }
    for (before, after) in seen.iter().zip(&seen[1..]) {
        assert!(after.0 > before.0 || after.1 > before.1, "{seen:?}");
    }
    let (contacts, leads) = seen[PASSES];
    assert!(contacts > 2 && leads > 2, "of one person: {seen:?}");
}

/// The ways out that the finding and its page name: a condition that leaves such records out, and a line that finds the
/// origin.
#[tokio::test(start_paused = true)]
async fn records_that_are_left_out_or_found_do_not_create_each_other() {
    for (back, when) in
        [("salesforceleadid = Id", APART), ("hs_object_id = HubSpot_Id__c  match salesforceleadid = Id", "always")]
    {
        let world = World::new(&there_and_back(back, when));
        world.contact(&[("email", "ana@globex.io"), ("lastname", "Lee")]);
        for _ in 0..PASSES {
            world.pass().await;
        }
        assert_eq!(count(&world), (1, 1), "{back} {when}");
        assert!(!world.findings().iter().any(|finding| finding.code.id() == "A613"));
    }
}

/// Two syncs that hold one contact, each with a record of its own in Salesforce.
fn two_writers(leads: &str, customers: &str, row: &str) -> String {
    let sync = |name: &str, object: &str, gate: &str| {
        format!(
            "sync {name}: hubspot contact <-> salesforce {object} {{
  match email = Email
  both ways {{ include \"{name}\" when {gate} }}
  map {{ {row} }}
}}
"
        )
    };
    format!("edition 2026\n{}{}", sync("leads", "Lead", leads), sync("customers", "Contact", customers))
}

const YOUNG: &str = "lifecyclestage is at most lead";
const NEW: &str = "lifecyclestage is at least lead and hs_lead_status is NEW";

/// Ana in Salesforce, as a lead and as a contact, which do not agree.
fn twice(world: &World) -> (String, String) {
    let person = |object: &str, title: &str| {
        world.person(object, &[("Email", "ana@globex.io"), ("LastName", "Lee"), ("Title", title)])
    };
    (person("Lead", "Head"), person("Contact", "Chief"))
}

/// Ana in HubSpot: the record that the finding `F546` shows, nothing else in it.
async fn shown(world: &Arc<World>) -> String {
    world.pass().await;
    let findings = world.findings();
    let found = findings.iter().find(|finding| finding.code.id() == "F546").expect("two writers");
    let help = found.help.clone().unwrap();
    let (_, record) = help.split_once("both are about { ").expect(&help);
    let fields: Vec<(&str, &str)> =
        record.trim_end_matches(" }").split(", ").map(|field| field.split_once(": ").expect(record)).collect();
    assert_eq!(fields, [("lifecyclestage", "lead"), ("hs_lead_status", "NEW")]);
    world.contact(&[&[("email", "ana@globex.io")], fields.as_slice()].concat())
}

/// `F546`, with rows that put their own record's value back.
#[tokio::test(start_paused = true)]
async fn two_syncs_that_put_their_own_value_back_do_so_in_every_pass() {
    for row in ["jobtitle <- Title", "jobtitle <-> Title  or truncate  prefer salesforce unless blank"] {
        let world = World::new(&two_writers(YOUNG, NEW, row));
        twice(&world);
        let ana = shown(&world).await;
        for pass in 0..PASSES {
            let report = world.pass().await;
            assert!(report.counts.updated.left > 0, "{row}, pass {pass}: {}", world.property(&ana, "jobtitle"));
        }
    }
}

/// `F546`, with rows that carry on what they find changed: it comes to rest, and what one of the two said is gone.
#[tokio::test(start_paused = true)]
async fn two_syncs_that_carry_changes_on_make_both_records_say_the_same() {
    for winner in ["salesforce wins", "newest wins", "hubspot wins"] {
        let world = World::new(&two_writers(YOUNG, NEW, &format!("jobtitle <-> Title  or truncate  {winner}")));
        let (lead, contact) = twice(&world);
        let ana = shown(&world).await;
        for _ in 0..PASSES {
            world.pass().await;
        }
        let written = world.written().await;
        world.pass().await;
        assert_eq!(world.written().await, written, "{winner}");
        let titles = [
            world.property(&ana, "jobtitle"),
            world.field("Lead", &lead, "Title"),
            world.field("Contact", &contact, "Title"),
        ];
        assert!(titles.iter().all(|title| *title == titles[0] && !title.is_empty()), "{winner}: {titles:?}");
    }
}

/// The way out: no record passes the gates of both.
#[tokio::test(start_paused = true)]
async fn two_syncs_whose_records_are_kept_apart_do_not_meet() {
    let world = World::new(&two_writers(YOUNG, "lifecyclestage is more than lead", "jobtitle <- Title"));
    let (lead, contact) = twice(&world);
    let ana = world.contact(&[("email", "ana@globex.io"), ("lifecyclestage", "lead"), ("hs_lead_status", "NEW")]);
    for _ in 0..2 {
        world.pass().await;
    }
    let written = world.written().await;
    for _ in 0..PASSES {
        world.pass().await;
    }
    assert_eq!((world.written().await, world.property(&ana, "jobtitle")), (written, "Head".to_owned()));
    let titles = (world.field("Lead", &lead, "Title"), world.field("Contact", &contact, "Title"));
    assert_eq!(titles, ("Head".to_owned(), "Chief".to_owned()));
    assert!(!world.findings().iter().any(|finding| finding.code.id() == "F546"), "{:#?}", world.findings());
}
