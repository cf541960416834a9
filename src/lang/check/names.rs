//! What a path in a rule names: the N codes.

use syncline_grammar::Span;
use syncline_grammar::tree::{Name, Path};

use super::operands::Part;
use super::suggest::{Suggestion, as_word, few, join};
use super::sync::{MemberType, SyncCheck, crm};
use crate::data::{BySide, FieldKind, Side, Value};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::check::checked::{CheckedReach, CheckedSource};
use crate::lang::schema::{FieldDef, TypeDef};

/// A field of the schema with its API name.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldOf<'a> {
    pub name: &'a str,
    pub def: &'a FieldDef,
}

/// A path whose names were found.
#[derive(Clone, Debug)]
pub(super) struct Resolved<'a> {
    pub side: Side,
    /// As the rule wrote it.
    pub name: String,
    pub span: Span,
    pub origin: Origin<'a>,
}

#[derive(Clone, Debug)]
pub(super) enum Origin<'a> {
    /// Per type of the side.
    Fields(Vec<Option<FieldOf<'a>>>),
    /// The record's own id, per type of the side.
    Id(Vec<bool>),
    Reached {
        reach: usize,
        through: Vec<bool>,
        field: FieldOf<'a>,
    },
    ReachedId {
        reach: usize,
        through: Vec<bool>,
    },
    /// `a else b`
    FirstKnown(Vec<Resolved<'a>>),
    /// A text or number of the rules.
    Constant(Value),
    /// `"Back on {page_title}"`
    Composed(Vec<Part<'a>>),
    /// `list of CampaignMember.CampaignId`: the question that gathers it, to which types the records refer, and the field;
    /// none for their ids.
    ListOf {
        count: usize,
        through: Vec<bool>,
        field: Option<FieldOf<'a>>,
    },
}

impl<'a> Resolved<'a> {
    /// The values of which it is the first known one; mostly itself.
    pub(super) fn alternatives(&self) -> &[Resolved<'a>] {
        match &self.origin {
            Origin::FirstKnown(found) => found,
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether records of this type have the value at all.
    pub(super) fn applies(&self, ty: usize) -> bool {
        match &self.origin {
            Origin::Fields(fields) => fields.get(ty).is_some_and(Option::is_some),
            Origin::Id(types) => types.get(ty) == Some(&true),
            Origin::Reached { through, .. } | Origin::ReachedId { through, .. } | Origin::ListOf { through, .. } => {
                through.get(ty) == Some(&true)
            }
            Origin::FirstKnown(found) => found.iter().any(|one| one.applies(ty)),
            Origin::Constant(_) => true,
            Origin::Composed(parts) => parts.iter().any(|part| match part {
                Part::Value(value) => value.applies(ty),
                Part::Text(_) => false,
            }),
        }
    }

    /// The field where records of this type keep the value; none for an id.
    pub(super) fn field(&self, ty: usize) -> Option<FieldOf<'a>> {
        match &self.origin {
            Origin::Fields(fields) => fields.get(ty).copied().flatten(),
            Origin::Reached { field, .. } if self.applies(ty) => Some(*field),
            _ => None,
        }
    }

    /// All fields that it can mean.
    pub(super) fn fields(&self) -> Vec<FieldOf<'a>> {
        match &self.origin {
            Origin::Fields(fields) => fields.iter().copied().flatten().collect(),
            Origin::Reached { field, .. } => vec![*field],
            Origin::ListOf { field, .. } => field.iter().copied().collect(),
            Origin::FirstKnown(found) => found.iter().flat_map(Resolved::fields).collect(),
            Origin::Id(_) | Origin::ReachedId { .. } | Origin::Constant(_) | Origin::Composed(_) => Vec::new(),
        }
    }

    /// Made by the rules, so that nothing can be written to it.
    pub(super) fn is_made(&self) -> bool {
        matches!(self.origin, Origin::FirstKnown(_) | Origin::Constant(_) | Origin::Composed(_))
    }

    /// The kind of its first field.
    pub(super) fn kind(&self) -> FieldKind {
        match &self.origin {
            Origin::Constant(Value::Num(_)) => FieldKind::Number,
            Origin::Constant(_) | Origin::Composed(_) => FieldKind::Text,
            Origin::ListOf { .. } => FieldKind::Options,
            _ => self.fields().first().map_or(FieldKind::Id, |field| field.def.kind),
        }
    }

    pub(super) fn source(&self) -> CheckedSource {
        let side = self.side;
        match &self.origin {
            Origin::Fields(fields) => {
                let fields = fields.iter().map(|field| field.map(|field| field.name.to_owned())).collect();
                CheckedSource::Field { side, fields }
            }
            Origin::Id(types) => CheckedSource::RecordId { side, types: types.clone() },
            Origin::Reached { reach, field, .. } => {
                CheckedSource::Reached { reach: *reach, field: field.name.to_owned() }
            }
            Origin::ReachedId { reach, .. } => CheckedSource::ReachedId { reach: *reach },
            Origin::Constant(value) => CheckedSource::Constant(value.clone()),
            Origin::ListOf { count, .. } => CheckedSource::ListOf { count: *count },
            // Made of slots, which `slot` gives.
            Origin::FirstKnown(_) | Origin::Composed(_) => CheckedSource::FirstKnown(Vec::new()),
        }
    }
}

/// Where a path stands: what an unprefixed name means there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub side: Side,
    /// Whether `hubspot.x` and `salesforce.x` choose another side.
    pub prefix: bool,
    /// Only records of this type are meant: `create … from Lead`.
    pub only: BySide<Option<usize>>,
}

impl Look {
    /// In rows and keys the side is where the name stands.
    pub(super) fn fixed(side: Side) -> Look {
        Look { side, prefix: false, only: BySide::default() }
    }

    pub(super) fn condition(side: Side) -> Look {
        Look { side, prefix: true, only: BySide::default() }
    }
}

impl<'a> SyncCheck<'a> {
    pub(super) fn resolve(&mut self, look: Look, path: &Path) -> Option<Resolved<'a>> {
        let mut parts = path.parts.as_slice();
        let mut side = look.side;
        let chosen = |prefix: &Name| Side::BOTH.into_iter().find(|side| crm(*side).to_lowercase() == prefix.text);
        if let ([prefix, _, ..], true) = (parts, look.prefix)
            && let Some(named) = chosen(prefix)
        {
            side = named;
            parts = parts.get(1..)?;
        }
        let types = self.types[side].clone();
        let mut meant: Vec<bool> = (0..types.len()).map(|ty| look.only[side].is_none_or(|only| only == ty)).collect();
        if let [first, _, ..] = parts {
            if let Some(ty) = types.iter().position(|member| member.name == first.text) {
                if let Some(only) = look.only[side].filter(|only| *only != ty).and_then(|only| types.get(only)) {
                    let message = format!("a {} has no `{}`: it is always blank here", only.name, path.text());
                    self.report(Finding::new(Code::OtherType, self.file, path.span, message));
                }
                meant = (0..types.len()).map(|other| other == ty).collect();
                parts = parts.get(1..)?;
            } else if self.types[side.other()].iter().any(|member| member.name == first.text) {
                let message = format!("`{}` is a record type of {}", first.text, crm(side.other()));
                let help = self.way_to_other_side(look, &path.text());
                self.report(Finding::new(Code::WrongSide, self.file, path.span, message).help(help));
                return None;
            }
        }
        let origin = match parts {
            [field] => self.own_field(look, side, &types, &meant, field)?,
            [reference, field] => self.reached_field(side, &types, &meant, reference, field)?,
            _ => {
                self.unbuilt(path.span, "names over two references");
                return None;
            }
        };
        Some(Resolved { side, name: path.text(), span: path.span, origin })
    }

    fn own_field(
        &mut self,
        look: Look,
        side: Side,
        types: &[MemberType<'a>],
        meant: &[bool],
        name: &Name,
    ) -> Option<Origin<'a>> {
        let meant_types = || types.iter().zip(meant).filter(|(_, meant)| **meant).map(|(member, _)| *member);
        if meant_types().all(|member| member.def.id == name.text) {
            return Some(Origin::Id(meant.to_vec()));
        }
        let fields: Vec<Option<FieldOf<'a>>> = types
            .iter()
            .zip(meant)
            .map(|(member, meant)| if *meant { field_of(member.def, &name.text) } else { None })
            .collect();
        let missing: Vec<&str> = types
            .iter()
            .zip(meant)
            .zip(&fields)
            .filter(|((_, meant), field)| **meant && field.is_none())
            .map(|((member, _), _)| member.name)
            .collect();
        if missing.is_empty() {
            return Some(Origin::Fields(fields));
        }
        let present: Vec<&str> =
            meant_types().filter(|member| field_of(member.def, &name.text).is_some()).map(|m| m.name).collect();
        let finding = match present.as_slice() {
            [] => self.no_such_field(look, side, &meant_types().collect::<Vec<_>>(), name),
            [one, ..] => {
                let message = format!("{} {} has no field `{}`", crm(side), join(&missing, "and"), name.text);
                let help = format!("say which records are meant: `{one}.{}`", name.text);
                let finding = Finding::new(Code::NotOnEveryType, self.file, name.span, message).help(help);
                let typed =
                    |ty: &&str| Fix::write(self.file, name.span, format!("{}.{}", as_word(ty), as_word(&name.text)));
                present.iter().map(typed).fold(finding, Finding::fix)
            }
        };
        self.report(finding);
        None
    }

    fn no_such_field(&self, look: Look, side: Side, types: &[MemberType<'a>], name: &Name) -> Finding {
        let type_names: Vec<&str> = types.iter().map(|member| member.name).collect();
        let here = types.iter().flat_map(|member| labelled_fields(member.def));
        let there = self.types[side.other()].iter().flat_map(|member| labelled_fields(member.def));
        let message = format!("{} {} has no field `{}`", crm(side), join(&type_names, "or"), name.text);
        let finding = Finding::new(Code::UnknownField, self.file, name.span, message);
        let suggestion = self.globals.likeness.suggest(&name.text, here);
        let other_has_it = self.types[side.other()].iter().any(|member| field_of(member.def, &name.text).is_some());
        if other_has_it {
            let mut finding = finding;
            finding.code = Code::WrongSide;
            finding.message = format!("`{}` is a field of {}, not of {}", name.text, crm(side.other()), crm(side));
            let help = match &suggestion {
                Some(found @ Suggestion::Near(_)) if !look.prefix => {
                    format!("{}; {}", self.way_to_other_side(look, &name.text), found.help())
                }
                Some(Suggestion::Near(_)) | None => self.way_to_other_side(look, &name.text),
                Some(found) if look.prefix => {
                    format!("{}, or: {}", found.help(), self.way_to_other_side(look, &name.text))
                }
                Some(found) => found.help(),
            };
            // In a row the side is where the name stands, so that a name of that side is meant.
            return match suggestion {
                Some(found) if !look.prefix => found.fixes(finding, as_word).help(help),
                _ => self.prefixed(finding, look, side, name, &name.text).help(help),
            };
        }
        let over = self.globals.likeness.suggest(&name.text, there);
        match suggestion {
            // A label of the other side's is nearer than a likeness.
            None | Some(Suggestion::Near(_)) if matches!(&over, Some(Suggestion::Case(_) | Suggestion::Label(_))) => {
                let names = match over {
                    Some(Suggestion::Case(name)) => vec![name],
                    Some(Suggestion::Label(names) | Suggestion::Near(names)) => names,
                    None => Vec::new(),
                };
                let mut finding = finding;
                finding.code = Code::WrongSide;
                let other = crm(side.other());
                finding.message = format!("`{}` is what {other} calls {}", name.text, join(&names, "or"));
                let first = names.first().copied().unwrap_or_default();
                let help = self.way_to_other_side(look, first);
                names.iter().fold(finding, |finding, api| self.prefixed(finding, look, side, name, api)).help(help)
            }
            Some(found @ Suggestion::Label(_)) => {
                let mut finding = finding;
                finding.code = Code::LabelForName;
                finding.message = format!("`{}` is a label, not an API name", name.text);
                found.into(finding, as_word)
            }
            Some(found) => found.into(finding, as_word),
            None => match over {
                Some(found) => finding.help(format!("{} has a field like it: {}", crm(side.other()), found.help())),
                None => finding.help("if it is new, pull the schema again"),
            },
        }
    }

    /// With a fix that takes the field of the other side, where a prefix can choose it.
    fn prefixed(&self, finding: Finding, look: Look, side: Side, name: &Name, api: &str) -> Finding {
        let text = self.globals.texts.get(self.file).map_or("", |file| &file.text);
        let alone = text.get(..name.span.start as usize).is_some_and(|before| !before.ends_with('.'));
        match look.prefix && alone {
            true => {
                let types = &self.types[side.other()];
                let having: Vec<&str> = types
                    .iter()
                    .filter(|member| field_of(member.def, api).is_some())
                    .map(|member| member.name)
                    .collect();
                let of = match having.first() {
                    Some(one) if having.len() < types.len() => format!("{}.", as_word(one)),
                    _ => String::new(),
                };
                let written = format!("{}.{of}{}", crm(side.other()).to_lowercase(), as_word(api));
                finding.fix(Fix::write(self.file, name.span, written))
            }
            false => finding,
        }
    }

    fn way_to_other_side(&self, look: Look, name: &str) -> String {
        let other = crm(look.side.other()).to_lowercase();
        match look.prefix {
            true => format!("write `{other}.{name}`"),
            false => "HubSpot stands left of an arrow or `=`, Salesforce right".to_owned(),
        }
    }

    fn reached_field(
        &mut self,
        side: Side,
        types: &[MemberType<'a>],
        meant: &[bool],
        reference: &Name,
        field: &Name,
    ) -> Option<Origin<'a>> {
        let found: Vec<Option<&'a crate::lang::schema::Reference>> = types
            .iter()
            .zip(meant)
            .map(|(member, meant)| if *meant { member.def.references.get(&reference.text) } else { None })
            .collect();
        let lacking: Vec<&str> = types
            .iter()
            .zip(meant)
            .zip(&found)
            .filter(|((_, meant), found)| **meant && found.is_none())
            .map(|((member, _), _)| member.name)
            .collect();
        let Some(first) = found.iter().flatten().next().copied() else {
            let finding = self.no_such_reference(side, types, reference);
            self.report(finding);
            return None;
        };
        if !lacking.is_empty() {
            let has = types.iter().zip(&found).find(|(_, found)| found.is_some()).map_or("", |(member, _)| member.name);
            let message = format!("{} {} has no reference `{}`", crm(side), few(&lacking), reference.text);
            let help = format!("say which records are meant: `{has}.{}.{}`", reference.text, field.text);
            self.report(Finding::new(Code::NotOnEveryType, self.file, reference.span, message).help(help));
            return None;
        }
        let Some((target, def)) = self.globals.catalogs[side].types.get_key_value(&first.to) else {
            let message =
                format!("{} has no record type `{}`, which `{}` refers to", crm(side), first.to, reference.text);
            self.report(Finding::new(Code::UnknownType, self.file, reference.span, message));
            return None;
        };
        let through: Vec<bool> = found.iter().map(|found| found.is_some_and(|found| found.to == first.to)).collect();
        let names = found.iter().map(|found| found.map(|found| found.field.clone())).collect();
        let reach =
            self.reach(CheckedReach { side, name: reference.text.clone(), through: names, target: target.clone() });
        if def.id == field.text {
            return Some(Origin::ReachedId { reach, through });
        }
        match field_of(def, &field.text) {
            Some(field) => Some(Origin::Reached { reach, through, field }),
            None => {
                let finding = self.no_field_of(side, target, def, field);
                self.report(finding);
                None
            }
        }
    }

    /// A record that others name, or that names them, has no such field.
    pub(super) fn no_field_of(&self, side: Side, ty: &str, def: &TypeDef, field: &Name) -> Finding {
        let message = format!("{} `{ty}` has no field `{}`", crm(side), field.text);
        let mut finding = Finding::new(Code::UnknownField, self.file, field.span, message);
        if let Some(found) = self.globals.likeness.suggest(&field.text, labelled_fields(def)) {
            if matches!(found, Suggestion::Label(_)) {
                finding.code = Code::LabelForName;
                finding.message = format!("`{}` is a label, not an API name", field.text);
            }
            finding = found.into(finding, as_word);
        }
        finding
    }

    pub(super) fn no_such_reference(&self, side: Side, types: &[MemberType<'a>], name: &Name) -> Finding {
        let heads = types.iter().map(|member| (member.name, member.def.label.as_str()));
        let references =
            types.iter().flat_map(|member| member.def.references.keys().map(|key| (key.as_str(), key.as_str())));
        let message = format!("`{}` is neither a record type of this sync nor a reference of one", name.text);
        let finding = Finding::new(Code::UnknownReference, self.file, name.span, message);
        let known: Vec<(&str, &str)> = heads.chain(references).collect();
        match self.globals.likeness.suggest(&name.text, known.iter().copied()) {
            Some(found) => found.into(finding, as_word),
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                finding.help(format!("{} knows {} here", crm(side), few(&names)))
            }
        }
    }

    /// The index of a record type in the head.
    pub(super) fn head_type(&mut self, side: Side, name: &Name) -> Option<usize> {
        let at = self.types[side].iter().position(|member| member.name == name.text);
        if at.is_none() {
            let known = self.types[side].iter().map(|member| (member.name, member.def.label.as_str()));
            let names: Vec<&str> = self.types[side].iter().map(|member| member.name).collect();
            let message = format!("`{}` is not a {} record type in the head of this sync", name.text, crm(side));
            let finding = Finding::new(Code::NotInHead, self.file, name.span, message);
            let finding = match self.globals.likeness.suggest(&name.text, known) {
                Some(found) => found.into(finding, as_word),
                None => finding.help(format!("the head has {}", join(&names, "and"))),
            };
            self.report(finding);
        }
        at
    }
}

pub(super) fn field_of<'a>(def: &'a TypeDef, name: &str) -> Option<FieldOf<'a>> {
    def.fields.get_key_value(name).map(|(name, def)| FieldOf { name, def })
}

pub(super) fn labelled_fields(def: &TypeDef) -> impl Iterator<Item = (&str, &str)> {
    def.fields.iter().map(|(name, field)| (name.as_str(), field.label.as_str()))
}
