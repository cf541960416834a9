//! Which handlers of a row deal with which loss.

use syncline_grammar::Span;

use super::risk::Risk;
use crate::lang::check::rows::RowUse;
use crate::lang::plan::Handler;

/// Whether a value can be cut or rounded so that it fits.
pub(super) fn fits(handler: &Handler, risks: &[Risk]) -> bool {
    risks.iter().any(|risk| {
        matches!(
            (handler, risk),
            (Handler::Truncate, Risk::TooLong { cut: true, .. }) | (Handler::Round, Risk::TooPrecise(..))
        )
    })
}

/// An `or truncate` or `or round` that handles nothing.
pub(super) fn misplaced(row: &RowUse<'_>, risks: &[Risk]) -> Option<Span> {
    let found = row
        .clauses
        .handlers
        .iter()
        .find(|(_, handler)| matches!(handler, Handler::Truncate | Handler::Round) && !fits(handler, risks));
    found.map(|(span, _)| *span)
}

pub(super) fn handled(row: &RowUse<'_>, risk: &Risk) -> bool {
    if *risk == Risk::Days {
        return row.clauses.as_date.is_some();
    }
    row.clauses.handlers.iter().any(|(_, handler)| match (handler, risk) {
        (_, Risk::Never) => false,
        (Handler::Truncate, Risk::TooLong { cut: true, .. }) | (Handler::Round, Risk::TooPrecise(..)) => true,
        (Handler::Skip | Handler::Reject, _) => true,
        _ => false,
    })
}
