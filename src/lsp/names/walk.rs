//! The walk over a file's tree that finds every name in it.

use std::rc::Rc;

use syncline_grammar::Span;
use syncline_grammar::tree::{
    self, ActionKind, Atom, AtomKind, Block, BlockLine, ChangeLine, ChangePart, ChoiceKind, ClauseKind, Cond, Create,
    CreateRule, CreateWhat, ExpectedKind, FieldValue, File, HandlerKind, Item, LifecycleLine, MapLine, Match, MatchBy,
    MembersLine, Name, On, OpKind, Operand, OperandKind, OwnersLine, Path, PickLeftKind, PickRightKind, PickRow, Row,
    RuleRef, Step, StepKind, Sync, SyncLine, Target, Test, Text, Value, ValueKind,
};

use super::heads::{Heads, side_of, types};
use super::{Does, Held, Mention, Reach, Role, Scope, Space, Values};
use crate::data::{BySide, Side};

/// Every name of a file, in no order. `heads`: of all files.
pub fn mentions<'t>(tree: &'t File, text: &str, heads: &Heads<'t>) -> Vec<Mention<'t>> {
    let mut walk = Walk { heads, text, out: Vec::new() };
    tree.items.iter().for_each(|item| walk.item(item));
    walk.out
}

struct Walk<'t, 'h> {
    heads: &'h Heads<'t>,
    text: &'h str,
    out: Vec<Mention<'t>>,
}

/// What stands around a line of a sync.
struct Around<'t> {
    sync: &'t str,
    types: BySide<Vec<&'t str>>,
}

impl<'t> Around<'t> {
    /// Where names are those of one side.
    fn fixed(&self, side: Side) -> Rc<Scope<'t>> {
        Rc::new(Scope { side, types: self.types.clone(), prefix: false, reach: Reach::Scope })
    }

    fn condition(&self, side: Side) -> Rc<Scope<'t>> {
        Rc::new(Scope { side, types: self.types.clone(), prefix: true, reach: Reach::Scope })
    }
}

