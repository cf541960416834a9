//! `syncline link` and `syncline decline`: a person's answer to a match that a rule proposes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use miette::{Diagnostic, Report};
use serde_json::{Value as Json, json};
use thiserror::Error;

use super::answers;
use super::local::{Local, LocalError, programs};
use super::out::outln;
use super::project::Project;
use super::show::crm;
use super::why::{Asked, find};
use super::{Format, Global, Outcome, block_on};
use crate::crm::http::{Env, SystemEnv};
use crate::data::{BySide, Dict, Side};
use crate::decide::identify;
use crate::diagnostic::escape;
use crate::lang::plan::{Plan, RuleRef};
use crate::store::{Answer, Hood, InstanceLock, Reader, Rid, Role, Sid, Sqlite, Store, StoreError};
use crate::sync::type_indexes;

/// How long whoever works on the state is given to take the word; it may be in the middle of a pass.
const WAIT: Duration = Duration::from_secs(3);
/// Proposals that are listed.
const MOST: usize = 200;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The HubSpot record: its id, or a key that `match` lines know; without records, all that is proposed is listed
    #[arg(value_name = "HUBSPOT", requires = "salesforce")]
    hubspot: Option<String>,
    /// The Salesforce record, likewise
    #[arg(value_name = "SALESFORCE")]
    salesforce: Option<String>,
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

#[derive(Debug, Error, Diagnostic)]
enum LinkError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Local(#[from] LocalError),
    #[error("no match of `{0}` and `{1}` is proposed")]
    #[diagnostic(help("`syncline link` lists what is proposed; `syncline why` says how a record stands"))]
    NotProposed(String, String),
    #[error("several matches of `{0}` and `{1}` are proposed")]
    #[diagnostic(help("name both records by their ids: `syncline link` lists them"))]
    Several(String, String),
    #[error("{0} is linked to another record")]
    #[diagnostic(help(
        "keep the two apart with `syncline decline`, or merge the two records that want it for a partner"
    ))]
    Taken(String),
    #[error("cannot write beside `{path}`: {why}")]
    Write { path: PathBuf, why: String },
}

/// A match that waits for an answer, or has one that another may take the place of.
struct Proposal {
    /// The one that was given, or the one that joins them.
    answer: Answer,
    /// The subjects of the two records.
    sids: BySide<Sid>,
    /// Type and id.
    records: BySide<(String, String)>,
    /// The side of the record that has another partner.
    taken: Option<Side>,
    sync: String,
    /// The match line that proposes it; none where somebody has answered.
    rule: Option<RuleRef>,
}

impl Proposal {
    fn name(&self, side: Side) -> String {
        let (ty, id) = &self.records[side];
        format!("{} {ty} {}", crm(side), escape(id))
    }

    fn json(&self, plan: &Plan) -> Json {
        let record = |side: Side| json!({"type": self.records[side].0, "id": self.records[side].1});
        let rule = self.rule.as_ref();
        let file = rule.and_then(|rule| plan.files.get(rule.place.file));
        json!({
            "hubspot": record(Side::Left), "salesforce": record(Side::Right), "sync": self.sync,
            "rule": rule.map(|rule| &*rule.name), "file": file, "line": rule.map(|rule| rule.place.line),
            "linked_elsewhere": self.taken.is_some(),
        })
    }
}

pub(super) fn run(args: &Args, global: Global, same: bool) -> Result<Outcome, Report> {
    let project = Project::read(&args.project)?;
    Ok(block_on(work(&project, args, global, same))??)
}

async fn work(project: &Project, args: &Args, global: Global, same: bool) -> Result<Outcome, LinkError> {
    let path = &project.settings.state;
    let fail = |error: StoreError| LocalError::State { path: path.clone(), error };
    let Local { reader, dict, plan } = Local::open(project, "nothing is proposed before the first pass").await?;
    let (Some(hubspot), Some(salesforce)) = (&args.hubspot, &args.salesforce) else {
        let sids = reader.with_issue("R709").await.map_err(fail)?;
        let all = proposals(&reader, &plan, &dict, &sids).await.map_err(fail)?;
        let open: Vec<&Proposal> = all.iter().filter(|one| one.rule.is_some()).collect();
        list(&open, &plan, global);
        return Ok(Outcome::Fine);
    };
    let asked = |side: Side, text: &str| Asked { side: Some(side), text: Asked::parse(text).text };
    let asked = BySide::new(asked(Side::Left, hubspot), asked(Side::Right, salesforce));
    let left = find(&reader, &plan, &asked.left).await.map_err(fail)?.sids;
    let right = find(&reader, &plan, &asked.right).await.map_err(fail)?.sids;
    let all: Vec<Sid> = left.iter().chain(&right).copied().collect();
    let mut meant = proposals(&reader, &plan, &dict, &all).await.map_err(fail)?;
    meant.retain(|one| left.contains(&one.sids.left) && right.contains(&one.sids.right));
    // A word may be taken back, and is not said twice.
    meant.retain(|one| one.rule.is_some() || one.answer.same != same);
    let named = || (asked.left.text.clone(), asked.right.text.clone());
    let one = match (meant.pop(), meant.is_empty()) {
        (Some(one), true) => one,
        (None, _) => return Err(LinkError::NotProposed(named().0, named().1)),
        (Some(_), false) => return Err(LinkError::Several(named().0, named().1)),
    };
    if let (true, Some(side)) = (same, one.taken) {
        return Err(LinkError::Taken(one.name(side)));
    }
    let answer = Answer { same, ..one.answer.clone() };
    let taken = give(path, &answer).await?;
    match global.format {
        Format::Json => outln!("{}", json!({"version": 1, "same": same, "match": one.json(&plan), "taken": taken})),
        _ => {
            let what = if same { "linked" } else { "kept apart" };
            let when =
                if taken { "the next pass goes by it" } else { "it is taken up after the pass that is under way" };
            outln!("{what}: {} and {}; {when}", one.name(Side::Left), one.name(Side::Right));
        }
    }
    Ok(Outcome::Fine)
}

