//! Programs of every form of the language, as the words they are made of.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Words that may be set apart by any space.
pub type Words = Vec<String>;

fn words(text: &str) -> Words {
    text.split_whitespace().map(str::to_owned).collect()
}

fn joined(parts: impl IntoIterator<Item = Words>) -> Words {
    parts.into_iter().flatten().collect()
}

fn separated(parts: Vec<Words>, separator: &str) -> Words {
    let mut out = Words::new();
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            out.extend(words(separator));
        }
        out.extend(part);
    }
    out
}

/// `HEAD { BODY }`
fn block(head: impl Into<String>, body: Vec<Words>) -> Words {
    joined([words(&head.into()), words("{"), joined(body), words("}")])
}

fn name() -> impl Strategy<Value = String> {
    let names =
        ["email", "is_test", "a", "Custom_Field_With_A_Long_Name__c", "zone", "type", "`odd. name`", "ab1", "x"];
    select(names.to_vec()).prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    vec(name(), 1..4).prop_map(|parts| parts.join("."))
}

fn text() -> impl Strategy<Value = String> {
    let texts = [
        "\"\"",
        "\"a\"",
        "\"two words\"",
        "\"a \\\"quoted\\\" one \\\\ c:\\d\"",
        "\"// { } ( ) ` é€ 中文\"",
        "\"a text that is so long that two of its kind do never fit on one line of a file\"",
    ];
    select(texts.to_vec()).prop_map(str::to_owned)
}

fn number() -> impl Strategy<Value = String> {
    select(vec!["0", "7", "-1", "20_000", "1.50", "-0.5", "1_000.25"]).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let dates = ["2026-01-31", "2026-01-31T09:30Z", "2026-01-31T09:30:00.5+01:00", "2026-01-31T09:30-05:00"];
    prop_oneof![name(), text(), number(), select(dates.to_vec()).prop_map(str::to_owned)]
}

fn set() -> impl Strategy<Value = Words> {
    vec(value(), 1..8).prop_map(|values| separated(values.into_iter().map(|value| vec![value]).collect(), ","))
}

fn atom() -> impl Strategy<Value = Words> {
    let states = ["known", "blank", "unique", "a valid email", "not known", "not a valid email"];
    let orders = ["at least", "at most", "more than", "less than", "before", "after"];
    let tests = ["contains", "starts with", "ends with"];
    prop_oneof![
        (path(), select(states.to_vec())).prop_map(|(path, state)| joined([vec![path], words("is"), words(state)])),
        (path(), any::<bool>(), value()).prop_map(|(path, not, value)| {
            joined([vec![path], words(if not { "is not" } else { "is" }), vec![value]])
        }),
        (path(), select(orders.to_vec()), value()).prop_map(|(path, order, value)| joined([
            vec![path],
            words("is"),
            words(order),
            vec![value]
        ])),
        (path(), select(vec!["any of", "none of"]), set()).prop_map(|(path, kind, set)| joined([
            vec![path],
            words("is"),
            words(kind),
            set
        ])),
        (path(), select(tests.to_vec()), text()).prop_map(|(path, test, text)| joined([
            vec![path],
            words(test),
            vec![text]
        ])),
        (path(), select(tests.to_vec()), set()).prop_map(|(path, test, set)| joined([
            vec![path],
            words(test),
            words("any of"),
            set
        ])),
        (path(), path()).prop_map(|(path, other)| joined([vec![path], words("is same as"), vec![other]])),
        path().prop_map(|path| joined([vec![path], words("is in the last 3 days")])),
        text().prop_map(|list| joined([words("member of list"), vec![list]])),
        Just(words("not linked to Lead")),
    ]
}

/// Bare of parentheses it may stand only where nothing joins it with others.
fn cond() -> impl Strategy<Value = Words> {
    let grouped = |cond: Words| joined([words("("), cond, words(")")]);
    atom().prop_recursive(4, 24, 4, move |inner| {
        let part = prop_oneof![
            3 => atom(),
            1 => inner.clone().prop_map(grouped),
            1 => inner.clone().prop_map(move |cond| joined([words("not"), grouped(cond)])),
            1 => (select(vec!["any", "every", "no", "at least 2"]), name(), any::<bool>(), inner).prop_map(
                move |(count, of, by, cond)| {
                    let by = if by { words("by Role") } else { Words::new() };
                    joined([words(count), vec![of], by, words("where"), grouped(cond)])
                }
            ),
        ];
        (vec(part, 1..5), select(vec!["and", "or"])).prop_map(|(parts, word)| separated(parts, word))
    })
}

