//! The walk over a file's tree that finds every name in it.

mod block;
mod cond;
mod row;
mod sync;
mod test;

use std::rc::Rc;

use syncline_grammar::Span;
use syncline_grammar::tree::{File, Name, Path, Text, Value, ValueKind};

use super::heads::Heads;
use super::{Mention, Reach, Role, Scope, Values};
use crate::data::{BySide, Side};

/// Every name of a file, in no order. `heads`: of all files.
pub fn mentions<'t>(tree: &'t File, text: &str, heads: &Heads<'t>) -> Vec<Mention<'t>> {
    let mut walk = Walk { heads, text, out: Vec::new() };
    tree.items.iter().for_each(|item| walk.item(item));
    walk.out
}

struct Walk<'t, 'h> {
    heads: &'h Heads<'t>,
    text: &'h str,
    out: Vec<Mention<'t>>,
}

/// What stands around a line of a sync.
pub(super) struct Around<'t> {
    pub(super) sync: &'t str,
    pub(super) types: BySide<Vec<&'t str>>,
}

impl<'t> Around<'t> {
    /// Where names are those of one side.
    pub(super) fn fixed(&self, side: Side) -> Rc<Scope<'t>> {
        Rc::new(Scope { side, types: self.types.clone(), prefix: false, reach: Reach::Scope })
    }

    pub(super) fn condition(&self, side: Side) -> Rc<Scope<'t>> {
        Rc::new(Scope { side, types: self.types.clone(), prefix: true, reach: Reach::Scope })
    }
}

impl<'t> Walk<'t, '_> {
    pub(super) fn push(&mut self, span: Span, text: &'t str, role: Role<'t>) {
        self.out.push(Mention { span, text, role });
    }

    pub(super) fn name(&mut self, name: &'t Name, role: Role<'t>) {
        self.push(name.span, &name.text, role);
    }

    pub(super) fn quoted(&mut self, text: &'t Text, role: Role<'t>) {
        self.push(text.span, &text.text, role);
    }

    pub(super) fn path(&mut self, scope: &Rc<Scope<'t>>, path: &'t Path) -> Rc<[&'t str]> {
        let parts: Rc<[&'t str]> = path.parts.iter().map(|part| part.text.as_str()).collect();
        for (part, name) in path.parts.iter().enumerate() {
            self.name(name, Role::Field { scope: scope.clone(), parts: parts.clone(), part });
        }
        parts
    }

    pub(super) fn value(&mut self, value: &'t Value, of: Values<'t>, in_set: bool) {
        let (ValueKind::Word(text) | ValueKind::Text(text) | ValueKind::Number(text) | ValueKind::Date(text)) =
            &value.kind;
        self.push(value.span, text, Role::Value { of, kind: &value.kind, in_set });
    }
}

impl<'t> Scope<'t> {
    /// Every type of a side; paths start with one.
    pub fn of_side(side: Side) -> Scope<'t> {
        Scope { side, types: BySide::default(), prefix: false, reach: Reach::Side }
    }
}
