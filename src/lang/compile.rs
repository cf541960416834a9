//! From texts to a plan.

use syncline_grammar::Span;

use super::plan::Plan;
use super::schema::Catalog;
use crate::data::Dict;
use crate::diagnostic::{Code, Finding, SourceFile};

/// Compiles all rule files of a project against the schemas of both sides (HubSpot left, Salesforce right). There is a
/// plan when no finding is an error. New names get numbers in `dict`.
pub fn compile(
    files: &[SourceFile],
    _left: &Catalog,
    _right: &Catalog,
    _dict: &mut Dict,
) -> (Option<Plan>, Vec<Finding>) {
    let findings = files.iter().enumerate();
    (None, findings.map(|(file, _)| Finding::new(Code::NotBuilt, file, Span::default(), "not built yet")).collect())
}
