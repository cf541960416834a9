//! Reading, checking and formatting whole projects: 50 files at most, against schemas of 500 properties a type and side.
//!
//! Bars, in release: 1,000 rules are checked in less than 50 ms and formatted in less than 100 ms; ten times the rules
//! take about ten times as long.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use syncline::data::Dict;
use syncline::diagnostic::{Finding, SourceFile};
use syncline::lang::compile;
use syncline::lang::plan::Plan;
use syncline::lang::schema::Catalog;
use syncline_grammar::{format, parse};

const FILES: usize = 50;
const PROPERTIES: usize = 500;
const CHECK: Duration = Duration::from_millis(50);
const FORMAT: Duration = Duration::from_millis(100);

/// Every type has texts, numbers, picklists and checkboxes with names as long as those of real portals.
fn catalog(crm: &str, types: usize) -> Catalog {
    let salesforce = crm == "salesforce";
    let field = |n: usize| {
        let label = format!("Some customer's property {n}");
        let options: Vec<Value> =
            (0..8).map(|o| json!({"value": format!("OPTION_{o}"), "label": format!("Option {o}")})).collect();
        match n % 4 {
            0 => json!({"label": label, "kind": "text", "max": 200}),
            1 => json!({"label": label, "kind": "number", "scale": 2}),
            2 => json!({"label": label, "kind": "option", "closed": true, "options": options}),
            _ => json!({"label": label, "kind": "bool"}),
        }
    };
    let (id, created) = if salesforce { ("Id", "CreatedDate") } else { ("hs_object_id", "createdate") };
    let ty = |n: usize| {
        let mut fields: Map<String, Value> = (0..PROPERTIES).map(|at| (property(salesforce, at), field(at))).collect();
        fields.insert(
            created.to_owned(),
            json!({"label": "Created", "kind": "time", "createable": false, "updateable": false}),
        );
        if salesforce {
            fields.insert(
                "HubSpot_Id__c".to_owned(),
                json!({"label": "HubSpot Id", "kind": "text", "max": 20, "external_key": true}),
            );
        }
        (kind(salesforce, n), json!({"label": "Custom", "id": id, "created": created, "fields": fields}))
    };
    let types: Map<String, Value> = (0..types).map(ty).collect();
    let account = if salesforce { "00D000000000001AAA" } else { "20251123" };
    serde_json::from_value(json!({"crm": crm, "account": account, "types": types, "lists": []})).expect("a catalog")
}

fn kind(salesforce: bool, n: usize) -> String {
    if salesforce { format!("Custom_Object_{n}__c") } else { format!("custom_object_{n}") }
}

fn property(salesforce: bool, n: usize) -> String {
    if salesforce { format!("Some_Customers_Property_{n}__c") } else { format!("some_customers_property_{n}") }
}

/// One of `files`, with `rules` rules: gates, creations, rows and rows of a table.
fn file(n: usize, rules: usize) -> SourceFile {
    let p = |at: usize| property(false, at);
    let (mut gates, mut rows, mut table) = (String::new(), String::new(), String::new());
    for at in 0..rules.div_ceil(10) {
        let _ = writeln!(
            gates,
            "    include \"gate {at}\" when {} is known and ({} is at least {at} or {} is any of OPTION_1, OPTION_2)",
            p(at * 4),
            p(at * 4 + 1),
            p(at * 4 + 2),
        );
    }
    for at in 0..rules.saturating_sub(rules.div_ceil(10) + rules / 5) {
        let (left, right) = (p(at), property(true, at));
        let clauses = match at % 4 {
            0 => "or truncate  newest wins  on hubspot clear restore",
            1 => "salesforce wins  when some_customers_property_0 is known",
            2 => "via table_N  newest wins",
            _ => "newest wins",
        };
        let _ = writeln!(rows, "    {left} <-> {right}  {}", clauses.replace('N', &n.to_string()));
    }
    for at in 0..8.min(rules / 5) {
        let _ = writeln!(table, "  OPTION_{at} <-> OPTION_{at}");
    }
    let (hubspot, salesforce) = (kind(false, n), kind(true, n));
    let text = format!(
        "edition 2026\n\n/// What the customer keeps of these.\nsync block_{n}: hubspot {hubspot} <-> salesforce {salesforce} {{\n  \
         match hs_object_id = HubSpot_Id__c\n  to salesforce {{\n{gates}    create {salesforce} always // as they are\n  }}\n  \
         map {{\n    hs_object_id -> HubSpot_Id__c\n{rows}  }}\n}}\n\npicklist table_{n} {{\n{table}  otherwise -> skip\n  otherwise <- skip\n}}\n"
    );
    SourceFile::new(format!("rules/block_{n}.sync"), text)
}

