//! Conditions: their shape, and the questions that are not about a field's value.

use syncline_grammar::tree::{Atom, AtomKind, Cond as Tree, Name, OpKind, Path, State, Target, Text};

use super::checked::{CheckedKeyPart, CheckedSource};
use super::names::{Look, Resolved};
use super::suggest::as_text;
use super::sync::{SyncCheck, crm};
use crate::data::{FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::Cond;

/// Where a condition stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub look: Look,
    pub target: Target,
}

impl<'a> SyncCheck<'a> {
    /// The condition with every name found; none where something in it is wrong, which is reported.
    pub(super) fn cond(&mut self, at: At, tree: &Tree) -> Option<Cond> {
        match tree {
            Tree::And { parts, .. } => self.conds(at, parts).map(Cond::All),
            Tree::Or { parts, .. } => self.conds(at, parts).map(Cond::Any),
            Tree::Not { inner, .. } => self.cond(at, inner).map(|inner| Cond::Not(Box::new(inner))),
            Tree::Atom(atom) => self.atom(at, atom),
        }
    }

    /// Every part is looked at, also after a wrong one.
    fn conds(&mut self, at: At, parts: &[Tree]) -> Option<Vec<Cond>> {
        let mut checked: Vec<Option<Cond>> = Vec::with_capacity(parts.len());
        let mut counted: Option<&Path> = None;
        for part in parts {
            let before = self.findings.len();
            checked.push(self.cond(at, part));
            if let Some(counted) = counted {
                self.meant_for_where(at, counted, before);
            }
            counted = open_count(part).or(counted);
        }
        checked.into_iter().collect()
    }

    /// A field that is not there, behind a `where` without parentheses whose records have it.
    fn meant_for_where(&mut self, at: At, counted: &Path, before: usize) {
        let catalog = &self.globals.catalogs[at.look.side];
        let Some(def) = catalog.types.get(&counted.text()) else { return };
        let Some(name) = self.findings.get(before).and_then(|finding| finding.labels.first()) else { return };
        let name = self.written(name.span);
        if let Some(finding) = self.findings.get_mut(before)
            && matches!(finding.code, Code::UnknownField | Code::WrongSide)
            && def.fields.contains_key(&name)
        {
            finding.fixes.clear();
            finding.help = Some(format!(
                "`where` takes one comparison: put parentheses around all that it is to ask of each {}",
                counted.text()
            ));
        }
    }

    fn atom(&mut self, at: At, atom: &Atom) -> Option<Cond> {
        match &atom.kind {
            AtomKind::Compare { field, op } => match &op.kind {
                OpKind::IsState { negated, state } => {
                    let resolved = self.resolve(at.look, field)?;
                    let cond = self.state(field, &resolved, *state)?;
                    Some(if *negated { negate(cond) } else { cond })
                }
                _ => self.compare(at, field, op),
            },
            AtomKind::MemberOf(list) => self.member_of(at, list),
            AtomKind::Linked { what: None, negated, to } => {
                let cond = self.linked(at, to.as_ref())?;
                Some(if *negated { negate(cond) } else { cond })
            }
            AtomKind::Count { .. } => self.count(at, atom),
            AtomKind::Linked { what: Some(_), .. } => None,
        }
    }

    fn state(&mut self, path: &Path, resolved: &Resolved<'a>, state: State) -> Option<Cond> {
        match state {
            State::Known => Some(Cond::Known(self.slot(resolved))),
            State::Blank => Some(negate(Cond::Known(self.slot(resolved)))),
            State::ValidEmail => {
                let kind = self.uniform(path, resolved)?;
                if !matches!(kind, FieldKind::Text | FieldKind::Email) {
                    self.misfit(path, kind, "`is a valid email`", "only text can be an e-mail address");
                    return None;
                }
                Some(Cond::Email(self.slot(resolved)))
            }
            State::Unique => self.unique(path, resolved),
        }
    }

    /// Uniqueness is known for the keys that the engine indexes, and only for those.
    fn unique(&mut self, path: &Path, resolved: &Resolved<'a>) -> Option<Cond> {
        let side = resolved.side;
        let is_key = |parts: &[Option<CheckedKeyPart>]| {
            let types = self.types[side].len();
            (0..types).any(|ty| resolved.field(ty).is_some())
                && (0..types).all(|ty| match (resolved.field(ty), parts.get(ty)) {
                    (None, _) => true,
                    (Some(field), Some(Some(CheckedKeyPart::Field { name, .. }))) => field.name == name,
                    (Some(_), _) => false,
                })
        };
        let line = self.matches.iter().position(|line| match line.keys() {
            [key] => is_key(&key.sides[side]),
            _ => false,
        });
        let Some(line) = line else {
            let message = format!("whether `{}` is unique is not known", path.text());
            let help = "give it a `match` line of its own, or drop the question";
            self.report(Finding::new(Code::NotAMatchKey, self.file, path.span, message).help(help));
            return None;
        };
        let name = format!("{} is unique", resolved.name);
        let slot = self.slot_for(name, FieldKind::Bool, CheckedSource::Unique { side, line });
        Some(Cond::Is(slot, true))
    }

