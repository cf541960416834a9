//! Places on their way, by name, by code and by what people write.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::lang::schema::FieldDef;

fn field(options: serde_json::Value) -> FieldDef {
    serde_json::from_value(json!({"label": "F", "kind": "option", "closed": true, "options": options})).unwrap()
}

fn options(listed: &[(&str, &str)]) -> FieldDef {
    field(listed.iter().map(|(value, label)| json!({"value": value, "label": label})).collect())
}

/// A little of what Salesforce ships: no Hong Kong among the countries, Japan's codes not those of ISO.
fn org(held: Notation) -> Vocabulary {
    let countries = options(&[
        ("US", "United States"),
        ("DE", "Germany"),
        ("JP", "Japan"),
        ("CN", "China"),
        ("KR", "Korea, Republic of"),
        ("CA", "Canada"),
        ("BR", "Brazil"),
        ("GB", "United Kingdom"),
        ("VN", "Vietnam"),
        ("ZZ", "Free Zone"),
    ]);
    let states = field(json!([
        {"value": "CA", "label": "California", "valid_for": ["US"]},
        {"value": "NY", "label": "New York", "valid_for": ["US"]},
        {"value": "PR", "label": "Puerto Rico", "valid_for": ["US"]},
        {"value": "02", "label": "Akita", "valid_for": ["JP"]},
        {"value": "05", "label": "Aichi", "valid_for": ["JP"]},
        {"value": "91", "label": "Hong Kong", "valid_for": ["CN"]},
        {"value": "QC", "label": "Quebec", "valid_for": ["CA"]},
        {"value": "SP", "label": "São Paulo", "valid_for": ["BR"]},
        {"value": "X1", "label": "Pier One", "valid_for": ["ZZ"]},
        {"value": "OL", "label": "Old One", "valid_for": ["ZZ"], "hidden": true},
    ]));
    Vocabulary::of(Some((&countries, held)), Some((&states, held)))
}

fn table(words: BySide<Vocabulary>, write: BySide<Notation>) -> PlaceTable {
    let spot = |country: &str, part: Option<&str>| Spot { country: country.into(), part: part.map(Into::into) };
    PlaceTable {
        name: "places".into(),
        at: Place::default(),
        picklists: Picklists::Standard,
        matched: true,
        write,
        reject: false,
        aliases: vec![(fold("Calif."), spot("US", Some("CA"))), (fold("Allemagne de l'Ouest"), spot("DE", None))],
        words,
    }
}

fn codes() -> PlaceTable {
    let write = BySide::new(Notation::Names, Notation::Codes);
    table(BySide::new(Vocabulary::default(), org(Notation::Codes)), write)
}

fn free() -> PlaceTable {
    table(BySide::default(), BySide::new(Notation::Names, Notation::Names))
}

fn both(table: &PlaceTable, to: Side, country: &str, state: &str) -> (Placed, Placed) {
    let held = Beside { country, state };
    (table.carry(to, Part::Country, held), table.carry(to, Part::State, held))
}

fn text(text: &str) -> Placed {
    if text.is_empty() { Placed::Blank } else { Placed::Text(text.to_owned()) }
}

#[test]
fn what_people_write_becomes_the_codes_of_the_org() {
    let cases = [
        ("USA", "N.Y.", "US", "NY"),
        ("U.S.", "new york", "US", "NY"),
        ("United States of America", "Calif.", "US", "CA"),
        ("us", "US-CA", "US", "CA"),
        ("Deutschland", "Bayern", "DE", ""),
        ("Germany", "Atlantis", "DE", ""),
        ("allemagne de l'ouest", "", "DE", ""),
        ("Korea, South", "", "KR", ""),
        ("Viet Nam", "", "VN", ""),
        ("England", "", "GB", ""),
        ("Brasil", "Sao Paulo", "BR", "SP"),
        ("Canada", "Québec", "CA", "QC"),
        ("Canada", "QC", "CA", "QC"),
        ("Japan", "Akita", "JP", "02"),
        ("Japan", "Aichi", "JP", "05"),
        ("Hong Kong", "", "CN", "91"),
        ("China", "Hong Kong", "CN", "91"),
        ("Puerto Rico", "", "US", "PR"),
        ("Free Zone", "pier one", "ZZ", "X1"),
        ("", "", "", ""),
    ];
    let table = codes();
    for (country, state, to_country, to_state) in cases {
        assert_eq!(both(&table, Side::Right, country, state), (text(to_country), text(to_state)), "{country} {state}");
    }
}

#[test]
fn the_codes_of_the_org_become_names() {
    let cases = [
        ("US", "NY", "United States", "New York"),
        ("JP", "02", "Japan", "Akita"),
        ("KR", "", "South Korea", ""),
        ("CN", "91", "China", "Hong Kong"),
        ("BR", "SP", "Brazil", "São Paulo"),
        ("ZZ", "X1", "Free Zone", "Pier One"),
    ];
    let table = codes();
    for (country, state, to_country, to_state) in cases {
        assert_eq!(both(&table, Side::Left, country, state), (text(to_country), text(to_state)), "{country} {state}");
    }
}

