//! The real network against servers that break the rules of HTTP itself.

use std::time::Duration;

use bytes::Bytes;
use syncline::crm::http::{NetError, Network, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// One answer, byte for byte, and then the connection is closed. Returns what came of the call, and what was asked.
async fn call(answer: Vec<u8>) -> (Result<http::Response<Bytes>, NetError>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let request = http::Request::get(url).header("authorization", "Bearer canary").body(Bytes::new()).unwrap();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let read = stream.read(&mut asked).await.unwrap();
        // A client that has seen enough closes first.
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
        drop(stream);
        // Nobody may come back for more.
        let again = tokio::time::timeout(Duration::from_millis(20), listener.accept()).await;
        assert!(again.is_err(), "the call was made a second time");
        String::from_utf8_lossy(&asked[..read]).into_owned()
    };
    let network = Network::new().unwrap();
    tokio::join!(network.call(request), serve)
}

fn text(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\n\r\n{body}").into_bytes()
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_no_answer() {
    let cases: [(&str, Vec<u8>); 7] = [
        ("a body shorter than promised", text("200 OK\r\ncontent-length: 100", "{\"results\":[]}")),
        ("a chunk without an end", text("200 OK\r\ntransfer-encoding: chunked", "5\r\n{\"re")),
        ("gzip that is cut off", [text("200 OK\r\ncontent-encoding: gzip", ""), GZIP_OF_X[..12].to_vec()].concat()),
        ("gzip that is none", text("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4", "{\"a\"")),
        ("no HTTP", b"220 mail.example ESMTP\r\n".to_vec()),
        ("a length that is no number", text("200 OK\r\ncontent-length: lots", "{}")),
        ("nothing", Vec::new()),
    ];
    for (what, answer) in cases {
        let (got, _) = call(answer).await;
        match got {
            Err(error @ NetError::Lost { .. }) => {
                let said = error.to_string();
                assert!(said.starts_with("no answer from `127.0.0.1`") && !said.contains("canary"), "{what}: {said}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

/// `x`, compressed.
const GZIP_OF_X: [u8; 21] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 0, 0, 131, 22, 220, 140, 1, 0, 0, 0];

#[tokio::test]
async fn what_lies_behind_the_promised_end_is_not_read() {
    let (got, _) = call(text("200 OK\r\ncontent-length: 2", "{}HTTP/1.1 200 OK\r\n\r\n")).await;
    assert_eq!(got.unwrap().body(), "{}");
    let (got, _) = call([text("200 OK\r\ncontent-encoding: gzip", ""), GZIP_OF_X.to_vec()].concat()).await;
    assert_eq!(got.unwrap().body(), "x");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let away = text("302 Found\r\nlocation: http://localhost:1/steal\r\ncontent-length: 0", "");
    let (got, asked) = call(away).await;
    assert_eq!(got.unwrap().status(), 302);
    assert!(asked.contains("Bearer canary"));
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    // 80 MB of blanks.
    let mut answer = text("200 OK", "");
    answer.resize(answer.len() + 80_000_000, b' ');
    let (got, _) = call(answer).await;
    assert!(matches!(got, Err(NetError::TooLarge { .. })), "{:?}", got.map(|_| ()));
}
