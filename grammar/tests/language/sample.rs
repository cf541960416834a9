use syncline_grammar::tree::*;
use syncline_grammar::{line_column, parse};

use crate::clean;

const NATIVE: &str = include_str!("../data/native.sync");
const CLIENT: &str = include_str!("../data/client.sync");

fn syncs(file: &File) -> Vec<&Sync> {
    file.items.iter().filter_map(|item| if let Item::Sync(sync) = item { Some(sync) } else { None }).collect()
}

fn maps(sync: &Sync) -> Vec<&Map> {
    sync.lines.iter().filter_map(|line| if let SyncLine::Map(map) = line { Some(map) } else { None }).collect()
}

#[test]
fn the_native_settings_page_is_read_whole() {
    let file = clean(NATIVE);
    assert_eq!(file.edition.as_ref().map(|edition| edition.year.text.as_str()), Some("2026"));
    let kinds: Vec<&str> = file.items.iter().map(Item::keyword).collect();
    assert_eq!(
        kinds.join(" "),
        "zone values sync sync sync sync sync sync members picklist picklist picklist picklist place stages owners \
         order lifecycle limits test"
    );
    let rows: Vec<usize> = syncs(&file).iter().flat_map(|sync| maps(sync)).map(|map| map.lines.len()).collect();
    assert_eq!(rows, [5, 16, 1, 6, 3, 2, 2]);
    for item in &file.items {
        assert!(item.span().slice(NATIVE).starts_with(item.keyword()));
        assert!(item.span().slice(NATIVE).ends_with(['}', '"']), "{:?}", item.span().slice(NATIVE));
    }
}

#[test]
fn the_people_sync_has_the_parts_it_shows() {
    let file = clean(NATIVE);
    let people = *syncs(&file).iter().find(|sync| sync.name.text == "people").unwrap();
    assert_eq!(
        people.docs.as_ref().unwrap().lines,
        ["People: HubSpot contacts, which in Salesforce are leads or contacts."]
    );
    assert_eq!(people.salesforce.iter().map(|name| name.text.as_str()).collect::<Vec<_>>(), ["Lead", "Contact"]);
    assert_eq!(people.arrow.direction, Direction::Both);
    let blocks: Vec<(Target, usize)> = people
        .lines
        .iter()
        .filter_map(
            |line| if let SyncLine::Block(block) = line { Some((block.target, block.lines.len())) } else { None },
        )
        .collect();
    let expected = [(Target::BothWays, 3), (Target::To(Side::Salesforce), 7), (Target::To(Side::HubSpot), 7)];
    assert_eq!(blocks, expected);

    let map = maps(people)[0];
    assert_eq!(map.winner.unwrap().kind, WinnerKind::Prefer(Side::Salesforce));
    let MapLine::Row(company) = &map.lines[4] else { panic!("{:?}", map.lines[4]) };
    assert_eq!(company.span.slice(NATIVE).lines().count(), 1);
    assert_eq!((company.left.join, company.left.list.len()), (Join::Else, 2));
    assert_eq!(company.arrow.direction, Direction::ToSalesforce);
    let handlers: Vec<&ClauseKind> = company.clauses.iter().map(|clause| &clause.kind).collect();
    assert!(matches!(
        handlers[..],
        [
            ClauseKind::Or(Handler { kind: HandlerKind::Truncate, .. }),
            ClauseKind::Or(Handler { kind: HandlerKind::Use(_), .. })
        ]
    ));
    let MapLine::Together(address) = &map.lines[15] else { panic!("{:?}", map.lines[15]) };
    assert_eq!(address.rows.len(), 4);
    assert!(address.rows.iter().all(|row| row.right.join == Join::PerObject && row.right.list.len() == 2));
}

#[test]
fn conditions_are_flat_and_typed() {
    let file = clean(
        "sync a: hubspot b <-> salesforce C { both ways { include \"x\" when a is known and (b is not 5 and c is in \
         the last 3 days) and not (any d by E where (f is false or g linked to H)) } }",
    );
    let SyncLine::Block(block) = &syncs(&file)[0].lines[0] else { panic!() };
    let BlockLine::Gate(gate) = &block.lines[0] else { panic!() };
    let Cond::And { parts, .. } = &gate.when else { panic!("{:?}", gate.when) };
    assert_eq!(parts.len(), 4);
    assert!(matches!(
        &parts[1],
        Cond::Atom(Atom { kind: AtomKind::Compare { op: Op { kind: OpKind::Is { negated: true, .. }, .. }, .. }, .. })
    ));
    let Cond::Not { inner, .. } = &parts[3] else { panic!("{:?}", parts[3]) };
    let Cond::Atom(Atom { kind: AtomKind::Count { count, by: Some(_), filter: Some(filter), .. }, .. }) = &**inner
    else {
        panic!("{inner:?}")
    };
    assert_eq!(count.kind, CountKind::Any);
    assert!(matches!(&**filter, Cond::Or { parts, .. } if parts.len() == 2));
}

#[test]
fn a_client_folder_changes_its_base() {
    let file = clean(CLIENT);
    let Item::Change(change) = &file.items[1] else { panic!() };
    assert_eq!(change.lines.len(), 4);
    assert!(
        matches!(&change.lines[2], ChangeLine::Remove { rule: RuleRef::Row(path), .. } if path.text() == "numemployees")
    );
}

#[test]
fn texts_numbers_and_spans_are_those_of_the_file() {
    let text =
        "\u{feff}values v {\r\n  \"ä \\\"q\\\" \\\\ c:\\d\", 20_000, -1.5, 2026-01-31T09:30Z, `2-34` // end\r\n}";
    let file = clean(text);
    let Item::Values(values) = &file.items[0] else { panic!() };
    let kinds: Vec<&ValueKind> = values.values.iter().map(|value| &value.kind).collect();
    assert_eq!(
        kinds,
        [
            &ValueKind::Text("ä \"q\" \\ c:\\d".into()),
            &ValueKind::Number("20000".into()),
            &ValueKind::Number("-1.5".into()),
            &ValueKind::Date("2026-01-31T09:30Z".into()),
            &ValueKind::Word("2-34".into()),
        ]
    );
    assert_eq!(values.values[4].span.slice(text), "`2-34`");
    assert_eq!(line_column(text, values.values[1].span.start), (2, 22));
}

#[test]
fn only_the_comment_right_above_documents_an_item() {
    let parsed = parse("/// apart\n\n/// one\n/// two\nzone \"x\" /// behind\n// plain\n//// four\nzone \"y\"\n");
    let docs: Vec<Option<usize>> = parsed
        .file
        .items
        .iter()
        .map(|item| if let Item::Zone(zone) = item { zone.docs.as_ref().map(|docs| docs.lines.len()) } else { None })
        .collect();
    assert_eq!(docs, [Some(2), None]);
    assert_eq!(parsed.comments.len(), 6);
}