#[test]
fn what_is_not_known_is_reported_with_the_nearest_name() {
    let why = |country, state| match both(&codes(), Side::Right, country, state) {
        (Placed::Unknown(why), Placed::Unknown(same)) if why == same => why,
        other => panic!("both are held: {other:?}"),
    };
    assert_eq!(why("Germny", ""), "the country `Germny` is not known; the nearest is `Germany`");
    assert_eq!(why("Atlantis", "x"), "the country `Atlantis` is not known");
    assert_eq!(
        why("US", "Califronia"),
        "the state `Califronia` of United States is not known; the nearest is `California`"
    );
    assert_eq!(why("France", ""), "the country `France` is not in the list of the other side");
    assert_eq!(why("US", "Texas"), "the state `Texas` of United States is not in the list of the other side");
    assert_eq!(why("ZZ", "Old One"), "the state `Old One` of ZZ is not in the list of the other side");
    let alone = codes().carry(Side::Right, Part::State, Beside { country: "", state: "California" });
    let said = "the state `California` has no country beside it; the nearest is `United States`";
    assert_eq!(alone, Placed::Unknown(said.into()));
}

#[test]
fn free_text_takes_a_state_without_its_country_where_its_name_leaves_no_doubt() {
    let alone = |state| free().carry(Side::Right, Part::State, Beside { country: "", state });
    assert_eq!(alone("bayern"), Placed::Text("Bavaria".into()));
    assert_eq!(alone("Calif."), Placed::Text("California".into()));
    assert!(matches!(alone("Córdoba"), Placed::Unknown(_)));
    assert!(matches!(alone("CA"), Placed::Unknown(_)), "codes stand for many");
}

#[test]
fn a_dropdown_takes_its_own_options() {
    let countries = options(&[("united_states", "United States"), ("germany", "Deutschland")]);
    let states = options(&[("california", "California"), ("bavaria", "Bayern")]);
    let held = Notation::Codes;
    let words = Vocabulary::of(Some((&countries, held)), Some((&states, held)));
    let table = table(BySide::new(words, org(Notation::Names)), BySide::new(Notation::Names, Notation::Names));
    assert_eq!(both(&table, Side::Left, "United States", "California"), (text("united_states"), text("california")));
    assert_eq!(both(&table, Side::Right, "united_states", "california"), (text("United States"), text("California")));
    assert_eq!(both(&table, Side::Left, "Germany", "Bavaria"), (text("germany"), text("bavaria")));
}

#[test]
fn values_as_they_are_must_be_those_of_the_list() {
    let table = PlaceTable { matched: false, ..codes() };
    assert_eq!(both(&table, Side::Right, "Korea, Republic of", ""), (text("KR"), Placed::Blank));
    assert_eq!(both(&table, Side::Right, "US", "New York"), (text("US"), text("NY")));
    assert!(matches!(both(&table, Side::Right, "usa", "").0, Placed::Unknown(_)));
    assert!(matches!(both(&table, Side::Right, "US", "new york").1, Placed::Unknown(_)));
    assert_eq!(both(&table, Side::Left, "KR", ""), (text("Korea, Republic of"), Placed::Blank));
    let plain = PlaceTable { matched: false, ..free() };
    assert_eq!(both(&plain, Side::Right, "  anywhere ", "else"), (text("anywhere"), text("else")));
}

fn said() -> impl Strategy<Value = (String, String)> {
    let atlas = Atlas::get();
    let mut countries: Vec<String> = atlas.candidates(None).into_iter().map(str::to_owned).collect();
    countries.extend(["USA", "de", "CHN", "Hong Kong", "ZZ", "England", "Free Zone"].map(str::to_owned));
    countries.sort();
    let states =
        ["", "CA", "California", "Bayern", "91", "02", "Akita", "Puerto Rico", "Québec", "X1", "SP", "England"];
    (prop::sample::select(countries), prop::sample::select(states.map(str::to_owned).to_vec()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_went_over_goes_back_and_over_again_the_same(
        (country, state) in said(),
        to_right in any::<bool>(),
        listed in any::<bool>(),
    ) {
        let (table, to) = (if listed { codes() } else { free() }, if to_right { Side::Right } else { Side::Left });
        let plain = |(country, state): (Placed, Placed)| match (country, state) {
            (Placed::Text(country), Placed::Text(state)) => Some((country, state)),
            (Placed::Text(country), Placed::Blank) => Some((country, String::new())),
            _ => None,
        };
        // A side with a list holds nothing else.
        let (country, state) = match (listed, to) {
            (true, Side::Left) => plain(both(&table, Side::Right, &country, &state)).unwrap_or_default(),
            _ => (country, state),
        };
        if let Some(over) = plain(both(&table, to, &country, &state)) {
            let back = plain(both(&table, to.other(), &over.0, &over.1));
            prop_assert!(back.is_some(), "{:?}", over);
            let back = back.unwrap_or_default();
            prop_assert_eq!(plain(both(&table, to, &back.0, &back.1)), Some(over));
        }
    }

    #[test]
    fn no_text_makes_it_panic(country in "(?s).{0,20}", state in "(?s).{0,20}") {
        for table in [codes(), free(), PlaceTable { matched: false, ..codes() }] {
            both(&table, Side::Left, &country, &state);
            both(&table, Side::Right, &country, &state);
        }
    }
}
