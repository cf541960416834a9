//! `syncline demo`: both simulated CRMs in this process, on real sample records; rules checked, planned, applied over
//! HTTP; edits on both sides; applied again. Leaves its project folder behind.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use miette::{Diagnostic, Report};
use serde_json::Value;
use thiserror::Error;

use super::out::{out, outln};
use super::passes::{PassError, Passed, Ran, pass};
use super::project::Project;
use super::show::{self, Collector};
use super::{Format, Global, Outcome, block_on, check};
use crate::crm::http::{Env, SystemEnv};
use crate::sandbox::data::{DataError, Worlds};
use crate::sandbox::{face, hubspot, salesforce};
use crate::sync::PassOptions;

const FOLDER: &str = "syncline-demo";
/// How far HubSpot's index is behind in the demo: shorter than in life, so that it is read in a minute.
const SEARCH_LAG: Duration = Duration::from_secs(2);
/// The whole project, as it stands under `examples/`.
const FILES: [(&str, &str); 7] = [
    ("syncline.yaml", include_str!("../../examples/developer-edition/syncline.yaml")),
    ("rules/people.sync", include_str!("../../examples/developer-edition/rules/people.sync")),
    ("rules/people.tests.sync", include_str!("../../examples/developer-edition/rules/people.tests.sync")),
    ("schemas/hubspot.json", include_str!("../../examples/developer-edition/schemas/hubspot.json")),
    ("schemas/salesforce.json", include_str!("../../examples/developer-edition/schemas/salesforce.json")),
    ("data/hubspot.json", include_str!("../../examples/developer-edition/data/hubspot.json")),
    ("data/salesforce.json", include_str!("../../examples/developer-edition/data/salesforce.json")),
];

#[derive(clap::Args)]
pub(super) struct Args {
    /// Folder to leave the project in; must be new or empty
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    into: PathBuf,
}

#[derive(Debug, Error, Diagnostic)]
enum DemoError {
    #[error("`demo` is told to people only; it has no `json` form")]
    #[diagnostic(help("`syncline plan --format json` on the project that it leaves gives a plan to machines"))]
    ForPeople,
    #[error("`{0}` is there already, and not empty")]
    #[diagnostic(help("name another folder with `--into`, or move that one away"))]
    Exists(PathBuf),
    #[error("cannot write `{path}`: {why}")]
    Write { path: PathBuf, why: String },
    #[error("cannot serve on this machine: {0}")]
    Serve(std::io::Error),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Pass(#[from] PassError),
    #[error("the sample project has errors")]
    Rules,
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    if global.format == Format::Json {
        return Err(DemoError::ForPeople.into());
    }
    write_project(&args.into)?;
    let project = Project::read(&args.into)?;
    block_on(play(&args.into, project, global))??;
    Ok(Outcome::Fine)
}

fn write_project(folder: &Path) -> Result<(), DemoError> {
    // Anything that is there might be somebody's.
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(DemoError::Exists(folder.to_owned()));
    }
    let (portal, org) = (hubspot::Config::default(), salesforce::Config::default());
    let secrets =
        [("secrets/hubspot-token", portal.token.as_str()), ("secrets/salesforce-secret", org.client_secret.as_str())];
    for (name, text) in FILES.into_iter().chain(secrets) {
        let path = folder.join(name);
        let fail = |error: std::io::Error| DemoError::Write { path: path.clone(), why: error.to_string() };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        std::fs::write(&path, text).map_err(fail)?;
    }
    Ok(())
}

