//! `match` lines: which records are the same thing.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::{and, crm};
use crate::data::{KeyForm, Side};
use crate::lang::plan::{Block, KeyPair, KeyPart, MatchBy, MatchLine, Through};

impl Teller<'_> {
    pub(super) fn match_line(&self, block: &Block, at: usize) -> Option<Document> {
        let line = block.matches.get(at)?;
        let before: Vec<String> =
            block.matches.iter().take(at).map(|one| format!("before it: `{}`", one.rule.name)).collect();
        let Told { what, waits, several, wakes, cost } = match &line.by {
            MatchBy::Keys(keys) => by_keys(block, line, keys),
            MatchBy::Through(through) => by_members(block, line, through),
        };
        let proposes = line.proposes.then_some(
            "Links nobody by itself: what it finds is held until somebody joins the two with `syncline link`, or keeps them \
             apart with `syncline decline`. Until then nothing is created or written for either.",
        );
        let wakes =
            wakes.into_iter().chain(line.proposes.then(|| "an answer to a proposed match".to_owned())).collect();
        let mut order = vec![Part::Text("The first line that finds a partner decides.".to_owned())];
        order.extend(waits.map(Part::Text));
        order.push(Part::List(before));
        Some(
            Document::new(format!("{}.{}", block.name, line.rule.name), "match line", self.at(&line.rule.place))
                .with("what it does", vec![Part::Text(what)])
                .with("who links", proposes.map(|text| Part::Text(text.to_owned())).into_iter().collect())
                .with("order", order)
                .with("several records", vec![Part::List(several)])
                .with("what wakes it", vec![Part::List(wakes)])
                .with("what it costs", vec![Part::Text(cost)]),
        )
    }
}

/// What differs from one kind of line to the other.
struct Told {
    what: String,
    /// What comes before an answer.
    waits: Option<String>,
    several: Vec<String>,
    wakes: Vec<String>,
    cost: String,
}

fn by_keys(block: &Block, line: &MatchLine, keys: &[KeyPair]) -> Told {
    let told = keys.iter().map(|part| {
        let (left, right) = (key(block, Side::Left, &part.left), key(block, Side::Right, &part.right));
        match form(&part.left) {
            KeyForm::Domain => format!("the domain in {left} is the domain in {right}"),
            KeyForm::Phone => format!("the phone number in {left} is the one in {right}, however it is written"),
            KeyForm::Id | KeyForm::Text => format!("{left} equals {right}"),
        }
    });
    let told: Vec<String> = told.collect();
    let loose = keys.iter().any(|part| form(&part.left).is_loose());
    let what = format!(
        "Says which records of `{}` are the same thing: where {}, and none of it is {}. A link that exists stays, whatever \
         the keys say later.",
        block.name,
        and(&told),
        if loose { "blank or something else" } else { "blank" }
    );
    let several = Side::BOTH.map(|side| match block.pick[side].is_empty() {
        _ if line.proposes => format!("several in {}: each is proposed", crm(side)),
        true => format!("several in {}: none is linked, and it is listed as an issue", crm(side)),
        false => format!("several in {}: `pick` chooses", crm(side)),
    });
    Told {
        what,
        waits: None,
        several: several.to_vec(),
        wakes: Side::BOTH.map(|side| format!("a change of a key in {}", crm(side))).to_vec(),
        cost: "No call of its own: keys are read with their records.".to_owned(),
    }
}

fn by_members(block: &Block, line: &MatchLine, through: &Through) -> Told {
    let Through { name, ways, .. } = through;
    let fields = |side: Side| {
        let fields: Vec<String> = ways[side].iter().map(|way| format!("`{}`", way.field_name)).collect();
        format!("{} of {}", super::phrases::joined(&fields, "or"), crm(side))
    };
    let (left, right) = (fields(Side::Left), fields(Side::Right));
    let what = format!(
        "Says which records of `{}` are the same thing: those that linked records of `{name}` name, one in {left} and the \
         other in {right}. A link that exists stays, whatever they name later.",
        block.name
    );
    let mut several = Vec::new();
    match line.proposes {
        true => several.push("linked records that name several: each is proposed".to_owned()),
        false => {
            several.push("linked records that name several: none is linked, and it is listed as an issue".to_owned());
            several.push("they name one that is linked to another record: listed as an issue as well".to_owned());
        }
    }
    let mut wakes = vec![format!("a record of `{name}` that names it gets another partner, or none")];
    wakes.extend(Side::BOTH.map(|side| format!("a change of {}", fields(side))));
    Told {
        what,
        waits: Some(format!(
            "It answers, and the lines below it are asked, when all the records of `{name}` that name the record are decided."
        )),
        several,
        wakes,
        cost: "Its fields are read with the records that have them. Before a record is created for one that changed within \
               the last ten minutes, Salesforce is asked for the records that name it."
            .to_owned(),
    }
}

/// What of the fields counts.
fn form(parts: &[Option<KeyPart>]) -> KeyForm {
    let form = parts.iter().flatten().find_map(|part| match part {
        KeyPart::Id => None,
        KeyPart::Field { form, .. } => Some(*form),
    });
    form.unwrap_or(KeyForm::Text)
}

fn key(block: &Block, side: Side, parts: &[Option<KeyPart>]) -> String {
    let names: Vec<Option<String>> = block.types[side]
        .iter()
        .zip(parts)
        .map(|(ty, part)| match part.as_ref()? {
            KeyPart::Id => Some("the record id".to_owned()),
            KeyPart::Field { uid, .. } => super::phrases::field_name(ty, *uid).map(str::to_owned),
        })
        .collect();
    super::phrases::per_type(block, side, &names).replace("`the record id`", "the record id")
}
