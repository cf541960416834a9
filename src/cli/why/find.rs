//! From what somebody typed to the subjects that it means: by index, never by looking through the records.

use std::collections::BTreeSet;

use super::near;
use super::words::match_name;
use crate::cli::show::crm;
use crate::data::{Cell, Fingerprint, KeyForm, Side};
use crate::lang::plan::{Block, KeyPart, MatchLine, Plan};
use crate::store::{FoundRow, KeySpec, Reader, Sid, StoreError};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Asked {
    /// `hubspot:…`, `salesforce:…`
    pub side: Option<Side>,
    pub text: String,
}

#[derive(Debug, Default)]
pub(in crate::cli) struct Found {
    pub sids: Vec<Sid>,
    /// Records that are read for conditions only: no sync block holds them.
    pub loose: Vec<FoundRow>,
    /// Where was looked.
    pub looked: Vec<String>,
    /// Keys that are one slip of the finger away.
    pub near: Vec<String>,
}

impl Asked {
    pub(in crate::cli) fn parse(text: &str) -> Asked {
        let text = text.trim();
        for (prefix, side) in [("hubspot:", Side::Left), ("salesforce:", Side::Right)] {
            if let Some((head, rest)) = text.split_at_checked(prefix.len())
                && head.eq_ignore_ascii_case(prefix)
            {
                return Asked { side: Some(side), text: rest.trim().to_owned() };
            }
        }
        Asked { side: None, text: text.to_owned() }
    }

    fn wants(&self, side: Side) -> bool {
        self.side.is_none_or(|of| of == side)
    }

    fn is_address(&self) -> bool {
        self.text.contains('@')
    }
}

pub(in crate::cli) async fn find(reader: &dyn Reader, plan: &Plan, asked: &Asked) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let mut rows: Vec<FoundRow> = Vec::new();
    if !asked.is_address() && !asked.text.is_empty() {
        by_id(reader, plan, asked, &mut found, &mut rows).await?;
    }
    let keys: Vec<(&Block, &MatchLine)> = plan.blocks.iter().flat_map(text_keys).collect();
    for (block, line) in &keys {
        let types = names(block, line, asked);
        found.looked.push(format!("the key of `{}` of {}", match_name(&line.rule), types));
        let hash = hash(line, &asked.text);
        let hits = reader.by_keys(hash.as_slice()).await?;
        rows.extend(hits.into_iter().map(|(_, row)| row).filter(|row| asked.wants(row.side)));
    }
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert(row.rid));
    for row in rows {
        found.sids.extend(&row.sids);
        if row.sids.is_empty() {
            found.loose.push(row);
        }
    }
    found.sids.sort_unstable();
    found.sids.dedup();
    if found.sids.is_empty() && found.loose.is_empty() && asked.is_address() {
        found.near = near_matches(reader, &keys, asked).await?;
    }
    Ok(found)
}

async fn by_id(
    reader: &dyn Reader,
    plan: &Plan,
    asked: &Asked,
    found: &mut Found,
    rows: &mut Vec<FoundRow>,
) -> Result<(), StoreError> {
    let mut types = BTreeSet::new();
    for side in Side::BOTH.into_iter().filter(|side| asked.wants(*side)) {
        let members = plan.blocks.iter().flat_map(|block| &block.types[side]);
        let reached = plan.blocks.iter().flat_map(|block| &block.reaches).filter(|reach| reach.side == side);
        let counts = plan.blocks.iter().flat_map(|block| &block.counts).filter(|count| count.side == side);
        let counted = counts.flat_map(|count| {
            std::iter::once(&count.referring.ty).chain(count.onward.as_ref().map(|onward| &onward.ty))
        });
        for used in members.chain(reached.map(|reach| &reach.target)).chain(counted) {
            if types.insert(used.uid) {
                found.looked.push(format!("the id of a {} {}", crm(side), used.name));
                rows.extend(reader.by_id(used.uid, &asked.text).await?);
            }
        }
    }
    Ok(())
}

