//! The direction of imports, read from the source: what each folder may name, and what it may not do.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Every layer with the layers that it may name, lowest first. A folder that is not here has no place yet.
const LAYERS: [(&str, &[&str]); 15] = [
    // Faults that the simulation plants, anywhere; nothing of them is in a shipped build.
    ("planted", &[]),
    ("data", &[]),
    ("diagnostic", &["data"]),
    ("lang", &["data", "diagnostic"]),
    ("crm", &["data", "lang"]),
    ("store", &["data", "lang", "crm"]),
    ("crm/hubspot", &["data", "lang", "crm"]),
    ("crm/salesforce", &["data", "lang", "crm"]),
    ("store/sqlite", &["data", "lang", "crm", "store"]),
    ("decide", &["data", "diagnostic", "lang", "crm", "store"]),
    ("sync", &["data", "lang", "crm", "store", "decide"]),
    ("sandbox", &["data"]),
    ("lsp", &["data", "diagnostic", "lang"]),
    ("server", &["data", "diagnostic", "lang", "crm", "store", "decide", "sync"]),
    ("cli", EVERY),
];

const EVERY: &[&str] = &[
    "data",
    "diagnostic",
    "lang",
    "crm",
    "store",
    "crm/hubspot",
    "crm/salesforce",
    "store/sqlite",
    "decide",
    "sync",
    "sandbox",
    "lsp",
    "server",
];

/// Names under which a port's folder hands an adapter on.
const HANDED_ON: [(&[&str], &str); 1] = [(&["store", "Sqlite"], "store/sqlite")];

/// What reaches outside: not for layers that only compute.
const OUTSIDE: [&str; 15] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "tokio",
    "reqwest",
    "rusqlite",
    "axum",
    "notify",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
];

#[test]
fn imports_go_one_way() {
    let mut broken = String::new();
    for file in sources("src") {
        let Some(of) = layer_of_file(&file) else { continue };
        let allowed = LAYERS.iter().find(|(layer, _)| *layer == of).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            let _ = writeln!(broken, "{}: `{of}` has no layer in tests/layers.rs", file.display());
            continue;
        };
        for (line, path) in paths(&read(&file), &module_of(&file)) {
            let Some(to) = layer_of_path(&path).filter(|to| to != "planted") else { continue };
            if to != of && !allowed.contains(&to.as_str()) {
                let _ = writeln!(broken, "{}:{line}: `{of}` names `{}`", file.display(), path.join("::"));
            }
        }
    }
    assert!(broken.is_empty(), "upward imports:\n{broken}");
}

#[test]
fn the_engine_names_no_crm_and_no_sql() {
    let mut broken = String::new();
    for file in sources("src/sync") {
        for (at, line) in without_comments(&read(&file)).text.lines().enumerate() {
            let lower = line.to_lowercase();
            let crm = ["hubspot", "salesforce", "sqlite"].into_iter().find(|name| lower.contains(name));
            let sql = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"PRAGMA "]
                .into_iter()
                .find(|s| line.contains(s));
            if let Some(named) = crm.or(sql) {
                let _ = writeln!(broken, "{}:{}: {named}", file.display(), at + 1);
            }
        }
    }
    assert!(broken.is_empty(), "the engine knows too much:\n{broken}");
}

#[test]
fn what_only_computes_does_not_reach_outside() {
    let mut broken = String::new();
    // Of the language server only the session and its wire may.
    let session = ["server.rs", "wire.rs", "server/tests.rs"].map(|file| Path::new("src/lsp").join(file));
    let pure = ["src/data", "src/lang", "src/decide", "src/diagnostic", "src/lsp", "grammar/src"];
    for file in pure.into_iter().flat_map(sources).filter(|file| !session.contains(file)) {
        for (line, path) in paths(&read(&file), &module_of(&file)) {
            let path = path.join("::");
            let outside = OUTSIDE.iter().find(|name| path == **name || path.starts_with(&format!("{name}::")));
            if let Some(name) = outside {
                let _ = writeln!(broken, "{}:{line}: `{name}`", file.display());
            }
        }
    }
    assert!(broken.is_empty(), "input and output where only values belong:\n{broken}");
}

