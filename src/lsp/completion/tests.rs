use super::*;
use crate::lsp::testing::{project, project_of};

const HEAD: &str =
    "edition 2026\nsync people: hubspot contact <-> salesforce Lead or Contact {\n  match email = Email\n";

/// Labels of one kind, in their order.
fn labels(marked: &str, kind: Kind) -> Vec<String> {
    let (analysis, offset) = project(marked);
    complete(&analysis, 0, offset).items.into_iter().filter(|item| item.kind == kind).map(|item| item.label).collect()
}

#[track_caller]
fn has(marked: &str, kind: Kind, wanted: &[&str], unwanted: &[&str]) {
    let found = labels(marked, kind);
    for label in wanted {
        assert!(found.iter().any(|known| known == label), "no {label} at {marked}\n{found:?}");
    }
    for label in unwanted {
        assert!(found.iter().all(|known| known != label), "{label} at {marked}\n{found:?}");
    }
}

fn in_sync(lines: &str) -> String {
    format!("{HEAD}{lines}\n}}\nvalues ours {{ \"acme.com\" }}\npicklist statuses {{ otherwise -> skip }}\n")
}

#[test]
fn fields_are_those_of_the_side_of_the_arrow() {
    has(&in_sync("map { | }"), Kind::Field, &["email", "lifecyclestage"], &["Email"]);
    has(
        &in_sync("map { email <-> | }"),
        Kind::Field,
        &["Email", "Lead.Company", "Contact.MailingCity"],
        &["email", "Company"],
    );
    has(&in_sync("map {\n email <-> |\n firstname <-> FirstName\n}"), Kind::Field, &["Email"], &["email"]);
    has(&in_sync("map { email <-> Em|ail or reject }"), Kind::Field, &["Email"], &["email"]);
    has(&in_sync("map { company else | -> Lead.Company }"), Kind::Field, &["email"], &["Email"]);
    has(&in_sync("map { address <-> Lead.Street, | }"), Kind::Field, &["Contact.MailingStreet"], &["address"]);
    has(&in_sync("map { company -> Lead.| }"), Kind::Field, &["Company"], &["Lead.Company", "MailingCity"]);
    has(&in_sync("map { company.| -> Lead.Company }"), Kind::Field, &["name"], &["email"]);
    has(&in_sync("map { \"Met {first|\" -> Title }"), Kind::Field, &["firstname"], &["FirstName"]);
    has(&in_sync("map { salesforcecampaignids <- list of | }"), Kind::Type, &["CampaignMember"], &["contact"]);
    has(
        &in_sync("map { salesforcecampaignids <- list of CampaignMember.| }"),
        Kind::Field,
        &["CampaignId"],
        &["Email"],
    );
    has(&in_sync("map { jobtitle <- list of CampaignMember.Campaign.| }"), Kind::Field, &["Name"], &["Status"]);
    has(&in_sync("map { list of | -> Title }"), Kind::Type, &["contact"], &["CampaignMember"]);
    has(&in_sync("match | = Email"), Kind::Field, &["email"], &["Email"]);
    has(&in_sync("match email = |"), Kind::Field, &["Email"], &["email"]);
    has(&in_sync("map { | }"), Kind::Reference, &["company"], &[]);
    has(&in_sync("map { email <-> | }"), Kind::Type, &["Lead", "Contact"], &["Account"]);
}

#[test]
fn behind_as_stands_a_form() {
    has(&in_sync("match website = Website as |"), Kind::Word, &["domain", "phone"], &["date"]);
    has(&in_sync("match phone = Phone as ph|"), Kind::Word, &["phone"], &["date"]);
    has(&in_sync("map { email -> Email as | }"), Kind::Word, &["date"], &["domain"]);
    has("edition 2026\ntest \"t\" { given hubspot contact as | }", Kind::Word, &[], &["domain", "date"]);
}

