//! What the language has and this version does not do: one finding at its place, instead of a rule that is silently
//! left out.

use syncline_grammar::Span;
use syncline_grammar::tree::{
    ActionKind, Atom, AtomKind, Block, BlockLine, ChoiceKind, ClauseKind, Cond, CreateRule, EventKind, File,
    HandlerKind, Item, LifecycleLine, LimitKind, Map, MapLine, On, Relink, RelinkRule, Row, Side, StepKind, Sync,
    SyncLine, Target,
};

use crate::diagnostic::{Code, Finding};

pub(super) fn finding(file: usize, span: Span, what: &str) -> Finding {
    Finding::new(Code::NotBuilt, file, span, format!("not built yet: {what}"))
}

/// Everything of a file that is known by its shape alone.
pub(super) fn report(file: usize, tree: &File, findings: &mut Vec<Finding>) {
    let mut walk = Walk { file, findings };
    tree.items.iter().for_each(|item| walk.item(item));
}

/// Whether a row has a part that is not built; it is then checked no further.
pub(super) fn in_row(row: &Row) -> bool {
    row.clauses.iter().any(|clause| in_clause(&clause.kind).is_some())
}

/// The same for an `on` line.
pub(super) fn in_event(on: &On) -> Option<&'static str> {
    let proposes = on.actions.iter().any(|action| action.kind == ActionKind::Propose);
    match on.event.kind {
        EventKind::Erase => Some("`on erase`"),
        EventKind::Merge if proposes => Some("`on merge propose`"),
        _ => None,
    }
}

/// The same for a `relink` line: HubSpot records with one key are reported, so that there is nothing to move to.
pub(super) fn in_relink(target: Target, line: &Relink) -> bool {
    line.rule == RelinkRule::WhenAnotherIsPicked && target == Target::To(Side::HubSpot)
}

fn in_clause(kind: &ClauseKind) -> Option<&'static str> {
    Some(match kind {
        ClauseKind::Or(handler) if handler.kind == HandlerKind::Wait => "`or wait`",
        _ => return None,
    })
}

struct Walk<'f> {
    file: usize,
    findings: &'f mut Vec<Finding>,
}

impl Walk<'_> {
    fn found(&mut self, span: Span, what: &str) {
        self.findings.push(finding(self.file, span, what));
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Zone(_) | Item::Values(_) | Item::Order(_) | Item::Place(_) | Item::Owners(_) | Item::Picklist(_) => {
            }
            Item::Sync(sync) => self.sync(sync),
            Item::Test(test) => {
                let erases = test.steps.iter().filter(|step| matches!(step.kind, StepKind::Erase(_)));
                erases.for_each(|step| self.found(step.span, "`erase` in a test"));
            }
            Item::Limits(limits) => {
                for limit in &limits.limits {
                    if matches!(limit.kind, LimitKind::Favour { .. }) {
                        self.found(limit.span, "`when short favour`");
                    }
                }
            }
            Item::Lifecycle(block) => {
                for line in &block.lines {
                    match line {
                        LifecycleLine::Reach { when, .. } | LifecycleLine::BackTo { when, .. } => self.cond(when),
                        LifecycleLine::Cascade { .. } => {}
                    }
                }
            }
            other => self.found(other.keyword_span(), &format!("`{}`", other.keyword())),
        }
    }

    fn sync(&mut self, sync: &Sync) {
        for line in &sync.lines {
            match line {
                SyncLine::Match(_) => {}
                SyncLine::RollUp(line) => self.found(line.span, "`roll up`"),
                SyncLine::Recheck(_) => {}
                SyncLine::Associate(block) => self.found(block.span, "`associate`"),
                SyncLine::Block(block) => self.block(block),
                SyncLine::Map(map) => self.map(map),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        for line in &block.lines {
            match line {
                BlockLine::Gate(gate) => self.cond(&gate.when),
                BlockLine::Pick(pick) => pick.choices.iter().for_each(|choice| {
                    if let ChoiceKind::When(cond) = &choice.kind {
                        self.cond(cond);
                    }
                }),
                BlockLine::Relink(line) if in_relink(block.target, line) => {
                    let what =
                        "`relink when another is picked` in `to hubspot`: of several HubSpot records none is chosen";
                    self.found(line.span, what);
                }
                BlockLine::Relink(_) => {}
                BlockLine::Create(create) => {
                    if let CreateRule::When(cond) = &create.rule {
                        self.cond(cond);
                    }
                }
                BlockLine::On(on) => self.on(on),
            }
        }
    }

    fn on(&mut self, on: &On) {
        if let Some(what) = in_event(on) {
            self.found(on.span, what);
        }
    }

    fn map(&mut self, map: &Map) {
        map.when.iter().for_each(|when| self.cond(when));
        for line in &map.lines {
            match line {
                MapLine::Together(together) => together.rows.iter().for_each(|row| self.row(row)),
                MapLine::Row(row) => self.row(row),
            }
        }
    }

    fn row(&mut self, row: &Row) {
        for clause in &row.clauses {
            if let Some(what) = in_clause(&clause.kind) {
                self.found(clause.span, what);
            }
            if let ClauseKind::When(when) = &clause.kind {
                self.cond(when);
            }
        }
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::And { parts, .. } | Cond::Or { parts, .. } => parts.iter().for_each(|part| self.cond(part)),
            Cond::Not { inner, .. } => self.cond(inner),
            Cond::Atom(Atom { span, kind }) => match kind {
                AtomKind::Count { labelled: Some(label), .. } => self.found(label.span, "`labelled` in a condition"),
                AtomKind::Count { filter: Some(filter), .. } => self.cond(filter),
                AtomKind::Linked { what: Some(_), .. } => self.found(*span, "`linked` of an association"),
                _ => {}
            },
        }
    }
}