fn gate() -> impl Strategy<Value = Words> {
    (select(vec!["include", "exclude"]), text(), cond())
        .prop_map(|(kind, name, cond)| joined([words(kind), vec![name], words("when"), cond]))
}

fn create() -> impl Strategy<Value = Words> {
    let rule =
        prop_oneof![Just(words("otherwise")), Just(words("always")), cond().prop_map(|c| joined([words("when"), c]))];
    let what = select(vec!["create Lead", "create nothing", "create contact from Lead"]);
    (what, proptest::option::of(text()), any::<bool>(), rule).prop_map(|(what, name, even, rule)| {
        let even = words(if even { "even if excluded" } else { "" });
        joined([words(what), name.into_iter().collect(), even, rule])
    })
}

fn block_line() -> impl Strategy<Value = Words> {
    let lines = [
        "pick Contact , then oldest created",
        "pick most recently updated",
        "relink never",
        "relink when another is picked",
        "on leave freeze and set a.b to true and keep syncing",
        "on delete ignore",
    ];
    prop_oneof![
        3 => gate(),
        2 => create(),
        2 => select(lines.to_vec()).prop_map(words),
        1 => (cond(), cond()).prop_map(|(a, b)| joined([words("pick when"), a, words(", then when"), b])),
    ]
}

fn clause() -> impl Strategy<Value = Words> {
    let clauses = [
        "newest wins",
        "newest record wins",
        "salesforce wins",
        "prefer hubspot unless blank",
        "merge values",
        "via places.state",
        "as date",
        "or truncate",
        "or skip",
        "at creation",
        "if blank",
        "add only",
        "on clear keep",
        "on hubspot clear restore",
        "if currency differs copy",
    ];
    prop_oneof![
        6 => select(clauses.to_vec()).prop_map(words),
        1 => value().prop_map(|value| joined([words("or use"), vec![value]])),
        1 => cond().prop_map(|cond| joined([words("when"), cond])),
    ]
}

fn arrow() -> impl Strategy<Value = Words> {
    select(vec!["<->", "->", "<-"]).prop_map(words)
}

fn operand() -> impl Strategy<Value = Words> {
    prop_oneof![
        4 => path().prop_map(|path| vec![path]),
        1 => text().prop_map(|text| vec![text]),
        1 => number().prop_map(|number| vec![number]),
        1 => path().prop_map(|path| joined([words("list of"), vec![path]])),
    ]
}

fn row() -> impl Strategy<Value = Words> {
    let right = prop_oneof![
        2 => operand(),
        1 => vec(path(), 2..4).prop_map(|paths| separated(paths.into_iter().map(|path| vec![path]).collect(), ",")),
        1 => vec(operand(), 2..3).prop_map(|operands| separated(operands, "else")),
    ];
    let left = vec(operand(), 1..3).prop_map(|operands| separated(operands, "else"));
    (left, arrow(), right, vec(clause(), 0..4))
        .prop_map(|(left, arrow, right, clauses)| joined([left, arrow, right, joined(clauses)]))
}

/// A text behind `map` would name it.
fn plain_row() -> impl Strategy<Value = Words> {
    (path(), arrow(), operand(), vec(clause(), 0..4))
        .prop_map(|(left, arrow, right, clauses)| joined([vec![left], arrow, right, joined(clauses)]))
}

fn associate_row() -> impl Strategy<Value = Words> {
    (path(), any::<bool>(), arrow(), path(), vec(clause(), 0..3), proptest::option::of(cond())).prop_map(
        |(left, labelled, arrow, right, clauses, filter)| {
            let labelled = words(if labelled { "labelled \"boss\"" } else { "" });
            let filter = filter.map_or(Words::new(), |filter| joined([words("where"), filter]));
            joined([vec![left], labelled, arrow, vec![right], joined(clauses), filter])
        },
    )
}

fn pick_row() -> impl Strategy<Value = Words> {
    let left = prop_oneof![Just(words("otherwise at creation")), Just(words("otherwise")), set()];
    let right = prop_oneof![
        select(vec!["same", "skip", "reject", "restore", "assignment rules"]).prop_map(words),
        value().prop_map(|value| vec![value])
    ];
    (left, arrow(), right).prop_map(|(left, arrow, right)| joined([left, arrow, right]))
}