#[test]
fn in_blocks_fields_are_those_of_the_side_that_records_come_from() {
    has(&in_sync("to salesforce { include \"x\" when | }"), Kind::Field, &["email"], &["Email"]);
    has(&in_sync("to hubspot { include \"x\" when | }"), Kind::Field, &["Email"], &["email"]);
    has(&in_sync("to hubspot { include \"x\" when hubspot.| }"), Kind::Field, &["email"], &["Email"]);
    has(&in_sync("to hubspot { create contact from Lead \"x\" when | }"), Kind::Field, &["Company"], &["MailingCity"]);
    has(&in_sync("to hubspot { on delete set | }"), Kind::Field, &["is_test"], &["Title"]);
    has(
        &in_sync("to hubspot { include \"x\" when any Opportunity by OpportunityContactRole where | }"),
        Kind::Field,
        &["IsWon"],
        &["Email"],
    );
    has(&in_sync("to hubspot { include \"x\" when any | }"), Kind::Type, &["Opportunity"], &["contact"]);
    has(&in_sync("to salesforce { create | }"), Kind::Type, &["Lead", "Contact"], &["contact", "Account"]);
    has(&in_sync("to hubspot { create contact from | }"), Kind::Type, &["Lead"], &["contact"]);
    has(&in_sync("to salesforce { pick | }"), Kind::Type, &["Lead"], &["contact"]);
    has("edition 2026\nsync a: hubspot |", Kind::Type, &["contact", "company"], &["Lead"]);
    has("edition 2026\nsync a: hubspot contact <-> salesforce |", Kind::Type, &["Lead"], &["contact"]);
    has("edition 2026\nlifecycle contact.| { }", Kind::Field, &["lifecyclestage"], &["Email"]);
    has("edition 2026\norder | { }", Kind::Type, &["contact", "Lead"], &[]);
}

#[test]
fn values_are_the_options_of_the_field() {
    let text = in_sync("to salesforce { include \"x\" when lifecyclestage is at least | }");
    has(&text, Kind::Option, &["lead", "customer"], &[]);
    has(
        &in_sync("to hubspot { include \"x\" when Lead.Status is | }"),
        Kind::Option,
        &["Open - Not Contacted"],
        &["NEW"],
    );
    has(
        &in_sync("to salesforce { include \"x\" when email ends with any of | }"),
        Kind::Block,
        &["ours"],
        &["statuses"],
    );
    has(&in_sync("to salesforce { include \"x\" when is_test is | }"), Kind::Option, &["true", "false"], &[]);
    let (analysis, offset) = project(&in_sync("to hubspot { include \"x\" when Lead.Status is \"Op|\" }"));
    let found = complete(&analysis, 0, offset);
    assert_eq!(found.replace.slice(analysis.text(0)), "\"Op\"");
    let open = found.items.iter().find(|item| item.label == "Open - Not Contacted").unwrap();
    assert_eq!((open.insert.as_str(), open.kind), ("\"Open - Not Contacted\"", Kind::Option));
    assert!(found.items.iter().all(|item| item.kind == Kind::Option));
    let rows = "map { hs_lead_status <-> Lead.Status via t }";
    let picklist = |row: &str| format!("{}picklist t {{\n {row}\n NEW -> \"Open - Not Contacted\"\n}}", in_sync(rows));
    has(&picklist("|"), Kind::Option, &["IN_PROGRESS"], &["Open - Not Contacted"]);
    has(&picklist("NEW <-> |"), Kind::Option, &["Open - Not Contacted"], &["IN_PROGRESS"]);
    has("edition 2026\nlifecycle contact.lifecyclestage { reach | }", Kind::Option, &["customer"], &[]);
}

#[test]
fn tables_lists_rules_and_records_are_those_of_the_project() {
    has(&in_sync("map { email <-> Email via | }"), Kind::Block, &["statuses"], &["ours", "people"]);
    has(&in_sync("to salesforce { include \"x\" when member of list | }"), Kind::List, &["Sync to Salesforce"], &[]);
    let rules = in_sync(
        "both ways { exclude \"staff\" when email is known }\nto salesforce { create Lead otherwise }\nmap { phone <-> Phone }",
    );
    let test = |step: &str| {
        format!("{rules}test \"t\" {{\n given hubspot contact as ana {{ email: \"x\" }}\n pass\n {step}\n}}")
    };
    has(&test("expect excluded by |"), Kind::Rule, &["staff"], &["people.phone"]);
    has(&test("expect created Lead by \"|\""), Kind::Rule, &["create Lead otherwise"], &["staff"]);
    has(&test("expect ana { phone: \"1\" } by |"), Kind::Rule, &["people.phone"], &["staff"]);
    has(&test("set | { }"), Kind::Record, &["ana"], &[]);
    has(&test("set ana { | }"), Kind::Field, &["email"], &["Email"]);
    has(&test("set ana { hs_lead_status: | }"), Kind::Option, &["NEW"], &[]);
    has(&test("given salesforce |"), Kind::Type, &["Opportunity"], &["contact"]);
    has(&test("expect created |"), Kind::Type, &["Lead"], &[]);
    has(&test("delete |"), Kind::Record, &["ana"], &[]);
}

