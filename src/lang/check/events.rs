//! `on` lines: what happens to one side because of what happened on the other.

use syncline_grammar::tree::{ActionKind, EventKind, On, Target};

use super::checked::CheckedSync;
use super::sync::{SyncCheck, crm, side_of};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};

impl<'a> SyncCheck<'a> {
    pub(super) fn event(&mut self, target: Target, on: &'a On, checked: &mut CheckedSync) {
        if super::unbuilt::in_event(on).is_some() {
            return;
        }
        let sides: Vec<Side> = match target {
            Target::BothWays => Side::BOTH.to_vec(),
            Target::To(side) => vec![side_of(side)],
        };
        if !self.can_happen(target, on) {
            return;
        }
        let says = |kind: &ActionKind| on.actions.iter().any(|action| action.kind == *kind);
        for side in sides {
            match on.event.kind {
                EventKind::Leave => checked.keep_syncing[side] |= says(&ActionKind::KeepSyncing),
                EventKind::Merge => checked.events[side].ignore_merges |= says(&ActionKind::Ignore),
                EventKind::Delete | EventKind::Restore | EventKind::Convert | EventKind::Erase => {}
            }
        }
    }

    /// Whether the event exists on the other side, and the actions make sense for it: else it is said what does.
    fn can_happen(&mut self, target: Target, on: &On) -> bool {
        let event = self.written(on.event.span);
        if on.event.kind == EventKind::Convert && target != Target::To(syncline_grammar::tree::Side::HubSpot) {
            let message = format!("nothing is converted in {}", crm(Side::Left));
            let finding = Finding::new(Code::NoSuchAction, self.file, on.span, message);
            self.report(finding.help("a converted lead is followed: `on convert follow` in `to hubspot`"));
            return false;
        }
        let (possible, wanted) = possible(on.event.kind);
        let kinds: Vec<&ActionKind> = on.actions.iter().map(|action| &action.kind).collect();
        if possible(&kinds) {
            return true;
        }
        let actions = on.actions.iter().map(|action| self.written(action.span)).collect::<Vec<_>>().join(" and ");
        let message = format!("`{actions}` is no answer to `on {event}`");
        self.report(Finding::new(Code::NoSuchAction, self.file, on.span, message).help(wanted));
        false
    }
}

/// Which actions an event takes, and that in words.
fn possible(event: EventKind) -> (fn(&[&ActionKind]) -> bool, &'static str) {
    match event {
        EventKind::Leave => (
            |kinds| matches!(kinds, [ActionKind::Freeze | ActionKind::KeepSyncing]),
            "possible are `freeze` and `keep syncing`",
        ),
        EventKind::Delete => (|kinds| matches!(kinds, [ActionKind::Ignore]), "possible is `ignore`"),
        EventKind::Merge => {
            (|kinds| matches!(kinds, [ActionKind::Follow | ActionKind::Ignore]), "possible are `follow` and `ignore`")
        }
        EventKind::Convert => {
            (|kinds| matches!(kinds, [ActionKind::Follow]), "a converted lead is always followed: write `follow`")
        }
        EventKind::Restore | EventKind::Erase => (|_| true, ""),
    }
}