#[test]
fn only_the_command_line_prints_and_exits() {
    const SPEAKS: [&str; 7] = ["println!", "eprintln!", "print!", "eprint!", "dbg!", "process::exit", "process::abort"];
    let mut broken = String::new();
    for file in sources("src").into_iter().chain(sources("grammar/src")) {
        if file.starts_with("src/cli") || file == Path::new("src/main.rs") {
            continue;
        }
        for (at, line) in without_comments(&read(&file)).code.lines().enumerate() {
            if let Some(said) = SPEAKS.iter().find(|said| names(line, said)) {
                let _ = writeln!(broken, "{}:{}: {said}", file.display(), at + 1);
            }
        }
    }
    assert!(broken.is_empty(), "prints or exits outside of cli:\n{broken}");
}

#[test]
fn the_grammar_knows_nothing_of_the_rest() {
    let manifest = read(Path::new("grammar/Cargo.toml"));
    let dependencies = manifest.split("dependencies]").skip(1);
    assert!(dependencies.clone().all(|part| !part.contains("syncline") && !part.contains("path =")), "{manifest}");
    for file in sources("grammar/src") {
        let named = paths(&read(&file), &[]).into_iter().find(|(_, path)| path[0] == "syncline");
        assert_eq!(named, None, "{}", file.display());
    }
}

/// The reader itself: were it blind, all of the above would pass.
#[test]
fn the_reader_sees_every_form_of_an_import() {
    let seen = |module: &[&str], text: &str| -> Vec<String> {
        let module: Vec<String> = module.iter().map(|part| (*part).to_owned()).collect();
        paths(text, &module).into_iter().map(|(_, path)| path.join("::")).collect()
    };
    let here = ["lang", "check", "types"];
    assert_eq!(
        seen(&here, "use crate::sync::{self, wave::Wave as W, report::*};"),
        ["crate::sync", "crate::sync::wave::Wave", "crate::sync::report::*"]
    );
    assert_eq!(seen(&here, "use super::super::super::store::Sqlite;"), ["crate::store::Sqlite"]);
    assert_eq!(seen(&here, "mod tests { use super::super::names; }"), ["crate::lang::check::names"]);
    assert_eq!(seen(&here, "fn f(x: &crate::crm::hubspot::Hubspot) {}"), ["crate::crm::hubspot::Hubspot"]);
    assert_eq!(seen(&here, "use {std::{fs, io::Read}, tokio::time};"), ["std::fs", "std::io::Read", "tokio::time"]);
    assert_eq!(seen(&here, "let at = std::time::Instant::now();"), ["std::time::Instant::now"]);
    assert_eq!(
        seen(&here, "// crate::sync\n/* crate::sync /* nested */ crate::cli */ let s = \"crate::cli\";"),
        [""; 0]
    );
    assert_eq!(seen(&here, "let s = r#\"a \" crate::cli\"#; let c = '\"'; crate::cli::main();"), ["crate::cli::main"]);
    let layer = |text: &str| {
        seen(&here, text)
            .iter()
            .map(|p| layer_of_path(&p.split("::").map(str::to_owned).collect::<Vec<_>>()))
            .next()
            .flatten()
    };
    assert_eq!(layer("use crate::store::{Sqlite};").as_deref(), Some("store/sqlite"));
    assert_eq!(layer("use crate::crm::salesforce::Flow;").as_deref(), Some("crm/salesforce"));
    assert_eq!(layer("use crate::crm::http::Env;").as_deref(), Some("crm"));
    assert!(names("    eprintln!(\"x\")", "eprintln!") && !names("    eprintln!(\"x\")", "println!"));
}

