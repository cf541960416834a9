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
        let options = self.options_in_order(&resolved.fields())?;
        let mut ranks: Ranks = options.into_iter().map(Into::into).zip(0..).collect();
        ranks.sort();
        Some(ranks)
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
