//! The HTTP face of both models, with TLS where asked for: two ports on this machine only.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::faults::{Crm, Faults, Outcome, refusal};
use super::tls::{Tls, TlsListener};
use super::{hubspot, salesforce};
use crate::data::Millis;

/// Longest request body that is read.
const BODY_LIMIT: usize = 16 << 20;
/// How long calls under way may take to end after [`Face::stop`].
const GRACE: Duration = Duration::from_secs(2);

/// Both models being served. Dropping it ends the service at once.
pub struct Face {
    pub hubspot: SocketAddr,
    pub salesforce: SocketAddr,
    scheme: &'static str,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<io::Result<()>>>,
}

impl Face {
    pub fn hubspot_url(&self) -> String {
        format!("{}://{}", self.scheme, self.hubspot)
    }

    pub fn salesforce_url(&self) -> String {
        format!("{}://{}", self.scheme, self.salesforce)
    }

    /// Takes no more calls, and lets those under way end within two seconds.
    pub async fn stop(mut self) {
        // Fails only when both servers are gone already.
        let _ = self.stop.send(true);
        let end = tokio::time::Instant::now() + GRACE;
        for server in &mut self.servers {
            let _ = tokio::time::timeout_at(end, server).await;
        }
    }
}

impl Drop for Face {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// Serves both models on 127.0.0.1, HubSpot on the first port and Salesforce on the second (0: any free one). The org
/// learns the address under which it is served.
pub async fn serve<C>(
    hubspot: Arc<Mutex<hubspot::World>>,
    salesforce: Arc<Mutex<salesforce::World>>,
    ports: (u16, u16),
    clock: C,
    faults: Option<Faults>,
) -> io::Result<Face>
where
    C: Fn() -> Millis + Send + Sync + Clone + 'static,
{
    serve_over(hubspot, salesforce, ports, clock, faults, None).await
}

/// [`serve`], over HTTPS where a certificate is given.
pub async fn serve_over<C>(
    hubspot: Arc<Mutex<hubspot::World>>,
    salesforce: Arc<Mutex<salesforce::World>>,
    ports: (u16, u16),
    clock: C,
    faults: Option<Faults>,
    tls: Option<&Tls>,
) -> io::Result<Face>
where
    C: Fn() -> Millis + Send + Sync + Clone + 'static,
{
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listeners = (bind(ports.0).await?, bind(ports.1).await?);
    let at = (listeners.0.local_addr()?, listeners.1.local_addr()?);
    locked(&salesforce).config.instance_url = format!("{scheme}://{}", at.1);
    let (stop, stopped) = watch::channel(false);
    let faults = faults.map(|faults| Arc::new(Mutex::new(faults)));
    let now = clock.clone();
    let portal = Model {
        crm: Crm::Hubspot,
        faults: faults.clone(),
        handle: Arc::new(move |request| hubspot::handle(&mut locked(&hubspot), now(), request)),
    };
    let org = Model {
        crm: Crm::Salesforce,
        faults,
        handle: Arc::new(move |request| salesforce::handle(&mut locked(&salesforce), clock(), request)),
    };
    let mut servers = Vec::new();
    for (listener, at, model) in [(listeners.0, at.0, portal), (listeners.1, at.1, org)] {
        let router = Router::new().fallback(answer).with_state(model);
        let mut stopped = stopped.clone();
        let end = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        servers.push(match tls {
            None => tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(end).await }),
            Some(tls) => {
                let listener = TlsListener::new(listener, at, tls);
                tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(end).await })
            }
        });
    }
    Ok(Face { hubspot: at.0, salesforce: at.1, scheme, stop, servers })
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("port {port}: {error}")))
}

/// A lock on a model. A panic under it leaves plain data behind, which the next call can read.
pub fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

type Handle = dyn Fn(&http::Request<Bytes>) -> http::Response<Bytes> + Send + Sync;

/// One CRM behind its port.
#[derive(Clone)]
struct Model {
    crm: Crm,
    faults: Option<Arc<Mutex<Faults>>>,
    handle: Arc<Handle>,
}

async fn answer(State(model): State<Model>, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_loopback) {
        // A page in a browser could otherwise reach the models through a name that it points at this machine.
        return plain(StatusCode::MISDIRECTED_REQUEST, "the sandbox answers on this machine only\n");
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is cut off or over 16 MiB\n");
    };
    let request = http::Request::from_parts(parts, body);
    let Some(faults) = &model.faults else { return (model.handle)(&request).map(Body::from) };
    let fate = locked(faults).draw(model.crm, request.uri().path());
    if !fate.delay.is_zero() {
        tokio::time::sleep(fate.delay).await;
    }
    match fate.outcome {
        Outcome::Answered => (model.handle)(&request).map(Body::from),
        Outcome::Refused(status) => refusal(model.crm, status).map(Body::from),
        Outcome::Lost => (model.handle)(&request).map(|_| broken()),
    }
}

/// A body that breaks off: the server closes the connection in the middle of the answer.
fn broken() -> Body {
    Body::from_stream(futures_util::stream::once(async {
        Err::<Bytes, io::Error>(io::ErrorKind::ConnectionReset.into())
    }))
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

/// Whether a `Host` header, with or without a port, names this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for good in ["localhost", "LOCALHOST:80", "127.0.0.1:9", "[::1]:9", "[::1]", "acme.localhost:1"] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in ["", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost"] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
