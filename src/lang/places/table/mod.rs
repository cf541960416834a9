//! A `place` block on one pair of fields: from what one side holds to what the other takes.

#[cfg(test)]
mod tests;

use crate::data::{BySide, Side};
use crate::lang::places::atlas::{Atlas, Spot};
use crate::lang::places::fold::fold;
use crate::lang::places::vocabulary::{Entry, Vocabulary};
use crate::lang::plan::Place;

/// Whether the org has picklists of states and countries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picklists {
    /// The fields take any text.
    None,
    /// With the values that Salesforce ships.
    Standard,
    /// With values of the org's own.
    Customised,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    Names,
    Codes,
}

/// Which of the two fields is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Country,
    State,
}

/// Both fields of one record; the one that is not mapped is blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside<'a> {
    pub country: &'a str,
    pub state: &'a str,
}

/// What becomes of one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    Text(String),
    Blank,
    /// Neither of the two is written, for this reason.
    Unknown(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlaceTable {
    /// Of the `place` block.
    pub name: String,
    /// Where the block stands.
    pub at: Place,
    pub picklists: Picklists,
    /// `values matched`; else they pass as they are.
    pub matched: bool,
    /// `write … to SIDE`.
    pub write: BySide<Notation>,
    /// `unknown reject`: what cannot be converted stops the record.
    pub reject: bool,
    /// Folded texts and what they mean.
    pub aliases: Vec<(String, Spot)>,
    pub words: BySide<Vocabulary>,
}

/// A pair of values to be written.
struct Written {
    country: String,
    /// `None`: a blank.
    state: Option<String>,
}

impl PlaceTable {
    /// What `part` becomes on `to`, of what the other side holds.
    pub fn carry(&self, to: Side, part: Part, held: Beside<'_>) -> Placed {
        let held = Beside { country: held.country.trim(), state: held.state.trim() };
        if held.country.is_empty() {
            return match part {
                Part::State if !held.state.is_empty() => self.stateless_country(to, held.state),
                _ => Placed::Blank,
            };
        }
        let written = self.spot(to, held).and_then(|spot| self.written(to, &spot, held));
        match (written, part) {
            (Ok(written), Part::Country) => Placed::Text(written.country),
            (Ok(Written { state: Some(state), .. }), Part::State) => Placed::Text(state),
            (Ok(_), Part::State) => Placed::Blank,
            (Err(why), _) => Placed::Unknown(why),
        }
    }

    /// A state alone: written where nothing asks for its country, and where its name leaves no doubt.
    fn stateless_country(&self, to: Side, state: &str) -> Placed {
        let named = Atlas::get().countries_with(state);
        let alias = self.alias(state).filter(|spot| spot.part.is_some()).map(|spot| &*spot.country);
        let country = alias.or(match named.as_slice() {
            [one] => Some(*one),
            _ => None,
        });
        let listed = self.words[to].countries.is_some();
        match country {
            Some(country) if !listed => {
                let name = Atlas::get().country_name(country).unwrap_or(country);
                let spot = self.spot(to, Beside { country: name, state });
                match spot.and_then(|spot| self.written(to, &spot, Beside { country: name, state })) {
                    Ok(Written { state: Some(state), .. }) => Placed::Text(state),
                    Ok(_) => Placed::Blank,
                    Err(why) => Placed::Unknown(why),
                }
            }
            None if !listed && !self.matched => Placed::Text(state.to_owned()),
            Some(country) => {
                let name = Atlas::get().country_name(country).unwrap_or(country);
                Placed::Unknown(format!("the state `{state}` has no country beside it; the nearest is `{name}`"))
            }
            None => Placed::Unknown(format!("the state `{state}` has no country beside it")),
        }
    }

    fn alias(&self, text: &str) -> Option<&Spot> {
        let folded = fold(text);
        self.aliases.iter().find(|(alias, _)| *alias == folded).map(|(_, spot)| spot)
    }

    /// Which place the two values name. The org's own lists come before the atlas: its words are its own.
    fn spot(&self, to: Side, held: Beside<'_>) -> Result<Spot, String> {
        let (country, implied) = match self.alias(held.country) {
            Some(spot) => (spot.country.clone(), spot.part.clone()),
            None => (self.country(to, held.country)?, None),
        };
        if held.state.is_empty() {
            return Ok(Spot { country, part: implied });
        }
        if let Some(spot) = self.alias(held.state).filter(|spot| spot.country == country && spot.part.is_some()) {
            return Ok(spot.clone());
        }
        match self.part(to, &country, held.state) {
            Some(part) => Ok(Spot { country, part: Some(part) }),
            // Where nothing takes a state, none has to be known.
            None if self.has_no_parts(to, &country) => Ok(Spot { country, part: None }),
            None if self.matched || self.words[to].parts.is_some() => Err(self.unknown(to, Some(&country), held.state)),
            None => Ok(Spot { country, part: Some(held.state.into()) }),
        }
    }

    fn country(&self, to: Side, text: &str) -> Result<Box<str>, String> {
        let folded = fold(text);
        let listed = [to.other(), to].into_iter().find_map(|side| {
            let entries = self.words[side].countries.as_deref().unwrap_or_default();
            let found = entries.iter().find(|entry| match self.matched {
                true => entry.is_called(&folded),
                false => entry.is_exactly(text),
            });
            found.and_then(|entry| entry.spot.as_ref()).map(|spot| spot.country.clone())
        });
        match listed {
            Some(country) => Ok(country),
            None if self.matched => {
                Atlas::get().country(text).map(Into::into).ok_or_else(|| self.unknown(to, None, text))
            }
            None if self.words[to].countries.is_some() => Err(self.unknown(to, None, text)),
            None => Ok(text.into()),
        }
    }

    fn part(&self, to: Side, country: &str, text: &str) -> Option<Box<str>> {
        let atlas = Atlas::get();
        let folded = fold(text);
        let listed = [to.other(), to].into_iter().find_map(|side| {
            let called = |entry: &&Entry| match self.matched {
                true => entry.is_called(&folded),
                false => entry.is_exactly(text),
            };
            let entry = self.words[side].parts_of(country).find(called)?;
            match &entry.spot {
                Some(spot) => spot.part.clone(),
                None => atlas.part(country, &entry.label).or_else(|| atlas.part(country, &entry.code)).map(Into::into),
            }
        });
        match self.matched {
            true => listed.or_else(|| atlas.part(country, text).map(Into::into)),
            false => listed,
        }
    }

    /// Whether the target's list knows states, and none of this country.
    fn has_no_parts(&self, to: Side, country: &str) -> bool {
        let words = &self.words[to];
        words.parts.is_some() && words.parts_of(country).next().is_none()
    }

    fn written(&self, to: Side, spot: &Spot, held: Beside<'_>) -> Result<Written, String> {
        let words = &self.words[to];
        let atlas = Atlas::get();
        let country = match &words.countries {
            None => Some(self.free(to, spot, held.country, Part::Country)),
            Some(entries) => open_country(entries, &spot.country).map(|entry| entry.value.to_string()),
        };
        let Some(country) = country else {
            // Hong Kong, where the list has only China and its parts.
            let twin = atlas.as_part(&spot.country).iter().find_map(|(of, part)| {
                let entry = open_country(words.countries.as_deref().unwrap_or_default(), of)?;
                Some(Written { country: entry.value.to_string(), state: Some(self.listed_part(to, of, part)?) })
            });
            return twin.ok_or_else(|| self.unlisted(to, None, held.country));
        };
        let Some(part) = &spot.part else { return Ok(Written { country, state: None }) };
        if self.has_no_parts(to, &spot.country) {
            return Ok(Written { country, state: None });
        }
        if words.parts.is_none() {
            let state = Some(self.free(to, spot, held.state, Part::State));
            return Ok(Written { country, state });
        }
        if let Some(state) = self.listed_part(to, &spot.country, part) {
            return Ok(Written { country, state: Some(state) });
        }
        // Puerto Rico, where the list has it as a country.
        let twin = atlas.as_country(&spot.country, part);
        let entries = words.countries.as_deref().unwrap_or_default();
        match twin.and_then(|code| open_country(entries, code)) {
            Some(entry) => Ok(Written { country: entry.value.to_string(), state: None }),
            None => Err(self.unlisted(to, Some(&spot.country), held.state)),
        }
    }

    /// What the list of `to` has for a part; also for its other code.
    fn listed_part(&self, to: Side, country: &str, part: &str) -> Option<String> {
        let atlas = Atlas::get();
        let twin = atlas.as_country(country, part);
        let means = |entry: &&Entry| {
            let of_entry = match &entry.spot {
                Some(spot) => spot.part.as_deref(),
                None => atlas.part(country, &entry.label).or_else(|| atlas.part(country, &entry.code)),
            };
            let same_twin = |of_entry: &str| twin.is_some() && atlas.as_country(country, of_entry) == twin;
            entry.open && of_entry.is_some_and(|of_entry| of_entry == part || same_twin(of_entry))
        };
        self.words[to].parts_of(country).find(means).map(|entry| entry.value.to_string())
    }

    /// For a field that takes any text.
    fn free(&self, to: Side, spot: &Spot, text: &str, part: Part) -> String {
        let from = &self.words[to.other()];
        let entries = match part {
            Part::Country => from.countries.as_deref(),
            Part::State => from.parts.as_deref(),
        };
        let own = entries.unwrap_or_default().iter().find(|entry| {
            entry
                .spot
                .as_ref()
                .is_some_and(|of| of.country == spot.country && (part == Part::Country || of.part == spot.part))
        });
        let atlas = Atlas::get();
        let name = match part {
            Part::Country => atlas.country_name(&spot.country),
            Part::State => spot.part.as_deref().and_then(|part| atlas.part_name(&spot.country, part)),
        };
        let code = match part {
            Part::Country => Some(&spot.country),
            Part::State => spot.part.as_ref(),
        };
        match (self.matched, self.write[to]) {
            (false, _) if own.is_none() => text.to_owned(),
            (false, Notation::Codes) => own.map_or_else(|| text.to_owned(), |entry| entry.code.to_string()),
            (false, Notation::Names) => own.map_or_else(|| text.to_owned(), |entry| entry.label.to_string()),
            (true, Notation::Codes) => code.map_or_else(|| text.to_owned(), |code| code.to_string()),
            (true, Notation::Names) => {
                let own = own.map(|entry| &*entry.label);
                name.or(own).unwrap_or(text).to_owned()
            }
        }
    }

    fn unknown(&self, to: Side, country: Option<&str>, text: &str) -> String {
        self.no(to, country, text, "is not known")
    }

    fn unlisted(&self, to: Side, country: Option<&str>, text: &str) -> String {
        self.no(to, country, text, "is not in the list of the other side")
    }

    fn no(&self, to: Side, country: Option<&str>, text: &str, what: &str) -> String {
        let nearest = self.nearest(to, country, text);
        let nearest = nearest.map_or_else(String::new, |name| format!("; the nearest is `{name}`"));
        match country {
            None => format!("the country `{text}` {what}{nearest}"),
            Some(code) => {
                let name = Atlas::get().country_name(code).unwrap_or(code);
                format!("the state `{text}` of {name} {what}{nearest}")
            }
        }
    }

    /// The name most like the text, of those that the target takes.
    fn nearest(&self, to: Side, country: Option<&str>, text: &str) -> Option<String> {
        const NEAR: f64 = 0.6;
        const LONGEST: usize = 100;
        if text.len() > LONGEST {
            return None;
        }
        let folded = fold(text);
        let listed: Vec<String> = match country {
            None => self.words[to].countries.iter().flatten().filter(|e| e.open).map(|e| e.label.to_string()).collect(),
            Some(code) => self.words[to].parts_of(code).filter(|e| e.open).map(|e| e.label.to_string()).collect(),
        };
        let names = match listed.is_empty() {
            true => Atlas::get().candidates(country).into_iter().map(str::to_owned).collect(),
            false => listed,
        };
        let likeness = |name: &String| strsim::normalized_damerau_levenshtein(&fold(name), &folded);
        let scored = names.into_iter().map(|name| (likeness(&name), name)).filter(|(score, _)| *score >= NEAR);
        scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, name)| name)
    }
}

fn open_country<'e>(entries: &'e [Entry], country: &str) -> Option<&'e Entry> {
    let means = |entry: &&Entry| entry.spot.as_ref().is_some_and(|spot| *spot.country == *country);
    entries.iter().find(|entry| entry.open && means(entry))
}
