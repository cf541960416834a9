//! Every form of a condition, a clause and a limit is its own kind in the tree.

use syncline_grammar::tree::*;

use crate::clean;

fn atom(cond: &str) -> AtomKind {
    let text =
        format!("sync a: hubspot b <-> salesforce C {{ both ways {{ include \"x\" when {cond}  on leave freeze }} }}");
    let file = clean(&text);
    let Item::Sync(sync) = &file.items[0] else { panic!() };
    let SyncLine::Block(block) = &sync.lines[0] else { panic!() };
    assert_eq!(block.lines.len(), 2, "{cond}");
    let BlockLine::Gate(gate) = &block.lines[0] else { panic!() };
    assert_eq!(gate.when.span().slice(&text), cond);
    let Cond::Atom(atom) = &gate.when else { panic!("{cond}: {:?}", gate.when) };
    atom.kind.clone()
}

fn op(cond: &str) -> OpKind {
    let AtomKind::Compare { op, .. } = atom(cond) else { panic!("{cond}") };
    op.kind
}

fn clause(clause: &str) -> ClauseKind {
    let text = format!("sync a: hubspot b <-> salesforce C {{ map {{ x <-> Y {clause}\n or <-> Or }} }}");
    let file = clean(&text);
    let Item::Sync(sync) = &file.items[0] else { panic!() };
    let SyncLine::Map(map) = &sync.lines[0] else { panic!() };
    let MapLine::Row(row) = &map.lines[0] else { panic!() };
    assert_eq!((map.lines.len(), row.clauses.len()), (2, 1), "{clause}");
    assert_eq!(row.clauses[0].span.slice(&text), clause);
    row.clauses[0].kind.clone()
}

#[test]
fn comparisons() {
    use OpKind::*;
    assert!(matches!(op("a is X"), Is { negated: false, .. }));
    assert!(matches!(op("a is not \"x\""), Is { negated: true, .. }));
    assert!(matches!(op("a is in"), Is { .. }));
    for (words, state) in [
        ("known", State::Known),
        ("blank", State::Blank),
        ("unique", State::Unique),
        ("a valid email", State::ValidEmail),
    ] {
        assert_eq!(op(&format!("a is {words}")), IsState { negated: false, state });
        assert_eq!(op(&format!("a is not {words}")), IsState { negated: true, state });
    }
    assert!(matches!(op("a is in the last 3 days"), InTheLast(Duration { unit: Unit::Days, .. })));
    assert!(matches!(op("a is more than 1 hour ago"), MoreThanAgo(Duration { unit: Unit::Hours, .. })));
    assert!(matches!(op("a is same as company.b"), SameAs(_)));
    assert!(matches!(op("a is exactly \"X\""), Exactly(_)));
    for (words, expected) in [
        ("at least 5", OrderTest::AtLeast),
        ("at most 5", OrderTest::AtMost),
        ("more than 5", OrderTest::MoreThan),
        ("less than 5", OrderTest::LessThan),
        ("before 2026-01-31", OrderTest::Before),
        ("after 2026-01-31T10:00:00+01:00", OrderTest::After),
    ] {
        assert!(matches!(op(&format!("a is {words}")), Order { test, .. } if test == expected), "{words}");
    }
    assert!(matches!(op("a is any of x, y"), AnyOf { negated: false, values } if values.len() == 2));
    assert!(matches!(op("a is none of x, y"), AnyOf { negated: true, .. }));
    assert!(matches!(op("a contains \"x\""), Text { test: TextTest::Contains, quantifier: Quantifier::One, .. }));
    assert!(matches!(
        op("a starts with none of \"x\", \"y\""),
        Text { test: TextTest::StartsWith, quantifier: Quantifier::NoneOf, values } if values.len() == 2
    ));
    assert!(matches!(op("a ends with all of v"), Text { quantifier: Quantifier::AllOf, .. }));
}

