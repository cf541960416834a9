//! The countries of ISO 3166-1 and the parts of them of ISO 3166-2, by every name and code.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use super::fold::{fold, spelled_out, turned};
use crate::data::Digest;

const DATA: &str = include_str!("data/places.txt");
const SPELLINGS: &str = include_str!("data/spellings.txt");

/// A country, or a part of it, by its codes: `US` and `CA`. An org's own places have the org's codes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub country: Box<str>,
    pub part: Option<Box<str>>,
}

/// See the module text. Made once.
pub struct Atlas {
    countries: HashMap<&'static str, Country>,
    /// Folded names and codes of countries.
    names: HashMap<String, &'static str>,
    /// Parts with a country code of their own, as country and part.
    twins: BTreeMap<&'static str, Vec<(&'static str, &'static str)>>,
    /// Of all that it was made of.
    data: Digest,
}

#[derive(Default)]
struct Country {
    names: Vec<&'static str>,
    /// In the order of the data.
    parts: Vec<(&'static str, Vec<&'static str>)>,
    part_names: HashMap<String, usize>,
}

impl Atlas {
    pub fn get() -> &'static Atlas {
        static ATLAS: OnceLock<Atlas> = OnceLock::new();
        ATLAS.get_or_init(Atlas::read)
    }

    fn read() -> Atlas {
        let data = Digest::of([DATA, SPELLINGS].concat().as_bytes());
        let mut atlas = Atlas { countries: HashMap::new(), names: HashMap::new(), twins: BTreeMap::new(), data };
        for line in DATA.lines() {
            let fields: Vec<&'static str> = line.split('\t').collect();
            match fields.as_slice() {
                ["C", code, alpha3, number, names] => atlas.add_country(code, [code, alpha3, number], names),
                ["S", code, names] => atlas.add_part(code, names),
                ["N", code] => atlas.add_nation(code),
                ["=", code, country] => atlas.add_twin(code, country),
                _ => {}
            }
        }
        for (code, names) in SPELLINGS.lines().filter_map(|line| line.split_once('\t')) {
            atlas.add_spellings(code, names);
        }
        atlas
    }

    fn add_country(&mut self, code: &'static str, codes: [&str; 3], names: &'static str) {
        let names: Vec<&'static str> = names.split('|').collect();
        for name in codes.iter().copied().chain(names.iter().copied()).filter(|name| !name.is_empty()) {
            for key in keys(name) {
                self.names.entry(key).or_insert(code);
            }
        }
        self.countries.insert(code, Country { names, ..Country::default() });
    }

    fn add_part(&mut self, code: &'static str, names: &'static str) {
        let Some((of, part)) = code.split_once('-') else { return };
        let Some(country) = self.countries.get_mut(of) else { return };
        let names: Vec<&'static str> = names.split('|').collect();
        let at = country.parts.len();
        for name in [part, code].into_iter().chain(names.iter().copied()) {
            for key in keys(name) {
                country.part_names.entry(key).or_insert(at);
            }
        }
        country.parts.push((part, names));
    }

    fn add_nation(&mut self, code: &'static str) {
        let Some((of, part)) = code.split_once('-') else { return };
        let Some((known, country)) = self.countries.get_key_value(of) else { return };
        let names = country.parts.iter().find(|(of, _)| *of == part).map(|(_, names)| names.as_slice());
        let keys: Vec<String> = names.unwrap_or_default().iter().flat_map(|name| keys(name)).collect();
        let known = *known;
        for key in keys {
            self.names.entry(key).or_insert(known);
        }
    }

    /// A part with a country code of its own goes by that country's names too.
    fn add_twin(&mut self, code: &'static str, country: &'static str) {
        let Some((of, part)) = code.split_once('-') else { return };
        self.twins.entry(country).or_default().push((of, part));
        let names = self.countries.get(country).map_or_else(Vec::new, |country| country.names.clone());
        let Some(whole) = self.countries.get_mut(of) else { return };
        let Some(at) = whole.parts.iter().position(|(known, _)| *known == part) else { return };
        for key in names.iter().flat_map(|name| keys(name)) {
            whole.part_names.entry(key).or_insert(at);
        }
        whole.parts[at].1.splice(0..0, names.first().copied());
    }

    /// Read and never written. What is a name already stays one.
    fn add_spellings(&mut self, code: &'static str, names: &'static str) {
        let Some((of, part)) = code.split_once('-') else {
            for key in names.split('|').flat_map(keys) {
                self.names.entry(key).or_insert(code);
            }
            return;
        };
        let Some(country) = self.countries.get_mut(of) else { return };
        let Some(at) = country.parts.iter().position(|(known, _)| *known == part) else { return };
        for key in names.split('|').flat_map(keys) {
            country.part_names.entry(key).or_insert(at);
        }
    }

    /// Stands for all names and codes: another version's may be others.
    pub fn data(&self) -> Digest {
        self.data
    }

    /// The code of a country by a name or code of any form.
    pub fn country(&self, text: &str) -> Option<&'static str> {
        forms(text).find_map(|form| self.names.get(&form).copied())
    }

    /// The code of a part of a country, by name, by code, or by both codes (`US-CA`).
    pub fn part(&self, country: &str, text: &str) -> Option<&'static str> {
        let country = self.countries.get(country)?;
        let at = forms(text).find_map(|form| country.part_names.get(&form))?;
        country.parts.get(*at).map(|(code, _)| *code)
    }

    /// The countries that have a part of this name; codes do not count.
    pub fn countries_with(&self, text: &str) -> Vec<&'static str> {
        let folded = fold(text);
        let named = |country: &Country| {
            country.parts.iter().any(|(_, names)| names.iter().any(|name| fold(name) == folded))
                && country.part_names.contains_key(&folded)
        };
        let mut found: Vec<&'static str> =
            self.countries.iter().filter(|(_, country)| named(country)).map(|(code, _)| *code).collect();
        found.sort_unstable();
        found
    }

    /// The name of a country, as it is written in English.
    pub fn country_name(&self, code: &str) -> Option<&'static str> {
        self.countries.get(code)?.names.first().copied()
    }

    pub fn part_name(&self, country: &str, code: &str) -> Option<&'static str> {
        let part = self.countries.get(country)?.parts.iter().find(|(of, _)| *of == code);
        part.and_then(|(_, names)| names.first().copied())
    }

    /// Names that a country goes by as a whole and as a part of another: `HK` is `CN-HK`.
    pub fn as_part(&self, country: &str) -> &[(&'static str, &'static str)] {
        self.twins.get(country).map(Vec::as_slice).unwrap_or_default()
    }

    /// The country that a part is by itself.
    pub fn as_country(&self, country: &str, part: &str) -> Option<&'static str> {
        self.twins.iter().find(|(_, twins)| twins.contains(&(country, part))).map(|(code, _)| *code)
    }

    /// Names to compare a misspelling with: of all countries, or of the parts of one.
    pub fn candidates(&self, country: Option<&str>) -> Vec<&'static str> {
        match country {
            None => self.countries.values().filter_map(|country| country.names.first().copied()).collect(),
            Some(code) => {
                let parts = self.countries.get(code).map(|country| country.parts.as_slice()).unwrap_or_default();
                parts.iter().flat_map(|(_, names)| names.iter().take(2).copied()).collect()
            }
        }
    }
}