    fn member_of(&mut self, at: At, list: &Text) -> Option<Cond> {
        let sides = [at.look.side, at.look.side.other()];
        let named = |side: Side| self.globals.catalogs[side].lists.iter().filter(|known| known.name == list.text);
        let of_member =
            |side: Side| named(side).any(|known| self.types[side].iter().any(|member| member.name == known.of));
        if let Some(side) = sides.into_iter().find(|side| of_member(*side)) {
            let source = CheckedSource::Member { side, list: list.text.clone() };
            return Some(Cond::Is(self.slot_for(list.text.clone(), FieldKind::Bool, source), true));
        }
        let found = sides.into_iter().find_map(|side| named(side).next().map(|known| (side, known)));
        let finding = match found {
            Some((side, known)) => {
                let message = format!("the list `{}` is one of {} `{}` records", list.text, crm(side), known.of);
                let help = "no record type in the head of this sync can be a member of it";
                Finding::new(Code::UnknownList, self.file, list.span, message).help(help)
            }
            None => {
                let known = sides.into_iter().flat_map(|side| self.globals.catalogs[side].lists.iter());
                let names = known.map(|list| (list.name.as_str(), list.name.as_str()));
                let message = format!("there is no list `{}`", list.text);
                let finding = Finding::new(Code::UnknownList, self.file, list.span, message);
                match self.globals.likeness.suggest(&list.text, names) {
                    Some(found) => found.into(finding, as_text),
                    None => finding.help("if it is new, pull the schema again"),
                }
            }
        };
        self.report(finding);
        None
    }

    /// Linked means: has a partner on the other side. In a block of both ways either side may be the one asked, so both
    /// must be there.
    fn linked(&mut self, at: At, to: Option<&Name>) -> Option<Cond> {
        let target = match at.target {
            Target::BothWays => None,
            Target::To(side) => Some(super::sync::side_of(side)),
        };
        let mut wanted: Vec<(Side, Option<usize>)> = match target {
            Some(side) => vec![(side, None)],
            None => vec![(Side::Left, None), (Side::Right, None)],
        };
        if let Some(name) = to {
            let side = target.unwrap_or_else(|| {
                let right = self.types.right.iter().any(|member| member.name == name.text);
                if right { Side::Right } else { Side::Left }
            });
            let ty = self.head_type(side, name)?;
            for (wanted_side, wanted_type) in &mut wanted {
                if *wanted_side == side {
                    *wanted_type = Some(ty);
                }
            }
        }
        let parts: Vec<Cond> = wanted
            .into_iter()
            .map(|(side, ty)| {
                let name = match to.filter(|_| ty.is_some()) {
                    Some(name) => format!("linked to {}", name.text),
                    None => "linked".to_owned(),
                };
                Cond::Is(self.slot_for(name, FieldKind::Bool, CheckedSource::Linked { side, ty }), true)
            })
            .collect();
        Some(Cond::All(parts))
    }

    /// The one kind that the field has on all record types it is meant for.
    pub(super) fn uniform(&mut self, path: &Path, resolved: &Resolved<'a>) -> Option<FieldKind> {
        let fields = resolved.fields();
        let Some(first) = fields.first() else { return Some(FieldKind::Id) };
        let textish = |kind| matches!(kind, FieldKind::Text | FieldKind::Email);
        let kind = first.def.kind;
        if fields.iter().all(|field| field.def.kind == kind) {
            return Some(kind);
        }
        if fields.iter().all(|field| textish(field.def.kind)) {
            return Some(FieldKind::Text);
        }
        let types = self.types[resolved.side].iter().enumerate();
        let kinds: Vec<String> = types
            .filter_map(|(ty, member)| {
                let field = resolved.field(ty)?;
                Some(format!("{} of {}", super::types::kind_words(field.def.kind), member.name))
            })
            .collect();
        let message = format!("`{}` is {}", path.text(), kinds.join(", "));
        self.report(
            Finding::new(Code::KindsDiffer, self.file, path.span, message)
                .help("write the record type before the field"),
        );
        None
    }
}

pub(super) fn negate(cond: Cond) -> Cond {
    match cond {
        Cond::Not(inner) => *inner,
        cond => Cond::Not(Box::new(cond)),
    }
}

/// The records that a count asks for, where its `where` holds one comparison.
fn open_count(tree: &Tree) -> Option<&Path> {
    let Tree::Atom(atom) = tree else { return None };
    match &atom.kind {
        AtomKind::Count { of, filter: Some(filter), .. } if matches!(**filter, Tree::Atom(_)) => Some(of),
        _ => None,
    }
}
