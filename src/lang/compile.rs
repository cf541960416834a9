//! From texts to a plan.

use syncline_grammar::tree::File;
use syncline_grammar::{Parsed, Problem, parse};

use super::check::{Checked, check};
use super::plan::{Plan, lower};
use super::schema::Catalog;
use crate::data::{BySide, Dict};
use crate::diagnostic::{Finding, SourceFile, sort};

/// Compiles all rule files of a project against the schemas of both sides (HubSpot left, Salesforce right). There is a
/// plan when no finding is an error. New names get numbers in `dict`, which otherwise stays as it is.
pub fn compile(files: &[SourceFile], left: &Catalog, right: &Catalog, dict: &mut Dict) -> (Option<Plan>, Vec<Finding>) {
    let (mut trees, mut problems): (Vec<File>, Vec<Vec<Problem>>) = (Vec::new(), Vec::new());
    for file in files {
        let Parsed { file: tree, problems: found, .. } = match &file.fault {
            Some(fault) => Parsed { problems: vec![Problem::clone(fault)], ..Parsed::default() },
            None => parse(&file.text),
        };
        trees.push(tree);
        problems.push(found);
    }
    let problems: Vec<&[Problem]> = problems.iter().map(Vec::as_slice).collect();
    let catalogs = BySide::new(left, right);
    let (checked, findings) = examine(files, &trees, &problems, Some(catalogs));
    let names = || files.iter().map(|file| file.name.clone()).collect();
    (checked.map(|checked| lower(checked, names(), catalogs, dict)), findings)
}

/// As [`compile`], without the plan, for files that are parsed already: an editor asks after every key. Without schemas
/// only the syntax is looked at.
pub fn findings(
    files: &[SourceFile],
    trees: &[File],
    problems: &[&[Problem]],
    catalogs: Option<BySide<&Catalog>>,
) -> Vec<Finding> {
    examine(files, trees, problems, catalogs).1
}

fn examine(
    files: &[SourceFile],
    trees: &[File],
    problems: &[&[Problem]],
    catalogs: Option<BySide<&Catalog>>,
) -> (Option<Checked>, Vec<Finding>) {
    let of_file = |(at, problems): (usize, &&[Problem])| -> Vec<Finding> {
        problems.iter().map(|problem| Finding::from_problem(at, problem)).collect()
    };
    let mut findings: Vec<Finding> = problems.iter().enumerate().flat_map(of_file).collect();
    let damaged = !findings.is_empty();
    let mut checked = None;
    if let Some(catalogs) = catalogs {
        let found;
        (checked, found) = check(files, trees, damaged, catalogs);
        findings.extend(if damaged { beside_syntax(found, problems) } else { found });
    }
    findings.iter_mut().for_each(Finding::or_advice);
    sort(&mut findings);
    (checked, findings)
}

