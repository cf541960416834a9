//! `place` blocks: the rows that go through them, in pairs, with what the fields of both sides take.

use syncline_grammar::tree::{
    self, PlaceLineKind, PlaceNotation, PlacePicklists, PlaceUnknown, PlaceValues, ValueKind,
};

use super::globals::Globals;
use super::names::{FieldOf, Origin, Resolved};
use super::rows::RowUse;
use super::sync::{SyncCheck, crm, side_of};
use super::types::kind_words;
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::places::{Atlas, Notation, Part, Picklists, PlaceTable, Spot, Vocabulary, fold};
use crate::lang::plan::{Place, PlaceWay};
use crate::lang::schema::FieldDef;

/// A country and its states share a pair of rows.
type Pair<'r, 'a> = (&'r RowUse<'a>, Option<&'r RowUse<'a>>);

/// What the lines of a block say. Names go to HubSpot; codes go to an org with picklists, since what it calls its states
/// and countries can be changed, and the standard codes cannot.
fn table(tree: &tree::Place, at: Place) -> PlaceTable {
    let mut table = PlaceTable {
        name: tree.name.text.clone(),
        at,
        picklists: Picklists::Standard,
        matched: true,
        write: BySide::new(Notation::Names, Notation::Names),
        reject: false,
        aliases: Vec::new(),
        words: BySide::default(),
    };
    let mut said: BySide<Option<Notation>> = BySide::default();
    for line in &tree.lines {
        match &line.kind {
            PlaceLineKind::Picklists(PlacePicklists::None) => table.picklists = Picklists::None,
            PlaceLineKind::Picklists(PlacePicklists::Standard) => table.picklists = Picklists::Standard,
            PlaceLineKind::Picklists(PlacePicklists::Customised) => table.picklists = Picklists::Customised,
            PlaceLineKind::Values(values) => table.matched = *values == PlaceValues::Matched,
            PlaceLineKind::Unknown(unknown) => table.reject = *unknown == PlaceUnknown::Reject,
            PlaceLineKind::Write { notation, to } => {
                said[side_of(*to)] = Some(match notation {
                    PlaceNotation::Names => Notation::Names,
                    PlaceNotation::Codes => Notation::Codes,
                });
            }
            PlaceLineKind::Alias { text, value } => {
                let (ValueKind::Word(code) | ValueKind::Text(code) | ValueKind::Number(code) | ValueKind::Date(code)) =
                    &value.kind;
                let (country, part) = match code.split_once('-') {
                    Some((country, part)) => (country, Some(part.into())),
                    None => (code.as_str(), None),
                };
                table.aliases.push((fold(&text.text), Spot { country: country.into(), part }));
            }
        }
    }
    let listed = table.picklists != Picklists::None;
    table.write.left = said.left.unwrap_or(Notation::Names);
    table.write.right = said.right.unwrap_or(if listed { Notation::Codes } else { Notation::Names });
    table
}

/// Looks at the blocks by themselves. `rows`: of all syncs; `whole`: every sync was checked.
pub(super) fn check(globals: &Globals<'_>, rows: &[&RowUse<'_>], whole: bool, findings: &mut Vec<Finding>) {
    for (at, (file, tree)) in globals.places.iter().enumerate() {
        if whole && !rows.iter().any(|row| row.clauses.place.is_some_and(|(place, _)| place == at)) {
            let message = format!("no row goes `via {0}.state` or `via {0}.country`", tree.name.text);
            findings.push(Finding::new(Code::Unused, *file, tree.name.span, message));
        }
        let mut seen: Vec<String> = Vec::new();
        for line in &tree.lines {
            let what = match &line.kind {
                PlaceLineKind::Picklists(_) => "`picklists`".to_owned(),
                PlaceLineKind::Values(_) => "`values`".to_owned(),
                PlaceLineKind::Unknown(_) => "`unknown`".to_owned(),
                PlaceLineKind::Write { to, .. } => format!("`write … to {}`", crm(side_of(*to)).to_lowercase()),
                PlaceLineKind::Alias { text, .. } => format!("the alias `{}`", fold(&text.text)),
            };
            if seen.contains(&what) {
                findings.push(Finding::new(Code::MappedTwice, *file, line.span, format!("{what} stands here twice")));
            }
            seen.push(what);
        }
    }
}

