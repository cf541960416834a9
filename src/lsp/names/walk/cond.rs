//! Names in a condition.

use std::rc::Rc;

use syncline_grammar::tree::{self, Atom, AtomKind, Cond, OpKind};

use super::{Around, Walk};
use crate::data::Side;
use crate::lsp::names::{Role, Scope, Values};

impl<'t> Walk<'t, '_> {
    pub(super) fn cond(&mut self, around: &Around<'t>, scope: &Rc<Scope<'t>>, cond: &'t Cond) {
        match cond {
            Cond::And { parts, .. } | Cond::Or { parts, .. } => {
                parts.iter().for_each(|part| self.cond(around, scope, part));
            }
            Cond::Not { inner, .. } => self.cond(around, scope, inner),
            Cond::Atom(atom) => self.atom(around, scope, atom),
        }
    }

    pub(super) fn atom(&mut self, around: &Around<'t>, scope: &Rc<Scope<'t>>, atom: &'t Atom) {
        match &atom.kind {
            AtomKind::Compare { field, op } => {
                let parts = self.path(scope, field);
                let of = || Values::Field { scope: scope.clone(), parts: parts.clone() };
                match &op.kind {
                    OpKind::Is { value, .. } | OpKind::Order { value, .. } => self.value(value, of(), false),
                    OpKind::AnyOf { values, .. } => values.iter().for_each(|value| self.value(value, of(), true)),
                    OpKind::Text { values, quantifier, .. } => {
                        let in_set = *quantifier != tree::Quantifier::One;
                        values.iter().for_each(|value| self.value(value, of(), in_set));
                    }
                    OpKind::SameAs(path) => drop(self.path(scope, path)),
                    OpKind::IsState { .. } | OpKind::InTheLast(_) | OpKind::MoreThanAgo(_) | OpKind::Exactly(_) => {}
                }
            }
            AtomKind::Count { of, by, filter, .. } => {
                let all = Rc::new(Scope::of_side(scope.side));
                for path in std::iter::once(of).chain(by) {
                    path.parts.iter().for_each(|name| self.name(name, Role::Type(all.clone())));
                }
                if let Some(filter) = filter {
                    let mut inner = Scope::clone(scope);
                    inner.types[scope.side] = of.single().map(|name| name.text.as_str()).into_iter().collect();
                    self.cond(around, &Rc::new(inner), filter);
                }
            }
            AtomKind::MemberOf(list) => self.quoted(list, Role::List),
            AtomKind::Linked { to, .. } => {
                if let Some(to) = to {
                    let side = if around.types.right.contains(&to.text.as_str()) { Side::Right } else { Side::Left };
                    self.name(to, Role::Type(around.fixed(side)));
                }
            }
        }
    }
}