async fn play(folder: &Path, mut project: Project, global: Global) -> Result<(), Report> {
    let read = |name: &str| -> Value {
        let text = FILES.iter().find(|(file, _)| *file == name).map_or("{}", |(_, text)| text);
        serde_json::from_str(text).unwrap_or_default()
    };
    let data = (read("data/hubspot.json"), read("data/salesforce.json"));
    let mut worlds = Worlds::load(&data.0, &data.1, 1, SystemEnv.now()).map_err(DemoError::from)?;
    worlds.hubspot.config.search_lag_ms = SEARCH_LAG.as_millis() as i64;
    let (portal, org) = (Arc::new(Mutex::new(worlds.hubspot)), Arc::new(Mutex::new(worlds.salesforce)));
    let face =
        face::serve(portal.clone(), org.clone(), (0, 0), || SystemEnv.now(), None).await.map_err(DemoError::Serve)?;
    if let (Some(left), Some(right)) = (&mut project.settings.hubspot, &mut project.settings.salesforce) {
        left.url = Some(face.hubspot_url());
        right.url = face.salesforce_url();
    }
    say("1", "Two simulated CRMs are up, with the people of a Salesforce Developer Edition org and a HubSpot portal:");
    outln!("   HubSpot     {}   {} contacts", face.hubspot_url(), face::locked(&portal).records("contact").count());
    let people: usize = {
        let org = face::locked(&org);
        ["Lead", "Contact"].iter().map(|object| org.records(object).count()).sum()
    };
    outln!("   Salesforce  {}   {people} leads and contacts", face.salesforce_url());

    say("2", &format!("syncline check      {}/rules/people.sync", folder.display()));
    let (plan, findings) = project.compile(&mut crate::data::Dict::default());
    check::print(&findings, &project.files, global);
    if plan.is_none() {
        return Err(DemoError::Rules.into());
    }

    say("3", "syncline plan       what the rules would write; nothing is written");
    round(&project, true, 8, global).await?;

    say("4", "syncline apply      the same for real, over HTTP");
    round(&project, false, 0, global).await?;

    say("5", "People edit a few records on both sides:");
    for told in edit(&portal, &org) {
        outln!("   {told}");
    }
    outln!("\n   HubSpot's search shows an edit only some seconds later: {} here.", SEARCH_LAG.as_secs());
    tokio::time::sleep(SEARCH_LAG + Duration::from_millis(200)).await;
    say("6", "syncline apply      only what changed moves, and each value names its rule");
    round(&project, false, 20, global).await?;

    say("7", "syncline apply      once more: both sides agree, so nothing is written");
    round(&project, false, 20, global).await?;

    let data = folder.join("data");
    Worlds::write(&data, &face::locked(&portal), &face::locked(&org)).map_err(DemoError::from)?;
    face.stop().await;
    let at = folder.display();
    outln!(
        "\nThe project is in {at}/: rules, settings, schemas, data as it is now, and the state. Go on with:\n\n  \
         syncline sandbox --data {at}/data     serve both CRMs again (leave it running)\n  \
         syncline plan -C {at}                 after you have changed {at}/rules/people.sync\n  \
         syncline apply -C {at}\n"
    );
    Ok(())
}

fn say(step: &str, what: &str) {
    outln!("\n{step}. {what}\n");
}

async fn round(project: &Project, dry: bool, most: usize, global: Global) -> Result<(), Report> {
    let collector = Collector::new(global.quiet);
    let options = PassOptions { count_only: dry, ..PassOptions::default() };
    let passed = pass(project, dry, &options, &collector).await.map_err(DemoError::from)?;
    let Passed::Ran(ran) = passed else { return Err(DemoError::Rules.into()) };
    let Ran { plan, report, problems } = *ran;
    let mut told = collector.told();
    told.with_problems(problems);
    if most > 0 {
        out!("{}", show::changes(&told, &plan, most, dry));
    }
    if dry {
        out!("{}", show::reasons(&told, 12));
    }
    out!("{}", show::summary(&report, &told, dry));
    Ok(())
}

/// What people do in the meantime; told in words.
fn edit(portal: &Mutex<hubspot::World>, org: &Mutex<salesforce::World>) -> Vec<String> {
    let now = SystemEnv.now();
    let mut told = Vec::new();
    let mut portal = face::locked(portal);
    let contact = |portal: &hubspot::World, email: &str| {
        portal
            .records("contact")
            .find(|record| record.get("email").is_some_and(|held| held.eq_ignore_ascii_case(email)))
            .map(|record| record.id().to_string())
    };
    let edits = [("rose@edge.com", "mobilephone", "(512) 757-9999"), ("sean@edge.com", "city", "Round Rock")];
    for (email, name, value) in edits {
        if let Some(id) = contact(&portal, email)
            && portal.user_update("contact", &id, &[(name, Some(value))], now).is_ok()
        {
            told.push(format!("HubSpot     {email}: {name} = {value:?}"));
        }
    }
    let mut org = face::locked(org);
    let edits = [
        ("Contact", "rose@edge.com", "Title", "Chief Procurement Officer"),
        ("Lead", "bertha@fcof.net", "City", "Miami"),
    ];
    for (object, email, field, value) in edits {
        let found = org
            .records(object)
            .find(|record| org.value(object, record, "Email").as_ref().and_then(Value::as_str) == Some(email));
        let id = found.and_then(|record| org.value(object, record, "Id")).and_then(|id| id.as_str().map(str::to_owned));
        if let Some(id) = id
            && org.user_update(object, &id, &[(field, Value::from(value))], now).is_ok()
        {
            told.push(format!("Salesforce  {email}: {field} = {value:?}"));
        }
    }
    told
}
