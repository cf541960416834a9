//! What the sandbox promises over a real connection.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{StatusCode, header};
use syncline::crm::http::{Env, NetError, Network, SystemEnv, Transport};
use syncline::data::Millis;
use syncline::sandbox::face::{Face, serve, serve_over};
use syncline::sandbox::faults::Faults;
use syncline::sandbox::tls::Tls;
use syncline::sandbox::{hubspot, salesforce};

async fn face(faults: Option<&str>) -> (Face, Arc<Mutex<hubspot::World>>) {
    let hubspot = Arc::new(Mutex::new(hubspot::World::new(hubspot::Config::default(), 1, Millis(0))));
    let salesforce = Arc::new(Mutex::new(salesforce::World::new(salesforce::Config::default(), 1, Millis(0))));
    let faults = faults.map(|spec| Faults::parse(spec, 1).unwrap());
    let face = serve(hubspot.clone(), salesforce, (0, 0), || Millis(1_000), faults).await.unwrap();
    (face, hubspot)
}

fn create(face: &Face) -> http::Request<Bytes> {
    let body = Bytes::from_static(br#"{"properties":{"email":"ada@example.com"}}"#);
    http::Request::post(format!("{}/crm/v3/objects/contacts", face.hubspot_url()))
        .header(header::AUTHORIZATION, "Bearer sim-hubspot-00000000")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .unwrap()
}

fn contacts(world: &Mutex<hubspot::World>) -> usize {
    world.lock().unwrap().records("contacts").count()
}

#[tokio::test]
async fn a_lost_call_is_applied_and_not_answered() {
    let (face, world) = face(Some("lost=100%")).await;
    let lost = Network::new().unwrap().call(create(&face)).await;
    assert!(matches!(lost, Err(NetError::Lost { .. })), "{lost:?}");
    assert_eq!(contacts(&world), 1);
}

#[tokio::test]
async fn https_is_trusted_by_the_certificate_that_is_told_and_by_no_other() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let now = SystemEnv.now();
    let (tls, other) = (Tls::generate(now).unwrap(), Tls::generate(now).unwrap());
    let hubspot = Arc::new(Mutex::new(hubspot::World::new(hubspot::Config::default(), 1, now)));
    let salesforce = Arc::new(Mutex::new(salesforce::World::new(salesforce::Config::default(), 1, now)));
    let clock = move || now;
    let face = serve_over(hubspot, salesforce.clone(), (0, 0), clock, None, Some(&tls)).await.unwrap();
    assert!(face.salesforce_url().starts_with("https://127.0.0.1:"));
    assert_eq!(salesforce.lock().unwrap().config.instance_url, face.salesforce_url());
    assert!(!tls.authority().contains("PRIVATE KEY"));
    // A client that never shakes hands holds up nobody.
    let silent = tokio::net::TcpStream::connect(face.salesforce).await.unwrap();
    for (trusted, name, works) in [(&tls, "127.0.0.1", true), (&tls, "localhost", true), (&other, "127.0.0.1", false)] {
        let roots = [reqwest::Certificate::from_pem(trusted.authority().as_bytes()).unwrap()];
        let client = reqwest::Client::builder().tls_certs_only(roots).build().unwrap();
        let url = format!("https://{name}:{}/services/data", face.salesforce.port());
        assert_eq!(client.get(url).send().await.is_ok_and(|answer| answer.status() == StatusCode::OK), works, "{name}");
    }
    drop(silent);
    face.stop().await;
}

#[tokio::test]
async fn a_refused_call_is_not_applied() {
    let (face, world) = face(Some("429=100%")).await;
    let refused = Network::new().unwrap().call(create(&face)).await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(contacts(&world), 0);
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let (face, world) = face(None).await;
    let mut request = create(&face);
    request.headers_mut().insert(header::HOST, "evil.example".parse().unwrap());
    let refused = Network::new().unwrap().call(request).await.unwrap();
    assert_eq!(refused.status(), StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(contacts(&world), 0);
}

#[tokio::test]
async fn after_a_stop_nothing_listens() {
    let (face, _) = face(None).await;
    let request = create(&face);
    let network = Network::new().unwrap();
    assert_eq!(network.call(request.clone()).await.unwrap().status(), StatusCode::CREATED);
    face.stop().await;
    let gone = network.call(request).await;
    assert!(matches!(gone, Err(NetError::NotSent { .. })), "{gone:?}");
}