fn project(rules: usize) -> Vec<SourceFile> {
    let files = rules.min(FILES);
    (0..files).map(|n| file(n, rules / files)).collect()
}

/// The middle of several rounds.
fn time<T>(mut step: impl FnMut() -> T) -> Duration {
    let mut rounds: Vec<Duration> = (0..9)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(step());
            began.elapsed()
        })
        .collect();
    rounds.sort();
    rounds[rounds.len() / 2]
}

fn main() {
    let (left, right) = (catalog("hubspot", FILES), catalog("salesforce", FILES));
    let checked =
        |files: &[SourceFile]| -> (Option<Plan>, Vec<Finding>) { compile(files, &left, &right, &mut Dict::default()) };
    println!(
        "{:>6} {:>5} {:>8} {:>10} {:>10} {:>10}   growth of check and format",
        "rules", "files", "KiB", "parse", "check", "format"
    );
    let mut before: Option<[f64; 2]> = None;
    for rules in [10, 100, 1_000, 10_000] {
        let files = project(rules);
        let (plan, findings) = checked(&files);
        assert!(plan.is_some(), "{:#?}", findings.iter().take(3).collect::<Vec<_>>());
        let bytes: usize = files.iter().map(|file| file.text.len()).sum();
        let read = time(|| files.iter().map(|file| parse(&file.text).file.items.len()).sum::<usize>());
        let check = time(|| checked(&files).1.len());
        let laid = time(|| files.iter().map(|file| format(&file.text).expect("no faults").len()).sum::<usize>());
        let now = [check.as_secs_f64(), laid.as_secs_f64()];
        let growth =
            before.map_or(String::new(), |[check, laid]| format!("{:.1} {:.1}", now[0] / check, now[1] / laid));
        before = Some(now);
        println!(
            "{rules:>6} {:>5} {:>8} {read:>10.1?} {check:>10.1?} {laid:>10.1?}   {growth}",
            files.len(),
            bytes / 1024
        );
        if rules == 1_000 {
            let part = |time: Duration, bar: Duration| time.as_secs_f64() / bar.as_secs_f64();
            println!(
                "       {:.2} of the bar for check, {:.2} of that for format",
                part(check, CHECK),
                part(laid, FORMAT)
            );
        }
    }
    for rules in [1_000, 10_000] {
        let mut faulty = project(rules);
        for file in &mut faulty {
            file.text = file.text.replace("some_customers_property_", "some_costumers_property");
        }
        let (count, took) = (checked(&faulty).1.len(), time(|| checked(&faulty).1.len()));
        println!("{rules} rules of which no name is right ({count} findings): {took:.1?}");
    }
    odd();
}

/// What is made to be slow, in time for each MiB.
fn odd() {
    let size = 1024 * 1024;
    let fill = |head: &str, piece: &str, tail: &str| {
        let room = (size - head.len() - tail.len()) / piece.len();
        format!("{head}{}{tail}", piece.repeat(room.min(240_000 / piece.split_whitespace().count().max(1))))
    };
    let sync = "sync a: hubspot b <-> salesforce C {";
    let gate = format!("{sync} both ways {{ include \"x\" when ");
    for (what, text) in [
        ("nested conditions", format!("{gate}{}a is b{}}}}}", "(".repeat(60), ")".repeat(60))),
        ("a long condition", fill(&gate, "a is b and ", "a is b}}")),
        (
            "many gates",
            fill(&format!("{sync} both ways {{"), "include \"x\" when a is b and (c is d or e is f)\n", "}}"),
        ),
        ("many rows", fill(&format!("{sync} map {{"), "a else b <-> C or truncate newest wins when a is b\n", "}}")),
        ("a long set", fill("values v {", "abc, ", "abc}")),
        ("rows without arrows", fill(&format!("{sync} map {{"), "a else b\n", "}}")),
        ("comments", fill("", "// a comment\n", "zone \"x\"")),
        ("braces", fill("", "{}\n", "")),
        ("tests", fill("", "test \"x\" { set a { b: c } }\n", "")),
    ] {
        let mib = text.len() as f64 / size as f64;
        let each = |time: Duration| time.as_secs_f64() * 1000.0 / mib;
        println!(
            "{what:>20}, {mib:.2} MiB: parse {:.0} ms, format {:.0} ms a MiB",
            each(time(|| parse(&text))),
            each(time(|| format(&text)))
        );
    }
}
