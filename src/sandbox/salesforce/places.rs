//! State and country picklists, where an org has them on: an address then has code fields (`MailingCountryCode`) beside its
//! texts, and one is kept in step with the other. What the lists do not hold refuses the whole row.
//! https://help.salesforce.com/s/articleView?id=xcloud.admin_state_country_picklists_field_syncing.htm

use super::errors::{ApiError, Refused};
use super::field::{FieldDef, FieldType, PicklistValue};
use super::record::{Cell, Record, Val};
use super::schema::ObjectDef;
use super::validate::Mode;
use super::world::World;

const COUNTRY: &str = "Country";
const STATE: &str = "State";
const CODE: &str = "Code";

/// Positions of a part's text field and its code field.
#[derive(Clone, Copy)]
struct Part {
    text: u16,
    code: u16,
}

/// What a write says of one part, as its text and as its code. Null says nothing beside a value.
enum Said {
    Nothing,
    Blank,
    Text(String),
    Code(String),
    Both { text: String, code: String },
}

type Cells = Vec<(u16, Option<Cell>)>;

impl FieldDef {
    /// A code of a country or a state, which its address is checked with as a whole.
    pub(super) fn is_place_code(&self) -> bool {
        self.kind == FieldType::Picklist
            && [COUNTRY, STATE].iter().any(|part| self.name.strip_suffix(CODE).is_some_and(|name| name.ends_with(part)))
    }
}

impl World {
    /// Switches the picklists on for every address of leads, contacts and accounts. Countries are code and name; states the
    /// code of their country, code and name.
    pub fn list_places(&mut self, countries: &[(&str, &str)], states: &[(&str, &str, &str)]) {
        let value = |code: &str, name: &str, of: &[&str]| PicklistValue {
            value: code.to_owned().into(),
            label: name.to_owned().into(),
            active: true,
            valid_for: of.iter().map(|of| (*of).to_owned().into()).collect(),
        };
        for object in ["Lead", "Contact", "Account"] {
            let prefixes: Vec<(String, String)> = self
                .fields(object)
                .filter_map(|field| Some((field.name.strip_suffix(COUNTRY)?.to_owned(), field.label.to_string())))
                .collect();
            for (prefix, label) in prefixes {
                let code = |part: &str, label: String| {
                    let field = FieldDef::new(format!("{prefix}{part}{CODE}"), label, FieldType::Picklist).restricted();
                    FieldDef { length: 10, ..field }
                };
                let countries = countries.iter().map(|(code, name)| value(code, name, &[])).collect();
                let states = states.iter().map(|(of, code, name)| value(code, name, &[*of])).collect();
                let state_label = label.replace(COUNTRY, "State/Province");
                let controller = Some(format!("{prefix}{COUNTRY}{CODE}").into());
                let country = FieldDef { picklist: countries, ..code(COUNTRY, format!("{label} Code")) };
                let state = FieldDef { picklist: states, controller, ..code(STATE, format!("{state_label} Code")) };
                self.add_field(object, country);
                self.add_field(object, state);
            }
        }
    }
}

/// Brings the texts and codes of the addresses that a write touches in step, or says what the lists do not hold. `before` is
/// the row as it was.
pub(super) fn complete(def: &ObjectDef, before: &Record, cells: &mut Cells, mode: Mode) -> Result<(), Refused> {
    let lists: Vec<&FieldDef> = def.visible().map(|(_, field)| field).filter(|field| field.is_place_code()).collect();
    for list in lists {
        let Some(prefix) = list.name.strip_suffix("CountryCode") else { continue };
        let part = |name: &str| -> Option<Part> {
            Some(Part {
                text: def.find(&format!("{prefix}{name}"))?,
                code: def.find(&format!("{prefix}{name}{CODE}"))?,
            })
        };
        let (Some(country), Some(state)) = (part(COUNTRY), part(STATE)) else { continue };
        let touched = |part: Part| cells.iter().any(|(field, _)| [part.text, part.code].contains(field));
        if touched(country) || touched(state) {
            Address { def, before, country, state, mode }.complete(cells)?;
        }
    }
    Ok(())
}

struct Address<'a> {
    def: &'a ObjectDef,
    before: &'a Record,
    country: Part,
    state: Part,
    mode: Mode,
}

