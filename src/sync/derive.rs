//! How far the records have come is told before anything is decided: what one of them comes to by its company then stands in
//! the same pass, in its plan, and in what the guard counts.

use crate::data::BySide;
use crate::decide::{Frame, Program, derived, identify};
use crate::store::{Epoch, Sid, Take};

use super::session::{Ports, SyncError};

/// Subjects looked at in one step.
const STEP: usize = 2_000;

/// Derives anew whatever is due. Who is woken by that is not derived again: how far a record has come by its own does not
/// hang on its company.
pub(super) async fn derive(
    ports: Ports<'_>,
    programs: &[Program],
    epoch: Epoch,
    current: BySide<bool>,
) -> Result<(), SyncError> {
    let now = ports.env.now();
    let behind = BySide::new(!current.left, !current.right);
    for program in programs.iter().filter(|program| program.derives()) {
        for sids in due(ports, program).await?.chunks(STEP) {
            let hood = ports.store.load(sids).await?.seen(now, behind);
            let identified = identify(program, &hood, now.0);
            let (mut frame, mut found) = (Frame::default(), Vec::new());
            for (sid, members) in &identified.subjects {
                if identified.ambiguous.contains_key(sid) || identified.waiting.contains(sid) {
                    continue;
                }
                frame.fill(program, &hood, members)?;
                found.extend(derived(program, &frame, *sid, now.0));
            }
            ports.store.derive(epoch, &found, now).await?;
        }
    }
    Ok(())
}

async fn due(ports: Ports<'_>, program: &Program) -> Result<Vec<Sid>, SyncError> {
    let (now, mut due) = (ports.env.now(), Vec::new());
    loop {
        let after = due.last().copied().unwrap_or_default();
        let take = Take { now, limit: STEP, after, block: program.block.uid };
        match ports.store.take(&take).await? {
            sids if sids.is_empty() => return Ok(due),
            sids => due.extend(sids),
        }
    }
}
