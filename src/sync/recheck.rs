//! Computed fields: their changes move no record's time of change, so the feeds never show them. Every so often the types
//! that have some are read whole; what is as it was dies on the way in.

use std::collections::BTreeSet;

use crate::crm::{FeedKind, FeedSpec};
use crate::data::{Millis, Side, Uid};
use crate::lang::plan::{Block, TypeUse};
use crate::store::{FeedState, Ingest};

use super::feeds::state_key;
use super::session::{Ports, Session, SyncError};

/// Starts the feeds of computed fields anew where their time has come. The first reading is whole anyway.
pub(super) async fn recheck(ports: Ports<'_>, session: &Session) -> Result<(), SyncError> {
    let now = ports.env.now();
    for block in &session.plan.blocks {
        let Some(every) = block.recheck else { continue };
        let key = format!("recheck.{}", block.name);
        let last = ports.store.meta(&key).await?.and_then(|text| text.parse().ok()).map(Millis);
        if last.is_some_and(|last| (0..every).contains(&now.since(last))) {
            continue;
        }
        if last.is_some() {
            start_anew(ports, session, block, now).await?;
        }
        ports.store.set_meta(session.epoch, &key, &now.0.to_string()).await?;
    }
    Ok(())
}

async fn start_anew(ports: Ports<'_>, session: &Session, block: &Block, now: Millis) -> Result<(), SyncError> {
    let mut feeds: BTreeSet<String> = BTreeSet::new();
    for side in Side::BOTH {
        let types: BTreeSet<Uid> = computed(block, side).map(|used| used.uid).collect();
        let changes = |spec: &FeedSpec| matches!(spec.kind, FeedKind::Modified { ty } if types.contains(&ty));
        let specs = ports.crm[side].feeds(&session.reads[side]);
        feeds.extend(specs.iter().filter(|spec| changes(spec)).map(|spec| state_key(side, &spec.name)));
    }
    for feed in ports.store.feeds().await?.into_iter().filter(|feed| feeds.contains(&feed.name)) {
        let anew = FeedState { cursor: None, due: now, ..feed };
        ports.store.ingest(session.epoch, &Ingest { feed: Some(anew), now, ..Ingest::default() }).await?;
    }
    Ok(())
}

/// Types of a side that the block reads computed fields of.
fn computed(block: &Block, side: Side) -> impl Iterator<Item = &TypeUse> {
    let reached = block.reaches.iter().filter(move |reach| reach.side == side).map(|reach| &reach.target);
    let types = block.types[side].iter().chain(reached);
    types.filter(|used| used.fields.iter().any(|field| field.calculated))
}
