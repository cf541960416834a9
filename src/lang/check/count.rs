//! `any Opportunity by OpportunityContactRole where IsClosed is false`: questions about records that refer to a member.

use std::collections::BTreeMap;

use syncline_grammar::tree::{self, Atom, AtomKind, Count, CountKind, Path};

use super::checked::{CheckedCount, CheckedSlot, CheckedSource};
use super::cond::{At, negate};
use super::names::Look;
use super::sense::of_counted;
use super::suggest::{as_word, join};
use super::sync::{MemberType, SyncCheck, crm};
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Cond, CountTest};
use crate::lang::schema::TypeDef;

const BETWEEN: &str = "name the records in between: `any Opportunity by OpportunityContactRole`";

impl<'a> SyncCheck<'a> {
    pub(super) fn count(&mut self, at: At, atom: &Atom) -> Option<Cond> {
        let AtomKind::Count { count, of, by, filter, .. } = &atom.kind else { return None };
        let side = at.look.side;
        let counted = self.counted_type(side, of)?;
        let referring = match by {
            Some(path) => self.counted_type(side, path)?,
            None => counted,
        };
        let fields = self.ways(side, referring, by.as_ref().unwrap_or(of), at.look.only[side], BETWEEN)?;
        let onward = match by {
            Some(path) => Some((self.way(referring, counted.name, path)?, counted.name.to_owned())),
            None => None,
        };
        let (slots, filter) = match filter {
            Some(filter) => self.filter(at, counted, filter)?,
            None => (Vec::new(), Cond::Always),
        };
        let (test, negated) = self.count_test(count)?;
        let name = self.written(atom.span);
        let checked =
            CheckedCount { side, referring: (referring.name.to_owned(), fields), onward, slots, test, filter };
        let count = self.counted(checked);
        let cond = Cond::Is(self.slot_for(name, FieldKind::Bool, CheckedSource::Count { count }), true);
        Some(if negated { negate(cond) } else { cond })
    }

    /// A question, asked once however often it is written.
    pub(super) fn counted(&mut self, checked: CheckedCount) -> usize {
        match self.counts.iter().position(|known| *known == checked) {
            Some(at) => at,
            None => {
                self.counts.push(checked);
                self.counts.len() - 1
            }
        }
    }

    fn count_test(&mut self, count: &Count) -> Option<(CountTest, bool)> {
        Some(match &count.kind {
            CountKind::Any => (CountTest::AtLeast(1), false),
            CountKind::No => (CountTest::AtLeast(1), true),
            CountKind::Every => (CountTest::Every, false),
            CountKind::AtLeast(number) => match number.text.replace('_', "").parse::<u32>() {
                Ok(least) if least > 0 => (CountTest::AtLeast(least), false),
                _ => {
                    let message = format!("`{}` is no number of records", number.text);
                    self.report(Finding::new(Code::BadNumber, self.file, number.span, message).help("write 1 or more"));
                    return None;
                }
            },
        })
    }

