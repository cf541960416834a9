//! `syncline sandbox`: both models on this machine until told to stop.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use miette::{Diagnostic, Report};
use thiserror::Error;

use super::out::errln;
use super::signals::Signals;
use super::{Global, Outcome};
use crate::crm::http::{Env, SystemEnv};
use crate::data::Millis;
use crate::sandbox::data::{self, DataError, Worlds};
use crate::sandbox::face;
use crate::sandbox::faults::{Faults, FaultsError};
use crate::sandbox::tls::{Tls, TlsError};

/// Most people that are made up: two such worlds still fit into a laptop.
const MOST_PEOPLE: u64 = 1_000_000;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Port of the HubSpot model; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 8701)]
    hubspot_port: u16,
    /// Port of the Salesforce model; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 8702)]
    salesforce_port: u16,
    /// Folder with `hubspot.json` and `salesforce.json` to start from
    #[arg(long, value_name = "DIR", conflicts_with = "scale")]
    data: Option<PathBuf>,
    /// How many people to make up when there is no data
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MOST_PEOPLE))]
    scale: u64,
    /// Where chance starts: the same seed makes the same people and the same faults
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// What goes wrong, as in `429=2%,500=1%,lost=1%,slow=5%,latency=50`
    #[arg(long, value_name = "SPEC")]
    faults: Option<String>,
    /// Serve HTTPS, with a certificate made for this run: the JSON line says where to find what a client must trust
    #[arg(long)]
    tls: bool,
    /// File to write that certificate to, instead of one that goes at the end
    #[arg(long, value_name = "FILE", requires = "tls")]
    certificate: Option<PathBuf>,
    /// Folder to write `hubspot.json` and `salesforce.json` to at the end
    #[arg(long, value_name = "DIR")]
    dump: Option<PathBuf>,
}

#[derive(Debug, Error, Diagnostic)]
enum SandboxError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Faults(#[from] FaultsError),
    #[error(transparent)]
    #[diagnostic(help("a data folder holds `hubspot.json` and `salesforce.json`, as `--dump` writes them"))]
    Data(#[from] DataError),
    #[error(transparent)]
    #[diagnostic(help("name another file with `--certificate`"))]
    Tls(#[from] TlsError),
    #[error("cannot make a folder for the certificate: {0}")]
    #[diagnostic(help("name a file with `--certificate`"))]
    Folder(std::io::Error),
    #[error("cannot serve on this machine: {0}")]
    #[diagnostic(help("choose other ports with `--hubspot-port` and `--salesforce-port`; 0 takes any free one"))]
    Port(std::io::Error),
    #[error("cannot start: {0}")]
    Start(std::io::Error),
    #[error("cannot write to stdout: {0}")]
    Stdout(std::io::Error),
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let runtime = tokio::runtime::Runtime::new().map_err(SandboxError::Start)?;
    Ok(runtime.block_on(serve(args, global))?)
}

async fn serve(args: &Args, global: Global) -> Result<Outcome, SandboxError> {
    let faults = args.faults.as_deref().map(|spec| Faults::parse(spec, args.seed)).transpose()?;
    // Before the ready line: whoever reads it may send the signal at once.
    let mut signals = Signals::catch().map_err(SandboxError::Start)?;
    let now = SystemEnv.now();
    let worlds = match &args.data {
        Some(folder) => Worlds::read(folder, args.seed, now)?,
        None => Worlds::generate(usize::try_from(args.scale).unwrap_or(usize::MAX), args.seed, now)?,
    };
    let hubspot = Arc::new(Mutex::new(worlds.hubspot));
    let salesforce = Arc::new(Mutex::new(worlds.salesforce));
    let ports = (args.hubspot_port, args.salesforce_port);
    let tls = if args.tls { Some(Trust::write(args.certificate.as_deref(), now)?) } else { None };
    let secured = tls.as_ref().map(|trust| &trust.tls);
    let face = face::serve_over(hubspot.clone(), salesforce.clone(), ports, || SystemEnv.now(), faults, secured)
        .await
        .map_err(SandboxError::Port)?;
    let mut ready = data::credentials(
        (&face.hubspot_url(), &face::locked(&hubspot).config),
        (&face.salesforce_url(), &face::locked(&salesforce).config),
    );
    if let (Some(trust), Some(fields)) = (&tls, ready.as_object_mut()) {
        fields.insert("certificate".to_owned(), trust.path.display().to_string().into());
    }
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).map_err(SandboxError::Stdout)?;
    if !global.quiet {
        errln!("serving both models; Ctrl-C ends it");
    }
    signals.next().await;
    face.stop().await;
    if let Some(folder) = &args.dump {
        Worlds::write(folder, &face::locked(&hubspot), &face::locked(&salesforce))?;
    }
    Ok(Outcome::Fine)
}

/// What HTTPS is served with, and where clients find what to trust.
struct Trust {
    tls: Tls,
    path: PathBuf,
    /// Made for this run only.
    folder: Option<PathBuf>,
}

impl Trust {
    /// Into the given file, or into one in a new folder of its own, so that nobody else's file is written over.
    fn write(file: Option<&Path>, now: Millis) -> Result<Trust, SandboxError> {
        let tls = Tls::generate(now)?;
        let (path, folder) = match file {
            Some(file) => (std::path::absolute(file).map_err(SandboxError::Folder)?, None),
            None => {
                let name = format!("syncline-sandbox-{}-{}", std::process::id(), now.0);
                let folder = std::env::temp_dir().join(name);
                std::fs::create_dir(&folder).map_err(SandboxError::Folder)?;
                (folder.join("certificate.pem"), Some(folder))
            }
        };
        tls.write(&path)?;
        Ok(Trust { tls, path, folder })
    }
}

impl Drop for Trust {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // What stays behind is a certificate that nothing is served with any more.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
