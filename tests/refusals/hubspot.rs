//! A batch that HubSpot refuses whole, trace ids or not.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use secrecy::SecretString;
use serde_json::json;
use syncline::crm::http::{Fut, NetError, Origin, Transport, Unmetered};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::{Act, CallErrorKind, Crm, FieldRead, Guard, Item, Reads, Reply, TypeRead, Write, WriteCell};
use syncline::data::{FieldKind, Uid, Value};
use syncline::sandbox::hubspot;

use super::{NOW, Still, waits};

const CONTACT: Uid = Uid(1);
const EMAIL: Uid = Uid(2);

/// The model behind a server that takes no batch with a poisoned address in it, and answers nothing from a given call on.
struct Wire {
    world: Mutex<hubspot::World>,
    batches: Mutex<usize>,
    denied_from: usize,
}

impl Transport for Wire {
    fn call<'a>(&'a self, request: http::Request<Bytes>) -> Fut<'a, Result<http::Response<Bytes>, NetError>> {
        let mut refused = None;
        if request.uri().path().ends_with("/batch/create") {
            let mut batches = self.batches.lock().unwrap();
            *batches += 1;
            if *batches >= self.denied_from {
                refused = Some((403, "MISSING_SCOPES"));
            } else if String::from_utf8_lossy(request.body()).contains("poison") {
                refused = Some((400, "VALIDATION_ERROR"));
            }
        }
        let answer = match refused {
            Some((status, category)) => {
                let body = json!({"status": "error", "category": category, "message": "no", "correlationId": "x"});
                http::Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap()
            }
            None => hubspot::handle(&mut self.world.lock().unwrap(), NOW, &request),
        };
        Box::pin(async move { Ok(answer) })
    }
}

fn reads() -> Reads {
    let email = FieldRead { uid: EMAIL, name: "email".into(), kind: FieldKind::Email, initial: Default::default() };
    let contact = TypeRead {
        uid: CONTACT,
        name: "contact".into(),
        fields: vec![email],
        own_keys: Vec::new(),
        unique: vec![EMAIL],
    };
    Reads { types: vec![contact], lists: Vec::new() }
}

/// `people` creates in one call, of which some are poisoned. What became of them, of how many it is known in HubSpot, and
/// how many batches that took.
async fn create(people: usize, poisoned: impl Fn(usize) -> bool, denied_from: usize) -> (Reply, usize, usize) {
    let writes: Vec<Write> = (0..people)
        .map(|n| {
            let name = if poisoned(n) { "poison" } else { "p" };
            let value = format!("{name}{n}@acme.com");
            let cell =
                WriteCell { field: EMAIL, value: Value::text(value.as_str()), expect: Value::Null, contested: false };
            let guard = Guard::ServerUnique { field: EMAIL, value: value.into() };
            Write { ty: CONTACT, act: Act::Create { guard }, cells: vec![cell], assign: false }
        })
        .collect();
    let config = hubspot::Config::default();
    let token = SecretString::from(config.token.clone());
    let world = Mutex::new(hubspot::World::new(config, 1, NOW));
    let wire = Arc::new(Wire { world, batches: Mutex::new(0), denied_from });
    let config = HubspotConfig { origin: Origin::parse("http://hubspot.localhost").unwrap(), token };
    let crm = Hubspot::new(config, wire.clone(), Arc::new(Unmetered), Arc::new(Still));
    let reads = reads();
    let calls = crm.pack(&reads, &writes);
    assert_eq!(calls.len(), 1);
    let reply = crm.send(&reads, &calls[0], &writes).await;
    let made = wire.world.lock().unwrap().records("contact").count();
    (reply, made, *wire.batches.lock().unwrap())
}

fn items(reply: Reply) -> Vec<Item> {
    match reply {
        Reply::Items(items) => items,
        Reply::Failed(error) => panic!("the whole call failed: {error}"),
    }
}

fn created(items: &[Item]) -> usize {
    items.iter().filter(|item| matches!(item, Item::Created { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn one_record_that_spoils_its_batch_costs_few_others_a_wait_and_then_none() {
    let (reply, made, batches) = create(100, |n| n == 37, usize::MAX).await;
    let all = items(reply);
    assert!(batches <= 9, "{batches} calls");
    assert_eq!(created(&all), made);
    let wait: Vec<usize> = (0..100).filter(|at| waits(&all[*at])).collect();
    assert!(wait.len() <= 7 && wait.contains(&37), "{wait:?} are sent again");
    assert_eq!(made + wait.len(), 100);

    let again = wait.len();
    let (reply, made, batches) = create(again, |n| n == again - 1, usize::MAX).await;
    let all = items(reply);
    assert!(batches <= 9, "{batches} calls");
    assert_eq!((created(&all), made), (again - 1, again - 1));
    assert!(matches!(&all[again - 1], Item::Rejected(fault) if fault.code == "VALIDATION_ERROR"), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_bad_throughout_takes_no_more_calls_than_allowed() {
    let (reply, made, batches) = create(100, |n| n >= 50, usize::MAX).await;
    let all = items(reply);
    assert!(batches <= 9, "{batches} calls");
    assert_eq!((made, created(&all)), (50, 50), "the good half is written");
    assert!(all[50..].iter().all(waits), "the other one is sent again");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_account_is_no_record_s_fault() {
    let (reply, made, batches) = create(100, |_| false, 1).await;
    assert!(matches!(reply, Reply::Failed(error) if error.kind == CallErrorKind::Denied));
    assert_eq!((made, batches), (0, 1));

    // In the middle of the search what is written stays written, and the rest is put off.
    let (reply, made, _) = create(100, |n| n == 99, 3).await;
    let all = items(reply);
    assert_eq!((made, created(&all)), (50, 50));
    assert!(all[50..].iter().all(waits));
}
