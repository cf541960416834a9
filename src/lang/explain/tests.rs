use super::*;
use crate::data::Dict;
use crate::diagnostic::SourceFile;
use crate::lang::compile;
use crate::lang::schema::Catalog;

const PER_CALL: BySide<PerCall> = BySide {
    left: PerCall {
        changed: 200,
        types: 1,
        creates: 100,
        updates: 100,
        field_times: Some(50),
        members: Some(250),
        keys: Some(100),
        enforces_unique: true,
    },
    right: PerCall {
        changed: 2_000,
        types: 5,
        creates: 1_000,
        updates: 600,
        field_times: None,
        members: None,
        keys: None,
        enforces_unique: false,
    },
};

macro_rules! accepted {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("../../../tests/corpus/ok_", $name, ".sync"))),)*] };
}

const ACCEPTED: [(&str, &str); 12] = accepted! {
    "counts" "currencies" "days_and_orders" "lifecycle" "lists" "owners" "people" "places" "rows" "tests" "tests_identity" "tests_lifecycle"
};

fn plan(texts: &[(&str, &str)]) -> Plan {
    let read = |text| -> Catalog { serde_json::from_str(text).unwrap() };
    let left = read(include_str!("../../../tests/corpus/schemas/hubspot.json"));
    let right = read(include_str!("../../../tests/corpus/schemas/salesforce.json"));
    let files: Vec<SourceFile> = texts.iter().map(|(name, text)| SourceFile::new(*name, *text)).collect();
    let (plan, findings) = compile(&files, &left, &right, &mut Dict::default());
    plan.unwrap_or_else(|| panic!("{findings:#?}"))
}

fn told(plan: &Plan, rule: &str) -> String {
    let found = find(plan, rule);
    assert!(!found.is_empty(), "{rule}: {:?}", near(plan, rule));
    let all: Vec<String> =
        found.into_iter().map(|one| text(&explain(plan, one, &PER_CALL).unwrap(), 100, true)).collect();
    all.join("\n")
}

#[test]
fn lists_and_currencies_are_told() {
    let lists = plan(&[("lists.sync", include_str!("../../../tests/corpus/ok_lists.sync"))]);
    let said = told(&lists, "people.salesforcecampaignids").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "`list of CampaignMember.CampaignId` of Salesforce: of every CampaignMember that names the record",
        "Salesforce CampaignMember records that name it, new, changed and deleted ones",
    ] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    let money = plan(&[("currencies.sync", include_str!("../../../tests/corpus/ok_currencies.sync"))]);
    let said = told(&money, "deals.amount").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["an amount in another currency than the other side's leaves the field as it is", "`CurrencyIsoCode`"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
}

#[test]
fn each_kind_of_rule_is_told_from_the_plan() {
    let people = plan(&[("people.sync", include_str!("../../../tests/corpus/ok_people.sync"))]);
    let rows = plan(&[("rows.sync", include_str!("../../../tests/corpus/ok_rows.sync"))]);
    let lifecycle = plan(&[("lifecycle.sync", include_str!("../../../tests/corpus/ok_lifecycle.sync"))]);
    let places = plan(&[("places.sync", include_str!("../../../tests/corpus/ok_places.sync"))]);
    let owners = plan(&[("owners.sync", include_str!("../../../tests/corpus/ok_owners.sync"))]);
    let orders = plan(&[("orders.sync", include_str!("../../../tests/corpus/ok_days_and_orders.sync"))]);
    let all = [
        told(&people, "people.jobtitle"),
        told(&people, "birthday"),
        told(&people, "inclusion list"),
        told(&people, "people.\"new leads\""),
        told(&people, "match email = Email"),
        told(&people, "lead_status"),
        told(&people, "limits"),
        told(&rows, "address"),
        told(&rows, "product_interest"),
        told(&lifecycle, "contact.lifecyclestage"),
        told(&lifecycle, "closed won"),
        told(&places, "places"),
        told(&owners, "owners"),
        told(&orders, "Lead.Rating"),
        told(&people, "our_domains"),
    ];
    insta::assert_snapshot!(all.join("\n----\n\n"));
}

#[test]
fn names_are_found_with_and_without_quotes_and_near_ones_are_offered() {
    let plan = plan(&[("people.sync", include_str!("../../../tests/corpus/ok_people.sync"))]);
    for name in ["people.\"inclusion list\"", "inclusion list", "people.inclusion list", "\"Inclusion  List\""] {
        assert_eq!(find(&plan, name).len(), 1, "{name}");
    }
    assert_eq!(find(&plan, "people.firstnam"), []);
    assert_eq!(near(&plan, "people.firstnam")[0], "people.firstname");
    assert_eq!(near(&plan, "zzz"), [""; 0]);
}

/// Every document has something to say in each section, in whole sentences or items, whatever the rules are.
#[test]
fn every_rule_of_the_corpus_is_told() {
    let mut seen = 0;
    for (name, rules) in ACCEPTED {
        let plan = plan(&[(name, rules)]);
        for (subject, names) in find::subjects(&plan) {
            let document = explain(&plan, subject, &PER_CALL).unwrap_or_else(|| panic!("{name}: {names:?}"));
            seen += 1;
            let shown = text(&document, 100, true);
            let whole = !document.sections.is_empty() && !shown.contains('?') && !shown.contains("no field of");
            assert!(whole, "{name}: {shown}");
            assert!(find(&plan, &document.title).contains(&subject), "{name}: {}", document.title);
            for form in [text(&document, 60, false), markdown(&document, 2)] {
                assert!(form.lines().count() > 2, "{form}");
            }
        }
        assert!(project(&plan, &PER_CALL).len() > 2);
    }
    assert!(seen > 100, "{seen}");
}