#[test]
fn words_stand_where_the_grammar_has_them() {
    has(
        &in_sync("map { email <-> Email | }"),
        Kind::Word,
        &["or truncate", "newest wins", "via"],
        &["together", "include"],
    );
    has(&in_sync("map { email <-> Email |\n phone <-> Phone }"), Kind::Word, &["or truncate"], &["together"]);
    has(&in_sync("map { email <-> Email\n |\n phone <-> Phone }"), Kind::Word, &["or truncate", "together"], &[]);
    has(&in_sync("map { email <-> Email\n |\n phone <-> Phone }"), Kind::Field, &["firstname"], &[]);
    assert_eq!(labels(&in_sync("map { email | }"), Kind::Sign), ["<->", "->", "<-"]);
    assert_eq!(labels(&in_sync("map { email <-> Email or | }"), Kind::Field), [""; 0], "no field stands after `or`");
    for nothing in ["// sync |", "zone \"Eur|\"", "sync |", "picklist a|"] {
        let (analysis, offset) = project(&format!("edition 2026\n{nothing}"));
        assert_eq!(complete(&analysis, 0, offset).items, [], "{nothing}");
    }
}

#[test]
fn every_item_is_what_may_stand_there() {
    // Whatever is offered and taken leaves no fault of syntax at its place.
    let lines =
        ["map { email <-> Email ☞ }", "to salesforce { include \"x\" when email is ☞ }", "both ways { on leave ☞ }"];
    for line in lines {
        let marked = in_sync(line);
        let at = marked.find('☞').unwrap();
        let analysis = project_of(&[&marked.replace('☞', "")]);
        let found = complete(&analysis, 0, at);
        assert!(!found.items.is_empty());
        for item in found.items {
            let text = marked.replace('☞', &item.insert);
            let start = u32::try_from(at).unwrap();
            let problems = syncline_grammar::parse(&text).problems;
            let here = problems.iter().find(|problem| problem.span.start == start && problem.span.end > start);
            assert_eq!(here, None, "{line}: {}", item.insert);
        }
    }
}

#[test]
fn no_place_in_any_text_makes_it_panic() {
    let whole = in_sync(
        "map { email <-> Email or use \"a\\\"ä {x} 😀\" } // c\n to salesforce { include \"x\" when (a is 1 or b is \"y }",
    );
    let analysis = project_of(&[&whole]);
    for offset in (0..whole.len() + 3).step_by(7) {
        complete(&analysis, 0, offset);
        super::super::hover::hover(&analysis, 0, offset as u32);
    }
    complete(&analysis, 9, 5);
}

#[test]
fn what_is_not_offered_is_what_is_not_built() {
    let sync = |line: &str| format!("{HEAD}{line}\n}}");
    let texts = [
        ("associate", sync("associate { company <-> Contact.AccountId }")),
        ("change", "change people { remove map email }".to_owned()),
        ("members", "members m: hubspot list \"a\" -> salesforce Campaign \"b\" { }".to_owned()),
        ("or wait", sync("map newest wins { email <-> Email or wait }")),
        ("roll up", sync("roll up per contact per day")),
        ("stages", "stages s { }".to_owned()),
    ];
    assert_eq!(texts.each_ref().map(|(words, _)| *words), NOT_BUILT);
    for (words, text) in texts {
        let findings = project_of(&[&text]).findings;
        let refused = findings.iter().any(|finding| finding.code == crate::diagnostic::Code::NotBuilt);
        assert!(refused, "{words} is built, so it should be offered");
    }
}

#[test]
fn a_sync_goes_through_the_others() {
    let other = "\nsync companies: hubspot company <-> salesforce Account {\n  match domain = Website\n}\n";
    has(&(in_sync("match through |") + other), Kind::Block, &["companies"], &["people", "ours", "statuses"]);
    has(&(in_sync("match through comp|anies") + other), Kind::Block, &["companies"], &["people"]);
}
