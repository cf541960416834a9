//! Explanations for programs. Values are whole here; numbers are text, so that no reader rounds them.

use serde_json::{Value as Json, json};

use super::draw::rule_name;
use super::words::{standing, to_change, way_out};
use super::{Asked, Found, State, Subject};
use crate::cli::show::crm;
use crate::cli::show::moment;
use crate::data::{BySide, Presence, Side, Uid, Value};
use crate::decide::{Creation, Flow, Joint, Judged, RowLine, RowState, Stages};
use crate::lang::plan::RuleRef;
use crate::store::{OpAct, Role};

pub(super) fn answer(state: &State, asked: &Asked, subjects: &[Subject<'_>], found: &Found) -> Json {
    let last = state.last.as_ref().map(
        |last| json!({"pass": last.pass, "at": moment(last.ended), "age_s": state.now.since(last.ended).max(0) / 1000}),
    );
    let loose = found
        .loose
        .iter()
        .map(|row| json!({"side": side(row.side), "type": state.dict.name(row.ty).rsplit('/').next(), "id": row.id}));
    json!({
        "version": 1,
        "record": asked.text,
        "found": !subjects.is_empty(),
        "rules": state.plan.digest.to_string(),
        "rules_ran": state.other_rules.is_none(),
        "mirror": last,
        "subjects": subjects.iter().map(|subject| one(state, subject)).collect::<Vec<_>>(),
        "looked": found.looked,
        "did_you_mean": found.near,
        "for_conditions_only": loose.collect::<Vec<_>>(),
    })
}

fn one(state: &State, subject: &Subject<'_>) -> Json {
    let told = &subject.told;
    let (standing, why) = standing(subject);
    let records = told.records.iter().map(|row| {
        json!({
            "side": side(row.side), "type": row.ty, "id": row.id,
            "role": match row.role { Role::Primary => "primary", Role::Other => "other", Role::Former => "former" },
            "presence": match row.presence {
                Presence::Live => "live", Presence::Archived => "deleted", Presence::Gone => "gone", Presence::Stale => "stale",
                Presence::Redirected => "merged or converted",
            },
            "matched_by": row.matched.map(|rule| at(state, rule)),
            "updated": moment(row.stamp.at),
        })
    });
    let picks = told.picks.iter().map(|pick| {
        let id = |rid| told.records.iter().find(|row| row.rid == rid).map(|row| &row.id);
        let steps = pick.steps.iter().map(
            |(choice, left)| json!({"choice": choice, "leaves": left.iter().map(|rid| id(*rid)).collect::<Vec<_>>()}),
        );
        json!({"side": side(pick.side), "takes": pick.taken.map(id), "steps": steps.collect::<Vec<_>>()})
    });
    let rivals = told.rivals.iter().map(|rival| {
        json!({
            "side": side(rival.side), "type": rival.ty, "id": rival.id, "rule": at(state, rival.rule), "linked": rival.linked,
        })
    });
    let relink = told.relink.map(|relink| {
        let id = |rid| told.records.iter().find(|row| row.rid == rid).map(|row| &row.id);
        let rule = subject.program.block.events[relink.side].relink.as_ref().map(|rule| at(state, rule));
        json!({"side": side(relink.side), "from": id(relink.from), "to": id(relink.to), "rule": rule})
    });
    let issues = subject.issues.iter().map(|row| {
        let issue = &row.issue;
        json!({
            "code": issue.code, "rule": rule_name(state, issue.line), "whole_record": issue.line == Uid::NONE,
            "message": issue.message, "way_out": way_out(&issue.code), "since": moment(row.first),
        })
    });
    json!({
        "sync": subject.program.block.name,
        "standing": standing.word(),
        "why": why,
        "to_change": {"hubspot": to_change(told, Side::Left), "salesforce": to_change(told, Side::Right)},
        "records": records.collect::<Vec<_>>(),
        "picks": picks.collect::<Vec<_>>(),
        "relink": relink,
        "proposed": told.proposed.iter().map(|pair| json!({"hubspot": pair.left, "salesforce": pair.right})).collect::<Vec<_>>(),
        "rivals": rivals.collect::<Vec<_>>(),
        "ways": {"hubspot": way(state, &told.ways.left), "salesforce": way(state, &told.ways.right)},
        "creation": told.creation.as_ref().map(|creation| create(state, creation)),
        "held": told.held.iter().filter(|held| !held.why.is_empty()).map(|held| json!({
            "rule": at(state, &held.rule), "code": if held.reject { "R703" } else { "R702" }, "why": held.why,
        })).collect::<Vec<_>>(),
        "rows": told.rows.iter().map(|row| one_row(state, row)).collect::<Vec<_>>(),
        "stages": told.stages.as_ref().map(|told| stages(state, told)),
        "issues": issues.collect::<Vec<_>>(),
        "decided_again": subject.work.map(|(due, _)| moment(due)),
        "writes": subject.journal.iter().take(20).map(|op| write(state, op)).collect::<Vec<_>>(),
    })
}

fn way(state: &State, flow: &Flow<'_>) -> Json {
    let gates = flow.gates.iter().map(|gate| {
        json!({
            "kind": if gate.exclude { "exclude" } else { "include" }, "rule": at(state, gate.rule), "both_ways": gate.both,
            "condition": tree(&gate.judged),
        })
    });
    json!({"open": flow.lets_through(), "barred": flow.barred, "gates": gates.collect::<Vec<_>>()})
}

fn create(state: &State, creation: &Creation<'_>) -> Json {
    let lines = creation.lines.iter().enumerate().map(|(place, line)| {
        json!({
            "rule": at(state, line.rule), "creates": line.target, "even_if_excluded": line.even_if_excluded,
            "decides": creation.chosen == Some(place), "condition": line.judged.as_ref().map(tree),
        })
    });
    let values = creation
        .values
        .iter()
        .map(|(name, value, rule)| json!({"field": name, "value": value, "rule": at(state, rule)}));
    json!({
        "side": side(creation.side), "lines": lines.collect::<Vec<_>>(), "values": values.collect::<Vec<_>>(),
    })
}

fn stages(state: &State, stages: &Stages<'_>) -> Json {
    let lines = stages.lines.iter().map(|line| {
        json!({
            "kind": if line.back { "back_to" } else { "reach" }, "stage": line.stage, "rule": at(state, line.rule),
            "condition": tree(&line.judged),
        })
    });
    let ruled = |value: &Value, rule: &RuleRef| json!({"stage": value, "rule": at(state, rule)});
    json!({
        "field": stages.field, "value": stages.value, "read": stages.value.is_some(), "lines": lines.collect::<Vec<_>>(),
        "company": stages.company.as_ref().map(|(value, rule)| ruled(value, rule)),
        "moves": stages.moves.as_ref().map(|(value, rule)| ruled(value, rule)),
    })
}

fn tree(judged: &Judged) -> Json {
    let joint = match judged.joint {
        Joint::All => "all",
        Joint::Any => "any",
        Joint::Not => "not",
        Joint::One => "one",
    };
    let answer = match judged.answer {
        Some(answer) => json!(answer),
        None => json!("not read"),
    };
    let saw = judged.saw.iter().map(|saw| json!({"name": saw.name, "value": saw.value, "read": saw.value.is_some()}));
    let counted = judged.counting.iter().map(|one| json!({"id": one.id, "condition": one.judged.as_ref().map(tree)}));
    json!({
        "text": judged.text, "answer": answer, "joint": joint, "saw": saw.collect::<Vec<_>>(),
        "parts": judged.parts.iter().map(tree).collect::<Vec<_>>(), "counted": counted.collect::<Vec<_>>(),
    })
}

fn one_row(state: &State, row: &RowLine<'_>) -> Json {
    let (word, more) = match &row.state {
        RowState::InStep => ("in_step", json!({})),
        RowState::Moves { side: to, after } => ("moves", json!({"to": side(*to), "after": after})),
        RowState::Closed(Some((to, after))) => ("closed", json!({"to": side(*to), "after": after})),
        RowState::Closed(None) => ("closed", json!({})),
        RowState::Held { code, why } => ("held", json!({"code": code, "why": why, "way_out": way_out(code)})),
        RowState::HeldBy { rule } => ("held", json!({"with": at(state, rule)})),
        RowState::Times => ("moves", json!({"newer": "asked for"})),
        RowState::NotThere(judged) => ("not_there", json!({"condition": tree(judged)})),
        RowState::NotKnown => ("not_known", json!({})),
        RowState::OtherType => ("other_type", json!({})),
        RowState::AtCreation => ("at_creation", json!({})),
    };
    let sides = |values: &BySide<Option<Value>>| json!({"hubspot": values.left, "salesforce": values.right});
    let agreed = row.agreed.as_ref().map(|agreed| json!({"hubspot": agreed.left, "salesforce": agreed.right}));
    json!({
        "rule": at(state, row.rule), "state": word, "detail": more, "values": sides(&row.values), "agreed": agreed,
        "read": {"hubspot": row.values.left.is_some(), "salesforce": row.values.right.is_some()},
    })
}

fn write(state: &State, op: &crate::store::JournalRow) -> Json {
    let name = |field: Uid| state.dict.name(field).rsplit('.').next().unwrap_or_default().to_owned();
    let cells = op.intent.cells.iter().map(|cell| {
        json!({
            "field": name(cell.field), "before": cell.before, "after": cell.after, "rule": rule_name(state, cell.line),
        })
    });
    json!({
        "at": moment(op.at), "side": side(op.side), "id": op.id, "create": matches!(op.intent.act, OpAct::Create { .. }),
        "rule": rule_name(state, op.intent.rule), "outcome": op.state, "fault": op.fault, "cells": cells.collect::<Vec<_>>(),
    })
}

fn at(state: &State, rule: &RuleRef) -> Json {
    json!({"name": &*rule.name, "file": state.plan.files.get(rule.place.file), "line": rule.place.line})
}

fn side(side: Side) -> String {
    crm(side).to_lowercase()
}
