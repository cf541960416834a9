//! The records of a subject, and how they found each other.

use std::fmt::Write;

use super::rule_name;
use super::way::COUNTED;
use crate::cli::show::crm;
use crate::cli::show::moment;
use crate::cli::why::words::{match_name, place, presence};
use crate::cli::why::{State, Subject};
use crate::data::Side;
use crate::decide::RecordLine;
use crate::diagnostic::escape;
use crate::store::{OpAct, OpState, Role};

pub(super) fn records(out: &mut String, state: &State, subject: &Subject<'_>) {
    let told = &subject.told;
    let width = told.records.iter().map(|row| row.id.chars().count()).max().unwrap_or(0);
    let types = told.records.iter().map(|row| row.ty.len()).max().unwrap_or(0);
    let mut records: Vec<&RecordLine<'_>> = told.records.iter().collect();
    records.sort_by_key(|row| (row.side, row.role));
    for row in records {
        let role = match row.role {
            Role::Primary => "primary",
            Role::Other => "other",
            Role::Former => "former",
        };
        let id = escape(&row.id);
        let _ = write!(out, "  {:<10} {:<types$} {id:<width$}  {role:<7}", crm(row.side), row.ty);
        if let Some(state) = presence(row.presence) {
            let _ = write!(out, "  {state}");
        }
        if let Some(how) = how(state, subject, row) {
            let _ = write!(out, "  {how}");
        }
        out.push('\n');
    }
    for pick in &told.picks {
        let id = |rid| told.records.iter().find(|row| row.rid == rid).map_or("?", |row| &*row.id);
        let steps = pick.steps.iter().map(|(choice, left)| {
            let left: Vec<&str> = left.iter().map(|rid| id(*rid)).take(4).collect();
            format!("`{choice}` leaves {}", left.join(", "))
        });
        let steps: Vec<String> = steps.collect();
        match pick.taken {
            None => {
                let _ = writeln!(out, "  no `pick` line says which {} record counts", crm(pick.side));
            }
            Some(taken) => {
                let stays = told.records.iter().find(|row| row.side == pick.side && row.role == Role::Primary);
                let kept = match stays.filter(|row| row.rid != taken) {
                    Some(_) if !pick.relinks => "; a link that exists stays",
                    Some(_) if told.relink.is_none() => "; the link stays for now",
                    _ => "",
                };
                let why = if steps.is_empty() { String::new() } else { format!(": {}", steps.join(", ")) };
                let _ = writeln!(out, "  pick takes {}{}{kept}", escape(id(taken)), escape(&why));
            }
        }
    }
    if let Some(relink) = &told.relink {
        let id = |rid| told.records.iter().find(|row| row.rid == rid).map_or("?", |row| &*row.id);
        let (from, to) = (escape(id(relink.from)), escape(id(relink.to)));
        let when = if relink.moved { "" } else { ", once its key field there is cleared" };
        let rule = subject.program.block.events[relink.side].relink.as_ref();
        let (name, at) = rule.map_or_else(Default::default, |rule| (escape(&rule.name), place(rule, &state.plan)));
        let _ = writeln!(out, "  the next pass moves the link from {from} to {to}{when}, by `{name}`   {at}");
    }
    for rival in told.rivals.iter().take(COUNTED) {
        let linked = if rival.linked { ", which is linked to another record" } else { "" };
        let name = escape(match_name(rival.rule));
        let shares =
            if rival.through { format!("`{name}` leads to") } else { format!("shares the key of `{name}` with") };
        let _ = writeln!(out, "  {shares} {} {} {}{linked}", crm(rival.side), rival.ty, escape(&rival.id));
    }
    if told.rivals.len() > COUNTED {
        let _ = writeln!(out, "  … and with {} more", told.rivals.len() - COUNTED);
    }
}

/// How a record came to its subject.
pub(super) fn how(state: &State, subject: &Subject<'_>, row: &RecordLine<'_>) -> Option<String> {
    let created = subject.journal.iter().find(|op| {
        matches!(op.intent.act, OpAct::Create { .. })
            && op.state == OpState::Done
            && op.side == row.side
            && op.id.as_deref() == Some(&*row.id)
    });
    if let Some(op) = created {
        let rule = rule_name(state, op.intent.rule);
        return Some(format!("created by `{}`, {}", escape(&rule), moment(op.at)));
    }
    let partnered = subject.told.records.iter().any(|other| other.side != row.side);
    match row.matched {
        Some(rule) if row.side == Side::Right => {
            Some(format!("matched by `{}`   {}", escape(match_name(rule)), place(rule, &state.plan)))
        }
        None if row.side == Side::Right && partnered && row.role == Role::Primary => {
            Some("linked before; no match line finds it as both are now".into())
        }
        _ => None,
    }
}
