//! `match through people`: a company and an account are the same when their people are.

use std::sync::Arc;

use crate::world::World;

/// The two orders in which a file may have the syncs.
const ORDERS: [bool; 2] = [true, false];

fn rules(line: &str, companies_first: bool) -> String {
    let companies = format!(
        "sync companies: hubspot company <-> salesforce Account {{
  match salesforceaccountid = Id
  {line}
  to salesforce {{ create Account always }}
  to hubspot {{ create company always }}
  map salesforce wins {{
    name         <-> Name  or truncate  or use \"x\"
    hs_object_id  -> HubSpot_Id__c
    salesforceaccountid <- Id
  }}
}}
"
    );
    let people = "sync people: hubspot contact <-> salesforce Lead or Contact {
  match email = Email
  to salesforce { create Lead always }
  to hubspot { create contact always }
  map salesforce wins {
    email        <-> Email    or reject
    lastname     <-> LastName  or truncate  or use \"(unknown)\"
    company       -> Lead.Company  or truncate  or use \"(unknown)\"
    hs_object_id  -> HubSpot_Id__c
  }
}
";
    match companies_first {
        true => format!("edition 2026\n{companies}{people}"),
        false => format!("edition 2026\n{people}{companies}"),
    }
}

fn world() -> Arc<World> {
    World::new(&rules("match through people", true))
}

fn contact(world: &World, name: &str) -> String {
    world.contact(&[("email", &format!("{name}@globex.io")), ("lastname", name)])
}

fn person(world: &World, name: &str, account: &str) -> String {
    world.person("Contact", &[("Email", &format!("{name}@globex.io")), ("LastName", name), ("AccountId", account)])
}

/// Who is not held, not twice, and in step: the account of each company, by name.
fn pairs(world: &World) -> Vec<(String, String)> {
    let accounts = world.people("Account");
    let hubspot = world.hubspot();
    let of = |id: &str| {
        let made = |account: &&String| world.field("Account", account, "HubSpot_Id__c") == id;
        accounts.iter().find(made).map(|account| world.field("Account", account, "Name")).unwrap_or_default()
    };
    let live = hubspot.records("company").filter(|record| record.archived().is_none());
    live.map(|record| (record.get("name").unwrap_or_default().to_owned(), of(&record.id().to_string()))).collect()
}

/// A company of which one works at one account and one at another: the accounts, and who is at the second.
fn at_two_accounts(world: &World) -> (String, String, String) {
    let (ana, bo) = (contact(world, "ana"), contact(world, "bo"));
    world.company("Globex Inc", &[&ana, &bo]);
    let (us, eu) = (world.account("Globex US"), world.account("Globex EU"));
    person(world, "ana", &us);
    let at_eu = person(world, "bo", &eu);
    (us, eu, at_eu)
}

