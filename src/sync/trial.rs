//! A plan on trial: what it would change at once, counted on a copy of the state before it is put in force.

use futures_util::future::join;

use crate::data::{BySide, Dict, Side};
use crate::lang::plan::{Hold, Plan};

use super::derive::derive;
use super::feeds::{read_side, state_key};
use super::hold::{Holding, Weighed, weigh};
use super::people;
use super::release::Release;
use super::report::{Counts, Observer};
use super::session::{Opening, Ports, Session, SyncError};

#[derive(Clone, Debug, PartialEq)]
pub enum Trial {
    /// No more than the limits allow without a word.
    Within,
    Over(Holding),
    /// A side could not be read as far as the plan needs it: nothing can be said.
    Unread {
        why: String,
    },
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
    let (mut left, mut right) = (Counts::default(), Counts::default());
    let known = |side: Side| {
        let read = |name: &str| states.iter().any(|state| state.name == state_key(side, name) && state.complete);
        ports.crm[side].feeds(&session.reads[side]).iter().all(|feed| read(&feed.name))
    };
    let fill = async |side: Side, counts: &mut Counts| match known(side) {
        true => Ok(None),
        false => read_side(ports, &session, side, false, observer, counts).await,
    };
    let (left, right) = join(fill(Side::Left, &mut left), fill(Side::Right, &mut right)).await;
    if let Some(why) = left?.or(right?) {
        return Ok(Trial::Unread { why });
    }
    let programs = people::programs(ports, &session, false, observer).await?;
    derive(ports, &programs, session.epoch, BySide::new(true, true)).await?;
    for limit in limits {
        if let Weighed::Over(holding) = weigh(ports, &session, &programs, limit, &Release::Nothing).await? {
            return Ok(Trial::Over(holding));
        }
    }
    Ok(Trial::Within)
}
