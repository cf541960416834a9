//! Names in a map row.

use std::rc::Rc;

use syncline_grammar::Span;
use syncline_grammar::tree::{self, ClauseKind, HandlerKind, Operand, OperandKind, Path, Row};

use super::{Around, Walk};
use crate::data::{BySide, Side};
use crate::lsp::names::{Reach, Role, Scope, Space, Values};

impl<'t> Walk<'t, '_> {
    pub(super) fn row(&mut self, around: &Around<'t>, row: &'t Row) {
        let scopes = BySide::new(around.fixed(Side::Left), around.fixed(Side::Right));
        row.left.list.iter().for_each(|operand| self.operand(&scopes.left, operand));
        row.right.list.iter().for_each(|operand| self.operand(&scopes.right, operand));
        for clause in &row.clauses {
            match &clause.kind {
                ClauseKind::Via(path) => {
                    if let Some((table, rest)) = path.parts.split_first() {
                        self.name(table, Role::BlockRef(Space::Table));
                        rest.iter().for_each(|part| self.name(part, Role::TablePart { table: &table.text }));
                    }
                }
                ClauseKind::Or(handler) => {
                    if let HandlerKind::Use(value) = &handler.kind {
                        let target =
                            if row.arrow.direction == tree::Direction::ToHubSpot { &row.left } else { &row.right };
                        let field = target.list.iter().find_map(field);
                        let scope = match row.arrow.direction {
                            tree::Direction::ToHubSpot => scopes.left.clone(),
                            _ => scopes.right.clone(),
                        };
                        let of = field.map_or(Values::Nothing, |path| Values::Field { scope, parts: texts(path) });
                        self.value(value, of, false);
                    }
                }
                ClauseKind::When(when) => self.cond(around, &around.condition(Side::Left), when),
                _ => {}
            }
        }
    }

    pub(super) fn operand(&mut self, scope: &Rc<Scope<'t>>, operand: &'t Operand) {
        match &operand.kind {
            OperandKind::Field(path) => drop(self.path(scope, path)),
            OperandKind::Text(text) => self.template(scope, operand.span, text),
            OperandKind::ListOf(path) => {
                drop(self.path(&Rc::new(Scope { reach: Reach::Referring, ..Scope::of_side(scope.side) }), path));
            }
            OperandKind::Number(_) => {}
        }
    }

    /// The fields in the braces of a text.
    pub(super) fn template(&mut self, scope: &Rc<Scope<'t>>, span: Span, text: &'t str) {
        let written = span.slice(self.text);
        let mut seen = 0;
        for inner in text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner) {
            let Some(at) = written.get(seen..).and_then(|rest| rest.find(&format!("{{{inner}}}"))) else { continue };
            let mut start = span.start as usize + seen + at + 1;
            seen += at + inner.len() + 2;
            let parts: Rc<[&'t str]> = inner.split('.').collect();
            for (part, name) in parts.iter().enumerate() {
                let role = Role::Field { scope: scope.clone(), parts: parts.clone(), part };
                self.push(Span::new(start, start + name.len()), name, role);
                start += name.len() + 1;
            }
        }
    }
}

fn texts(path: &Path) -> Rc<[&str]> {
    path.parts.iter().map(|part| part.text.as_str()).collect()
}

fn field(operand: &Operand) -> Option<&Path> {
    match &operand.kind {
        OperandKind::Field(path) => Some(path),
        _ => None,
    }
}
