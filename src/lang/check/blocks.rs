//! `both ways`, `to hubspot`, `to salesforce`: gates, choices, creation.

use std::collections::BTreeMap;

use syncline_grammar::Span;
use syncline_grammar::tree::{
    self, BlockLine, ChoiceKind, Create, CreateRule, CreateWhat, Direction, EventKind, Gate, GateKind, MapLine, Pick,
    Relink, RelinkRule, SyncLine, Target,
};

use super::checked::{CheckedChoice, CheckedCreate, CheckedGate, CheckedKeyPart, CheckedMatch, CheckedSync, RuleName};
use super::cond::At;
use super::names::{Look, Origin};
use super::rows::RowUse;
use super::sense::{Asked, By};
use super::sync::{SyncCheck, crm, side_of};
use crate::data::{FieldKind, Side};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::Cond;

/// What is named in a block when it has no prefix: the side that records come from.
fn default_look(target: Target) -> Look {
    Look::condition(match target {
        Target::BothWays => Side::Left,
        Target::To(side) => side_of(side).other(),
    })
}

impl<'a> SyncCheck<'a> {
    pub(super) fn blocks(&mut self, checked: &mut CheckedSync) {
        self.block_heads();
        self.rule_names();
        for target in [Target::BothWays, Target::To(tree::Side::HubSpot), Target::To(tree::Side::Salesforce)] {
            let at = At { look: default_look(target), target };
            let mut creates: Vec<&'a Create> = Vec::new();
            let mut events: BTreeMap<EventKind, Span> = BTreeMap::new();
            let mut relinks: Vec<&'a Relink> = Vec::new();
            for line in self.block_lines(target) {
                match (line, target) {
                    (BlockLine::Gate(gate), _) => {
                        let Some(gate) = self.gate(at, gate) else { continue };
                        match target {
                            Target::BothWays => checked.both.push(gate),
                            Target::To(side) => checked.to[side_of(side)].push(gate),
                        }
                    }
                    (BlockLine::On(on), _) => {
                        if let Some(first) = events.insert(on.event.kind, on.event.span) {
                            let finding =
                                Finding::new(Code::BlockTwice, self.file, on.span, "this event has a line already");
                            self.report(finding.also(self.file, first, "the first one"));
                        }
                        self.event(target, on, checked);
                    }
                    (BlockLine::Pick(pick), Target::To(side)) => {
                        let side = side_of(side);
                        for (rule, choice) in self.pick(side, pick) {
                            checked.pick[side].push(choice);
                            checked.choices[side].push(rule);
                        }
                    }
                    (BlockLine::Create(create), Target::To(_)) => creates.push(create),
                    (BlockLine::Relink(line), Target::To(_)) => relinks.push(line),
                    // A block of both ways holds neither; the grammar refuses them there.
                    (BlockLine::Relink(_) | BlockLine::Pick(_) | BlockLine::Create(_), _) => {}
                }
            }
            if let Target::To(side) = target {
                let list = self.create_list(side_of(side), at, &creates);
                checked.create[side_of(side)] = list;
                self.relink(target, &relinks, checked);
            }
        }
    }

    fn block_heads(&mut self) {
        let mut first: Vec<(Target, Span)> = Vec::new();
        for line in &self.tree.lines {
            let SyncLine::Block(block) = line else { continue };
            if let Some((_, span)) = first.iter().find(|(target, _)| *target == block.target) {
                let finding =
                    Finding::new(Code::BlockTwice, self.file, block.head, "this block stands here a second time");
                let span = *span;
                self.report(finding.also(self.file, span, "the first one"));
            }
            first.push((block.target, block.head));
            let against = match self.tree.arrow.direction {
                Direction::Both => None,
                Direction::ToSalesforce => Some(tree::Side::HubSpot),
                Direction::ToHubSpot => Some(tree::Side::Salesforce),
            };
            if let Some(side) = against.filter(|side| block.target == Target::To(*side)) {
                let message = format!("nothing goes to {} here", crm(side_of(side)));
                let finding = Finding::new(Code::AgainstHead, self.file, block.head, message);
                self.report(finding.also(self.file, self.tree.arrow.span, "the sync goes the other way only"));
            }
        }
    }

