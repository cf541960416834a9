//! `syncline sandbox`: both models on this machine until told to stop.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use miette::{Diagnostic, Report};
use thiserror::Error;

use super::out::errln;
use super::{Global, Outcome};
use crate::crm::http::{Env, SystemEnv};
use crate::sandbox::data::{self, DataError, Worlds};
use crate::sandbox::face;
use crate::sandbox::faults::{Faults, FaultsError};

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
    let ended = end_signal().map_err(SandboxError::Start)?;
    let now = SystemEnv.now();
    let worlds = match &args.data {
        Some(folder) => Worlds::read(folder, args.seed, now)?,
        None => Worlds::generate(usize::try_from(args.scale).unwrap_or(usize::MAX), args.seed, now)?,
    };
    let hubspot = Arc::new(Mutex::new(worlds.hubspot));
    let salesforce = Arc::new(Mutex::new(worlds.salesforce));
    let ports = (args.hubspot_port, args.salesforce_port);
    let face = face::serve(hubspot.clone(), salesforce.clone(), ports, || SystemEnv.now(), faults)
        .await
        .map_err(SandboxError::Port)?;
    let ready = data::credentials(
        (&face.hubspot_url(), &face::locked(&hubspot).config),
        (&face.salesforce_url(), &face::locked(&salesforce).config),
    );
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).map_err(SandboxError::Stdout)?;
    if !global.quiet {
        errln!("serving both models; Ctrl-C ends it");
    }
    ended.await;
    face.stop().await;
    if let Some(folder) = &args.dump {
        Worlds::write(folder, &face::locked(&hubspot), &face::locked(&salesforce))?;
    }
    Ok(Outcome::Fine)
}

/// Ready on Ctrl-C or SIGTERM, both caught from this call on.
#[cfg(unix)]
fn end_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn end_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Where the signal cannot be caught, it ends at once rather than never.
        let _ = tokio::signal::ctrl_c().await;
    })
}