impl Address<'_> {
    fn complete(&self, cells: &mut Cells) -> Result<(), ApiError> {
        let (said_country, said_state) = (said(cells, self.country), said(cells, self.state));
        let cleared = matches!(said_country, Said::Blank);
        let country = match said_country {
            Said::Nothing => self.stored(self.country),
            said => {
                let found = self.country_of(said)?;
                self.put(cells, self.country, found);
                found
            }
        };
        let state = match said_state {
            // Without its country a state goes too.
            Said::Nothing if cleared => None,
            Said::Nothing => {
                let text = text(self.before, self.state.text);
                let Some(name) = text else { return Ok(()) };
                let here = self.states(country).find(|state| state.label == name);
                return match here {
                    Some(_) => Ok(()),
                    None => Err(self.not_of_country(self.state.code)),
                };
            }
            Said::Blank => None,
            said if country.is_none() => {
                let field = if matches!(said, Said::Code(_)) { self.state.code } else { self.state.text };
                let text = "A country/territory must be specified before specifying a state value for field: ";
                return Err(self.refusal(field, text));
            }
            said => Some(self.state_of(said, country)?),
        };
        self.put(cells, self.state, state);
        Ok(())
    }

    fn country_of(&self, said: Said) -> Result<Option<&PicklistValue>, ApiError> {
        let by_text = |text: &str| self.list(self.country).find(|country| country.label == text);
        let by_code = |code: &str| self.list(self.country).find(|country| country.value == code);
        let found = match said {
            Said::Nothing | Said::Blank => None,
            Said::Text(text) => {
                Some(by_text(&text).ok_or_else(|| self.unknown(self.country.text, "country/territory"))?)
            }
            Said::Code(code) => {
                Some(by_code(&code).ok_or_else(|| self.no_code(self.country.code, &code, "country/territory"))?)
            }
            Said::Both { text, code } => {
                let found =
                    by_code(&code).ok_or_else(|| self.no_code(self.country.code, &code, "country/territory"))?;
                self.agree(found, &text, self.country.text, "country/territory")?;
                Some(found)
            }
        };
        Ok(found)
    }

    fn state_of(&self, said: Said, country: Option<&PicklistValue>) -> Result<&PicklistValue, ApiError> {
        let by_code = |code: &str| {
            let here = self.states(country).find(|state| state.value == code);
            here.ok_or_else(|| match self.list(self.state).any(|state| state.value == code) {
                true => self.not_of_country(self.state.code),
                false => self.no_code(self.state.code, code, "state"),
            })
        };
        match said {
            Said::Text(text) => {
                let here = self.states(country).find(|state| state.label == text);
                here.ok_or_else(|| self.unknown(self.state.text, "state"))
            }
            Said::Code(code) => by_code(&code),
            Said::Both { text, code } => {
                let found = by_code(&code)?;
                self.agree(found, &text, self.state.text, "state")?;
                Ok(found)
            }
            Said::Nothing | Said::Blank => Err(self.unknown(self.state.text, "state")),
        }
    }

    /// Of a new row the code counts; of one that is there both must say the same.
    fn agree(&self, found: &PicklistValue, text: &str, field: u16, what: &str) -> Result<(), ApiError> {
        match self.mode == Mode::Create || found.label == text {
            true => Ok(()),
            false => Err(self.unknown(field, what)),
        }
    }

    fn list(&self, part: Part) -> impl Iterator<Item = &PicklistValue> {
        let values = self.def.field(part.code).map(|field| field.picklist.as_slice()).unwrap_or_default();
        values.iter().filter(|value| value.active)
    }

    fn states(&self, country: Option<&PicklistValue>) -> impl Iterator<Item = &PicklistValue> {
        // A list that ties no state to a country says nothing of where they are.
        let loose = self.list(self.state).all(|state| state.valid_for.is_empty());
        let of = country.map(|country| country.value.clone());
        self.list(self.state).filter(move |state| loose || of.as_ref().is_some_and(|of| state.valid_for.contains(of)))
    }

    fn stored(&self, part: Part) -> Option<&PicklistValue> {
        let name = text(self.before, part.text)?;
        self.list(part).find(|value| value.label == name)
    }

    fn put(&self, cells: &mut Cells, part: Part, value: Option<&PicklistValue>) {
        cells.retain(|(field, _)| ![part.text, part.code].contains(field));
        let cell = |text: &str| Some(Cell::Text(text.into()));
        cells.push((part.text, value.and_then(|value| cell(&value.label))));
        cells.push((part.code, value.and_then(|value| cell(&value.value))));
    }

    fn field(&self, field: u16) -> (&str, &str) {
        self.def.field(field).map_or(("", ""), |field| (&*field.name, &*field.label))
    }

    fn refusal(&self, field: u16, message: &str) -> ApiError {
        let (name, label) = self.field(field);
        ApiError::new("FIELD_INTEGRITY_EXCEPTION", format!("{message}{label}")).on(name)
    }

    fn unknown(&self, field: u16, what: &str) -> ApiError {
        let (short, list) = match what {
            "state" => ("state", "states"),
            _ => ("country", "countries"),
        };
        let message = format!(
            "There's a problem with this {short}, even though it may appear correct. Please select a {what} from the list \
             of valid {list}.: "
        );
        self.refusal(field, &message)
    }

    fn not_of_country(&self, field: u16) -> ApiError {
        self.refusal(field, "The existing country/territory doesn't recognize the state value for field: ")
    }

    fn no_code(&self, field: u16, code: &str, what: &str) -> ApiError {
        let (name, _) = self.field(field);
        let message = format!(
            "The {name} field contains {code}, which isn't an available {what}. Your administrator can add it for you."
        );
        ApiError::new("FIELD_INTEGRITY_EXCEPTION", message).on(name)
    }
}

fn said(cells: &Cells, part: Part) -> Said {
    let given = |field: u16| cells.iter().rev().find(|(of, _)| *of == field).map(|(_, cell)| cell);
    let text = |cell: Option<&Option<Cell>>| match cell {
        Some(Some(Cell::Text(text))) => Some(text.to_string()),
        _ => None,
    };
    match (given(part.text), given(part.code)) {
        (None, None) => Said::Nothing,
        (of_text, of_code) => match (text(of_text), text(of_code)) {
            (None, None) => Said::Blank,
            (Some(text), None) => Said::Text(text),
            (None, Some(code)) => Said::Code(code),
            (Some(text), Some(code)) => Said::Both { text, code },
        },
    }
}

fn text(record: &Record, field: u16) -> Option<&str> {
    match record.value(field) {
        Val::Text(text) => Some(text),
        _ => None,
    }
}