/// A layer is a folder below `src`, save that an adapter's folder is a layer of its own.
fn layer_of(parts: &[&str]) -> Option<String> {
    if let Some((_, layer)) = HANDED_ON.iter().find(|(path, _)| parts.starts_with(path)) {
        return Some((*layer).to_owned());
    }
    match parts {
        ["crm", adapter @ ("hubspot" | "salesforce"), ..] => Some(format!("crm/{adapter}")),
        ["store", "sqlite", ..] => Some("store/sqlite".to_owned()),
        [layer, ..] => Some((*layer).to_owned()),
        [] => None,
    }
}

fn layer_of_file(file: &Path) -> Option<String> {
    let module = module_of(file);
    let parts: Vec<&str> = module.iter().map(String::as_str).collect();
    // `lib.rs` and `main.rs` are the table of contents and the door.
    layer_of(&parts)
}

fn layer_of_path(path: &[String]) -> Option<String> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.split_first()? {
        (&"crate" | &"syncline", rest) => layer_of(rest),
        _ => None,
    }
}

/// `src/a/b.rs` and `src/a/b/mod.rs` are the module `a::b`.
fn module_of(file: &Path) -> Vec<String> {
    let inner = file.strip_prefix("src").or_else(|_| file.strip_prefix("grammar/src")).unwrap_or(file);
    let mut parts: Vec<String> =
        inner.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap()
}

/// Every Rust file below a folder, in order; none is a fault of this test.
fn sources(folder: &str) -> Vec<PathBuf> {
    let (mut open, mut out) = (vec![PathBuf::from(folder)], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false => out.extend(path.extension().is_some_and(|ext| ext == "rs").then_some(path)),
            }
        }
    }
    assert!(!out.is_empty(), "no source below {folder}");
    out.sort();
    out
}

/// Whether a line holds `word` as a word of its own.
fn names(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(inside))
}

struct Stripped {
    /// Without comments.
    text: String,
    /// Without comments and without what stands in quotes.
    code: String,
}

/// Takes comments and literals out of a source, line by line in place.
fn without_comments(source: &str) -> Stripped {
    let chars: Vec<char> = source.chars().collect();
    let (mut text, mut code) = (String::new(), String::new());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let (taken, kind) = token(rest, code.chars().last());
        for c in &rest[..taken] {
            let blank = if *c == '\n' { '\n' } else { ' ' };
            text.push(if kind == Token::Comment { blank } else { *c });
            code.push(if kind == Token::Code { *c } else { blank });
        }
        at += taken;
    }
    Stripped { text, code }
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Code,
    Comment,
    Literal,
}

/// How many characters the next token has, and what it is.
fn token(rest: &[char], before: Option<char>) -> (usize, Token) {
    let starts = |text: &str| rest.iter().take(text.len()).collect::<String>() == text;
    if starts("//") {
        return (rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()), Token::Comment);
    }
    if starts("/*") {
        let mut depth = 0;
        let mut at = 0;
        while at < rest.len() {
            match (rest[at], rest.get(at + 1)) {
                ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
                ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
                _ => at += 1,
            }
            if depth == 0 {
                break;
            }
        }
        return (at, Token::Comment);
    }
    let fresh = !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if fresh && (starts("r\"") || starts("r#") || starts("br\"") || starts("br#")) {
        let prefix = rest.iter().take_while(|c| matches!(c, 'b' | 'r')).count();
        let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
        if rest.get(prefix + hashes) == Some(&'"') {
            let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let from = prefix + hashes + 1;
            let found = rest[from..].windows(end.len()).position(|window| window == end);
            return (found.map_or(rest.len(), |at| from + at + end.len()), Token::Literal);
        }
    }
    match rest[0] {
        '"' => {
            let mut at = 1;
            while at < rest.len() && rest[at] != '"' {
                at += 1 + usize::from(rest[at] == '\\');
            }
            ((at + 1).min(rest.len()), Token::Literal)
        }
        // A character, and not a lifetime.
        '\'' if rest.get(1) == Some(&'\\') => {
            let end = rest.iter().skip(3).position(|c| *c == '\'').map_or(rest.len(), |at| at + 4);
            (end, Token::Literal)
        }
        '\'' if rest.get(2) == Some(&'\'') => (3, Token::Literal),
        _ => (1, Token::Code),
    }
}

