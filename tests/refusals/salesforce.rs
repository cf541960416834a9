//! A collection that Salesforce refuses whole.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use secrecy::SecretString;
use syncline::crm::http::{Fut, NetError, Origin, Transport, Unmetered};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::crm::{Act, Crm, FieldRead, Guard, Item, Reads, Reply, TypeRead, Write, WriteCell};
use syncline::data::{FieldKind, Uid, Value, decode};
use syncline::sandbox::salesforce;

use super::{NOW, Still, waits};

const LEAD: Uid = Uid(1);
const NAME: Uid = Uid(2);
const COMPANY: Uid = Uid(3);
const EMPLOYEES: Uid = Uid(4);
const NOPE: Uid = Uid(5);

/// The model, and how many composites it was sent.
struct Wire {
    world: Mutex<salesforce::World>,
    calls: Mutex<usize>,
}

impl Transport for Wire {
    fn call<'a>(&'a self, request: http::Request<Bytes>) -> Fut<'a, Result<http::Response<Bytes>, NetError>> {
        *self.calls.lock().unwrap() += usize::from(request.uri().path().ends_with("/composite"));
        let answer = salesforce::handle(&mut self.world.lock().unwrap(), NOW, &request);
        // Half a surrogate pair, which no text can hold.
        let answer = answer.map(|body| String::from_utf8_lossy(&body).replace("HALF", r"half \ud800").into());
        Box::pin(async move { Ok(answer) })
    }
}

fn reads() -> Reads {
    let field = |uid, name: &str, kind| FieldRead { uid, name: name.into(), kind, initial: Default::default() };
    let fields = vec![
        field(NAME, "LastName", FieldKind::Text),
        field(COMPANY, "Company", FieldKind::Text),
        field(EMPLOYEES, "NumberOfEmployees", FieldKind::Number),
        field(NOPE, "Nope__c", FieldKind::Text),
    ];
    let lead = TypeRead { uid: LEAD, name: "Lead".into(), fields, own_keys: Vec::new(), unique: Vec::new() };
    Reads { types: vec![lead], lists: Vec::new() }
}

fn lead(n: usize, more: &[(Uid, &str)]) -> Write {
    let name = format!("L{n}");
    let cells = [(NAME, name.as_str()), (COMPANY, "X")].into_iter().chain(more.iter().copied());
    let cell = |(field, value): (Uid, &str)| WriteCell {
        field,
        value: Value::text(value),
        expect: Value::Null,
        contested: false,
    };
    let guard = Guard::Probe { field: NAME, value: name.clone().into() };
    Write { ty: LEAD, act: Act::Create { guard }, cells: cells.map(cell).collect(), assign: false }
}

/// An org that refuses whole collections.
fn org() -> (Arc<Wire>, Salesforce) {
    let config = salesforce::Config {
        instance_url: "http://salesforce.localhost".into(),
        strict_collections: true,
        ..salesforce::Config::default()
    };
    let flow = Flow::ClientCredentials {
        client_id: config.client_id.clone(),
        client_secret: SecretString::from(config.client_secret.clone()),
    };
    let world = Mutex::new(salesforce::World::new(config, 1, NOW));
    let wire = Arc::new(Wire { world, calls: Mutex::new(0) });
    let config = SalesforceConfig { origin: Origin::parse("http://salesforce.localhost").unwrap(), flow };
    let crm = Salesforce::new(config, wire.clone(), Arc::new(Unmetered), Arc::new(Still));
    (wire, crm)
}

/// Sends creates in one call; how many composites that took.
async fn create(writes: &[Write]) -> (Vec<Item>, usize, usize) {
    let (wire, crm) = org();
    let reads = reads();
    let calls = crm.pack(&reads, writes);
    assert_eq!(calls.len(), 1);
    let Reply::Items(items) = crm.send(&reads, &calls[0], writes).await else { panic!("the whole call failed") };
    let made = wire.world.lock().unwrap().records("Lead").count();
    (items, made, *wire.calls.lock().unwrap())
}

fn rejected(items: &[Item]) -> Vec<(usize, Option<Uid>, &str)> {
    let all = items.iter().enumerate();
    all.filter_map(|(at, item)| match item {
        Item::Rejected(fault) => Some((at, fault.field, fault.code.as_str())),
        _ => None,
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn one_unreadable_value_costs_its_own_record_only() {
    let mut writes: Vec<Write> = (0..200).map(|n| lead(n, &[])).collect();
    writes[137] = lead(137, &[(EMPLOYEES, "many")]);
    let (items, made, calls) = create(&writes).await;
    assert_eq!(rejected(&items), [(137, Some(EMPLOYEES), "JSON_PARSER_ERROR")]);
    assert_eq!(made, 199, "everybody else was created, once");
    // The first, four to find it, and one to read what was created.
    assert!(calls <= 6, "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn a_field_that_is_no_more_costs_the_records_that_write_it() {
    let writes: Vec<Write> =
        (0..200).map(|n| if n % 2 == 0 { lead(n, &[]) } else { lead(n, &[(NOPE, "x")]) }).collect();
    let (items, made, calls) = create(&writes).await;
    let bad = rejected(&items);
    assert_eq!(bad.len(), 100);
    assert!(bad.iter().all(|(at, field, code)| at % 2 == 1 && *field == Some(NOPE) && *code == "INVALID_FIELD"));
    assert_eq!(made, 100);
    assert!(calls <= 3, "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_found_within_the_calls_allowed_waits() {
    let writes: Vec<Write> =
        (0..200).map(|n| if n % 7 == 0 { lead(n, &[(EMPLOYEES, "many")]) } else { lead(n, &[]) }).collect();
    let (items, made, calls) = create(&writes).await;
    assert!(calls <= 10, "{calls} calls");
    let created = items.iter().filter(|item| matches!(item, Item::Created { .. })).count();
    assert_eq!(created, made);
    assert!(items.iter().any(waits) && items.iter().all(|item| *item != Item::Unknown));
}

#[tokio::test(start_paused = true)]
async fn half_a_surrogate_pair_is_read_as_no_character_and_costs_nothing_else() {
    let (wire, crm) = org();
    let fields = [("LastName", "HALF".into()), ("Company", "Acme".into())];
    wire.world.lock().unwrap().user_create("Lead", &fields, NOW).unwrap();
    let reads = reads();
    let feed = crm.feeds(&reads).remove(0);
    let at = feed.from_start();
    let reads = Reads {
        types: vec![TypeRead { fields: reads.types[0].fields[..2].to_vec(), ..reads.types[0].clone() }],
        ..reads
    };
    let page = crm.read(&reads, &[at]).await.remove(0).unwrap();
    let cells = decode(&page.rows[0].cells).map(|cell| cell.unwrap().1.to_value());
    assert_eq!(cells.collect::<Vec<_>>(), [Value::text("half \u{fffd}"), Value::text("Acme")]);
}
