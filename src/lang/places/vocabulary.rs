//! What one side's country and state fields take, as its schema lists it, and which place each entry means.

use super::atlas::{Atlas, Spot};
use super::fold::fold;
use super::table::Notation;
use crate::lang::schema::{FieldDef, OptionDef};

/// One entry of a side's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The place; a part has none where the list does not say of which country it is.
    pub spot: Option<Spot>,
    /// As the field holds it.
    pub value: Box<str>,
    pub code: Box<str>,
    pub label: Box<str>,
    /// Still to be chosen.
    pub open: bool,
    keys: [Box<str>; 2],
}

impl Entry {
    /// By its code or its label, in any spelling.
    pub(super) fn is_called(&self, folded: &str) -> bool {
        self.keys.iter().any(|key| **key == *folded)
    }

    /// To the letter.
    pub(super) fn is_exactly(&self, text: &str) -> bool {
        [&self.value, &self.code, &self.label].iter().any(|form| ***form == *text)
    }
}

/// See the module text. Without a list a field takes any text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    pub countries: Option<Vec<Entry>>,
    pub parts: Option<Vec<Entry>>,
}

impl Vocabulary {
    /// From the options of a country and a state field, and what of an option the mapped field holds: its code (the option's
    /// value) or its name (the label).
    pub fn of(country: Option<(&FieldDef, Notation)>, state: Option<(&FieldDef, Notation)>) -> Vocabulary {
        let atlas = Atlas::get();
        let listed = |field: Option<(&FieldDef, Notation)>| -> Option<(Vec<OptionDef>, Notation)> {
            field.filter(|(def, _)| !def.options.is_empty()).map(|(def, held)| (def.options.clone(), held))
        };
        let countries = listed(country).map(|(options, held)| {
            let spot = |option: &OptionDef| {
                let known = match option.value.len() {
                    2 => atlas.country(&option.value).or_else(|| atlas.country(&option.label)),
                    _ => atlas.country(&option.label).or_else(|| atlas.country(&option.value)),
                };
                Some(Spot { country: known.unwrap_or(&option.value).into(), part: None })
            };
            options.iter().map(|option| entry(option, spot(option), held)).collect::<Vec<Entry>>()
        });
        let parts = listed(state).map(|(options, held)| {
            options.iter().flat_map(|option| part_entries(option, countries.as_deref(), held)).collect()
        });
        Vocabulary { countries, parts }
    }

    /// The entries of a country, where the list says which these are; else all, since any may be one of its.
    pub(super) fn parts_of(&self, country: &str) -> impl Iterator<Item = &Entry> {
        let of = move |entry: &&Entry| entry.spot.as_ref().is_none_or(|spot| *spot.country == *country);
        self.parts.iter().flatten().filter(of)
    }
}

fn entry(option: &OptionDef, spot: Option<Spot>, held: Notation) -> Entry {
    let value = if held == Notation::Names { &option.label } else { &option.value };
    Entry {
        spot,
        value: value.as_str().into(),
        code: option.value.as_str().into(),
        label: option.label.as_str().into(),
        open: !option.hidden,
        keys: [fold(&option.value).into(), fold(&option.label).into()],
    }
}

/// One for each country that the option is valid for. The label tells more than the code: Salesforce's own codes of
/// Japan's prefectures are not those of ISO 3166-2.
fn part_entries(option: &OptionDef, countries: Option<&[Entry]>, held: Notation) -> Vec<Entry> {
    let atlas = Atlas::get();
    if option.valid_for.is_empty() {
        return vec![entry(option, None, held)];
    }
    let spots = option.valid_for.iter().map(|code| {
        let known = countries.into_iter().flatten().find(|entry| *entry.code == **code);
        let spot = known.and_then(|entry| entry.spot.as_ref());
        let country: Box<str> = spot.map_or_else(|| code.as_str().into(), |spot| spot.country.clone());
        let part = atlas.part(&country, &option.label).or_else(|| atlas.part(&country, &option.value));
        Spot { part: Some(part.unwrap_or(&option.value).into()), country }
    });
    spots.map(|spot| entry(option, Some(spot), held)).collect()
}