#[test]
fn counts_and_links() {
    assert!(matches!(atom("member of list \"x\""), AtomKind::MemberOf(_)));
    assert!(matches!(atom("linked"), AtomKind::Linked { what: None, negated: false, to: None }));
    assert!(matches!(atom("not linked to Lead"), AtomKind::Linked { what: None, negated: true, to: Some(_) }));
    assert!(matches!(atom("company not linked"), AtomKind::Linked { what: Some(_), negated: true, .. }));
    for (words, kind) in [("any", CountKind::Any), ("every", CountKind::Every), ("no", CountKind::No)] {
        let AtomKind::Count { count, filter: None, .. } = atom(&format!("{words} contact")) else { panic!("{words}") };
        assert_eq!(count.kind, kind);
    }
    assert!(matches!(
        atom("at least 2 contact by role labelled \"Buyer\" where a is b"),
        AtomKind::Count {
            count: Count { kind: CountKind::AtLeast(_), .. },
            by: Some(_),
            labelled: Some(_),
            filter: Some(_),
            ..
        }
    ));
}

#[test]
fn clauses() {
    use ClauseKind::*;
    for (words, expected) in [
        ("newest wins", WinnerKind::Newest),
        ("newest record wins", WinnerKind::NewestRecord),
        ("hubspot wins", WinnerKind::Side(Side::HubSpot)),
        ("prefer hubspot unless blank", WinnerKind::Prefer(Side::HubSpot)),
        ("merge values", WinnerKind::MergeValues),
        ("forward only", WinnerKind::ForwardOnly),
        ("ask first", WinnerKind::AskFirst),
    ] {
        assert!(matches!(clause(words), Winner(winner) if winner.kind == expected), "{words}");
    }
    for (words, expected) in [
        ("or truncate", HandlerKind::Truncate),
        ("or round", HandlerKind::Round),
        ("or skip", HandlerKind::Skip),
        ("or reject", HandlerKind::Reject),
        ("or wait", HandlerKind::Wait),
    ] {
        assert!(matches!(clause(words), Or(handler) if handler.kind == expected), "{words}");
    }
    assert!(matches!(clause("or use \"x\""), Or(Handler { kind: HandlerKind::Use(_), .. })));
    assert!(matches!(clause("via places.state"), Via(path) if path.parts.len() == 2));
    assert!(matches!(clause("as date"), As(_)));
    assert_eq!(clause("at creation"), AtCreation);
    assert_eq!(clause("if blank"), IfBlank);
    assert_eq!(clause("add only"), AddOnly);
    assert_eq!(clause("on clear pass"), OnClear { side: None, cleared: Cleared::Pass });
    assert_eq!(clause("on clear keep"), OnClear { side: None, cleared: Cleared::Keep });
    assert_eq!(clause("on hubspot clear restore"), OnClear { side: Some(Side::HubSpot), cleared: Cleared::Restore });
    assert_eq!(clause("if currency differs copy"), IfCurrencyDiffers(CurrencyRule::Copy));
    assert!(matches!(clause("when a is b and c is known"), When(Cond::And { .. })));
}

#[test]
fn limits() {
    let file = clean(
        "limits { salesforce 20_000 calls per day hold when more than 500 records would change hold when more than 5 \
         records or 10 % would change delete at most 20 records per pass keep 10 % of salesforce for people pause \
         retries above 75 % of hubspot when short favour a, then b }",
    );
    let Item::Limits(limits) = &file.items[0] else { panic!() };
    let kinds: Vec<&LimitKind> = limits.limits.iter().map(|limit| &limit.kind).collect();
    assert!(matches!(
        kinds[..],
        [
            LimitKind::CallsPerDay { side: Side::Salesforce, .. },
            LimitKind::HoldAbove { percent: None, .. },
            LimitKind::HoldAbove { percent: Some(_), .. },
            LimitKind::DeleteAtMost { .. },
            LimitKind::KeepForPeople { .. },
            LimitKind::PauseRetriesAbove { side: Side::HubSpot, .. },
            LimitKind::Favour { .. },
        ]
    ));
}

#[test]
fn events_and_their_actions() {
    let text = "sync a: hubspot b <-> salesforce C { to hubspot { on leave freeze and set x to true  on delete keep \
                syncing  on erase unlink and delete } }";
    let file = clean(text);
    let Item::Sync(sync) = &file.items[0] else { panic!() };
    let SyncLine::Block(block) = &sync.lines[0] else { panic!() };
    let actions: Vec<Vec<&str>> = block
        .lines
        .iter()
        .filter_map(|line| if let BlockLine::On(on) = line { Some(on) } else { None })
        .map(|on| on.actions.iter().map(|action| action.span.slice(text)).collect())
        .collect();
    assert_eq!(actions, [vec!["freeze", "set x to true"], vec!["keep syncing"], vec!["unlink", "delete"]]);
}
