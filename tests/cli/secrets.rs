//! Canaries: no secret shows in what is said or left behind, whatever goes wrong.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::stage::{HUBSPOT_TOKEN, SALESFORCE_SECRET, Sandbox, Stage};

const CANARIES: [&str; 2] = ["canary-hubspot-5e7b", "canary-salesforce-91cd"];

fn silent(stage: &Stage, said: &[String], secrets: &[&str]) {
    let mut kept: Vec<(String, Vec<u8>)> =
        said.iter().map(|text| ("what was said".to_owned(), text.clone().into_bytes())).collect();
    let own = stage.path().join("secrets");
    for path in stage.files().into_iter().filter(|path| !path.starts_with(&own)) {
        kept.push((path.display().to_string(), std::fs::read(path).unwrap()));
    }
    for (at, bytes) in kept {
        for secret in secrets {
            let held = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!held, "`{secret}` is in {at}:\n{}", String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]));
        }
    }
}

fn all_verbs(stage: &Stage) -> Vec<String> {
    let verbs = ["check", "plan", "plan --format json", "apply", "apply --format json", "pull", "pull --format json"];
    verbs.iter().map(|args| stage.run(args).to_string()).collect()
}

#[test]
fn secrets_that_work_are_nowhere_to_be_seen() {
    let (stage, _sandbox) = Stage::served();
    let said = all_verbs(&stage);
    assert!(said[3].contains("Done: "), "{}", said[3]);
    // The session that the org gives out begins with the org's id and a mark.
    silent(&stage, &said, &[HUBSPOT_TOKEN, SALESFORCE_SECRET, "00DHs000000Sim1!", "Bearer "]);
}

#[test]
fn secrets_that_are_refused_are_not_repeated() {
    let (stage, sandbox) = Stage::served();
    let mut said = Vec::new();
    for broken in ["secrets/hubspot-token", "secrets/salesforce-secret"] {
        stage.write("secrets/hubspot-token", HUBSPOT_TOKEN);
        stage.write("secrets/salesforce-secret", SALESFORCE_SECRET);
        stage.write(broken, CANARIES[usize::from(broken.contains("salesforce"))]);
        said.extend(all_verbs(&stage));
        // Not fit for a header.
        stage.write(broken, format!("{}\u{7}\n{}", CANARIES[0], CANARIES[1]));
        said.extend(all_verbs(&stage));
    }
    drop::<Sandbox>(sandbox);
    said.extend(all_verbs(&stage));
    silent(&stage, &said, &CANARIES);
}

/// A server that answers every call with what it was sent, as a gateway's error page may.
fn parrot(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = vec![0; 16_384];
            let read = stream.read(&mut asked).unwrap_or(0);
            let said = String::from_utf8_lossy(&asked[..read]).replace(['\r', '\n', '"'], " ");
            let body = format!(r#"{{"message":"cannot do: {said}","error":"x","error_description":"{said}"}}"#);
            let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

#[test]
fn a_server_that_repeats_what_it_was_sent_is_not_quoted() {
    for status in ["400 Bad Request", "403 Forbidden", "200 OK"] {
        let (stage, sandbox) = Stage::served();
        let parrot = parrot(status);
        stage.write("secrets/hubspot-token", CANARIES[0]);
        stage.point_at(&parrot, sandbox.url("salesforce"));
        let mut said = all_verbs(&stage);
        stage.write("secrets/hubspot-token", HUBSPOT_TOKEN);
        stage.write("secrets/salesforce-secret", CANARIES[1]);
        stage.point_at(sandbox.url("hubspot"), &parrot);
        said.extend(all_verbs(&stage));
        silent(&stage, &said, &CANARIES);
    }
}
