//! Map rows: both ends found in the schema, clauses sorted out.

use syncline_grammar::Span;
use syncline_grammar::tree::{self, ClauseKind, Direction, HandlerKind, MapLine, Path, Row, Target};

use super::checked::{CheckedGroup, CheckedLine};
use super::clauses::clear_clauses;
use super::cond::At;
use super::names::{FieldOf, Look, Origin, Resolved};
use super::sense::{Asked, By};
use super::suggest::as_word;
use super::sync::SyncCheck;
use super::types::use_value;
use crate::data::{BySide, Side};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::places::Part;
use crate::lang::plan::{Cond, Flow, Handler, OnClear, Onto, Policy, Winner};

/// A row with its schema: what the checks of flow, loss and picklists look at.
pub(super) struct RowUse<'a> {
    pub tree: &'a Row,
    pub ends: BySide<Resolved<'a>>,
    pub flow: Flow,
    /// In the head of its map or group.
    pub map_winner: Option<tree::Winner>,
    /// Which `together` of the sync it stands in.
    pub group: Option<usize>,
    pub clauses: Clauses,
}

/// What a row has from where it stands.
#[derive(Clone, Copy)]
struct RowContext<'c> {
    winner: Option<tree::Winner>,
    when: Option<&'c Cond>,
    group: Option<usize>,
}

/// What `via` names.
enum Via {
    Picklist(usize),
    Place(usize, Part),
    Owners(usize),
}

#[derive(Default)]
pub(super) struct Clauses {
    pub winner: Option<tree::Winner>,
    pub handlers: Vec<(Span, Handler)>,
    /// Index into the picklists.
    pub via: Option<usize>,
    /// Index into the `place` blocks, and which of its two fields.
    pub place: Option<(usize, Part)>,
    /// Index into the `owners` blocks.
    pub owners: Option<usize>,
    pub at_creation: bool,
    pub onto: Onto,
    pub clear: BySide<Option<OnClear>>,
    /// All must hold: the row's own, and that of its map.
    pub when: Vec<Cond>,
    /// `as date`
    pub as_date: Option<Span>,
    pub currency: Option<(Span, tree::CurrencyRule)>,
}

impl Clauses {
    /// Whether values are looked up: then each has an outcome, or an issue of its own.
    pub(super) fn through_table(&self) -> bool {
        self.via.is_some() || self.place.is_some() || self.owners.is_some()
    }
}

impl<'a> RowUse<'a> {
    pub(super) fn writes(&self, side: Side) -> bool {
        self.flow == Flow::Both || self.flow == Flow::To(side)
    }

    /// The fields that the row writes on a side, per type.
    pub(super) fn target(&self, side: Side, ty: usize) -> Option<FieldOf<'a>> {
        match self.ends[side].origin {
            Origin::Fields(_) if self.writes(side) => self.ends[side].field(ty),
            _ => None,
        }
    }
}

