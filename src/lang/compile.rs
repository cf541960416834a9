//! From texts to a plan.

use syncline_grammar::tree::File;
use syncline_grammar::{Parsed, parse};

use super::check::check;
use super::plan::{Plan, lower};
use super::schema::Catalog;
use crate::data::{BySide, Dict};
use crate::diagnostic::{Finding, SourceFile, sort};

/// Compiles all rule files of a project against the schemas of both sides (HubSpot left, Salesforce right). There is a
/// plan when no finding is an error. New names get numbers in `dict`, which otherwise stays as it is.
pub fn compile(files: &[SourceFile], left: &Catalog, right: &Catalog, dict: &mut Dict) -> (Option<Plan>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut trees: Vec<File> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let Parsed { file: tree, problems, .. } = parse(&file.text);
        findings.extend(problems.iter().map(|problem| Finding::from_problem(at, problem)));
        trees.push(tree);
    }
    let damaged = !findings.is_empty();
    let catalogs = BySide::new(left, right);
    let (checked, found) = check(files, &trees, damaged, catalogs);
    findings.extend(found);
    sort(&mut findings);
    let names = || files.iter().map(|file| file.name.clone()).collect();
    (checked.map(|checked| lower(checked, names(), catalogs, dict)), findings)
}
