//! A plan on trial: what it would change at once, counted on a copy of the state before it is put in force.

use crate::data::{Dict, Side};
use crate::lang::plan::{Hold, Plan};

use super::feeds::{read_side, state_key};
use super::hold::{Holding, over_limit};
use super::report::{Counts, Observer};
use super::session::{Opening, Ports, Session, SyncError};

#[derive(Clone, Debug, PartialEq)]
pub enum Trial {
    /// No more than the limits allow without a word.
    Within,
    Over(Holding),
    /// A side could not be read as far as the plan needs it: nothing can be said.
    Unread { why: String },
}

/// Puts the plan in force on `ports.store`, which must be a copy, and counts what it would change. Fields that the mirror
/// does not hold yet are read; nothing is written to a CRM. Calls are counted in `ports.ledger`.
pub async fn trial(
    ports: Ports<'_>,
    opening: &Opening,
    (plan, dict): (&Plan, &Dict),
    limits: &[&Hold],
    observer: &dyn Observer,
) -> Result<Trial, SyncError> {
    let session = Session::begin(ports, opening.clone(), dict.clone(), plan.clone(), Vec::new()).await?;
    let states = ports.store.feeds().await?;
    for side in Side::BOTH {
        let read = |name: &str| states.iter().any(|state| state.name == state_key(side, name) && state.complete);
        if ports.crm[side].feeds(&session.reads[side]).iter().all(|feed| read(&feed.name)) {
            continue;
        }
        let mut counts = Counts::default();
        if let Some(why) = read_side(ports, &session, side, false, observer, &mut counts).await? {
            return Ok(Trial::Unread { why });
        }
    }
    for limit in limits {
        if let Some(holding) = over_limit(ports, &session, limit, 0).await? {
            return Ok(Trial::Over(holding));
        }
    }
    Ok(Trial::Within)
}