/// Match lines whose key is one text: what people know a record by.
fn text_keys(block: &Block) -> impl Iterator<Item = (&Block, &MatchLine)> {
    let text = |line: &&MatchLine| {
        let [pair] = line.keys() else { return false };
        let mut parts = pair.left.iter().chain(&pair.right).flatten();
        parts.all(|part| matches!(part, KeyPart::Field { form, .. } if *form != KeyForm::Id))
    };
    block.matches.iter().filter(text).map(move |line| (block, line))
}

fn hash(line: &MatchLine, text: &str) -> Option<Fingerprint> {
    let part = line.keys().first()?.left.iter().flatten().find_map(|part| match part {
        KeyPart::Field { uid, form } => Some((*uid, *form)),
        KeyPart::Id => None,
    });
    let (uid, form) = part?;
    // Whose address it is, is asked, and not whose domain.
    if form == KeyForm::Domain && text.contains('@') {
        return None;
    }
    let spec = KeySpec { key: line.key, parts: vec![crate::store::KeyPart::Field(uid, form)], identity: true };
    spec.hash("", |_| Cell::Text(text))
}

/// The record types that a match line takes part in, for people.
fn names(block: &Block, line: &MatchLine, asked: &Asked) -> String {
    let mut names = Vec::new();
    for side in Side::BOTH.into_iter().filter(|side| asked.wants(*side)) {
        for (at, used) in block.types[side].iter().enumerate() {
            let pair = line.keys().first();
            let part = pair.and_then(|pair| if side == Side::Left { pair.left.get(at) } else { pair.right.get(at) });
            if part.is_some_and(Option::is_some) {
                names.push(format!("{} {}", crm(side), used.name));
            }
        }
    }
    names.join(", ")
}

/// Addresses in the mirror that differ from what was asked for by one letter.
async fn near_matches(
    reader: &dyn Reader,
    keys: &[(&Block, &MatchLine)],
    asked: &Asked,
) -> Result<Vec<String>, StoreError> {
    let candidates = near::candidates(&asked.text);
    let mut out = BTreeSet::new();
    for (_, line) in keys {
        let hashes: Vec<Option<Fingerprint>> = candidates.iter().map(|text| hash(line, text)).collect();
        let known: Vec<Fingerprint> = hashes.iter().copied().flatten().collect();
        for (hit, row) in reader.by_keys(&known).await? {
            if asked.wants(row.side) {
                let at = hashes.iter().position(|hash| *hash == Some(hit));
                out.extend(at.and_then(|at| candidates.get(at)).cloned());
            }
        }
    }
    Ok(out.into_iter().take(5).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Uid;
    use crate::lang::plan::{KeyPair, MatchBy, Place, RuleRef};

    #[test]
    fn a_company_is_found_by_its_domain_and_a_person_by_no_domain() {
        let part = |form| vec![Some(KeyPart::Field { uid: Uid(7), form })];
        let line = |form| {
            let rule = RuleRef { uid: Uid(1), name: "match".into(), place: Place::default() };
            MatchLine {
                rule,
                key: Uid(2),
                by: MatchBy::Keys(vec![KeyPair { left: part(form), right: part(form) }]),
                proposes: false,
            }
        };
        let domain = line(KeyForm::Domain);
        assert!(hash(&domain, "acme.com").is_some());
        assert_eq!(hash(&domain, "https://www.Acme.com/x"), hash(&domain, "acme.com"));
        assert_eq!(hash(&domain, "ana@acme.com"), None);
        assert!(hash(&line(KeyForm::Text), "ana@acme.com").is_some());
    }

    #[test]
    fn a_side_may_be_chosen() {
        let asked = |text: &str| {
            let Asked { side, text } = Asked::parse(text);
            (side, text)
        };
        assert_eq!(asked(" ada@x.io "), (None, "ada@x.io".into()));
        assert_eq!(asked("HubSpot: 12"), (Some(Side::Left), "12".into()));
        assert_eq!(asked("salesforce:003A"), (Some(Side::Right), "003A".into()));
        assert_eq!(asked("hubspot"), (None, "hubspot".into()));
        assert_eq!(asked("é"), (None, "é".into()));
    }
}