/// How a name of the data is found.
fn keys(name: &str) -> Vec<String> {
    let turned = turned(name).map(|turned| fold(&turned));
    [Some(fold(name)), spelled_out(name), turned].into_iter().flatten().filter(|key| !key.is_empty()).collect()
}

/// What a person may have meant, likeliest first.
fn forms(text: &str) -> impl Iterator<Item = String> {
    let turned = turned(text).map(|turned| fold(&turned));
    [Some(fold(text)), turned].into_iter().flatten().filter(|form| !form.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_what_people_write() {
        let atlas = Atlas::get();
        let cases = [
            ("Deutschland", "DE"),
            ("GERMANY", "DE"),
            ("USA", "US"),
            ("U.S.", "US"),
            ("U.S.A.", "US"),
            ("United States of America", "US"),
            ("UK", "GB"),
            ("Great Britain", "GB"),
            ("England", "GB"),
            ("Northern Ireland", "GB"),
            ("Viet Nam", "VN"),
            ("Vietnam", "VN"),
            ("Korea, South", "KR"),
            ("Korea, Republic of", "KR"),
            ("Republic of Korea", "KR"),
            ("Cote d'Ivoire", "CI"),
            ("Ivory Coast", "CI"),
            ("Czech Republic", "CZ"),
            ("Czechia", "CZ"),
            ("Hong Kong", "HK"),
            ("Macao", "MO"),
            ("Macau", "MO"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
            ("Russian Federation", "RU"),
            ("The Netherlands", "NL"),
            ("Österreich", "AT"),
            ("Oesterreich", "AT"),
            ("België", "BE"),
            ("日本", "JP"),
            ("CHE", "CH"),
            ("276", "DE"),
            ("UAE", "AE"),
            ("Bolivia, Plurinational State of", "BO"),
            ("Congo, the Democratic Republic of the", "CD"),
            ("Aland Islands", "AX"),
            ("Saint Barthélemy", "BL"),
            ("Kosovo", "XK"),
            ("Georgia", "GE"),
        ];
        for (text, code) in cases {
            assert_eq!(atlas.country(text), Some(code), "{text}");
        }
        for text in ["Atlantis", "", "  ", "Bavaria", "??", "Korea"] {
            assert_eq!(atlas.country(text), None, "{text}");
        }
    }

    #[test]
    fn parts_are_known_within_their_country() {
        let atlas = Atlas::get();
        let cases = [
            ("US", "New York", "NY"),
            ("US", "N.Y.", "NY"),
            ("US", "US-CA", "CA"),
            ("CA", "Québec", "QC"),
            ("CA", "QC", "QC"),
            ("DE", "Bayern", "BY"),
            ("DE", "Bavaria", "BY"),
            ("DE", "Baden-Wuerttemberg", "BW"),
            ("BR", "Sao Paulo", "SP"),
            ("GB", "England", "ENG"),
            ("IT", "Roma", "RM"),
            ("JP", "Akita", "05"),
            ("CN", "Hong Kong", "HK"),
        ];
        for (country, text, code) in cases {
            assert_eq!(atlas.part(country, text), Some(code), "{country} {text}");
        }
        assert_eq!(atlas.part("US", "Bavaria"), None);
        assert_eq!(atlas.part("XX", "Bavaria"), None);
        assert_eq!(atlas.countries_with("California"), ["US"]);
        assert!(atlas.countries_with("Córdoba").len() > 1);
        assert_eq!(atlas.as_country("US", "PR"), Some("PR"));
        assert!(atlas.as_part("HK").contains(&("CN", "91")));
    }

    #[test]
    fn what_people_write_by_hand_is_known_and_takes_nobodys_name() {
        let atlas = Atlas::get();
        for (code, names) in SPELLINGS.lines().filter_map(|line| line.split_once('\t')) {
            for name in names.split('|') {
                match code.split_once('-') {
                    None => assert_eq!(atlas.country(name), Some(code), "{name}"),
                    Some((of, part)) => assert_eq!(atlas.part(of, name), Some(part), "{of} {name}"),
                }
            }
        }
        assert_eq!(SPELLINGS.lines().filter(|line| line.split_once('\t').is_none()).count(), 0);
        assert_eq!(atlas.country("Republic of Ireland"), Some("IE"));
        assert_eq!(atlas.part("US", "N. Carolina"), Some("NC"));
        assert_eq!(atlas.part("MX", "CDMX"), Some("CMX"));
    }

    #[test]
    fn no_value_is_no_place() {
        let atlas = Atlas::get();
        for text in ["N/A", "n/a", "n.a.", "N.A", "#N/A", " n / a "] {
            assert_eq!((atlas.country(text), atlas.part("IT", text)), (None, None), "{text}: Namibia, and Naples");
        }
        assert_eq!((atlas.country("NA"), atlas.part("IT", "NA")), (Some("NA"), Some("NA")));
    }

    #[test]
    fn names_that_are_written_have_no_marks_of_footnotes() {
        let atlas = Atlas::get();
        for (code, country) in &atlas.countries {
            let parts = country.parts.iter().filter_map(|(_, names)| names.first());
            for name in country.names.first().into_iter().chain(parts) {
                assert!(!name.contains(['¹', '²', '³', '*', '†', '[']), "{code} {name}");
            }
        }
        assert_eq!(atlas.part_name("FR", "IDF"), Some("Île-de-France"));
    }

    #[test]
    fn every_name_that_is_written_is_read_back() {
        let atlas = Atlas::get();
        assert_eq!(atlas.countries.len(), 250);
        for (code, country) in &atlas.countries {
            let written = atlas.country_name(code).unwrap();
            assert_eq!(atlas.country(written), Some(*code), "{written}");
            for (part, _) in &country.parts {
                let written = atlas.part_name(code, part).unwrap();
                let read = atlas.part(code, written).unwrap();
                let again = atlas.part_name(code, read).unwrap();
                assert_eq!(atlas.part(code, again), Some(read), "{code}-{part} {written}");
                assert_eq!(atlas.part(code, &format!("{code}-{part}")), Some(*part));
            }
        }
    }
}
