//! The decisions of a wave.

use std::collections::BTreeMap;

use super::WaveCx;
use crate::data::{BySide, Fingerprint, Millis, Side, Uid};
use crate::decide::{Base, BaseView, Decision, Frame, Known, Need, Program, decide, identify};
use crate::store::{Derived, Hood, Identity, Sid};
use crate::sync::changes::Relinked;
use crate::sync::label::label;
use crate::sync::needs::{Learned, Needy, stale};
use crate::sync::report::{Event, Judged};
use crate::sync::session::SyncError;

/// One subject, decided.
pub(super) struct Decided {
    pub sid: Sid,
    pub decision: Decision,
    pub base: Base,
    pub ambiguous: Option<String>,
    /// Because records of another block say different things.
    pub contradicted: bool,
    /// The match line that proposes something, where that is why.
    pub proposed: Option<Uid>,
    /// When it is decided again, where it waits for records of another block.
    pub settles_at: Option<Millis>,
    /// See [`crate::decide::Identified::surplus`].
    pub surplus: Option<String>,
    pub needs: Vec<Need>,
    pub rows: BySide<Option<crate::store::Rid>>,
    pub types: BySide<Option<usize>>,
    pub label: String,
    pub identities: Vec<Identity>,
    pub relinked: Option<Relinked>,
    pub derived: Option<Derived>,
    pub tries: u32,
    pub known_issues: Vec<(Uid, Fingerprint)>,
}

impl Decided {
    pub fn needy<'h>(&self, hood: &'h Hood) -> Needy<'h> {
        let row = |side: Side| self.rows[side].and_then(|rid| hood.record(rid));
        Needy { sid: self.sid, rows: BySide::new(row(Side::Left), row(Side::Right)), needs: self.needs.clone() }
    }
}

pub(super) fn decide_all(
    cx: &WaveCx<'_>,
    program: &Program,
    hood: &Hood,
    learned: &Learned,
    now: Millis,
) -> Result<Vec<Decided>, SyncError> {
    let identified = identify(program, hood, now.0);
    let holders = identified.subjects.iter().flat_map(|(sid, all)| all.iter().map(|member| (member.rid, *sid)));
    let holders: BTreeMap<_, Sid> = holders.collect();
    let mut changes: BTreeMap<Sid, Vec<Identity>> = BTreeMap::new();
    for change in &identified.changes {
        let sid = match change {
            Identity::Join { into, .. } => *into,
            Identity::Split { from, .. } => *from,
            Identity::Role { rid, .. } => holders.get(rid).copied().unwrap_or_default(),
        };
        changes.entry(sid).or_default().push(change.clone());
    }
    let mut out = Vec::with_capacity(identified.subjects.len());
    let (mut frame, mut view) = (Frame::default(), BaseView::default());
    for (sid, members) in &identified.subjects {
        let Some(subject) = hood.subject(*sid) else { continue };
        frame.fill(program, hood, members)?;
        identified.complete(*sid, &mut frame);
        view.fill(identified.base(subject))?;
        let base = Base::from_bytes(identified.base(subject))?;
        let mut decision = Decision::default();
        let absent = BySide::new(
            learned.absent.left.contains(sid) && cx.current.left,
            learned.absent.right.contains(sid) && cx.current.right,
        );
        let known = Known { base: &view, subject, times: &learned.times, absent, now: now.0 };
        let ambiguous = identified.ambiguous.get(sid).cloned();
        let proposed = identified.proposed.get(sid).map(|proposed| proposed.line);
        let proposed = proposed.and_then(|line| program.block.matches.get(line)).map(|line| line.rule.uid);
        let surplus = identified.surplus.get(sid).cloned();
        let settles_at = identified.unsettled.get(sid).map(|unsettled| unsettled.until);
        if identified.waiting.contains(sid) || ambiguous.is_some() {
            decision.inputs = program.record_inputs(&frame);
        } else {
            decide(program, &frame, &known, &mut decision);
        }
        let needs = match frame.stale {
            true => stale(hood, members).into_iter().map(|rid| Need::Fresh { rid }).collect(),
            false => decision.needs.clone(),
        };
        let rows = BySide::new(frame.here.left.map(|h| h.row.rid), frame.here.right.map(|h| h.row.rid));
        let types = BySide::new(frame.here.left.map(|h| h.ty), frame.here.right.map(|h| h.ty));
        let unclear = identified.waiting.contains(sid) || ambiguous.is_some();
        let derived = if unclear { None } else { crate::decide::derived(program, &frame, *sid, now.0) };
        let label = label(program, &frame, hood, members);
        cx.observer.on(Event::Decided(&Judged {
            sid: *sid,
            label: &label,
            program,
            frame: &frame,
            decision: &decision,
            used: identified.used.get(sid),
            ambiguous: ambiguous.as_deref(),
            proposed: proposed.is_some(),
            now,
        }));
        let known_issues = subject.issues.clone();
        let moved = identified.relinks.get(sid).filter(|relink| relink.moved);
        let relinked = moved.and_then(|relink| Relinked::of(program, hood, relink, &label));
        let identities = changes.remove(sid).unwrap_or_default();
        out.push(Decided {
            sid: *sid,
            decision,
            base,
            ambiguous,
            contradicted: identified.contradicted.contains(sid),
            proposed,
            settles_at,
            surplus,
            needs,
            rows,
            types,
            label,
            identities,
            relinked,
            derived,
            tries: subject.tries,
            known_issues,
        });
    }
    Ok(out)
}
