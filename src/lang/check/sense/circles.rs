//! One-way rows that carry a value around: each of them puts back what the one before it writes, so that a change goes round
//! for ever.

use std::collections::{BTreeMap, BTreeSet};

use super::{Said, Sense, Shape};
use crate::data::{BySide, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::names::{Origin, Resolved};
use crate::lang::check::operands::Part;
use crate::lang::check::rows::RowUse;
use crate::lang::check::sync::crm;
use crate::lang::meaning::Wanted;
use crate::lang::plan::{Cond, Flow, Onto};

/// A field of the pair's record on a side.
type Node<'a> = (Side, &'a str);

impl<'a> Sense<'a> {
    pub(super) fn circles(&self, said: &mut Said<'_, 'a>) {
        let mut told: BTreeSet<Vec<usize>> = BTreeSet::new();
        for shape in self.linked(BySide::default()) {
            let edges = edges(said.rows, shape);
            for start in edges.values().flatten().map(|(row, _)| *row).collect::<BTreeSet<usize>>() {
                let Some(circle) = around(&edges, start) else { continue };
                let mut rows = circle.clone();
                rows.sort_unstable();
                if told.contains(&rows) {
                    continue;
                }
                if let Some(finding) = self.circle(&circle, shape, said) {
                    told.insert(rows);
                    said.findings.push(finding);
                }
            }
        }
    }

    /// An error, so only with a pair for which all rows are there and both directions are open.
    fn circle(&self, circle: &[usize], shape: Shape, said: &Said<'_, 'a>) -> Option<Finding> {
        let rows: Vec<&RowUse<'a>> = circle.iter().filter_map(|row| said.rows.get(*row)).collect();
        let gates = Side::BOTH.map(|side| self.gates_to(side));
        let mut wanted: Vec<Wanted<'_>> =
            rows.iter().flat_map(|row| row.clauses.when.iter().map(|c| (c, true))).collect();
        let own: Vec<&Cond> = wanted.iter().map(|(cond, _)| *cond).collect();
        wanted.extend(gates.iter().flatten().map(|(cond, wanted)| (cond, *wanted)));
        let record = match self.spaces.is_empty() {
            true => None,
            false => Some(self.example(&[shape], &wanted)?),
        };
        let last = rows.last()?;
        let fields: Vec<String> = rows
            .iter()
            .filter_map(|row| {
                let Flow::To(to) = row.flow else { return None };
                Some(format!("`{}` of {}", row.ends[to].name, crm(to)))
            })
            .collect();
        let message = format!("a change goes round for ever: {}", fields.join(", then "));
        let mut finding = Finding::new(Code::RowsInACircle, self.file, last.tree.span, message);
        for row in rows.iter().rev().skip(1) {
            finding = finding.also(self.file, row.tree.span, "carries it on");
        }
        let way_out = match rows.as_slice() {
            [_, _] => "write one row that goes both ways, `<->`, with a winner",
            _ => "leave one of the rows out",
        };
        Some(match record {
            Some((shape, record)) if !own.is_empty() => {
                finding.help(format!("{way_out}; it is so for {}", self.shown(said.checked, shape, &record, &own)))
            }
            _ => finding.help(way_out),
        })
    }
}

/// From each field, the rows that carry it on, and to where.
fn edges<'a>(rows: &[RowUse<'a>], shape: Shape) -> BTreeMap<Node<'a>, Vec<(usize, Node<'a>)>> {
    let mut edges: BTreeMap<Node<'a>, Vec<(usize, Node<'a>)>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        // Of two ways of one row, and of values that are not replaced, none makes the other go on.
        let Flow::To(to) = row.flow else { continue };
        if row.clauses.at_creation || row.clauses.onto != Onto::Replace {
            continue;
        }
        let from = to.other();
        let (Some(from_type), Some(to_type)) = (shape.ty(from), shape.ty(to)) else { continue };
        let Some(target) = row.target(to, to_type) else { continue };
        let mut sources = Vec::new();
        fields_of(&row.ends[from], from_type, &mut sources);
        for source in sources {
            edges.entry((from, source)).or_default().push((at, (to, target.name)));
        }
    }
    edges
}

/// The record's own fields that a value is made of.
fn fields_of<'a>(value: &Resolved<'a>, ty: usize, found: &mut Vec<&'a str>) {
    match &value.origin {
        Origin::Fields(_) => found.extend(value.field(ty).map(|field| field.name)),
        Origin::FirstKnown(values) => values.iter().for_each(|value| fields_of(value, ty, found)),
        Origin::Composed(parts) => {
            for part in parts {
                if let Part::Value(value) = part {
                    fields_of(value, ty, found);
                }
            }
        }
        Origin::Id(_)
        | Origin::Reached { .. }
        | Origin::ReachedId { .. }
        | Origin::Constant(_)
        | Origin::ListOf { .. } => {}
    }
}

/// The shortest way from a row back to it.
fn around<'a>(edges: &BTreeMap<Node<'a>, Vec<(usize, Node<'a>)>>, start: usize) -> Option<Vec<usize>> {
    let own: Vec<(Node<'a>, Node<'a>)> = edges
        .iter()
        .flat_map(|(from, all)| all.iter().filter(|(row, _)| *row == start).map(move |(_, to)| (*from, *to)))
        .collect();
    let goals: BTreeSet<Node<'a>> = own.iter().map(|(from, _)| *from).collect();
    let mut seen: BTreeSet<Node<'a>> = BTreeSet::new();
    let mut front: Vec<(Node<'a>, Vec<usize>)> = own.first().map(|(_, to)| (*to, vec![start])).into_iter().collect();
    while !front.is_empty() {
        let mut next = Vec::new();
        for (node, way) in front {
            if goals.contains(&node) {
                return Some(way);
            }
            for (row, to) in edges.get(&node).into_iter().flatten() {
                if seen.insert(*to) {
                    next.push((*to, [way.as_slice(), &[*row]].concat()));
                }
            }
        }
        front = next;
    }
    None
}
