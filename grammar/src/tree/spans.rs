//! Every span of a tree, to move them all or to compare trees without them.

use super::*;

/// What has spans in it.
pub trait Spans {
    /// Calls `each` with every span, those of parts included.
    fn spans(&mut self, each: &mut dyn FnMut(&mut Span));
}

impl Spans for Span {
    fn spans(&mut self, each: &mut dyn FnMut(&mut Span)) {
        each(self);
    }
}

impl<T: Spans> Spans for Vec<T> {
    fn spans(&mut self, each: &mut dyn FnMut(&mut Span)) {
        self.iter_mut().for_each(|one| one.spans(each));
    }
}

impl<T: Spans> Spans for Option<T> {
    fn spans(&mut self, each: &mut dyn FnMut(&mut Span)) {
        self.iter_mut().for_each(|one| one.spans(each));
    }
}

impl<T: Spans> Spans for Box<T> {
    fn spans(&mut self, each: &mut dyn FnMut(&mut Span)) {
        self.as_mut().spans(each);
    }
}

/// Types without a span.
macro_rules! bare {
    ($($name:ty),* $(,)?) => {
        $(impl Spans for $name {
            fn spans(&mut self, _: &mut dyn FnMut(&mut Span)) {}
        })*
    };
}

/// All fields of each, so that a new one cannot be left out.
macro_rules! fields {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        $(impl Spans for $name {
            fn spans(&mut self, each: &mut dyn FnMut(&mut Span)) {
                let $name { $($field),* } = self;
                $($field.spans(each);)*
            }
        })*
    };
}

/// All variants of each, with their parts.
macro_rules! variants {
    ($($name:ident { $($variant:ident $(($part:ident))? $({ $($field:ident),* })?),* $(,)? })*) => {
        $(impl Spans for $name {
            fn spans(&mut self, each: &mut dyn FnMut(&mut Span)) {
                match self {
                    $($name::$variant $(($part))? $({ $($field),* })? => {
                        $($part.spans(each);)?
                        $($($field.spans(each);)*)?
                        let _ = &each;
                    })*
                }
            }
        })*
    };
}

bare!(
    String,
    bool,
    Side,
    Direction,
    Unit,
    State,
    OrderTest,
    TextTest,
    Quantifier,
    Join,
    WinnerKind,
    Cleared,
    CurrencyRule,
    GateKind,
    RelinkRule,
    Target,
    EventKind,
    PlacePicklists,
    PlaceValues,
    PlaceUnknown,
    PlaceNotation,
    ChangeVerb,
);

fields! {
    File { edition, items }
    Edition { span, year }
    Docs { span, lines }
    Name { span, text }
    Text { span, text }
    Number { span, text }
    Path { span, parts }
    Value { span, kind }
    Arrow { span, direction }
    Duration { span, number, unit }
    Sync { docs, span, name, hubspot, arrow, salesforce, lines }
    Match { span, by, or_propose }
    Key { span, hubspot, salesforce, as_type }
    RollUp { span, per }
    Recheck { span, every }
    Block { span, head, target, lines }
    Gate { span, kind, name, when }
    Pick { span, choices }
    Choice { span, kind }
    Relink { span, rule }
    Create { span, what, from, name, even_if_excluded, rule }
    On { span, event, actions }
    Event { span, kind }
    Action { span, kind }
    Map { span, head, name, winner, when, lines }
    Together { span, name, winner, rows }
    Row { span, left, arrow, right, clauses }
    Operands { span, list, join }
    Operand { span, kind }
    Clause { span, kind }
    Winner { span, kind }
    Handler { span, kind }
    Associate { span, rows }
    AssociateRow { span, left, labelled, arrow, right, clauses, filter }
    Atom { span, kind }
    Count { span, kind }
    Op { span, kind }
    Picklist { docs, span, name, pair, rows }
    PicklistPair { span, hubspot, arrow, salesforce }
    PickRow { span, left, arrow, right }
    PickLeft { span, kind }
    PickRight { span, kind }
    Owners { docs, span, name, lines }
    Stages { docs, span, name, pipelines }
    Pipeline { span, pipeline, arrow, record_type, rows }
    Zone { docs, span, name }
    Values { docs, span, name, values }
    Order { docs, span, fields, values }
    Limits { docs, span, limits }
    Limit { span, kind }
    Place { docs, span, name, lines }
    PlaceLine { span, kind }
    Lifecycle { docs, span, field, lines }
    Members { docs, span, name, list, arrow, campaign, lines }
    Change { docs, span, name, lines }
    Test { docs, span, name, steps }
    Step { span, kind }
    TestRecord { span, side, object, alias, fields }
    FieldValue { span, field, value }
    Expected { span, kind }
}