/// Every path that a source names, with its line: those of `use`, taken apart, and those in the code itself. Relative ones
/// are made absolute, seen from `module`.
fn paths(source: &str, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let code = without_comments(source).code;
    let words = words(&code);
    let (mut out, mut at) = (Vec::new(), 0);
    // Inline modules that are open, each with the depth of its braces.
    let (mut inline, mut depth): (Vec<(String, usize)>, usize) = (Vec::new(), 0);
    while let Some((line, word)) = words.get(at) {
        let inner = || module.iter().cloned().chain(inline.iter().map(|(name, _)| name.clone())).collect::<Vec<_>>();
        let starts = at == 0 || words[at - 1].1 != "::";
        let more = words.get(at + 1).is_some_and(|(_, next)| *next == "::");
        match *word {
            "mod" if words.get(at + 2).is_some_and(|(_, brace)| *brace == "{") => {
                inline.push((words[at + 1].1.to_owned(), depth));
                (depth, at) = (depth + 1, at + 3);
                continue;
            }
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last().is_some_and(|(_, of)| *of == depth) {
                    inline.pop();
                }
            }
            "use" => {
                let mut found = Vec::new();
                at = tree(&words, at + 1, &[], &mut found);
                out.extend(found.into_iter().map(|path| (*line, absolute(path, &inner()))));
                continue;
            }
            _ if starts && more && word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                let mut path = vec![(*word).to_owned()];
                while words.get(at + 1).is_some_and(|(_, next)| *next == "::")
                    && words
                        .get(at + 2)
                        .is_some_and(|(_, next)| next.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
                {
                    path.push(words[at + 2].1.to_owned());
                    at += 2;
                }
                out.push((*line, absolute(path, &inner())));
            }
            _ => {}
        }
        at += 1;
    }
    out
}

/// The paths of a `use` from `at` on; returns where it ends.
fn tree(words: &[(usize, &str)], mut at: usize, prefix: &[String], out: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    let mut grouped = false;
    while let Some((_, word)) = words.get(at) {
        match *word {
            "::" => {}
            "{" => {
                grouped = true;
                at += 1;
                while words.get(at).is_some_and(|(_, word)| *word != "}") {
                    at = tree(words, at, &path, out);
                    at += usize::from(words.get(at).is_some_and(|(_, word)| *word == ","));
                }
            }
            "," | "}" | ";" => break,
            "as" => at += 1,
            "self" if !path.is_empty() => {}
            part => path.push(part.to_owned()),
        }
        at += 1;
    }
    if !grouped && !path.is_empty() {
        out.push(path);
    }
    at
}

/// `super` and `self` as seen from `module`; other paths as they are.
fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super" || *part == "self").collect::<Vec<_>>();
    if ups.is_empty() {
        return path;
    }
    let up = ups.iter().filter(|part| **part == "super").count();
    let kept = module.len().saturating_sub(up);
    let rest = path[ups.len()..].to_vec();
    std::iter::once("crate".to_owned()).chain(module[..kept].iter().cloned()).chain(rest).collect()
}

/// Words, `::` and single signs, with their lines.
fn words(code: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let first = rest.chars().next().map_or(1, char::len_utf8);
            let len = if word > 0 {
                word
            } else if rest.starts_with("::") {
                2
            } else {
                first
            };
            out.push((line + 1, &rest[..len]));
            rest = rest[len..].trim_start();
        }
    }
    out
}
