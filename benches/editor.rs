//! How long an editor waits: 1,000 rules in 50 files, 500 properties on each side. Prints times, asserts nothing.
//!
//!     cargo bench --bench editor

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use syncline::data::{BySide, FieldKind};
use syncline::diagnostic::SourceFile;
use syncline::lang::schema::{Catalog, FieldDef, OptionDef, TypeDef};
use syncline::lsp::completion::complete;
use syncline::lsp::highlight::colours;
use syncline::lsp::hover::hover;
use syncline::lsp::references::{spots, symbol_at};
use syncline::lsp::{Analysis, symbols};

const FILES: usize = 50;
const ROWS: usize = 18;
const FIELDS: usize = 500;

fn main() {
    let catalogs = Arc::new(BySide::new(catalog("hubspot", "contact"), catalog("salesforce", "Lead")));
    let files: Vec<SourceFile> = (0..FILES).map(|at| SourceFile::new(format!("rules/{at}.sync"), file(at))).collect();
    let size: usize = files.iter().map(|file| file.text.len()).sum();
    println!("{} rules in {FILES} files, {size} bytes, {FIELDS} properties a side", FILES * (ROWS + 2));
    let (mut analysis, opened) = timed(|| Analysis::new(files.clone(), Some(catalogs.clone())));
    println!("findings: {}", analysis.findings.len());
    told("the project is opened", &[opened]);

    // A key is pressed in the middle of a file; its text is parsed, and everything is checked.
    let text = analysis.text(25).to_owned();
    let row = text.find("  or truncate").expect("a row");
    let mut edited = Vec::new();
    for round in 0..40 {
        let typed = format!("{}{}{}", &text[..row], &" or trunca"[..round % 10], &text[row..]);
        edited.push(
            timed(|| {
                analysis.replace(25, &typed);
                analysis.check();
            })
            .1,
        );
    }
    told("findings after a key", &edited);
    analysis.replace(25, &text);
    analysis.check();

    let ask = |what: &str, mut question: Box<dyn FnMut() + '_>| {
        let times: Vec<Duration> = (0..40).map(|_| timed(&mut question).1).collect();
        told(what, &times);
    };
    let at = |find: &str| text.find(find).map_or(0, |at| at + find.len());
    let field = at("<-> ");
    ask("completion of a field", Box::new(|| drop(black_box(complete(&analysis, 25, field)))));
    let clause = at("or truncate");
    ask("completion of a clause", Box::new(|| drop(black_box(complete(&analysis, 25, clause)))));
    let value = at("is any of ");
    ask("completion of an option", Box::new(|| drop(black_box(complete(&analysis, 25, value)))));
    ask("hover", Box::new(|| drop(black_box(hover(&analysis, 25, field as u32 + 1)))));
    let table = at("via table") as u32;
    ask(
        "references of a table",
        Box::new(|| {
            let symbol = symbol_at(&analysis, 25, table);
            drop(black_box(symbol.map(|(_, symbol)| spots(&analysis, &symbol))));
        }),
    );
    ask("colours of a file", Box::new(|| drop(black_box(colours(&analysis, 25)))));
    ask("outline of a file", Box::new(|| drop(black_box(symbols::symbols(&analysis.trees[25], &text)))));
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

fn told(what: &str, times: &[Duration]) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("{what:<26} {:>8.2} ms (slowest {:.2})", ms(times.len() / 2), ms(times.len() - 1));
}

fn catalog(crm: &str, ty: &str) -> Catalog {
    let mut def = TypeDef { label: ty.to_owned(), id: "id".to_owned(), ..TypeDef::default() };
    for at in 0..FIELDS {
        let mut field = FieldDef::text(&format!("Field number {at}"), Some(if crm == "hubspot" { 200 } else { 100 }));
        if at % 10 == 9 {
            field.kind = FieldKind::Option;
            field.max = None;
            let option = |at: usize| OptionDef {
                value: format!("option_{at}"),
                label: format!("Option {at}"),
                hidden: false,
                valid_for: Vec::new(),
            };
            field.options = (0..30).map(option).collect();
        }
        def.fields.insert(format!("field_{at}"), field);
    }
    Catalog { crm: crm.to_owned(), account: "1".to_owned(), types: [(ty.to_owned(), def)].into(), ..Catalog::default() }
}

fn file(at: usize) -> String {
    let mut text = format!(
        "edition 2026\n\n/// Part {at}.\nsync part_{at}: hubspot contact <-> salesforce Lead {{\n  match field_0 = field_0\n  both ways {{\n    \
         exclude \"ours\" when field_1 ends with \"@acme.com\"\n  }}\n  to salesforce {{\n    include \"some\" when field_9 is any of \
         option_1, option_2\n  }}\n  map newest wins {{\n"
    );
    for row in 0..ROWS {
        let field = (at * ROWS + row) % FIELDS;
        let via = if field % 10 == 9 { format!("via table_{at}") } else { "or truncate".to_owned() };
        text.push_str(&format!("    field_{field} <-> field_{field}  {via}\n"));
    }
    text.push_str(&format!("  }}\n}}\n\npicklist table_{at} {{\n  otherwise <-> same\n}}\n"));
    text
}