    /// A record type of the side, by its API name.
    pub(super) fn counted_type(&mut self, side: Side, path: &Path) -> Option<MemberType<'a>> {
        let [name] = path.parts.as_slice() else {
            self.unbuilt(path.span, "names over two references");
            return None;
        };
        let catalog = self.globals.catalogs[side];
        if let Some((name, def)) = catalog.types.get_key_value(&name.text) {
            return Some(MemberType { name, def });
        }
        let known = catalog.types.iter().map(|(name, def)| (name.as_str(), def.label.as_str()));
        let message = format!("{} has no record type `{}` in the schema", crm(side), name.text);
        let finding = Finding::new(Code::UnknownType, self.file, name.span, message);
        self.report(match self.globals.likeness.suggest(&name.text, known) {
            Some(found) => found.into(finding, as_word),
            None => finding.help(not_described(side, &name.text)),
        });
        None
    }

    /// Per record type of the head, the field in which the referring records hold its id.
    pub(super) fn ways(
        &mut self,
        side: Side,
        referring: MemberType<'a>,
        path: &Path,
        only: Option<usize>,
        help: &str,
    ) -> Option<Vec<Option<String>>> {
        let heads: Vec<&str> = self.types[side].iter().map(|member| member.name).collect();
        let meant = |ty: usize| only.is_none_or(|only| only == ty);
        let found: Vec<Vec<&str>> = heads.iter().map(|head| references(referring.def, head)).collect();
        if found.iter().enumerate().all(|(ty, fields)| !meant(ty) || fields.is_empty()) {
            let message = format!("no field of `{}` refers to {}", referring.name, join(&heads, "or"));
            self.report(Finding::new(Code::NoWay, self.file, path.span, message).help(help));
            return None;
        }
        let mut ways = Vec::new();
        for (ty, head) in heads.iter().enumerate() {
            ways.push(match found[ty].as_slice() {
                [] => None,
                _ if !meant(ty) => None,
                [_, _, ..] => Some(self.way(referring, head, path)?),
                [one] => Some((*one).to_owned()),
            });
        }
        Some(ways)
    }

    /// The one field of `from` that refers to records of type `to`.
    fn way(&mut self, from: MemberType<'a>, to: &str, path: &Path) -> Option<String> {
        let message = match references(from.def, to).as_slice() {
            [one] => return Some((*one).to_owned()),
            [] => format!("no field of `{}` refers to `{to}`", from.name),
            many => format!("`{}` refers to `{to}` in several fields: {}", from.name, join(many, "and")),
        };
        self.report(Finding::new(Code::NoWay, self.file, path.span, message));
        None
    }

    /// The filter, with the slots of a counted record.
    fn filter(&mut self, at: At, counted: MemberType<'a>, tree: &tree::Cond) -> Option<(Vec<CheckedSlot>, Cond)> {
        let mut types = BySide::default();
        types[at.look.side] = vec![counted];
        let mut inner = SyncCheck::bare(self.globals, self.file, self.tree, types);
        let cond = inner.cond(At { look: Look::condition(at.look.side), ..at }, tree);
        let own =
            |source: &CheckedSource| matches!(source, CheckedSource::Field { .. } | CheckedSource::RecordId { .. });
        if inner.findings.is_empty() && inner.slots.iter().any(|slot| !own(&slot.source)) {
            inner.unbuilt(tree.span(), "a `where` over more than the counted record's own fields");
        }
        let bad = !inner.findings.is_empty();
        if let (Some(cond), false) = (&cond, bad)
            && let Some(always) = of_counted(self.globals, at.look.side, counted.name, &inner.slots, cond)
        {
            let (code, message) = match always {
                true => (Code::AlwaysTrue, "this is true of every record: it leaves none out"),
                false => (Code::NeverTrue, "this is true of no record: none is counted"),
            };
            let finding = Finding::new(code, self.file, tree.span(), message);
            self.report(finding.help("leave the `where` out, or change it"));
        }
        self.findings.append(&mut inner.findings);
        cond.filter(|_| !bad).map(|cond| (inner.slots, cond))
    }
}

/// Fields of a type that hold ids of records of type `to`. Where one reference is named like the type, it is meant; else all.
pub(super) fn references<'d>(def: &'d TypeDef, to: &str) -> Vec<&'d str> {
    if let Some(named) = def.references.get(to).filter(|named| named.to == to) {
        return vec![&named.field];
    }
    let fields: BTreeMap<&str, ()> =
        def.references.values().filter(|known| known.to == to).map(|known| (known.field.as_str(), ())).collect();
    fields.into_keys().collect()
}

/// What to do about a record type that the schema does not hold: `pull` describes the usual ones, and those that are named.
pub(super) fn not_described(side: Side, name: &str) -> String {
    let (crm, key) = (crm(side), if side == Side::Left { "hubspot" } else { "salesforce" });
    format!("if {crm} has it, write `types: [{name}]` below `{key}` in syncline.yaml, and pull the schema again")
}