/// What is found in rules that are not understood as a whole. In a statement with a fault of syntax only names are sure: the
/// rest follows from the fault. And nothing can be changed unasked: what a name means may stand in what was not read.
fn beside_syntax(mut found: Vec<Finding>, problems: &[&[Problem]]) -> Vec<Finding> {
    found.retain(|finding| {
        let place = finding.labels.first();
        let of_file = place.and_then(|place| problems.get(place.file)).copied().unwrap_or_default();
        let mut statements = of_file.iter().filter_map(|problem| problem.statement);
        finding.code.is_a_name()
            || !statements.any(|statement| {
                place.is_some_and(|place| statement.start <= place.span.start && place.span.end <= statement.end)
            })
    });
    found.iter_mut().flat_map(|finding| &mut finding.fixes).for_each(|fix| fix.safe = false);
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::data::{Digest, Side};
    use crate::lang::plan::{Source, words};

    const PEOPLE: &str = include_str!("../../tests/corpus/ok_people.sync");
    const FAULTS: &str = include_str!("../../tests/corpus/five_faults_of_five_kinds.sync");

    const TESTS: &str = include_str!("../../tests/corpus/ok_tests.sync");

    fn catalogs() -> (Catalog, Catalog) {
        let read = |text| serde_json::from_str(text).unwrap();
        let left = include_str!("../../tests/corpus/schemas/hubspot.json");
        (read(left), read(include_str!("../../tests/corpus/schemas/salesforce.json")))
    }

    fn plan(texts: &[&str]) -> Plan {
        let (left, right) = catalogs();
        let files: Vec<SourceFile> = texts.iter().map(|text| SourceFile::new("rules.sync", *text)).collect();
        let (plan, findings) = compile(&files, &left, &right, &mut Dict::default());
        plan.unwrap_or_else(|| panic!("{findings:#?}"))
    }

    fn digest(text: &str) -> Digest {
        plan(&[text]).digest
    }

    fn swapped(a: &str, b: &str) -> String {
        assert!(PEOPLE.contains(a) && PEOPLE.contains(b), "{a} {b}");
        PEOPLE.replacen(a, "\0", 1).replacen(b, a, 1).replacen('\0', b, 1)
    }

    #[test]
    fn the_digest_is_blind_to_order_space_comments_and_files() {
        let original = digest(PEOPLE);
        let same = [
            swapped("include \"inclusion list\" when member of list \"Sync to Salesforce\"", "on leave freeze"),
            swapped("firstname      <-> FirstName        or truncate", "hs_object_id   -> HubSpot_Id__c"),
            swapped("NEW         <-> \"Open - Not Contacted\"", "otherwise    -> reject"),
            swapped("email ends with any of our_domains", "is_test is true"),
            swapped("\"@acme.com\"", "\"@acme.io\""),
            PEOPLE.replace("  ", "\n      "),
            PEOPLE.replace("or truncate  or use", "or truncate // why\n or use"),
            PEOPLE.replace("lead_source", "sources"),
            PEOPLE
                .replace("any of our_domains", "any of \"@ACME.com\", \"@acme.io\"")
                .replace("values our_domains", "values v"),
        ];
        for text in same {
            assert_eq!(digest(&text), original, "{text}");
        }
        let (head, tail) = PEOPLE.split_at(PEOPLE.find("picklist lead_status").unwrap());
        let tail = format!("edition 2026\n{tail}");
        assert_eq!(plan(&[head, &tail]).digest, original);
        assert_eq!(plan(&[&tail, head]).digest, original);
    }

    #[test]
    fn the_digest_changes_with_every_change_of_meaning() {
        let changes = [
            ("include \"has an email\"", "exclude \"has an email\""),
            ("\"@acme.io\"", "\"@acme.co\""),
            ("on leave freeze", "on leave keep syncing"),
            ("on merge ignore", "on merge follow"),
            ("match salesforceleadid = Lead.Id\n", "\n"),
            ("pick Contact, then when", "pick Lead, then when"),
            ("even if excluded ", ""),
            ("create nothing from Lead otherwise", "create contact from Lead otherwise"),
            ("10_000", "10_001"),
            ("at least lead", "at most lead"),
            ("400 days", "400 hours"),
            ("prefer salesforce unless blank", "prefer hubspot unless blank"),
            ("newest record wins", "newest wins"),
            ("(unknown)", "(none)"),
            ("or reject\n", "or skip\n"),
            ("at creation  via", "via"),
            ("birthday       <->", "birthday       <- "),
            ("Contact.MailingStreet", "Contact.MailingCity"),
            ("CONNECTED    -> \"Working - Contacted\"", "CONNECTED    -> \"Closed - Converted\""),
            ("blank        -> \"Open - Not Contacted\"\n", "\n"),
            ("otherwise   <-  skip", "otherwise   <-  reject"),
            ("20_000", "20_001"),
            ("or 10 %", "or 11 %"),
            ("and not linked", "and linked"),
            ("Email is unique", "Email is not unique"),
        ];
        let mut seen = BTreeSet::from([digest(PEOPLE)]);
        for (from, to) in changes {
            assert!(PEOPLE.contains(from), "{from}");
            assert!(seen.insert(digest(&PEOPLE.replacen(from, to, 1))), "{from} -> {to}");
        }
    }

    #[test]
    fn the_digest_changes_with_every_change_of_a_row() {
        let rows = include_str!("../../tests/corpus/ok_rows.sync");
        let changes = [
            ("company else company.name", "company.name else company"),
            ("\"Web\"", "\"Other\""),
            ("Met {firstname} {lastname}", "Met {lastname} {firstname}"),
            ("<-  7", "<-  8"),
            ("if blank\n", "at creation\n"),
            ("if blank  on clear keep", "if blank"),
            ("merge values", "add only"),
            ("forward only", "salesforce wins"),
            ("ask first", "hubspot wins"),
            ("on hubspot clear restore", "on hubspot clear keep"),
            ("together \"address\" newest wins", "together \"address\" hubspot wins"),
            ("when is_test is false", "when is_test is true"),
            ("at least customer", "at least lead"),
        ];
        let mut seen = BTreeSet::from([digest(rows)]);
        for (from, to) in changes {
            assert!(rows.contains(from), "{from}");
            assert!(seen.insert(digest(&rows.replacen(from, to, 1))), "{from} -> {to}");
        }
    }

    #[test]
    fn what_converts_values_is_part_of_the_meaning() {
        const PLACES: &str = include_str!("../../tests/corpus/ok_places.sync");
        const OWNERS: &str = include_str!("../../tests/corpus/ok_owners.sync");
        const DAYS: &str = include_str!("../../tests/corpus/ok_days_and_orders.sync");
        let changes = [
            (PLACES, "unknown skip", "unknown reject"),
            (PLACES, "values matched", "values as they are"),
            (PLACES, "write codes to salesforce", "write names to salesforce"),
            (PLACES, "write names to hubspot", "write codes to hubspot"),
            (PLACES, "\"BRD\" = DE", "\"BRD\" = FR"),
            (OWNERS, "match email = Email and fullname = Name", "match fullname = Name"),
            (OWNERS, "\"ana.b@acme.com\"", "\"bo@acme.com\""),
            (OWNERS, "assignment rules", "integration user"),
            (OWNERS, "-> restore", "-> skip"),
            (DAYS, "America/New_York", "Europe/Berlin"),
            (DAYS, "Cold, Warm, Hot", "Hot, Warm, Cold"),
            (DAYS, "last 30 days", "last 31 days"),
        ];
        for (text, from, to) in changes {
            assert!(text.contains(from), "{from}");
            assert_ne!(digest(text), digest(&text.replacen(from, to, 1)), "{from} -> {to}");
        }
        let renamed = PLACES.replace("places", "spots").replace("alias \"BRD\" = DE\n", "");
        let moved = renamed.replacen("unknown skip", "alias \"BRD\" = DE  unknown skip", 1);
        assert_eq!(digest(PLACES), digest(&moved), "order and names of blocks mean nothing");
    }

    #[test]
    fn what_happens_to_a_side_is_part_of_the_meaning() {
        const EVENTS: &str = include_str!("../../tests/corpus/ok_events.sync");
        let changes = [
            ("on delete unlink", "on delete ignore"),
            ("on delete unlink", "on delete delete"),
            ("set Title to \"left\"", "set Title to \"right\""),
            ("set Title to \"left\"", "set FirstName to \"left\""),
            ("is_test to true", "is_test to false"),
            ("on restore set is_test to false", ""),
            ("on leave keep syncing and set Title to \"left\" and set Lead.Rating to Cold", "on leave keep syncing"),
            ("at most 20", "at most 21"),
            ("relink when another is picked", "relink never"),
        ];
        for (from, to) in changes {
            assert!(EVENTS.contains(from), "{from}");
            assert_ne!(digest(EVENTS), digest(&EVENTS.replacen(from, to, 1)), "{from} -> {to}");
        }
        assert_eq!(digest(EVENTS), digest(&EVENTS.replacen("relink never", "", 1)), "it is so anyway");
    }

    #[test]
    fn a_plan_reads_what_its_rules_name_and_nothing_else() {
        let plan = plan(&[PEOPLE]);
        let [block] = plan.blocks.as_slice() else { panic!("one block") };
        let fields = |side: Side, ty: usize| -> Vec<&str> {
            block.types[side][ty].fields.iter().map(|field| field.name.as_str()).collect()
        };
        assert_eq!(
            fields(Side::Right, 1),
            [
                "Birthdate",
                "CreatedDate",
                "Email",
                "FirstName",
                "HubSpot_Id__c",
                "LastName",
                "LeadSource",
                "MailingStreet",
                "Title"
            ]
        );
        assert!(!fields(Side::Left, 0).contains(&"phone"));
        assert!(fields(Side::Left, 0).contains(&"associatedcompanyid"), "the way to the company");
        let reached: Vec<&str> = block.reaches[0].target.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(reached, ["name", "salesforceaccountid"]);
        assert!(block.types.right.iter().all(|ty| ty.own_key.as_ref().is_some_and(|key| key.line == 0)));
        let slots: BTreeSet<String> = block.slots.iter().map(|slot| format!("{:?}", slot.source)).collect();
        assert_eq!(slots.len(), block.slots.len(), "a value has one slot");
        assert!(block.slots.iter().any(|slot| matches!(slot.source, Source::Unique { side: Side::Right, line: 2 })));
    }

    #[test]
    fn the_digest_covers_what_is_listed_and_what_currencies_decide() {
        const LISTS: &str = include_str!("../../tests/corpus/ok_lists.sync");
        const MONEY: &str = include_str!("../../tests/corpus/ok_currencies.sync");
        let changes = [
            (LISTS, "CampaignMember.CampaignId", "CampaignMember.ContactId"),
            (LISTS, "CampaignMember.CampaignId", "CampaignMember.Id"),
            (LISTS, "CampaignMember.Campaign.Name", "CampaignMember.CampaignId"),
            (MONEY, "differs skip", "differs reject"),
            (MONEY, "differs skip", "differs copy"),
        ];
        for (text, before, after) in changes {
            assert!(text.contains(before));
            assert_ne!(digest(&text.replace(before, after)), digest(text), "{before} -> {after}");
        }
        assert_eq!(digest(&MONEY.replace("  if currency differs copy", "")), digest(MONEY), "which asks nothing");
        let (mut left, right) = catalogs();
        let file = [SourceFile::new("rules.sync", MONEY)];
        let compiled = |left: &Catalog| compile(&file, left, &right, &mut Dict::default()).0.unwrap().digest;
        let before = compiled(&left);
        left.currencies.as_mut().unwrap().home = "GBP".to_owned();
        assert_ne!(compiled(&left), before, "an amount without a currency is in another one");
    }

    #[test]
    fn rules_and_conditions_keep_the_words_of_their_author() {
        let plan = plan(&[PEOPLE]);
        let block = &plan.blocks[0];
        let names: Vec<&str> = block.create.left.iter().map(|create| &*create.rule.name).collect();
        assert_eq!(
            names,
            ["\"new leads\"", "create nothing from Lead otherwise", "create contact from Contact always"]
        );
        assert_eq!(&*block.lines[0].rule.name, "people.hs_object_id");
        assert_eq!(block.lines[0].rule.place.line, 35);
        let said: Vec<String> = block.gates.to.right.iter().map(|gate| words(&gate.when, &block.slots)).collect();
        assert_eq!(
            said,
            [
                "email is known and (lifecyclestage is at least lead or product_interest contains any of billing, crm)",
                "lastmodifieddate is more than 400 days ago and not (notes_last_contacted is in the last 90 days)",
            ]
        );
    }

    #[test]
    fn numbers_of_names_outlive_a_change_of_the_rules() {
        let (left, right) = catalogs();
        let mut dict = Dict::default();
        let mut compile = |text: &str| compile(&[SourceFile::new("a.sync", text)], &left, &right, &mut dict).0;
        let before = compile(PEOPLE).unwrap();
        assert!(compile(FAULTS).is_none());
        let after = compile(&PEOPLE.replace("firstname      <-> FirstName        or truncate", "")).unwrap();
        let uid = |plan: &Plan, name: &str| {
            plan.blocks[0].lines.iter().find(|line| *line.rule.name == *name).map(|l| l.rule.uid)
        };
        assert_eq!(uid(&before, "people.lastname"), uid(&after, "people.lastname"));
        assert_eq!(uid(&after, "people.firstname"), None);
        let moved = compile(&PEOPLE.replace("jobtitle       <-> Title ", "jobtitle       <-> Lead.Title ")).unwrap();
        assert_ne!(
            uid(&before, "people.jobtitle"),
            uid(&moved, "people.jobtitle"),
            "agreed values belong to two fields"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn no_text_makes_it_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, 0usize..3), 1..6)) {
            let (left, right) = catalogs();
            let more = [FAULTS, TESTS].into_iter().flat_map(|text| text.chars().skip(13));
            let mut text: Vec<char> = PEOPLE.chars().chain(more).collect();
            for (at, length, what) in cuts {
                let at = at.index(text.len());
                let end = (at + length).min(text.len());
                match what {
                    0 => drop(text.drain(at..end)),
                    1 => text.splice(at..at, text[at..end].to_vec()).for_each(drop),
                    _ => text[at..end].reverse(),
                }
            }
            let file = SourceFile::new("a.sync", text.into_iter().collect::<String>());
            let (plan, findings) = compile(std::slice::from_ref(&file), &left, &right, &mut Dict::default());
            prop_assert_eq!(plan.is_none(), crate::diagnostic::has_errors(&findings));
            let look = crate::diagnostic::render::Look { width: 80, colour: false };
            crate::diagnostic::render::human(&findings, &[file], look);
        }
    }
}
