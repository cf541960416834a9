//! HTTPS for the face: certificates made for one run, and a listener that shakes hands before it hands out.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::data::Millis;

/// Names that the face answers to.
const NAMES: [&str; 3] = ["localhost", "*.localhost", "127.0.0.1"];
/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that have shaken hands and wait to be served.
const WAITING: usize = 64;

#[derive(Debug, Error)]
pub enum TlsError {
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("cannot use the certificate: {0}")]
    Unusable(#[from] rustls::Error),
    #[error("cannot write the certificate to `{path}`: {why}")]
    Unwritable { path: String, why: io::Error },
}

/// A certificate for this machine, signed by an authority of which only the certificate is kept: trusting it means to
/// trust this one server. No key leaves the process.
pub struct Tls {
    acceptor: TlsAcceptor,
    authority: String,
}

impl Tls {
    /// Valid from the start of last year to the end of next year: some clients refuse longer ones.
    pub fn generate(now: Millis) -> Result<Tls, TlsError> {
        let year: i32 = now.to_iso().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026);
        let valid = |mut params: CertificateParams, name: &str| {
            params.not_before = rcgen::date_time_ymd(year - 1, 1, 1);
            params.not_after = rcgen::date_time_ymd(year + 1, 12, 31);
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        let mut authority = valid(CertificateParams::new(Vec::new())?, "syncline sandbox authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate()?;
        let trusted = authority.self_signed(&authority_key)?;
        let mut own = valid(CertificateParams::new(NAMES.map(str::to_owned))?, "syncline sandbox");
        own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Strict clients look for the link to the authority.
        own.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let own = own.signed_by(&key, &Issuer::new(authority, authority_key))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), authority: trusted.pem() })
    }

    /// What a client must trust, as PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Writes what a client must trust.
    pub fn write(&self, path: &Path) -> Result<(), TlsError> {
        std::fs::write(path, &self.authority)
            .map_err(|why| TlsError::Unwritable { path: path.display().to_string(), why })
    }
}

/// Connections on which TLS is agreed. A client that is slow to agree holds up nobody else.
pub(super) struct TlsListener {
    at: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    pub fn new(mut listener: TcpListener, at: SocketAddr, tls: &Tls) -> TlsListener {
        let (out, ready) = mpsc::channel(WAITING);
        let acceptor = tls.acceptor.clone();
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, from) = axum::serve::Listener::accept(&mut listener).await;
                let (out, agreed) = (out.clone(), acceptor.accept(stream));
                tokio::spawn(async move {
                    // Who speaks no TLS, or distrusts the certificate, is told by the handshake itself.
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, agreed).await {
                        let _ = out.send((stream, from)).await;
                    }
                });
            }
        });
        TlsListener { at, ready, accepting }
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            // The accepting task lives as long as this does.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.at)
    }
}