variants! {
    Item {
        Zone(item), Sync(item), Picklist(item), Place(item), Stages(item), Owners(item), Lifecycle(item), Order(item),
        Values(item), Members(item), Limits(item), Change(item), Test(item),
    }
    ValueKind { Word(text), Text(text), Number(text), Date(text) }
    SyncLine { Match(line), RollUp(line), Recheck(line), Block(line), Map(line), Associate(line) }
    MatchBy { Through(name), Keys(keys) }
    BlockLine { Gate(line), Pick(line), Relink(line), Create(line), On(line) }
    ChoiceKind { MostRecentlyUpdated, OldestCreated, When(cond), Object(name) }
    CreateWhat { Nothing(span), Object(name) }
    CreateRule { When(cond), Otherwise(span), Always(span) }
    ActionKind { Ignore, Freeze, KeepSyncing, Unlink, Delete, Restore, Follow, Propose, Set { field, value } }
    MapLine { Row(row), Together(together) }
    OperandKind { Field(path), ListOf(path), Text(text), Number(text) }
    ClauseKind {
        Winner(winner), Via(path), As(name), Or(handler), AtCreation, IfBlank, AddOnly, OnClear { side, cleared },
        IfCurrencyDiffers(rule), When(cond),
    }
    HandlerKind { Truncate, Round, Skip, Reject, Wait, Use(value) }
    Cond { And { span, parts }, Or { span, parts }, Not { span, inner }, Atom(atom) }
    AtomKind {
        Compare { field, op }, Count { count, of, by, labelled, filter }, MemberOf(list), Linked { what, negated, to },
    }
    CountKind { Any, Every, No, AtLeast(number) }
    OpKind {
        Is { negated, value }, IsState { negated, state }, InTheLast(duration), MoreThanAgo(duration), SameAs(path),
        Exactly(text), Order { test, value }, AnyOf { negated, values }, Text { test, quantifier, values },
    }
    PickLeftKind { Otherwise { at_creation }, Blank, Values(values) }
    PickRightKind { Same, Blank, Skip, Reject, Restore, AssignmentRules, IntegrationUser, Value(value) }
    OwnersLine { Match(line), Row(row) }
    LimitKind {
        CallsPerDay { side, calls }, HoldAbove { records, percent }, DeleteAtMost { records },
        KeepForPeople { percent, side }, PauseRetriesAbove { percent, side }, Favour { syncs },
    }
    PlaceLineKind { Picklists(kind), Values(kind), Unknown(kind), Write { notation, to }, Alias { text, value } }
    LifecycleLine { Reach { span, stage, name, when }, BackTo { span, stage, name, when }, Cascade { span, to } }
    MembersLine { On(on), Set { span, field, value, when } }
    ChangeLine { Put { span, verb, scope, part }, Remove { span, scope, rule } }
    ChangeScope { BothWays(span), To { span, side }, Map { span, name } }
    ChangePart { Gate(part), Create(part), On(part), Match(part), Row(part) }
    RuleRef { Include(name), Exclude(name), Create(name), Row(path) }
    StepKind {
        Given(record), GivenList { list, member }, Set { record, fields }, Pass, Wait(duration), Delete(name),
        Restore(name), Erase(name), Convert { record, to }, Merge { record, into }, Joins { record, list },
        Leaves { record, list }, Expect(expected),
    }
    ExpectedKind {
        NoWrites, ExcludedBy(by), Created { object, by }, RejectedBy(by), Linked { record, to },
        NoRecord { side, object }, Calls { number, side }, Fields { side, record, fields, by },
    }
}