/// Puts the word into the state, or leaves it for the process that has it. Returns whether it is there now.
async fn give(path: &std::path::Path, answer: &Answer) -> Result<bool, LinkError> {
    let fail = |error: StoreError| LocalError::State { path: path.into(), error };
    let free = InstanceLock::take(path).map(drop);
    if !matches!(free, Err(StoreError::Busy)) {
        match Sqlite::open(path) {
            Err(StoreError::Busy) => {}
            opened => {
                let store = opened.map_err(fail)?;
                let (epoch, _) = store.open("syncline link").await.map_err(fail)?;
                store.answer(epoch, answer, SystemEnv.now()).await.map_err(fail)?;
                return Ok(true);
            }
        }
    }
    let write = |error: std::io::Error| LinkError::Write { path: path.into(), why: error.to_string() };
    answers::leave(path, answer).map_err(write)?;
    let began = Instant::now();
    while began.elapsed() < WAIT {
        if answers::is_taken(path, answer) {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(false)
}

/// What is proposed for these subjects, and what was answered and is not linked; each pair once.
async fn proposals(reader: &dyn Reader, plan: &Plan, dict: &Dict, sids: &[Sid]) -> Result<Vec<Proposal>, StoreError> {
    let index = type_indexes(plan);
    let now = SystemEnv.now();
    let hood = reader.load(&index, sids).await?.seen(now, BySide::default());
    let mut out: Vec<Proposal> = Vec::new();
    for program in &programs(reader, plan).await? {
        let identified = identify(program, &hood, now.0);
        let (block, sync) = (program.block.uid, &program.block.name);
        for proposed in identified.proposed.values() {
            let Some(line) = program.block.matches.get(proposed.line) else { continue };
            for pair in &proposed.pairs {
                let answer = Answer { block, left: pair.left, right: pair.right, same: true };
                if !out.iter().any(|one| one.answer == answer) {
                    out.extend(proposal(&hood, dict, answer, sync, Some(&line.rule)));
                }
            }
        }
        for answer in hood.answers.iter().filter(|answer| answer.block == block) {
            let asked = |one: &Proposal| (one.answer.left, one.answer.right) == (answer.left, answer.right);
            if !out.iter().any(asked) {
                let answered = proposal(&hood, dict, answer.clone(), sync, None);
                out.extend(answered.filter(|one| one.sids.left != one.sids.right));
            }
        }
    }
    Ok(out)
}

fn proposal(hood: &Hood, dict: &Dict, answer: Answer, sync: &str, rule: Option<&RuleRef>) -> Option<Proposal> {
    let (left, right) = (holder(hood, &answer, Side::Left)?, holder(hood, &answer, Side::Right)?);
    let record = |rid: Rid| {
        let row = hood.record(rid);
        let ty = row.map_or("", |row| dict.name(row.ty).rsplit('/').next().unwrap_or_default());
        (ty.to_owned(), row.map_or_else(String::new, |row| row.id.to_string()))
    };
    Some(Proposal {
        records: BySide::new(record(answer.left), record(answer.right)),
        taken: match (has(hood, left, Side::Right), has(hood, right, Side::Left)) {
            (_, true) => Some(Side::Right),
            (true, _) => Some(Side::Left),
            _ => None,
        },
        sids: BySide::new(left, right),
        sync: sync.to_owned(),
        rule: rule.cloned(),
        answer,
    })
}

fn holder(hood: &Hood, answer: &Answer, side: Side) -> Option<Sid> {
    let rid = if side == Side::Left { answer.left } else { answer.right };
    let holds = |members: &[(crate::store::Rid, Role)]| members.iter().any(|(member, _)| *member == rid);
    let subject = hood.subjects.iter().find(|subject| subject.block == answer.block && holds(&subject.members));
    subject.map(|subject| subject.sid)
}

/// Whether the subject has a record on the side.
fn has(hood: &Hood, sid: Sid, side: Side) -> bool {
    let members = hood.subject(sid).into_iter().flat_map(|subject| &subject.members);
    let current = members.filter(|(_, role)| *role != Role::Former);
    current.filter_map(|(rid, _)| hood.record(*rid)).any(|row| row.side == side)
}

fn list(all: &[&Proposal], plan: &Plan, global: Global) {
    if global.format == Format::Json {
        outln!("{}", json!({"version": 1, "proposed": all.iter().map(|one| one.json(plan)).collect::<Vec<_>>()}));
        return;
    }
    if all.is_empty() {
        outln!("nothing is proposed");
        return;
    }
    for one in all.iter().take(MOST) {
        let Some(rule) = &one.rule else { continue };
        let file = plan.files.get(rule.place.file).map(|file| escape(file)).unwrap_or_default();
        let (left, right) = (one.name(Side::Left), one.name(Side::Right));
        let taken = if one.taken.is_some() { ", which is linked to another record: decline, or merge" } else { "" };
        outln!("{left} and {right}{taken}   {}   {file}:{}", escape(&rule.name), rule.place.line);
    }
    if all.len() > MOST {
        outln!("and {} more", all.len() - MOST);
    }
    outln!("");
    outln!(
        "Join two with `syncline link HUBSPOT SALESFORCE`, keep them apart with `syncline decline HUBSPOT SALESFORCE`."
    );
}