impl<'a> SyncCheck<'a> {
    /// Where codes are written to an org with picklists, the row means the field with the code beside the one it names.
    pub(super) fn coded(&self, ends: &mut BySide<Resolved<'a>>, place: usize) {
        let Some((_, tree)) = self.globals.places.get(place) else { return };
        let table = table(tree, Place::default());
        if table.picklists == Picklists::None || table.write.right != Notation::Codes {
            return;
        }
        let types = &self.types.right;
        if let Origin::Fields(fields) = &mut ends.right.origin {
            for (field, member) in fields.iter_mut().zip(types) {
                if let Some(code) = field.and_then(|field| code_field(field, &member.def.fields)) {
                    *field = Some(code);
                }
            }
        }
    }

    /// Pairs the rows, and makes a table for each pair.
    pub(super) fn places(&mut self, rows: &[RowUse<'a>]) -> Vec<PlaceTable> {
        let mut tables = Vec::new();
        for row in rows {
            let Some((place, part)) = row.clauses.place else { continue };
            self.kinds_of_place(row);
            match part {
                Part::State if self.country_of(row, rows).is_none() => {
                    let message = format!("`{}` has no row for its country", row.ends.right.name);
                    let help = "map the country too: `country <-> … via places.country`";
                    self.report(Finding::new(Code::StateAlone, self.file, row.tree.span, message).help(help));
                }
                Part::State => {}
                Part::Country => {
                    let state = rows.iter().find(|other| {
                        other.clauses.place == Some((place, Part::State))
                            && self.country_of(other, rows).is_some_and(|country| std::ptr::eq(country, row))
                    });
                    let Some(made) = self.place_table(place, (row, state)) else { continue };
                    self.lists(row, &made);
                    tables.push(made);
                }
            }
        }
        tables
    }

    /// The row of a state's country: the one whose field is called alike, else the only one.
    fn country_of<'r>(&self, state: &RowUse<'a>, rows: &'r [RowUse<'a>]) -> Option<&'r RowUse<'a>> {
        let (place, _) = state.clauses.place?;
        let countries = || rows.iter().filter(|row| row.clauses.place == Some((place, Part::Country)));
        let stem = |row: &RowUse<'a>| {
            let name = row.ends.right.fields().first().map_or("", |field| field.name).to_lowercase();
            name.replace("state", "\0").replace("country", "\0")
        };
        let alike = countries().find(|row| stem(row) == stem(state));
        let mut all = countries();
        alike.or_else(|| all.next().filter(|_| all.next().is_none()))
    }

    fn place_table(&mut self, place: usize, pair: Pair<'_, 'a>) -> Option<PlaceTable> {
        let (file, tree) = self.globals.places.get(place).copied()?;
        let mut made = table(tree, self.globals.place(file, tree.span));
        for side in Side::BOTH {
            let listed = |row: &RowUse<'a>| self.options_of(&row.ends[side], side, &made);
            made.words[side] = Vocabulary::of(listed(pair.0), pair.1.and_then(listed));
        }
        for line in &tree.lines {
            let PlaceLineKind::Alias { text, value } = &line.kind else { continue };
            let folded = fold(&text.text);
            let known = made.aliases.iter().find(|(alias, _)| *alias == folded);
            if known.is_some_and(|(_, spot)| !exists(spot, &made)) {
                let message = format!("`{}` stands for no place", text.text);
                let finding = Finding::new(Code::AliasOfNothing, file, value.span, message);
                if !self.findings.contains(&finding) {
                    self.report(finding);
                }
            }
        }
        Some(made)
    }

    /// The field whose options say what the row's field takes, and what of an option it holds.
    fn options_of(&self, end: &Resolved<'a>, side: Side, table: &PlaceTable) -> Option<(&'a FieldDef, Notation)> {
        let Origin::Fields(fields) = &end.origin else { return None };
        let own = fields.iter().flatten().find(|field| !field.def.options.is_empty());
        let beside = fields.iter().zip(&self.types[side]).find_map(|(field, member)| {
            let listed = side == Side::Right && table.picklists != Picklists::None;
            code_field((*field).filter(|_| listed)?, &member.def.fields)
        });
        own.map(|field| (field.def, Notation::Codes)).or(beside.map(|field| (field.def, Notation::Names)))
    }

    /// Whether what the block says of the org's picklists agrees with the schema.
    fn lists(&mut self, country: &RowUse<'a>, table: &PlaceTable) {
        let end = &country.ends.right;
        let Origin::Fields(fields) = &end.origin else { return };
        let any = fields.iter().zip(&self.types.right).any(|(field, member)| {
            field.is_some_and(|field| code_field(field, &member.def.fields).is_some() || field.name.ends_with("Code"))
        });
        let needs = match table.picklists {
            Picklists::None => false,
            Picklists::Standard => table.write.right == Notation::Codes,
            Picklists::Customised => true,
        };
        let finding = match (needs, any) {
            (true, false) => {
                let message = format!("`{}` has no field with a code beside it", end.name);
                Finding::new(Code::ListsMissing, self.file, end.span, message)
            }
            (false, true) if table.picklists == Picklists::None => {
                let message = format!("`{}` takes only what the org's picklist has", end.name);
                Finding::new(Code::ListsThere, self.file, end.span, message)
            }
            _ => return,
        };
        self.report(finding);
    }

    fn kinds_of_place(&mut self, row: &RowUse<'a>) {
        for side in Side::BOTH {
            let end = &row.ends[side];
            let odd = end.fields().into_iter().find(|f| !matches!(f.def.kind, FieldKind::Text | FieldKind::Option));
            if let Some(field) = odd {
                let message = format!("`{}` is {}, which holds no place", end.name, kind_words(field.def.kind));
                self.error(Code::CannotConvert, end.span, message);
            }
        }
    }

    /// How the row's values go through its table.
    pub(super) fn place_use(&mut self, row: &RowUse<'a>, rows: &[RowUse<'a>]) -> Option<BySide<PlaceWay>> {
        let (place, part) = row.clauses.place?;
        let country = match part {
            Part::Country => row,
            Part::State => self.country_of(row, rows)?,
        };
        let tables = rows.iter().filter(|row| row.clauses.place.is_some_and(|(_, part)| part == Part::Country));
        let table = tables.into_iter().position(|row| std::ptr::eq(row, country))?;
        let beside = match part {
            Part::State => Some(country),
            Part::Country => rows.iter().find(|other| {
                other.clauses.place == Some((place, Part::State))
                    && self.country_of(other, rows).is_some_and(|of| std::ptr::eq(of, country))
            }),
        };
        let mut way = |to: Side| PlaceWay { table, part, beside: beside.map(|row| self.slot(&row.ends[to.other()])) };
        Some(BySide::new(way(Side::Left), way(Side::Right)))
    }
}

/// `MailingStateCode` beside `MailingState`: there only where the org has the picklists switched on.
fn code_field<'a>(field: FieldOf<'a>, fields: &'a std::collections::BTreeMap<String, FieldDef>) -> Option<FieldOf<'a>> {
    let (name, def) = fields.get_key_value(&format!("{}Code", field.name))?;
    Some(FieldOf { name, def })
}

fn exists(spot: &Spot, table: &PlaceTable) -> bool {
    let atlas = Atlas::get();
    let listed = |wanted: &Spot| {
        Side::BOTH.into_iter().any(|side| {
            let words = &table.words[side];
            words.countries.iter().chain(&words.parts).flatten().any(|entry| entry.spot.as_ref() == Some(wanted))
        })
    };
    let country = atlas.country(&spot.country) == Some(&*spot.country)
        || listed(&Spot { country: spot.country.clone(), part: None });
    let part = spot.part.as_ref().is_none_or(|part| atlas.part(&spot.country, part) == Some(&**part) || listed(spot));
    country && part
}