impl<'a> SyncCheck<'a> {
    /// The rows of all maps. A condition in the head of a map is that of each of its rows.
    pub(super) fn rows(&mut self) -> Vec<RowUse<'a>> {
        let (mut rows, mut groups) = (Vec::new(), 0);
        for map in self.maps() {
            let when = map.when.as_ref().and_then(|when| self.row_condition(when));
            if let (Some(tree), Some(cond)) = (&map.when, &when) {
                self.asked.push(Asked {
                    file: self.file,
                    line: tree.span(),
                    tree: Some(tree),
                    cond: cond.clone(),
                    by: By::Map,
                    name: map.name.as_ref().map_or("the map".to_owned(), |name| format!("`{}`", name.text)),
                });
            }
            let context = RowContext { winner: map.winner, when: when.as_ref(), group: None };
            for line in &map.lines {
                match line {
                    MapLine::Row(row) => rows.extend(self.row(row, &context)),
                    MapLine::Together(together) => {
                        let winner = together.winner.or(map.winner);
                        let context = RowContext { winner, group: Some(groups), ..context };
                        rows.extend(together.rows.iter().filter_map(|row| self.row(row, &context)));
                        groups += 1;
                    }
                }
            }
        }
        rows
    }

    /// The rows' own conditions, for what the conditions mean together.
    pub(super) fn ask_rows(&mut self, rows: &[RowUse<'a>]) {
        for (at, row) in rows.iter().enumerate() {
            let own = row.tree.clauses.iter().find_map(|clause| match &clause.kind {
                ClauseKind::When(tree) => Some((clause.span, tree)),
                _ => None,
            });
            if let (Some((span, tree)), Some(cond)) = (own, row.clauses.when.first()) {
                self.asked.push(Asked {
                    file: self.file,
                    line: span,
                    tree: Some(tree),
                    cond: cond.clone(),
                    by: By::Row(at),
                    name: format!("`{}`", row.ends.left.name),
                });
            }
        }
    }

    /// Names without a prefix are HubSpot's.
    fn row_condition(&mut self, when: &tree::Cond) -> Option<Cond> {
        self.cond(At { look: Look::condition(Side::Left), target: Target::BothWays }, when)
    }

    fn row(&mut self, row: &'a Row, context: &RowContext<'_>) -> Option<RowUse<'a>> {
        if super::unbuilt::in_row(row) {
            return None;
        }
        let before = self.findings.len();
        let left = self.end(Side::Left, &row.left);
        let right = self.end(Side::Right, &row.right);
        if let [one, other] = self.findings.get(before..).unwrap_or_default()
            && one.code == Code::WrongSide
            && other.code == Code::WrongSide
            && row.left.join == tree::Join::One
            && row.right.join == tree::Join::One
        {
            self.findings.truncate(before);
            self.turned(row);
        }
        let clauses = self.clauses(row);
        let (left, right, mut clauses) = (left?, right?, clauses?);
        clauses.when.extend(context.when.cloned());
        let flow = match row.arrow.direction {
            Direction::Both => Flow::Both,
            Direction::ToSalesforce => Flow::To(Side::Right),
            Direction::ToHubSpot => Flow::To(Side::Left),
        };
        let mut ends = BySide::new(left, right);
        if let Some((place, _)) = clauses.place {
            self.coded(&mut ends, place);
        }
        Some(RowUse { tree: row, ends, flow, map_winner: context.winner, group: context.group, clauses })
    }

    /// Each end names a field of the other side: the row is written from Salesforce's, and its arrow means the fields.
    fn turned(&mut self, row: &Row) {
        let (left, right) = (self.written(row.left.span), self.written(row.right.span));
        let arrow = match row.arrow.direction {
            Direction::Both => "<->",
            Direction::ToSalesforce => "<-",
            Direction::ToHubSpot => "->",
        };
        let message = format!("`{left}` is a field of Salesforce, and `{right}` one of HubSpot");
        let help = format!("HubSpot stands left of an arrow, Salesforce right: write `{right} {arrow} {left}`");
        let edit = |span, text: &str| crate::diagnostic::Edit { file: self.file, span, text: text.to_owned() };
        let fix = Fix::write(self.file, row.left.span, right.as_str())
            .also(edit(row.arrow.span, arrow))
            .also(edit(row.right.span, &left))
            .titled(format!("write `{right} {arrow} {left}`"));
        let finding = Finding::new(Code::WrongSide, self.file, row.left.span.to(row.right.span), message);
        self.report(finding.help(help).fix(fix.safe()));
    }

    fn clauses(&mut self, row: &Row) -> Option<Clauses> {
        let (mut clauses, mut whole) = (Clauses::default(), true);
        clauses.clear = clear_clauses(&row.clauses);
        for clause in &row.clauses {
            match &clause.kind {
                ClauseKind::Winner(own) => clauses.winner = Some(*own),
                ClauseKind::Via(path) => match self.table(path) {
                    Some(Via::Picklist(table)) => clauses.via = Some(table),
                    Some(Via::Owners(table)) => clauses.owners = Some(table),
                    Some(Via::Place(table, part)) => clauses.place = Some((table, part)),
                    None => whole = false,
                },
                ClauseKind::AtCreation => clauses.at_creation = true,
                ClauseKind::IfBlank => clauses.onto = Onto::IfBlank,
                ClauseKind::AddOnly => clauses.onto = Onto::AddOnly,
                ClauseKind::When(when) => match self.row_condition(when) {
                    Some(when) => clauses.when.push(when),
                    None => whole = false,
                },
                ClauseKind::IfCurrencyDiffers(rule) => clauses.currency = Some((clause.span, *rule)),
                ClauseKind::As(form) if form.text == "date" => clauses.as_date = Some(clause.span),
                ClauseKind::As(form) => {
                    let message = format!("there is no form `{}`", form.text);
                    let fix = Fix::write(self.file, form.span, "date").titled("write `as date`");
                    let finding = Finding::new(Code::UnknownForm, self.file, form.span, message);
                    self.report(finding.help("write `as date`").fix(fix));
                    whole = false;
                }
                ClauseKind::Or(handler) => {
                    let kind = match &handler.kind {
                        HandlerKind::Truncate => Handler::Truncate,
                        HandlerKind::Round => Handler::Round,
                        HandlerKind::Skip => Handler::Skip,
                        HandlerKind::Reject => Handler::Reject,
                        HandlerKind::Wait => continue,
                        HandlerKind::Use(value) => match use_value(&value.kind) {
                            Some(value) => Handler::Use(value),
                            None => {
                                self.error(Code::BadNumber, value.span, "the value cannot be read");
                                whole = false;
                                continue;
                            }
                        },
                    };
                    clauses.handlers.push((handler.span, kind));
                }
                _ => {}
            }
        }
        whole.then_some(clauses)
    }

    fn table(&mut self, path: &Path) -> Option<Via> {
        let (name, rest) = path.parts.split_first()?;
        if let (Some(at), []) = (self.globals.picklist_index.get(name.text.as_str()), rest) {
            return Some(Via::Picklist(*at));
        }
        if let (Some(at), []) = (self.globals.owners_index.get(name.text.as_str()), rest) {
            return Some(Via::Owners(*at));
        }
        if let Some(at) = self.globals.place_index.get(name.text.as_str()) {
            let part = match rest {
                [part] if part.text == "state" => Some(Part::State),
                [part] if part.text == "country" => Some(Part::Country),
                _ => None,
            };
            if part.is_none() {
                let message = format!("`{}` is a `place`, which has a state and a country", name.text);
                let finding = Finding::new(Code::UnknownTable, self.file, path.span, message);
                let way = |part| Fix::write(self.file, path.span, format!("{}.{part}", as_word(&name.text)));
                let finding = finding.fix(way("state")).fix(way("country"));
                self.report(finding.help(format!("write `via {0}.state` or `via {0}.country`", name.text)));
            }
            return part.map(|part| Via::Place(*at, part));
        }
        if let Some(kind) = self.globals.other_tables.get(name.text.as_str()) {
            self.unbuilt(path.span, &format!("`via` a block of `{kind}`"));
            return None;
        }
        let known = self.globals.tables().map(|name| (*name, *name));
        let finding =
            Finding::new(Code::UnknownTable, self.file, path.span, format!("there is no picklist `{}`", path.text()));
        self.report(match self.globals.likeness.suggest(&name.text, known) {
            Some(found) if rest.is_empty() => found.into(finding, as_word),
            Some(found) => finding.help(found.help()),
            None => finding.help(format!("write it: `picklist {} {{ … }}`", name.text)),
        });
        None
    }

    /// The row as the plan takes it. Its identity names both ends: agreed values of one field say nothing of another.
    pub(super) fn line(&mut self, row: &RowUse<'a>, rows: &[RowUse<'a>]) -> CheckedLine {
        let (left, right) = (&row.ends.left.name, &row.ends.right.name);
        let sync = &self.tree.name.text;
        let identity = format!("{sync}.{left} = {right}");
        let alone = rows.iter().filter(|other| other.ends.left.name == *left).count() == 1;
        let name = match row.ends.left.origin {
            Origin::Constant(_) | Origin::Composed(_) | Origin::ListOf { .. } => format!("{sync}.{right}"),
            _ if alone => format!("{sync}.{left}"),
            _ => identity.clone(),
        };
        let targets = |side: Side| {
            (0..self.types[side].len()).map(|ty| row.target(side, ty).map(|field| field.name.to_owned())).collect()
        };
        CheckedLine {
            rule: self.rule(identity, name, row.tree.span),
            targets: BySide::new(targets(Side::Left), targets(Side::Right)),
            slots: BySide::new(self.slot(&row.ends.left), self.slot(&row.ends.right)),
            policy: row.policy(),
            via: row.clauses.via,
            place: self.place_use(row, rows),
            owners: row.clauses.owners,
            handlers: row.clauses.handlers.iter().map(|(_, handler)| handler.clone()).collect(),
            at_creation: row.clauses.at_creation,
            when: Cond::All(row.clauses.when.clone()),
            group: row.group,
            currencies: self.currencies(row),
            ranks: self.ranks(row),
            zone: self.between_days(row).then(|| self.globals.zone.clone()).flatten(),
        }
    }

    /// Every `together` of the sync.
    pub(super) fn groups(&mut self, rows: &[RowUse<'a>]) -> Vec<CheckedGroup> {
        let groups = self.togethers().into_iter().enumerate().map(|(at, together)| {
            let name = format!("\"{}\"", together.name.text);
            let first = rows.iter().find(|row| row.group == Some(at));
            let policy = first.map_or_else(|| Policy::new(Flow::Both, Winner::Newest, Onto::Replace), RowUse::policy);
            CheckedGroup { rule: self.rule(name.clone(), name, together.span), policy }
        });
        groups.collect()
    }
}