    /// Names in quotes are unique in their sync: plans, `why` and the journal name rules by them.
    fn rule_names(&mut self) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut names: Vec<&'a tree::Text> = Vec::new();
        for line in &self.tree.lines {
            match line {
                SyncLine::Block(block) => names.extend(block.lines.iter().filter_map(|line| match line {
                    BlockLine::Gate(gate) => Some(&gate.name),
                    BlockLine::Create(create) => create.name.as_ref(),
                    _ => None,
                })),
                SyncLine::Map(map) => {
                    names.extend(&map.name);
                    names.extend(map.lines.iter().filter_map(|line| match line {
                        MapLine::Together(together) => Some(&together.name),
                        MapLine::Row(_) => None,
                    }));
                }
                _ => {}
            }
        }
        for name in names {
            match seen.insert(&name.text, name.span) {
                Some(first) => {
                    let message = format!("two rules of this sync are named `{}`", name.text);
                    let finding = Finding::new(Code::NameTwice, self.file, name.span, message);
                    self.report(finding.also(self.file, first, "the first one"));
                }
                None => continue,
            }
        }
    }

    fn gate(&mut self, at: At, gate: &'a Gate) -> Option<CheckedGate> {
        let when = self.cond(at, &gate.when)?;
        let name = format!("\"{}\"", gate.name.text);
        self.asked.push(Asked {
            file: self.file,
            line: gate.span,
            tree: Some(&gate.when),
            cond: when.clone(),
            by: By::Gate { target: at.target, exclude: gate.kind == GateKind::Exclude },
            name: format!("`{}`", gate.name.text),
        });
        let rule = self.rule(name.clone(), name, gate.span);
        Some(CheckedGate { rule, exclude: gate.kind == GateKind::Exclude, when })
    }

    /// A choice is made among the records of the block's own side, so its conditions are about them.
    fn pick(&mut self, side: Side, pick: &'a Pick) -> Vec<(RuleName, CheckedChoice)> {
        let look = Look::condition(side);
        let target = Target::To(if side == Side::Left { tree::Side::HubSpot } else { tree::Side::Salesforce });
        let mut out = Vec::new();
        for choice in &pick.choices {
            let name = format!("pick {}", self.written(choice.span));
            let rule = self.rule(format!("to {} {name}", crm(side).to_lowercase()), name, choice.span);
            out.extend(self.choice(side, At { look, target }, choice).map(|choice| (rule, choice)));
        }
        out
    }

    fn choice(&mut self, side: Side, at: At, choice: &'a tree::Choice) -> Option<CheckedChoice> {
        match &choice.kind {
            ChoiceKind::MostRecentlyUpdated => Some(CheckedChoice::MostRecentlyUpdated),
            ChoiceKind::OldestCreated => {
                let lacking = self.types[side].iter().find(|member| member.def.created.is_none());
                if let Some(member) = lacking {
                    let message = format!("{} {} has no time of creation", crm(side), member.name);
                    self.error(Code::UnknownField, choice.span, message);
                    return None;
                }
                Some(CheckedChoice::OldestCreated)
            }
            ChoiceKind::When(tree) => {
                let cond = self.cond(at, tree)?;
                self.asked.push(Asked {
                    file: self.file,
                    line: choice.span,
                    tree: Some(tree),
                    cond: cond.clone(),
                    by: By::Pick { side, at: choice.span.start },
                    name: format!("`{}`", self.written(choice.span)),
                });
                Some(CheckedChoice::When(cond))
            }
            ChoiceKind::Object(name) => self.head_type(side, name).map(CheckedChoice::Type),
        }
    }

    /// Whether links move, and that there is something to move to.
    fn relink(&mut self, target: Target, lines: &[&'a Relink], checked: &mut CheckedSync) {
        let [line, others @ ..] = lines else { return };
        for other in others {
            let finding =
                Finding::new(Code::BlockTwice, self.file, other.span, "this block has a `relink` line already");
            self.report(finding.also(self.file, line.span, "the first one"));
        }
        let Target::To(side) = target else { return };
        if line.rule == RelinkRule::Never || super::unbuilt::in_relink(target, line) {
            return;
        }
        let side = side_of(side);
        let picks = self.block_lines(target).into_iter().any(|line| matches!(line, BlockLine::Pick(_)));
        if !picks {
            let message = "no `pick` line says which record is taken, so that no other one is ever picked";
            let finding = Finding::new(Code::NothingPicked, self.file, line.span, message);
            self.report(finding.help("add one to this block: `pick most recently updated`"));
        }
        let compares_ids = |line: &CheckedMatch| {
            let parts = line.keys().iter().flat_map(|key| key.sides.left.iter().chain(&key.sides.right));
            line.through().is_some() || parts.flatten().any(|part| *part == CheckedKeyPart::Id)
        };
        if !self.matches.is_empty() && self.matches.iter().all(compares_ids) {
            let message = "every `match` line names one record alone, so that no other one is ever found";
            let finding = Finding::new(Code::NothingElseFound, self.file, line.span, message);
            self.report(finding.help("add a line that several records can have in common: `match email = Email`"));
        }
        let name = self.written(line.span);
        checked.events[side].relink = Some(self.rule(name.clone(), name, line.span));
    }

    fn create_list(&mut self, side: Side, at: At, creates: &[&'a Create]) -> Vec<CheckedCreate> {
        let source = side.other();
        let mut closed: Vec<Option<Span>> = vec![None; self.types[source].len()];
        let mut checked = Vec::new();
        let mut whole = true;
        for create in creates {
            let target = match &create.what {
                CreateWhat::Nothing(_) => Some(None),
                CreateWhat::Object(name) => self.head_type(side, name).map(Some),
            };
            let from = match &create.from {
                None => Some(None),
                Some(name) => self.head_type(source, name).map(Some),
            };
            let mut look = at.look;
            look.only[source] = from.flatten();
            let when = match &create.rule {
                CreateRule::When(cond) => self.cond(At { look, ..at }, cond),
                CreateRule::Otherwise(_) | CreateRule::Always(_) => Some(Cond::Always),
            };
            let Some(from) = from else {
                whole = false;
                continue;
            };
            let covered: Vec<usize> = (0..closed.len()).filter(|ty| from.is_none_or(|from| from == *ty)).collect();
            if let Some(first) = covered.first().filter(|_| covered.iter().all(|ty| closed[*ty].is_some())) {
                let finding = Finding::new(Code::DeadCreate, self.file, create.span, "this line can never decide");
                let above = closed[*first].unwrap_or_default();
                let fix = self.without(create.span);
                self.report(finding.also(self.file, above, "takes every record before it").fix(fix));
            }
            if !matches!(create.rule, CreateRule::When(_)) {
                for ty in covered {
                    closed[ty].get_or_insert(create.span);
                }
            }
            if let (Some(target), Some(when)) = (target, when) {
                let line = self.create(side, create, target, from, when);
                let tree = match &create.rule {
                    CreateRule::When(tree) => Some(tree),
                    CreateRule::Otherwise(_) | CreateRule::Always(_) => None,
                };
                self.asked.push(Asked {
                    file: self.file,
                    line: create.span,
                    tree,
                    cond: line.when.clone(),
                    by: By::Create { side, target, from, even_if_excluded: line.even_if_excluded },
                    name: format!("`{}`", line.rule.name.trim_matches('"')),
                });
                checked.push(line);
            }
        }
        let open: Vec<&str> = self.types[source]
            .iter()
            .zip(&closed)
            .filter(|(_, closed)| closed.is_none())
            .map(|(m, _)| m.name)
            .collect();
        if let (Some(last), false, true) = (creates.last(), open.is_empty(), whole) {
            let message = format!("no line says what becomes of every other {}", open.join(" and "));
            let finding = Finding::new(Code::OpenCreateList, self.file, last.span, message);
            let text = self.globals.texts.get(self.file).map_or("", |file| &file.text);
            let fix = Fix::line_below(self.file, last.span, text, "create nothing otherwise");
            self.report(finding.help("end with `create nothing otherwise`, or `create … otherwise`").fix(fix));
        }
        checked
    }

    fn create(
        &mut self,
        side: Side,
        create: &Create,
        target: Option<usize>,
        from: Option<usize>,
        when: Cond,
    ) -> CheckedCreate {
        let what = match &create.what {
            CreateWhat::Nothing(_) => "nothing",
            CreateWhat::Object(name) => &name.text,
        };
        let from_words = create.from.as_ref().map_or(String::new(), |from| format!(" from {}", from.text));
        let name = match (&create.name, &create.rule) {
            (Some(name), _) => format!("\"{}\"", name.text),
            (None, CreateRule::Otherwise(_)) => format!("create {what}{from_words} otherwise"),
            (None, CreateRule::Always(_)) => format!("create {what}{from_words} always"),
            (None, CreateRule::When(cond)) => format!("create {what}{from_words} when {}", self.written(cond.span())),
        };
        let identity = match (&create.name, target) {
            (None, None) => format!("to {} {name}", crm(side).to_lowercase()),
            _ => name.clone(),
        };
        let rule = self.rule(identity, name, create.span);
        CheckedCreate { rule, target, from, even_if_excluded: create.even_if_excluded.is_some(), when }
    }

    /// What creating needs beside the lines themselves.
    pub(super) fn creations(&mut self, checked: &CheckedSync, rows: &[RowUse<'a>]) {
        let all_rows_known = rows.len() == self.row_count();
        for side in Side::BOTH {
            let mut made: Vec<(usize, &CheckedCreate)> = Vec::new();
            for create in &checked.create[side] {
                if let Some(target) = create.target.filter(|target| made.iter().all(|(known, _)| known != target)) {
                    made.push((target, create));
                }
            }
            if !made.is_empty() && !self.tree.lines.iter().any(|line| matches!(line, SyncLine::Match(_))) {
                self.unmatched(side);
            }
            for (ty, create) in made {
                if all_rows_known {
                    self.required_mapped(side, ty, create, rows);
                }
                if all_rows_known && !self.matches.is_empty() && !self.can_be_found(side, ty, rows) {
                    self.cannot_be_found(side, ty);
                } else if side == Side::Right && !rows.iter().any(|row| is_own_key(row, ty)) {
                    self.no_own_key(ty);
                }
            }
        }
    }

    fn row_count(&self) -> usize {
        let rows = self.tree.lines.iter().map(|line| match line {
            SyncLine::Map(map) => map
                .lines
                .iter()
                .map(|line| match line {
                    MapLine::Row(_) => 1,
                    MapLine::Together(together) => together.rows.len(),
                })
                .sum(),
            _ => 0,
        });
        rows.sum()
    }

    fn unmatched(&mut self, side: Side) {
        let block = self.tree.lines.iter().find_map(|line| match line {
            SyncLine::Block(block) => match block.target {
                Target::To(target) if side_of(target) == side => Some(block.head),
                _ => None,
            },
            _ => None,
        });
        let message = format!("records are created in {}, and nothing says which exist already", crm(side));
        let finding = Finding::new(Code::CreatesUnmatched, self.file, block.unwrap_or(self.tree.name.span), message);
        self.report(finding.help("add a line like `match email = Email`"));
    }

    fn required_mapped(&mut self, side: Side, ty: usize, create: &CheckedCreate, rows: &[RowUse<'a>]) {
        let Some(member) = self.types[side].get(ty).copied() else { return };
        let sources: Vec<usize> = match create.from {
            Some(from) => vec![from],
            None => (0..self.types[side.other()].len()).collect(),
        };
        let given = |field: &str| {
            sources.iter().all(|source| {
                // A row with a condition may be missing.
                rows.iter().filter(|row| row.clauses.when.is_empty()).any(|row| {
                    row.ends[side.other()].applies(*source) && row.target(side, ty).is_some_and(|to| to.name == field)
                })
            })
        };
        let missing: Vec<&str> = member
            .def
            .fields
            .iter()
            .filter(|(name, def)| def.required && def.createable && def.kind != FieldKind::Bool && !given(name))
            .map(|(name, _)| name.as_str())
            .collect();
        if missing.is_empty() {
            return;
        }
        let span = self.create_span(side, ty);
        let fields = super::suggest::few(&missing);
        let message = format!("a new {} {} needs {fields}, and no row gives it", crm(side), member.name);
        self.report(
            Finding::new(Code::RequiredNotMapped, self.file, span, message).help("map it to a field, with `or use …`"),
        );
    }

    /// Whether some row gives a new record a value by which it is looked for: of a match line, or one that its CRM keeps
    /// unique.
    fn can_be_found(&self, side: Side, ty: usize, rows: &[RowUse<'a>]) -> bool {
        let Some(member) = self.types[side].get(ty).copied() else { return true };
        let keys =
            self.matches.iter().flat_map(CheckedMatch::keys).filter_map(|part| part.sides[side].get(ty)?.as_ref());
        let keys: Vec<&str> = keys
            .filter_map(|part| match part {
                CheckedKeyPart::Field { name, .. } => Some(name.as_str()),
                CheckedKeyPart::Id => None,
            })
            .collect();
        rows.iter().filter_map(|row| row.target(side, ty)).any(|field| {
            let unique = member.def.unique.iter().any(|name| name == field.name);
            unique || field.def.external_key || keys.contains(&field.name)
        })
    }

    fn cannot_be_found(&mut self, side: Side, ty: usize) {
        let Some(member) = self.types[side].get(ty).copied() else { return };
        let span = self.create_span(side, ty);
        let message = format!("a new {} {} gets no value that a `match` line compares", crm(side), member.name);
        let finding = Finding::new(Code::CreatesUnmatched, self.file, span, message);
        self.report(finding.help("add a row that writes the field of a `match` line"));
    }

    fn no_own_key(&mut self, ty: usize) {
        let Some(member) = self.types.right.get(ty).copied() else { return };
        let id = self.types.left.first().map_or("hs_object_id", |left| left.def.id.as_str());
        let key = member.def.fields.iter().find(|(_, def)| def.external_key && def.kind == FieldKind::Text);
        let prefix = if self.types.right.len() > 1 { format!("{}.", member.name) } else { String::new() };
        let help = match key {
            Some((field, _)) => format!("add the row `{id} -> {prefix}{field}`"),
            None => format!(
                "give {} a unique external id field in Salesforce, then add the row `{id} -> {prefix}HubSpot_Id__c`",
                member.name
            ),
        };
        let span = self.create_span(Side::Right, ty);
        let message = format!("nothing in a new {} says which HubSpot record it was made for", member.name);
        self.report(Finding::new(Code::NoOwnKey, self.file, span, message).help(help));
    }

    /// The first line that creates records of this type.
    fn create_span(&self, side: Side, ty: usize) -> Span {
        let name = self.types[side].get(ty).map_or("", |member| member.name);
        let target = Target::To(if side == Side::Left { tree::Side::HubSpot } else { tree::Side::Salesforce });
        let line = self.block_lines(target).into_iter().find_map(|line| match line {
            BlockLine::Create(Create { what: CreateWhat::Object(object), span, .. }) if object.text == name => {
                Some(*span)
            }
            _ => None,
        });
        line.unwrap_or(self.tree.name.span)
    }
}

fn is_own_key(row: &RowUse<'_>, ty: usize) -> bool {
    matches!(row.ends.left.origin, Origin::Id(_))
        && row.clauses.when.is_empty()
        && row.target(Side::Right, ty).is_some_and(|field| field.def.external_key)
}