fn pair(company: &str, account: &str) -> (String, String) {
    (company.to_owned(), account.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_company_is_the_account_of_its_people_before_anything_is_created() {
    for first in ORDERS {
        let world = World::new(&rules("match through people", first));
        let (ana, bo) = (contact(&world, "ana"), contact(&world, "bo"));
        world.company("Globex Inc", &[&ana, &bo]);
        let globex = world.account("Globex");
        person(&world, "ana", &globex);
        person(&world, "bo", &globex);
        let planned = world.operations_of_a_dry_run().await;
        world.pass().await;
        assert_eq!(pairs(&world), [pair("Globex", "Globex")], "{first}");
        assert_eq!((world.accounts().len(), world.issues().await), (1, vec![]));
        let written = world.written().await;
        assert_eq!(planned as usize, written, "the plan is what is done");
        world.pass().await;
        assert_eq!(world.written().await, written, "all is said");
    }
}

/// The trap of the native integration: the account that comes of a conversion makes a second company.
#[tokio::test(start_paused = true)]
async fn the_account_of_a_converted_lead_is_the_company_that_its_contact_has() {
    for first in ORDERS {
        let world =
            World::new(&rules("match through people", first).replace("create Account always", "create nothing always"));
        let ana = contact(&world, "ana");
        world.company("Globex", &[&ana]);
        world.pass().await;
        world.convert(&world.people("Lead").remove(0));
        world.pass().await;
        assert_eq!((world.companies().len(), world.accounts().len()), (1, 1), "{first}");
        assert_eq!(pairs(&world).len(), 1);
        assert_eq!(world.issues().await, [""; 0]);
    }
}

/// The account shows where changes are read, and its contact does not yet.
#[tokio::test(start_paused = true)]
async fn people_who_are_not_read_yet_are_asked_for_before_a_company_is_created() {
    let world = world();
    let ana = contact(&world, "ana");
    world.company("Globex Inc", &[&ana]);
    let globex = world.account("Globex");
    person(&world, "ana", &globex);
    world.hold_back("Contact");
    world.pass_in(1_000).await;
    assert_eq!(world.companies(), ["Globex"], "the same one, in step");
    assert_eq!(world.accounts(), ["Globex"]);
}

/// Nothing of the company, of the account, or of where their people are has changed.
#[tokio::test(start_paused = true)]
async fn people_who_are_linked_later_link_their_companies() {
    let nothing = ["company", "Account", "contact", "Lead"];
    let rules = nothing.iter().fold(rules("match through people", true), |rules, ty| {
        rules.replace(&format!("create {ty} always"), "create nothing always")
    });
    let world = World::new(&rules);
    let ana = contact(&world, "ana");
    world.company("Globex Inc", &[&ana]);
    let globex = world.account("Globex");
    person(&world, "lee", &globex);
    world.pass().await;
    assert_eq!(pairs(&world), [pair("Globex Inc", "")]);
    world.edit_contact(&ana, &[("email", "lee@globex.io")]);
    world.pass().await;
    assert_eq!(pairs(&world), [pair("Globex", "Globex")]);
}

/// A contact that is deleted takes its word with it.
#[tokio::test(start_paused = true)]
async fn who_was_held_because_of_somebody_is_linked_when_that_one_is_deleted() {
    let world = world();
    let (_, _, at_eu) = at_two_accounts(&world);
    world.pass().await;
    assert_eq!(world.issues().await.len(), 3);
    world.salesforce().user_delete("Contact", &at_eu, world.now_ms()).unwrap();
    world.pass().await;
    assert_eq!((pairs(&world)[0].clone(), world.issues().await), (pair("Globex US", "Globex US"), vec![]));
}

/// What one of them says against the other: nobody is linked and nothing is created, until they agree.
#[tokio::test(start_paused = true)]
async fn people_of_one_company_at_two_accounts_hold_all_three() {
    let world = world();
    let (us, eu, at_eu) = at_two_accounts(&world);
    world.pass().await;
    world.pass().await;
    assert_eq!((world.companies().len(), world.accounts().len()), (1, 2));
    let said = world.issues().await;
    let both = if us < eu { format!("{us}, {eu}") } else { format!("{eu}, {us}") };
    assert!(
        said.contains(&format!("R711 `match through people` finds several: {both}")) || said.len() == 3,
        "{said:?}"
    );
    assert_eq!(said.len(), 3, "{said:?}");
    world.edit_person("Contact", &at_eu, &[("AccountId", &us)]);
    world.pass().await;
    assert_eq!(pairs(&world)[0], pair("Globex US", "Globex US"));
    // The other one is free for a company of its own.
    assert_eq!(
        (world.companies(), world.issues().await),
        (vec!["Globex US".to_owned(), "Globex EU".to_owned()], vec![])
    );
}

#[tokio::test(start_paused = true)]
async fn two_companies_with_people_at_one_account_are_held_until_they_part() {
    let world = world();
    let (ana, bo) = (contact(&world, "ana"), contact(&world, "bo"));
    world.company("Globex", &[&ana]);
    world.company("Globex Inc", &[&bo]);
    let globex = world.account("Globex Corp");
    person(&world, "ana", &globex);
    let at_globex = person(&world, "bo", &globex);
    world.pass().await;
    world.pass().await;
    assert_eq!((world.companies().len(), world.accounts().len()), (2, 1));
    assert_eq!(world.issues().await.len(), 3, "{:?}", world.issues().await);
    let initech = world.account("Initech");
    world.edit_person("Contact", &at_globex, &[("AccountId", &initech)]);
    world.pass().await;
    let found = [pair("Globex Corp", "Globex Corp"), pair("Initech", "Initech")];
    assert_eq!((pairs(&world), world.issues().await), (found.to_vec(), vec![]));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_linked_is_nobody_else_s() {
    let world = world();
    let ana = contact(&world, "ana");
    world.company("Globex", &[&ana]);
    let globex = world.account("Globex");
    person(&world, "ana", &globex);
    world.pass().await;
    assert_eq!(pairs(&world), [pair("Globex", "Globex")]);
    let bo = contact(&world, "bo");
    world.company("Initech", &[&bo]);
    person(&world, "bo", &globex);
    world.pass().await;
    assert_eq!(pairs(&world), [pair("Globex", "Globex"), pair("Initech", "")]);
    let said = world.issues().await;
    let (account, company) = (globex, world.hubspot().records("company").next().unwrap().id().to_string());
    assert_eq!(said, [format!("R711 `match through people` finds {account}, which is linked to {company}")]);
}

/// A link that exists stays, whoever is where later.
#[tokio::test(start_paused = true)]
async fn a_link_outlives_the_people_who_made_it() {
    let world = world();
    let ana = contact(&world, "ana");
    world.company("Globex", &[&ana]);
    let globex = world.account("Globex");
    let at_globex = person(&world, "ana", &globex);
    world.pass().await;
    let initech = world.account("Initech");
    world.edit_person("Contact", &at_globex, &[("AccountId", &initech)]);
    world.salesforce().user_update("Account", &globex, &[("Name", "Globex Ltd".into())], world.now_ms()).unwrap();
    world.pass().await;
    assert_eq!(pairs(&world)[0], pair("Globex Ltd", "Globex Ltd"));
}

/// A company that nobody belongs to has nothing by which its account could be found.
#[tokio::test(start_paused = true)]
async fn for_a_company_without_people_no_account_is_created() {
    let world = world();
    world.company("Empty", &[]);
    let ana = contact(&world, "ana");
    world.company("Globex", &[&ana]);
    world.pass().await;
    world.pass().await;
    assert_eq!(pairs(&world), [pair("Empty", ""), pair("Globex", "Globex")]);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_proposed_waits_for_a_word() {
    let world = World::new(&rules("match through people or propose", true));
    let ana = contact(&world, "ana");
    let company = world.company("Globex Inc", &[&ana]);
    let globex = world.account("Globex");
    person(&world, "ana", &globex);
    world.pass().await;
    let why = format!("R709 `match through people` proposes that company {company} and Account {globex} are the same");
    assert_eq!(world.issues().await, [why.clone(), why]);
    assert_eq!((world.companies().len(), world.accounts().len()), (1, 1));
    world.say(&company, &globex, true).await;
    world.pass().await;
    assert_eq!((pairs(&world), world.issues().await), (vec![pair("Globex", "Globex")], vec![]));
}
