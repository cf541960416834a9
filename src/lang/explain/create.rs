//! `create` lines: new records.

use super::Teller;
use super::document::{Document, Part};
use super::passing::passing;
use super::phrases::{and, crm, joined, number, plural, when};
use super::{gate, wakes};
use crate::data::Side;
use crate::lang::plan::{Block, Cond, Create};

impl Teller<'_> {
    pub(super) fn create(&self, block: &Block, side: Side, at: usize) -> Option<Document> {
        let create = block.create[side].get(at)?;
        let above: Vec<String> = block.create[side].iter().take(at).map(|one| told(block, side, one)).collect();
        let mut order =
            vec![Part::Text("Lines are asked from the top, and the first that applies decides.".to_owned())];
        order.push(match above.is_empty() {
            true => Part::Text("It is the first.".to_owned()),
            false => Part::List(above.iter().map(|line| format!("before it: {line}")).collect()),
        });
        let blanks = match create.when == Cond::Always {
            true => Vec::new(),
            false => vec![Part::Text(gate::blanks(block, &create.when))],
        };
        let document = Document::new(title(block, create), "create line", self.at(&create.rule.place))
            .with("what it does", vec![Part::Text(what(block, side, create))])
            .with("order", order)
            .with("for which records", vec![Part::List(which(block, side, create))])
            .with("blanks", blanks)
            .with("what the record gets", vec![Part::List(gets(block, side, create))])
            .with("never twice", vec![Part::List(self.never_twice(block, side, create))])
            .with("what wakes it", vec![Part::List(wakes_create(block, side, create))])
            .with("what it costs", vec![Part::List(self.cost_of_creating(block, side, create))]);
        Some(document.with("tests", self.tests_of(&create.rule.name, &[])))
    }

    fn never_twice(&self, block: &Block, side: Side, create: &Create) -> Vec<String> {
        let Some(ty) = create.target.and_then(|ty| block.types[side].get(ty)) else { return Vec::new() };
        let keys: Vec<String> = block.matches.iter().map(|line| format!("`{}`", line.rule.name)).collect();
        let mut out = Vec::new();
        if !keys.is_empty() {
            out.push(format!("a record that one of {} finds is linked, and none is created", joined(&keys, "or")));
        }
        match &ty.own_key {
            Some(own) => {
                let field = super::phrases::field_name(ty, own.field).unwrap_or("?");
                out.push(format!(
                    "the new record carries the other side's id in `{field}`: a reply that is lost makes no second one"
                ));
            }
            None if self.per_call[side].enforces_unique && !ty.unique.is_empty() => {
                out.push(format!("{} itself refuses a second record with the same key", crm(side)));
            }
            None => out.push(
                "nothing in the new record says for whom it was made: a reply that is lost is searched for".into(),
            ),
        }
        out
    }

    fn cost_of_creating(&self, block: &Block, side: Side, create: &Create) -> Vec<String> {
        let mut out = self.cost_of_reading(block, &wakes::slots(block, &create.when));
        if create.target.is_none() {
            if out.is_empty() {
                out.push("no call".to_owned());
            }
            return out;
        }
        let per = &self.per_call[side];
        out.push(format!("creates go out together: up to {} in one {} call", number(per.creates), crm(side)));
        if !per.enforces_unique {
            let how_many = match per.keys {
                Some(keys) => format!("{} keys in one call", number(keys)),
                None => "as many keys in one call as a query may be long".to_owned(),
            };
            out.push(format!("before it, {} is asked whether the record exists: {how_many}", crm(side)));
        }
        out
    }
}

fn title(block: &Block, create: &Create) -> String {
    format!("{}.{}", block.name, create.rule.name)
}

/// One line of a list of creations.
pub(super) fn told(block: &Block, side: Side, create: &Create) -> String {
    let what = create.target.and_then(|ty| block.types[side].get(ty)).map_or("nothing", |ty| &ty.name);
    let from = from_type(block, side, create).map_or_else(String::new, |from| format!(" from {from}"));
    let when =
        if create.when == Cond::Always { "always".to_owned() } else { format!("when {}", when(block, &create.when)) };
    let even = if create.even_if_excluded { ", past the gates" } else { "" };
    match create.rule.name.strip_prefix('"') {
        Some(_) => format!("create {what}{from} {when}{even}: {}", create.rule.name),
        // Its words are its name.
        None => format!("{}{even}", create.rule.name),
    }
}

fn from_type<'b>(block: &'b Block, side: Side, create: &Create) -> Option<&'b str> {
    create.from.and_then(|ty| block.types[side.other()].get(ty)).map(|ty| ty.name.as_str())
}

fn what(block: &Block, side: Side, create: &Create) -> String {
    let source = match from_type(block, side, create) {
        Some(ty) => format!("{} {ty}", crm(side.other())),
        None => super::phrases::types(block, side.other(), "or"),
    };
    let when = match create.when == Cond::Always {
        true => String::new(),
        false => format!(" when {}", when(block, &create.when)),
    };
    match create.target.and_then(|ty| block.types[side].get(ty)) {
        Some(ty) => format!("Creates a {} {} for a {source} without a partner{when}.", crm(side), ty.name),
        None => format!("Creates nothing in {} for a {source} without a partner{when}: it is left alone.", crm(side)),
    }
}

fn which(block: &Block, side: Side, create: &Create) -> Vec<String> {
    if create.even_if_excluded {
        return vec![
            "also records that the gates keep out: they are created, and frozen as long as that is so".to_owned(),
        ];
    }
    match passing(block, side, true) {
        None => vec!["every record: no gate keeps one out".to_owned()],
        Some(gates) => vec![format!("records {gates}")],
    }
}

fn gets(block: &Block, side: Side, create: &Create) -> Vec<String> {
    let Some(ty) = create.target else { return Vec::new() };
    let rows = block.lines.iter().filter(|line| line.targets[side].get(ty).is_some_and(Option::is_some));
    let rows: Vec<_> = rows.collect();
    let required: Vec<String> = rows
        .iter()
        .filter_map(|line| line.targets[side].get(ty)?.as_ref().filter(|target| target.required))
        .map(|target| format!("`{}`", target.name))
        .collect();
    let mut out = vec![format!("what {} of the maps give it", plural(rows.len(), "row"))];
    if !required.is_empty() {
        out.push(format!("among them {}, which it cannot be without", and(&required)));
    }
    out
}

fn wakes_create(block: &Block, side: Side, create: &Create) -> Vec<String> {
    let mut out = wakes::of_cond(block, &create.when);
    out.insert(0, format!("a new record in {}, or one that loses its partner", crm(side.other())));
    if !create.even_if_excluded && block.gates.both.len() + block.gates.to[side].len() > 0 {
        out.push("whatever lets a record through the gates".to_owned());
    }
    out
}
