//! The order of options, for `forward only`.

use super::names::Resolved;
use super::rows::RowUse;
use super::sync::SyncCheck;
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::Winner;

/// Options with their rank, sorted by option.
pub(super) type Ranks = Vec<(Box<str>, u32)>;

impl<'a> SyncCheck<'a> {
    /// The order of a field's options; none where it has none, or not the same on all record types.
    pub(super) fn order_of(&self, resolved: &Resolved<'a>) -> Option<Ranks> {
        let fields = resolved.fields();
        let order = |at: usize| fields.get(at).map(|field| &field.def.options);
        let first = order(0)?;
        let values = |options: &[crate::lang::schema::OptionDef]| -> Vec<String> {
            options.iter().map(|option| option.value.clone()).collect()
        };
        let ordered = fields.iter().all(|field| field.def.ordered && values(&field.def.options) == values(first));
        let mut ranks: Ranks = first.iter().map(|option| option.value.as_str().into()).zip(0..).collect();
        ranks.sort();
        ordered.then_some(ranks)
    }

    pub(super) fn ranks(&self, row: &RowUse<'a>) -> BySide<Ranks> {
        if row.policy().winner != Winner::ForwardOnly {
            return BySide::default();
        }
        let ranks = |side: Side| self.order_of(&row.ends[side]).unwrap_or_default();
        BySide::new(ranks(Side::Left), ranks(Side::Right))
    }

    pub(super) fn forward_only(&mut self, rows: &[RowUse<'a>]) {
        for row in rows.iter().filter(|row| row.policy().winner == Winner::ForwardOnly) {
            let of_its_own = |side: Side| {
                let fields = row.ends[side].fields();
                !fields.is_empty()
                    && fields
                        .iter()
                        .all(|field| matches!(field.def.kind, FieldKind::Number | FieldKind::Day | FieldKind::Time))
            };
            let ordered = Side::BOTH.into_iter().any(|side| self.order_of(&row.ends[side]).is_some());
            if !ordered && !Side::BOTH.into_iter().all(of_its_own) {
                let message = format!(
                    "`forward only` needs an order, and neither `{}` nor `{}` has one",
                    row.ends.left.name, row.ends.right.name
                );
                let finding = Finding::new(Code::NoOrder, self.file, row.tree.span, message);
                self.report(finding.help("let the newer win: `newest wins`"));
            }
        }
    }
}
