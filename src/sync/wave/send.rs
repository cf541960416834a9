//! The calls of a wave, some at a time, each reply settled as it comes.

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::intent::Outbox;
use super::{WaveCx, WaveEnd};
use crate::crm::{Call, CallErrorKind, Reply};
use crate::data::Side;
use crate::store::BatchIds;
use crate::sync::outcomes::{Bases, Pending, settle_reply};
use crate::sync::report::{Counts, Event, STOPPED};
use crate::sync::session::SyncError;

/// Calls in flight on one side.
const IN_FLIGHT: usize = 8;

pub(super) async fn send(
    cx: &WaveCx<'_>,
    calls: Vec<(Side, Call)>,
    ids: &[BatchIds],
    outbox: &Outbox,
    mut bases: Bases,
    counts: &mut Counts,
) -> Result<WaveEnd, SyncError> {
    let Outbox { writes, pending } = outbox;
    let mut end = WaveEnd::default();
    let mut queue = calls.into_iter().zip(ids);
    let mut flying = FuturesUnordered::new();
    for side in Side::BOTH {
        let want = 8 + wave_calls(&pending[side]);
        cx.ports.ledger[side].top_up(cx.ports.store, cx.session.epoch, cx.ports.env.now(), want).await?;
    }
    loop {
        while flying.len() < IN_FLIGHT {
            let Some(((side, call), ids)) = queue.next() else { break };
            counts.write_calls.add(side, u64::from(call.calls));
            cx.observer.on(Event::Sending { side, call: &call.name, records: call.writes.len() });
            if cx.observer.stopping() {
                end.parked[side].get_or_insert_with(|| STOPPED.to_owned());
            }
            let parked = end.parked[side].is_some();
            let (crm, reads) = (cx.ports.crm[side], &cx.session.reads[side]);
            let mine = &writes[side];
            flying.push(async move {
                let reply = match parked {
                    true => Reply::Failed(crate::crm::CallError {
                        effect: crate::crm::Effect::None,
                        kind: CallErrorKind::Budget,
                        text: "not sent: the account is paused".into(),
                    }),
                    false => crm.send(reads, &call, mine).await,
                };
                (side, call, ids, reply)
            });
        }
        let Some((side, call, ids, reply)) = flying.next().await else { break };
        if let Reply::Failed(error) = &reply {
            end.parked[side] = Some(error.text.clone());
        }
        let mine: Vec<&Pending> = call.writes.iter().filter_map(|at| pending[side].get(*at)).collect();
        end.doubts |= settle_reply(cx, side, &mine, &ids.ops, reply, &mut bases, counts).await?;
    }
    Ok(end)
}

fn wave_calls(pending: &[Pending]) -> i64 {
    // Half a hundred records a call is the least that either CRM takes; a read-back doubles it.
    pending.len() as i64 / 50 * 2 + 8
}
