//! `on` lines: what happens to one side because of what happened on the other.

use syncline_grammar::tree::{ActionKind, EventKind, On, Target};

use super::checked::{CheckedDelete, CheckedOn, CheckedSetting, CheckedSync};
use super::literal::{Literal, Written};
use super::names::{Look, Origin};
use super::sync::{SyncCheck, crm, side_of};
use crate::data::{Side, Value};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::Event;

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
        self.on_line(target, on, &sides, checked);
        let says = |kind: &ActionKind| on.actions.iter().any(|action| action.kind == *kind);
        for side in sides {
            let settings = self.settings(side, on);
            let events = &mut checked.events[side];
            match on.event.kind {
                EventKind::Leave => {
                    checked.keep_syncing[side] |= says(&ActionKind::KeepSyncing);
                    events.leave.extend(settings);
                }
                EventKind::Merge => events.ignore_merges |= says(&ActionKind::Ignore),
                EventKind::Restore => events.restore.extend(settings),
                EventKind::Delete if says(&ActionKind::Delete) => {
                    let name = self.written(on.span);
                    let identity = format!("to {} {name}", crm(side).to_lowercase());
                    events.delete = CheckedDelete::Delete(self.rule(identity, name, on.span));
                }
                EventKind::Delete if says(&ActionKind::Unlink) => events.delete = CheckedDelete::Unlink,
                EventKind::Delete if !settings.is_empty() => events.delete = CheckedDelete::Set(settings),
                EventKind::Delete | EventKind::Convert | EventKind::Erase => {}
            }
        }
        if on.event.kind == EventKind::Restore {
            self.restores.push((target, on.span));
        }
    }

    /// The line itself; one that says nothing does not count.
    fn on_line(&mut self, target: Target, on: &On, sides: &[Side], checked: &mut CheckedSync) {
        let event = match on.event.kind {
            EventKind::Leave => Event::Leave,
            EventKind::Delete => Event::Delete,
            EventKind::Merge => Event::Merge,
            EventKind::Convert => Event::Convert,
            EventKind::Restore if on.actions.iter().all(|action| action.kind != ActionKind::Ignore) => Event::Restore,
            EventKind::Restore | EventKind::Erase => return,
        };
        let name = self.written(on.span);
        let block = match target {
            Target::BothWays => "both ways".to_owned(),
            Target::To(side) => format!("to {}", crm(side_of(side)).to_lowercase()),
        };
        let rule = self.rule(format!("{block} {name}"), name, on.span);
        checked.on.push(CheckedOn { rule, event, sides: sides.to_vec() });
    }

    /// What an `on` line sets. Each field is one rule.
    fn settings(&mut self, side: Side, on: &'a On) -> Vec<CheckedSetting> {
        let event = self.written(on.event.span);
        let mut out: Vec<CheckedSetting> = Vec::new();
        for action in &on.actions {
            let ActionKind::Set { field, value } = &action.kind else { continue };
            let Some(resolved) = self.resolve(Look::fixed(side), field) else { continue };
            let fields = resolved.fields();
            let Some(first) = fields.first().filter(|_| matches!(resolved.origin, Origin::Fields(_))) else {
                self.error(Code::ReadOnly, field.span, format!("`{}` cannot be set", field.text()));
                continue;
            };
            if let Some(fixed) = fields.iter().find(|field| !field.def.updateable) {
                self.error(Code::ReadOnly, field.span, format!("`{}` cannot be written", fixed.name));
                continue;
            }
            let kind = first.def.kind;
            let written = Written { span: value.span, kind: &value.kind, own: true };
            let Some(literal) = self.literal(kind, &resolved, &written, false) else { continue };
            let too_long = fields.iter().filter_map(|field| field.def.max).min();
            let value = match literal {
                Literal::Text(text) if too_long.is_some_and(|max| text.encode_utf16().count() > max as usize) => {
                    let message = format!("`{text}` is too long for `{}`", resolved.name);
                    self.error(Code::WrongSubstitute, value.span, message);
                    continue;
                }
                Literal::Text(text) => Value::text(text),
                Literal::Number(number) => Value::Num(number),
                Literal::Bool(checked) => Value::Bool(checked),
                Literal::Day(day) => Value::Day(day),
                Literal::Time(time) | Literal::Span(time, _) => Value::Time(time),
            };
            let names = (0..self.types[side].len()).map(|ty| resolved.field(ty).map(|field| field.name.to_owned()));
            let names: Vec<Option<String>> = names.collect();
            if out.iter().any(|set| set.fields == names) {
                self.error(Code::ClausesClash, action.span, format!("`{}` is set twice", resolved.name));
                continue;
            }
            let name = format!("on {event} set {}", resolved.name);
            let rule = self.rule(format!("to {} {name}", crm(side).to_lowercase()), name, on.span);
            out.push(CheckedSetting { rule, fields: names, value });
        }
        out
    }

    /// What nothing is done after.
    pub(super) fn restores(&mut self, checked: &CheckedSync) {
        for (target, span) in std::mem::take(&mut self.restores) {
            let Target::To(side) = target else { continue };
            let side = side_of(side);
            let set = matches!(checked.events[side].delete, CheckedDelete::Set(_));
            if !checked.events[side].restore.is_empty() && !set {
                let message = "nothing is set when a record is deleted, so that nothing is to be set back";
                let finding = Finding::new(Code::NoSuchAction, self.file, span, message);
                self.report(finding.help("add `on delete set …`, or leave this line out"));
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
        let set = on.actions.iter().find(|action| matches!(action.kind, ActionKind::Set { .. }));
        if let (Target::BothWays, Some(set)) = (target, set) {
            let finding = Finding::new(Code::NoSuchAction, self.file, set.span, "it does not say on which side");
            self.report(finding.help("write the line in `to hubspot` or `to salesforce`"));
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
    use ActionKind::*;
    match event {
        EventKind::Leave => (
            |kinds| matches!(kinds, [Freeze | KeepSyncing, rest @ ..] if sets(rest)),
            "possible are `freeze` and `keep syncing`, and behind either `and set … to …`",
        ),
        EventKind::Delete => (
            |kinds| matches!(kinds, [Ignore | Unlink | Delete]) || sets(kinds),
            "possible are `ignore`, `unlink`, `delete` and `set … to …`; a record whose partner is deleted is frozen anyway",
        ),
        EventKind::Restore => (
            |kinds| matches!(kinds, [Ignore]) || sets(kinds),
            "possible are `ignore` and `set … to …`; a restored record goes on with its partner, and neither CRM lets others \
             restore one",
        ),
        EventKind::Merge => (|kinds| matches!(kinds, [Follow | Ignore]), "possible are `follow` and `ignore`"),
        EventKind::Convert => {
            (|kinds| matches!(kinds, [Follow]), "a converted lead is always followed: write `follow`")
        }
        EventKind::Erase => (|_| true, ""),
    }
}

fn sets(kinds: &[&ActionKind]) -> bool {
    kinds.iter().all(|kind| matches!(kind, ActionKind::Set { .. }))
}