fn sync() -> impl Strategy<Value = Words> {
    let together = (text(), vec(row(), 0..4)).prop_map(|(name, rows)| {
        joined([words("together"), vec![name], words("newest wins {"), joined(rows), words("}")])
    });
    let map = vec(prop_oneof![8 => row(), 1 => together], 0..8).prop_map(|rows| block("map salesforce wins", rows));
    let lines = [
        "match email = Email and a.b = `2.b` as domain or propose",
        "match through people",
        "recheck every 24 hours",
        "roll up per contact per day",
    ];
    let line = prop_oneof![
        2 => select(lines.to_vec()).prop_map(words),
        1 => vec(gate(), 0..3).prop_map(|lines| block("both ways", lines)),
        2 => vec(block_line(), 0..4).prop_map(|lines| block("to salesforce", lines)),
        2 => map,
        1 => (text(), cond(), vec(row(), 1..3)).prop_map(|(name, cond, rows)| {
            joined([words("map"), vec![name], words("when"), cond, words("{"), joined(rows), words("}")])
        }),
        1 => vec(associate_row(), 0..3).prop_map(|rows| block("associate", rows)),
    ];
    vec(line, 0..5).prop_map(|lines| block("sync people : hubspot contact <-> salesforce Lead or Contact", lines))
}

fn fields() -> impl Strategy<Value = Words> {
    vec((path(), value()), 0..7).prop_map(|fields| {
        let fields = fields.into_iter().map(|(path, value)| vec![path, ":".to_owned(), value]).collect();
        joined([words("{"), separated(fields, ","), words("}")])
    })
}

fn step() -> impl Strategy<Value = Words> {
    let steps = [
        "pass",
        "wait 30 days",
        "delete ana",
        "convert Lead to Contact",
        "merge bo into ana",
        "expect no writes",
        "expect no salesforce Lead",
        "expect 2 salesforce calls",
        "expect ana linked to Lead",
    ];
    prop_oneof![
        3 => select(steps.to_vec()).prop_map(words),
        1 => text().prop_map(|list| joined([words("ana joins list"), vec![list]])),
        1 => text().prop_map(|by| joined([words("expect excluded by"), vec![by]])),
        2 => fields().prop_map(|fields| joined([words("given hubspot contact as ana"), fields])),
        1 => fields().prop_map(|fields| joined([words("set Lead"), fields])),
        2 => (fields(), text()).prop_map(|(fields, by)| joined([words("expect ana"), fields, words("by"), vec![by]])),
    ]
}

fn item() -> impl Strategy<Value = Words> {
    let limits = [
        "salesforce 20_000 calls per day",
        "hold when more than 500 records or 10 % would change",
        "keep 10 % of salesforce for people",
        "when short favour people , then deals , then companies",
    ];
    let places = ["picklists standard", "values as they are", "write codes to salesforce", "alias \"a\" = DE"];
    let stage = (select(vec!["reach", "back to"]), value(), text(), cond())
        .prop_map(|(kind, stage, name, cond)| joined([words(kind), vec![stage, name], words("when"), cond]));
    prop_oneof![
        4 => sync(),
        1 => vec(pick_row(), 0..5).prop_map(|rows| block("picklist status : contact.a <-> Lead.B", rows)),
        1 => vec(pick_row(), 0..3).prop_map(|rows| block("owners all", rows)),
        1 => vec(pick_row(), 0..3).prop_map(|rows| {
            block("stages sales", vec![block("pipeline default <-> record type \"x\"", rows)])
        }),
        1 => set().prop_map(|set| block("values own", vec![set])),
        1 => set().prop_map(|set| block("order contact.tier , Lead.Tier", vec![set])),
        1 => vec(select(limits.to_vec()).prop_map(words), 0..4).prop_map(|lines| block("limits", lines)),
        1 => vec(select(places.to_vec()).prop_map(words), 0..4).prop_map(|lines| block("place places", lines)),
        1 => vec(prop_oneof![3 => stage, 1 => Just(words("cascade to company"))], 0..4)
            .prop_map(|lines| block("lifecycle contact.stage", lines)),
        1 => vec(cond(), 0..2).prop_map(|conds| {
            let line = |cond| joined([words("set Status to \"x\" when"), cond]);
            block("members m : hubspot list \"a\" -> salesforce Campaign \"b\"", conds.into_iter().map(line).collect())
        }),
        1 => (plain_row(), gate()).prop_map(|(row, gate)| {
            let put = [joined([words("add map"), row]), joined([words("replace both ways"), gate])];
            block("change people", [put.to_vec(), vec![words("remove map numemployees")]].concat())
        }),
        2 => (text(), vec(step(), 0..6)).prop_map(|(name, steps)| {
            joined([words("test"), vec![name], words("{"), joined(steps), words("}")])
        }),
        1 => Just(words("zone \"Europe/Berlin\"")),
    ]
}

/// A file without a fault.
pub fn program() -> impl Strategy<Value = Words> {
    (any::<bool>(), vec(item(), 0..5))
        .prop_map(|(edition, items)| joined([words(if edition { "edition 2026" } else { "" }), joined(items)]))
}
