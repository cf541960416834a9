//! What HubSpot tells in pages, by record and by type is read to its end, whatever happens meanwhile.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use secrecy::SecretString;
use syncline::crm::http::{Fut, NetError, Origin, Transport, Unmetered};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::{
    Act, Crm, FeedAt, FeedKind, FieldRead, ListRead, MemberChange, Overwritten, Reads, TypeRead, Write, WriteCell,
};
use syncline::data::{FieldKind, Millis, Uid, Value};
use syncline::sandbox::hubspot::{self, Processing};

use super::{NOW, Still};

const CONTACT: Uid = Uid(1);
const COMPANY: Uid = Uid(2);
const LIST: Uid = Uid(3);
const PHONE: Uid = Uid(4);
const NAME: Uid = Uid(5);

struct Wire(Mutex<hubspot::World>);

impl Transport for Wire {
    fn call<'a>(&'a self, request: http::Request<Bytes>) -> Fut<'a, Result<http::Response<Bytes>, NetError>> {
        let answer = hubspot::handle(&mut self.0.lock().unwrap(), NOW, &request);
        Box::pin(async move { Ok(answer) })
    }
}

fn portal() -> (Arc<Wire>, Hubspot) {
    let config = hubspot::Config::default();
    let token = SecretString::from(config.token.clone());
    let wire = Arc::new(Wire(Mutex::new(hubspot::World::new(config, 1, NOW))));
    let config = HubspotConfig { origin: Origin::parse("http://hubspot.localhost").unwrap(), token };
    let crm = Hubspot::new(config, wire.clone(), Arc::new(Unmetered), Arc::new(Still));
    (wire, crm)
}

fn reads() -> Reads {
    let of = |uid, name: &str, field, property: &str| {
        let kind = FieldKind::Text;
        let field = FieldRead { uid: field, name: property.into(), kind, initial: Default::default() };
        TypeRead { uid, name: name.into(), fields: vec![field], own_keys: Vec::new(), unique: Vec::new() }
    };
    let types = vec![of(CONTACT, "contact", PHONE, "phone"), of(COMPANY, "company", NAME, "name")];
    Reads { types, lists: vec![ListRead { uid: LIST, name: "L".into(), of: CONTACT }] }
}

#[tokio::test(start_paused = true)]
async fn owners_are_read_to_the_last_page() {
    let (wire, crm) = portal();
    for id in 1..=1_203 {
        let (first_name, last_name) = ("A".to_owned(), format!("B{id}"));
        let (email, archived, created) = (format!("o{id}@acme.com"), id % 2 == 0, NOW);
        let owner =
            hubspot::Owner { id, email, first_name, last_name, user_id: Some(id), archived, created, updated: NOW };
        wire.0.lock().unwrap().add_owner(owner);
    }
    let people = crm.people().await.unwrap();
    let active = people.iter().filter(|person| person.active).count();
    assert_eq!((people.len(), active), (1_203, 602));
}

/// Reads the feed of the list to its end and keeps its members, as the mirror does.
async fn read_list(crm: &Hubspot, at: &mut FeedAt, members: &mut BTreeSet<Box<str>>, mut between: impl FnMut()) {
    let mut named: Option<BTreeSet<Box<str>>> = None;
    loop {
        at.known = Some(members.len() as u64);
        let page = crm.read(&reads(), std::slice::from_ref(at)).await.remove(0).unwrap();
        for change in page.members {
            match change {
                MemberChange::Joined { id, .. } => {
                    named.iter_mut().for_each(|named| named.extend([id.clone()]));
                    members.insert(id);
                }
                MemberChange::Left { id, .. } => members.retain(|member| *member != id),
                MemberChange::Start { .. } => named = Some(BTreeSet::new()),
                MemberChange::End { .. } => *members = named.take().unwrap(),
            }
        }
        at.cursor = Some(page.cursor);
        if !page.more {
            return;
        }
        between();
    }
}

#[tokio::test(start_paused = true)]
async fn a_join_and_a_leave_while_a_list_is_read_are_seen_by_the_next_reading() {
    let (wire, crm) = portal();
    let ids: Vec<String> = {
        let mut world = wire.0.lock().unwrap();
        let list = world.list_create("L", "contact", Processing::Manual, NOW).unwrap();
        let ids: Vec<String> =
            (0..600).map(|_| world.user_create("contact", &[("phone", Some("1"))], NOW).unwrap()).collect();
        // All but the first.
        for (n, id) in ids.iter().enumerate().skip(1) {
            world.list_add(&list, id, NOW.minus(1_000_000 - n as i64)).unwrap();
        }
        ids
    };
    let specs = crm.feeds(&reads());
    let spec = specs.into_iter().find(|spec| matches!(spec.kind, FeedKind::Members { .. })).unwrap();
    let mut at = spec.from_start();
    let mut members = BTreeSet::new();
    let mut later = NOW;
    let mut first = true;
    read_list(&crm, &mut at, &mut members, || {
        // Both are on the page that is read already, and the list is as long as before.
        if std::mem::take(&mut first) {
            later = later.plus(1_000);
            let mut world = wire.0.lock().unwrap();
            assert!(world.list_add("1", &ids[0], later).unwrap() && world.list_remove("1", &ids[1], later).unwrap());
        }
    })
    .await;
    assert!(!first, "the list takes several pages");
    read_list(&crm, &mut at, &mut members, || ()).await;
    let mut expected: BTreeSet<Box<str>> = ids.into_iter().map(Into::into).collect();
    let left = expected.iter().nth(1).cloned().unwrap();
    expected.remove(&left);
    assert_eq!(members.symmetric_difference(&expected).collect::<Vec<_>>(), Vec::<&Box<str>>::new());
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_update_replaced_is_found_in_records_of_all_types() {
    let (wire, crm) = portal();
    let made = |object: &str, field: &str| {
        let mut world = wire.0.lock().unwrap();
        let mut at = NOW.minus(10_000);
        let id = world.user_create(object, &[(field, Some("seen"))], at).unwrap();
        for value in ["theirs", "ours"] {
            at = at.plus(1_000);
            world.user_update(object, &id, &[(field, Some(value))], at).unwrap();
        }
        id
    };
    let write = |ty, field, id: String| {
        let cell = WriteCell { field, value: Value::text("ours"), expect: Value::text("seen"), contested: true };
        Write { ty, act: Act::Update { id: id.into() }, cells: vec![cell], assign: false }
    };
    let writes = [
        write(CONTACT, PHONE, made("contact", "phone")),
        write(COMPANY, NAME, made("company", "name")),
        write(CONTACT, PHONE, made("contact", "phone")),
    ];
    let replaced = crm.overwritten(&reads(), &writes, Millis(0)).await.unwrap();
    let theirs = |field| vec![Overwritten { field, value: Value::text("theirs") }];
    assert_eq!(replaced, [theirs(PHONE), theirs(NAME), theirs(PHONE)]);
}