impl<'t> Walk<'t, '_> {
    fn push(&mut self, span: Span, text: &'t str, role: Role<'t>) {
        self.out.push(Mention { span, text, role });
    }

    fn name(&mut self, name: &'t Name, role: Role<'t>) {
        self.push(name.span, &name.text, role);
    }

    fn quoted(&mut self, text: &'t Text, role: Role<'t>) {
        self.push(text.span, &text.text, role);
    }

    fn path(&mut self, scope: &Rc<Scope<'t>>, path: &'t Path) -> Rc<[&'t str]> {
        let parts: Rc<[&'t str]> = path.parts.iter().map(|part| part.text.as_str()).collect();
        for (part, name) in path.parts.iter().enumerate() {
            self.name(name, Role::Field { scope: scope.clone(), parts: parts.clone(), part });
        }
        parts
    }

    fn value(&mut self, value: &'t Value, of: Values<'t>, in_set: bool) {
        let (ValueKind::Word(text) | ValueKind::Text(text) | ValueKind::Number(text) | ValueKind::Date(text)) =
            &value.kind;
        self.push(value.span, text, Role::Value { of, kind: &value.kind, in_set });
    }

    fn item(&mut self, item: &'t Item) {
        match item {
            Item::Zone(_) => {}
            Item::Sync(sync) => self.sync(sync),
            Item::Picklist(block) => {
                self.name(&block.name, Role::Block(Space::Table));
                if let Some(pair) = &block.pair {
                    self.path(&Rc::new(Scope::of_side(Side::Left)), &pair.hubspot);
                    self.path(&Rc::new(Scope::of_side(Side::Right)), &pair.salesforce);
                }
                let of = |side| Values::Picklist { picklist: block, side };
                block.rows.iter().for_each(|row| self.pick_row(row, of(Side::Left), of(Side::Right)));
            }
            Item::Place(block) => self.name(&block.name, Role::Block(Space::Table)),
            Item::Stages(block) => {
                self.name(&block.name, Role::Block(Space::Table));
                for pipeline in &block.pipelines {
                    self.value(&pipeline.pipeline, stage_of("pipeline"), false);
                    self.value(&pipeline.record_type, Values::Nothing, false);
                    for row in &pipeline.rows {
                        self.pick_row(row, stage_of("dealstage"), stage_name());
                    }
                }
            }
            Item::Owners(block) => {
                self.name(&block.name, Role::Block(Space::Table));
                for line in &block.lines {
                    if let OwnersLine::Row(row) = line {
                        self.pick_row(row, Values::Nothing, Values::Nothing);
                    }
                }
            }
            Item::Lifecycle(block) => self.lifecycle(block),
            Item::Order(block) => {
                let scope = Rc::new(Scope { reach: Reach::Both, ..Scope::of_side(Side::Left) });
                block.fields.iter().for_each(|path| drop(self.path(&scope, path)));
                block.values.iter().for_each(|value| self.value(value, Values::Order(block), false));
            }
            Item::Values(block) => {
                self.name(&block.name, Role::Block(Space::Values));
                block.values.iter().for_each(|value| self.value(value, Values::Nothing, false));
            }
            Item::Members(block) => {
                self.name(&block.name, Role::Block(Space::Sync));
                self.quoted(&block.list, Role::List);
                let around =
                    Around { sync: &block.name.text, types: BySide::new(vec!["contact"], vec!["CampaignMember"]) };
                for line in &block.lines {
                    match line {
                        MembersLine::On(on) => self.on(&around, Side::Right, on),
                        MembersLine::Set { field, value, when, .. } => {
                            self.setting(&around.fixed(Side::Right), field, value);
                            when.iter().for_each(|when| self.cond(&around, &around.condition(Side::Left), when));
                        }
                    }
                }
            }
            Item::Limits(_) => {}
            Item::Change(block) => self.change(block),
            Item::Test(test) => self.test(test),
        }
    }

    fn sync(&mut self, sync: &'t Sync) {
        self.name(&sync.name, Role::Block(Space::Sync));
        for (side, names) in [(Side::Left, &sync.hubspot), (Side::Right, &sync.salesforce)] {
            let scope = Rc::new(Scope::of_side(side));
            names.iter().for_each(|name| self.name(name, Role::Type(scope.clone())));
        }
        let around = Around { sync: &sync.name.text, types: types(sync) };
        for line in &sync.lines {
            match line {
                SyncLine::Match(line) => self.match_line(&around, line),
                SyncLine::RollUp(_) | SyncLine::Recheck(_) => {}
                SyncLine::Block(block) => self.block(&around, block),
                SyncLine::Map(map) => {
                    map.name.iter().for_each(|name| self.quoted(name, Role::Rule { sync: Some(around.sync) }));
                    map.when.iter().for_each(|when| self.cond(&around, &around.condition(Side::Left), when));
                    for line in &map.lines {
                        match line {
                            MapLine::Row(row) => self.row(&around, row),
                            MapLine::Together(group) => {
                                self.quoted(&group.name, Role::Rule { sync: Some(around.sync) });
                                group.rows.iter().for_each(|row| self.row(&around, row));
                            }
                        }
                    }
                }
                SyncLine::Associate(block) => {
                    for row in &block.rows {
                        self.path(&around.fixed(Side::Right), &row.right);
                    }
                }
            }
        }
    }

    fn match_line(&mut self, around: &Around<'t>, line: &'t Match) {
        match &line.by {
            MatchBy::Through(name) => self.name(name, Role::BlockRef(Space::Sync)),
            MatchBy::Keys(keys) => {
                for key in keys {
                    self.path(&around.fixed(Side::Left), &key.hubspot);
                    self.path(&around.fixed(Side::Right), &key.salesforce);
                }
            }
        }
    }

    fn block(&mut self, around: &Around<'t>, block: &'t Block) {
        // What is written to, and where the records come from.
        let (side, source) = match block.target {
            Target::BothWays => (Side::Right, Side::Left),
            Target::To(side) => (side_of(side), side_of(side).other()),
        };
        for line in &block.lines {
            match line {
                BlockLine::Gate(gate) => {
                    self.quoted(&gate.name, Role::Rule { sync: Some(around.sync) });
                    self.cond(around, &around.condition(source), &gate.when);
                }
                BlockLine::Pick(pick) => {
                    for choice in &pick.choices {
                        match &choice.kind {
                            ChoiceKind::When(when) => self.cond(around, &around.condition(side), when),
                            ChoiceKind::Object(name) => self.name(name, Role::Type(around.fixed(side))),
                            ChoiceKind::MostRecentlyUpdated | ChoiceKind::OldestCreated => {}
                        }
                    }
                }
                BlockLine::Relink(_) => {}
                BlockLine::Create(create) => self.create(around, side, create),
                BlockLine::On(on) => self.on(around, side, on),
            }
        }
    }

    fn create(&mut self, around: &Around<'t>, side: Side, create: &'t Create) {
        if let CreateWhat::Object(name) = &create.what {
            self.name(name, Role::Type(around.fixed(side)));
        }
        let source = side.other();
        let mut scope = Scope::clone(&around.condition(source));
        if let Some(from) = &create.from {
            self.name(from, Role::Type(around.fixed(source)));
            scope.types[source] = vec![&from.text];
        }
        create.name.iter().for_each(|name| self.quoted(name, Role::Rule { sync: Some(around.sync) }));
        if let CreateRule::When(when) = &create.rule {
            self.cond(around, &Rc::new(scope), when);
        }
    }

    fn on(&mut self, around: &Around<'t>, side: Side, on: &'t On) {
        for action in &on.actions {
            if let ActionKind::Set { field, value } = &action.kind {
                self.setting(&around.fixed(side), field, value);
            }
        }
    }

    fn setting(&mut self, scope: &Rc<Scope<'t>>, field: &'t Path, value: &'t Value) {
        let parts = self.path(scope, field);
        self.value(value, Values::Field { scope: scope.clone(), parts }, false);
    }

    fn row(&mut self, around: &Around<'t>, row: &'t Row) {
        let scopes = BySide::new(around.fixed(Side::Left), around.fixed(Side::Right));
        row.left.list.iter().for_each(|operand| self.operand(&scopes.left, operand));
        row.right.list.iter().for_each(|operand| self.operand(&scopes.right, operand));
        for clause in &row.clauses {
            match &clause.kind {
                ClauseKind::Via(path) => {
                    if let Some((table, rest)) = path.parts.split_first() {
                        self.name(table, Role::BlockRef(Space::Table));
                        rest.iter().for_each(|part| self.name(part, Role::TablePart { table: &table.text }));
                    }
                }
                ClauseKind::Or(handler) => {
                    if let HandlerKind::Use(value) = &handler.kind {
                        let target =
                            if row.arrow.direction == tree::Direction::ToHubSpot { &row.left } else { &row.right };
                        let field = target.list.iter().find_map(field);
                        let scope = match row.arrow.direction {
                            tree::Direction::ToHubSpot => scopes.left.clone(),
                            _ => scopes.right.clone(),
                        };
                        let of = field.map_or(Values::Nothing, |path| Values::Field { scope, parts: texts(path) });
                        self.value(value, of, false);
                    }
                }
                ClauseKind::When(when) => self.cond(around, &around.condition(Side::Left), when),
                _ => {}
            }
        }
    }

    fn operand(&mut self, scope: &Rc<Scope<'t>>, operand: &'t Operand) {
        match &operand.kind {
            OperandKind::Field(path) => drop(self.path(scope, path)),
            OperandKind::Text(text) => self.template(scope, operand.span, text),
            OperandKind::ListOf(_) | OperandKind::Number(_) => {}
        }
    }

    /// The fields in the braces of a text.
    fn template(&mut self, scope: &Rc<Scope<'t>>, span: Span, text: &'t str) {
        let written = span.slice(self.text);
        let mut seen = 0;
        for inner in text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner) {
            let Some(at) = written.get(seen..).and_then(|rest| rest.find(&format!("{{{inner}}}"))) else { continue };
            let mut start = span.start as usize + seen + at + 1;
            seen += at + inner.len() + 2;
            let parts: Rc<[&'t str]> = inner.split('.').collect();
            for (part, name) in parts.iter().enumerate() {
                let role = Role::Field { scope: scope.clone(), parts: parts.clone(), part };
                self.push(Span::new(start, start + name.len()), name, role);
                start += name.len() + 1;
            }
        }
    }

    fn cond(&mut self, around: &Around<'t>, scope: &Rc<Scope<'t>>, cond: &'t Cond) {
        match cond {
            Cond::And { parts, .. } | Cond::Or { parts, .. } => {
                parts.iter().for_each(|part| self.cond(around, scope, part));
            }
            Cond::Not { inner, .. } => self.cond(around, scope, inner),
            Cond::Atom(atom) => self.atom(around, scope, atom),
        }
    }

    fn atom(&mut self, around: &Around<'t>, scope: &Rc<Scope<'t>>, atom: &'t Atom) {
        match &atom.kind {
            AtomKind::Compare { field, op } => {
                let parts = self.path(scope, field);
                let of = || Values::Field { scope: scope.clone(), parts: parts.clone() };
                match &op.kind {
                    OpKind::Is { value, .. } | OpKind::Order { value, .. } => self.value(value, of(), false),
                    OpKind::AnyOf { values, .. } => values.iter().for_each(|value| self.value(value, of(), true)),
                    OpKind::Text { values, quantifier, .. } => {
                        let in_set = *quantifier != tree::Quantifier::One;
                        values.iter().for_each(|value| self.value(value, of(), in_set));
                    }
                    OpKind::SameAs(path) => drop(self.path(scope, path)),
                    OpKind::IsState { .. } | OpKind::InTheLast(_) | OpKind::MoreThanAgo(_) | OpKind::Exactly(_) => {}
                }
            }
            AtomKind::Count { of, by, filter, .. } => {
                let all = Rc::new(Scope::of_side(scope.side));
                for path in std::iter::once(of).chain(by) {
                    path.parts.iter().for_each(|name| self.name(name, Role::Type(all.clone())));
                }
                if let Some(filter) = filter {
                    let mut inner = Scope::clone(scope);
                    inner.types[scope.side] = of.single().map(|name| name.text.as_str()).into_iter().collect();
                    self.cond(around, &Rc::new(inner), filter);
                }
            }
            AtomKind::MemberOf(list) => self.quoted(list, Role::List),
            AtomKind::Linked { to, .. } => {
                if let Some(to) = to {
                    let side = if around.types.right.contains(&to.text.as_str()) { Side::Right } else { Side::Left };
                    self.name(to, Role::Type(around.fixed(side)));
                }
            }
        }
    }

    fn pick_row(&mut self, row: &'t PickRow, left: Values<'t>, right: Values<'t>) {
        if let PickLeftKind::Values(values) = &row.left.kind {
            values.iter().for_each(|value| self.value(value, left.clone(), true));
        }
        if let PickRightKind::Value(value) = &row.right.kind {
            self.value(value, right, false);
        }
    }

    fn lifecycle(&mut self, block: &'t tree::Lifecycle) {
        let scope = Rc::new(Scope::of_side(Side::Left));
        let parts = self.path(&scope, &block.field);
        let of = Values::Field { scope, parts };
        let placed = block.field.parts.first().and_then(|ty| self.heads.with_left(&ty.text));
        let (sync, types) = placed.map_or(("", BySide::default()), |(sync, types)| (sync, types.clone()));
        let around = Around { sync, types };
        for line in &block.lines {
            match line {
                LifecycleLine::Reach { stage, name, when, .. } | LifecycleLine::BackTo { stage, name, when, .. } => {
                    self.value(stage, of.clone(), false);
                    self.quoted(name, Role::Rule { sync: placed.map(|(sync, _)| sync) });
                    self.cond(&around, &around.condition(Side::Right), when);
                }
                LifecycleLine::Cascade { .. } => {}
            }
        }
    }

    fn change(&mut self, block: &'t tree::Change) {
        self.name(&block.name, Role::BlockRef(Space::Sync));
        let types = self.heads.sync(&block.name.text).cloned().unwrap_or_default();
        let around = Around { sync: &block.name.text, types };
        for line in &block.lines {
            match line {
                ChangeLine::Put { scope, part, .. } => {
                    let side = match scope {
                        Some(tree::ChangeScope::To { side, .. }) => side_of(*side),
                        _ => Side::Right,
                    };
                    match &**part {
                        ChangePart::Gate(gate) => {
                            self.quoted(&gate.name, Role::Rule { sync: Some(around.sync) });
                            self.cond(&around, &around.condition(side.other()), &gate.when);
                        }
                        ChangePart::Create(create) => self.create(&around, side, create),
                        ChangePart::On(on) => self.on(&around, side, on),
                        ChangePart::Match(line) => self.match_line(&around, line),
                        ChangePart::Row(row) => self.row(&around, row),
                    }
                }
                ChangeLine::Remove { rule, .. } => match rule {
                    RuleRef::Include(text) | RuleRef::Exclude(text) => self.quoted(text, Role::RuleRef(Does::Exclude)),
                    RuleRef::Create(text) => self.quoted(text, Role::RuleRef(Does::Create)),
                    RuleRef::Row(_) => {}
                },
            }
        }
    }

    fn test(&mut self, test: &'t Test) {
        self.quoted(&test.name, Role::Block(Space::Test));
        test.steps.iter().for_each(|step| self.step(test, step));
    }

    fn step(&mut self, test: &'t Test, step: &'t Step) {
        match &step.kind {
            StepKind::Given(record) => {
                let side = side_of(record.side);
                self.name(&record.object, Role::Type(Rc::new(Scope::of_side(side))));
                let held = Held { test: test.name.span, side, ty: &record.object.text };
                record.alias.iter().for_each(|alias| self.name(alias, Role::Record(held)));
                self.fields(test, Some(held), &record.fields);
            }
            StepKind::GivenList { list, member } | StepKind::Joins { record: member, list } => {
                self.quoted(list, Role::List);
                self.record(test, member);
            }
            StepKind::Leaves { record, list } => {
                self.quoted(list, Role::List);
                self.record(test, record);
            }
            StepKind::Set { record, fields } => {
                let held = self.record(test, record);
                self.fields(test, held, fields);
            }
            StepKind::Pass | StepKind::Wait(_) => {}
            StepKind::Delete(name) | StepKind::Restore(name) | StepKind::Erase(name) => drop(self.record(test, name)),
            StepKind::Convert { record, to } => {
                self.record(test, record);
                self.name(to, Role::Type(Rc::new(Scope::of_side(Side::Right))));
            }
            StepKind::Merge { record, into } => {
                self.record(test, record);
                self.record(test, into);
            }
            StepKind::Expect(expected) => match &expected.kind {
                ExpectedKind::NoWrites | ExpectedKind::Calls { .. } => {}
                ExpectedKind::ExcludedBy(by) => self.quoted(by, Role::RuleRef(Does::Exclude)),
                ExpectedKind::RejectedBy(by) => self.quoted(by, Role::RuleRef(Does::Row)),
                ExpectedKind::Created { object, by } => {
                    let side = self.heads.side_of_type(&object.text);
                    self.name(object, Role::Type(Rc::new(Scope { reach: Reach::Both, ..Scope::of_side(side) })));
                    self.quoted(by, Role::RuleRef(Does::Create));
                }
                ExpectedKind::Linked { record, to } => {
                    self.record(test, record);
                    self.record(test, to);
                }
                ExpectedKind::NoRecord { side, object } => {
                    self.name(object, Role::Type(Rc::new(Scope::of_side(side_of(*side)))));
                }
                ExpectedKind::Fields { side, record, fields, by } => {
                    let held = match side {
                        Some(side) => {
                            let side = side_of(*side);
                            self.name(record, Role::Type(Rc::new(Scope::of_side(side))));
                            Some(Held { test: test.name.span, side, ty: &record.text })
                        }
                        None => self.record(test, record),
                    };
                    self.fields(test, held, fields);
                    by.iter().for_each(|by| self.quoted(by, Role::RuleRef(Does::Row)));
                }
            },
        }
    }

    /// A record of the test by its name, or by its type.
    fn record(&mut self, test: &'t Test, name: &'t Name) -> Option<Held<'t>> {
        let given = |step: &'t Step| match &step.kind {
            StepKind::Given(record) => Some(record),
            _ => None,
        };
        let is = |given: &'t tree::TestRecord| match &given.alias {
            Some(alias) => alias.text == name.text || given.object.text == name.text,
            None => given.object.text == name.text,
        };
        let found = test.steps.iter().filter_map(given).find(|given| is(given));
        let held = match found {
            Some(found) => Held { test: test.name.span, side: side_of(found.side), ty: &found.object.text },
            None => Held { test: test.name.span, side: self.heads.side_of_type(&name.text), ty: &name.text },
        };
        self.name(name, Role::RecordRef { test: test.name.span, held: Some(held) });
        Some(held)
    }

    fn fields(&mut self, test: &'t Test, held: Option<Held<'t>>, fields: &'t [FieldValue]) {
        let Some(held) = held else { return };
        let mut scope = Scope { side: held.side, types: BySide::default(), prefix: false, reach: Reach::Scope };
        scope.types[held.side] = vec![held.ty];
        let scope = Rc::new(scope);
        for FieldValue { field, value, .. } in fields {
            let parts = self.path(&scope, field);
            // A bare word may be another record, in the place of its id.
            let named = |step: &'t Step| match &step.kind {
                StepKind::Given(record) => record.alias.as_ref().map(|alias| (alias, record)),
                _ => None,
            };
            let other = match &value.kind {
                ValueKind::Word(word) => test.steps.iter().filter_map(named).find(|(alias, _)| alias.text == *word),
                _ => None,
            };
            match (other, &value.kind) {
                (Some((_, record)), ValueKind::Word(word)) => {
                    let held = Held { test: test.name.span, side: side_of(record.side), ty: &record.object.text };
                    self.push(value.span, word, Role::RecordRef { test: test.name.span, held: Some(held) });
                }
                _ => self.value(value, Values::Field { scope: scope.clone(), parts }, false),
            }
        }
    }
}

impl<'t> Scope<'t> {
    /// Every type of a side; paths start with one.
    pub fn of_side(side: Side) -> Scope<'t> {
        Scope { side, types: BySide::default(), prefix: false, reach: Reach::Side }
    }
}

fn texts(path: &Path) -> Rc<[&str]> {
    path.parts.iter().map(|part| part.text.as_str()).collect()
}

fn field(operand: &Operand) -> Option<&Path> {
    match &operand.kind {
        OperandKind::Field(path) => Some(path),
        _ => None,
    }
}

/// The options of a deal's field.
fn stage_of<'t>(field: &'static str) -> Values<'t> {
    Values::Field { scope: Rc::new(Scope::of_side(Side::Left)), parts: Rc::from(["deal", field]) }
}

fn stage_name<'t>() -> Values<'t> {
    Values::Field { scope: Rc::new(Scope::of_side(Side::Right)), parts: Rc::from(["Opportunity", "StageName"]) }
}
