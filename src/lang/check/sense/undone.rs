//! `on … set` beside what writes the same field: a row that goes on puts its own value back.

use syncline_grammar::tree::{ActionKind, BlockLine, EventKind, Target};

use super::{Said, Sense};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::sync::{crm, side_of};
use crate::lang::plan::{Flow, Onto};

impl<'a> Sense<'a> {
    /// Only where values go on flowing after the event: the record came back, or left and syncs on.
    pub(super) fn undone(&self, said: &mut Said<'_, 'a>) {
        for line in &self.tree.lines {
            let syncline_grammar::tree::SyncLine::Block(block) = line else { continue };
            let Target::To(side) = block.target else { continue };
            let side = side_of(side);
            for line in &block.lines {
                let BlockLine::On(on) = line else { continue };
                let goes_on = match on.event.kind {
                    EventKind::Restore => true,
                    EventKind::Leave => on.actions.iter().any(|action| action.kind == ActionKind::KeepSyncing),
                    _ => false,
                };
                if !goes_on {
                    continue;
                }
                for action in &on.actions {
                    if let ActionKind::Set { field, .. } = &action.kind {
                        self.put_back(side, field, action.span, said);
                    }
                }
            }
        }
    }

    fn put_back(
        &self,
        side: Side,
        field: &syncline_grammar::tree::Path,
        span: syncline_grammar::Span,
        said: &mut Said<'_, 'a>,
    ) {
        let (of, name) = match field.parts.as_slice() {
            [name] => (None, &name.text),
            [of, name] => (Some(&of.text), &name.text),
            _ => return,
        };
        let types = self.types[side].iter().enumerate();
        let types: Vec<usize> =
            types.filter(|(_, member)| of.is_none_or(|of| of == member.name)).map(|(ty, _)| ty).collect();
        let row = said.rows.iter().find(|row| {
            row.flow == Flow::To(side)
                && row.clauses.onto == Onto::Replace
                && !row.clauses.at_creation
                && row.clauses.when.is_empty()
                && types.iter().any(|ty| row.target(side, *ty).is_some_and(|target| target.name == name))
        });
        let Some(row) = row else { return };
        let message = format!("`{name}` is set here, and a row puts its own value back");
        let finding = Finding::new(Code::SetUndone, self.file, span, message).also(
            self.file,
            row.tree.span,
            format!("always has the value that comes from {}", crm(side.other())),
        );
        said.findings.push(finding.help("set a field that no row writes"));
    }
}
