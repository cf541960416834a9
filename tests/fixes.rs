//! Fixes of findings, over every file of `tests/corpus`: each mends what it is about and breaks nothing, and what is made
//! unasked keeps the meaning of rules that had one. And over the same files with a word less: what is not surely meant is left
//! alone.

mod corpus_files;

use corpus_files::{cases, catalog};
use syncline::data::{Dict, Digest};
use syncline::diagnostic::fix::{edited, settle};
use syncline::diagnostic::{Code, Finding, Fix, Severity, SourceFile, has_errors};
use syncline::lang::compile;
use syncline::lang::schema::Catalog;
use syncline_grammar::{Span, TokenKind, is_keyword, tokens};

struct Checker(Catalog, Catalog);

impl Checker {
    fn check(&self, file: &SourceFile) -> (Option<Digest>, Vec<Finding>) {
        let (plan, findings) = compile(std::slice::from_ref(file), &self.0, &self.1, &mut Dict::default());
        (plan.map(|plan| plan.digest), findings)
    }
}

fn with(file: &SourceFile, fix: &Fix) -> SourceFile {
    SourceFile::new(file.name.clone(), edited(&file.text, 0, &fix.edits))
}

fn times(findings: &[Finding], code: Code) -> usize {
    findings.iter().filter(|finding| finding.code == code).count()
}

/// Names that are mended and then lead to what else is wrong there, of which nothing was known.
const UNCOVERS: [(&str, &str); 10] = [
    // Its table has the right word below.
    ("C401_rest.sync", "C401"),
    // Its lines are alike but for the wrong form.
    ("F550_unknown_key_form.sync", "F550"),
    ("F541_no_stage.sync", "N101"),
    ("N101_unknown_type.sync", "N101"),
    ("N102_unknown_field.sync", "N102"),
    ("N105_not_on_every_type.sync", "N105"),
    ("N106_half_of_a_place.sync", "N106"),
    ("N106_unknown_table.sync", "N106"),
    // The line below it is the needless one then.
    ("T209_recheck.sync", "A621"),
    ("tests_name_what_is_there.sync", "N101"),
];

/// What a fault of syntax hides comes out when it is mended: that is not the fix's doing.
fn is_syntax(code: Code) -> bool {
    code.id().starts_with('S')
}

#[test]
fn a_fix_mends_its_finding_and_brings_no_error() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let checker = Checker(left, right);
    let (mut report, mut seen) = (String::new(), 0);
    for case in cases() {
        let (_, before) = checker.check(&case);
        let hidden = before.iter().any(|finding| is_syntax(finding.code));
        for finding in &before {
            for fix in &finding.fixes {
                seen += 1;
                let fixed = with(&case, fix);
                let (_, after) = checker.check(&fixed);
                let gone = times(&after, finding.code) < times(&before, finding.code);
                let news: Vec<String> = after
                    .iter()
                    .filter(|new| new.severity == Severity::Error && times(&after, new.code) > times(&before, new.code))
                    .filter(|new| !hidden || is_syntax(new.code))
                    .map(|new| format!("{} {}", new.code, new.message))
                    .collect();
                let uncovers = UNCOVERS.contains(&(case.name.as_str(), finding.code.id()));
                if (!gone || !news.is_empty()) && !uncovers {
                    report += &format!("{} {}: {} (gone: {gone}, new: {news:?})\n", case.name, finding.code, fix.title);
                }
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(seen > 120, "{seen}");
}

#[test]
fn what_is_made_unasked_keeps_the_meaning_and_ends() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let checker = Checker(left, right);
    let (mut kept, mut mended) = (0, 0);
    for case in cases() {
        let (digest, before) = checker.check(&case);
        for fix in before.iter().flat_map(|finding| &finding.fixes).filter(|fix| fix.safe) {
            if let Some(digest) = digest {
                assert_eq!(checker.check(&with(&case, fix)).0, Some(digest), "{}: {}", case.name, fix.title);
                kept += 1;
            }
        }
        let settled = settle(std::slice::from_ref(&case), |files| checker.check(&files[0]).1);
        let safe = settled.findings.iter().flat_map(|finding| &finding.fixes).filter(|fix| fix.safe).count();
        assert_eq!(safe, 0, "{}: {:#?}", case.name, settled.findings);
        mended += usize::from(has_errors(&before) && !has_errors(&settled.findings));
    }
    assert!(kept >= 2 && mended > 20, "{kept} {mended}");
}

/// The text with every few words one of them left out.
fn with_a_word_less(file: &SourceFile, every: usize) -> impl Iterator<Item = SourceFile> {
    let spans: Vec<Span> = tokens(&file.text).iter().map(|token| token.span).collect();
    let first = file.text.len() % every;
    spans.into_iter().skip(first).step_by(every).map(|span| {
        let mut text = file.text.clone();
        text.replace_range(span.start as usize..span.end as usize, "");
        SourceFile::new(file.name.clone(), text)
    })
}

/// Names of blocks, also of those that could not be read.
fn block_names(text: &str) -> Vec<&str> {
    const BLOCKS: [&str; 8] = ["values", "picklist", "owners", "place", "stages", "sync", "change", "members"];
    let words: Vec<&str> = tokens(text).iter().map(|token| token.span.slice(text)).collect();
    words.windows(2).filter(|pair| BLOCKS.contains(&pair[0])).map(|pair| pair[1]).collect()
}

/// What the law forbids of the safe fixes of one file.
fn against_the_law(file: &SourceFile, findings: &[Finding]) -> Vec<String> {
    let unpaired = findings.iter().any(|finding| ("S010".."S015").contains(&finding.code.id()));
    let syntax = findings.iter().any(|finding| is_syntax(finding.code) && finding.code != Code::WrongBlank);
    let mut told = Vec::new();
    for finding in findings {
        for fix in finding.fixes.iter().filter(|fix| fix.safe) {
            if unpaired || (syntax && (!is_syntax(finding.code) || finding.code == Code::WrongBlank)) {
                told.push(format!("{} is sure beside a fault of syntax: {}", finding.code, fix.title));
            }
            // Names of rules may be any words, and what stood in quotes of another kind was text before.
            if matches!(finding.code, Code::UnquotedName | Code::WrongQuotes) {
                continue;
            }
            for edit in &fix.edits {
                let old: Vec<&str> = bare_words(edit.span.slice(&file.text));
                let new = tokens(&edit.text);
                let texts = new.iter().filter(|token| token.kind == TokenKind::Text);
                let texts = texts.map(|token| token.span.slice(&edit.text).trim_matches('"'));
                for text in texts.filter(|text| text.split(' ').any(|word| old.contains(&word))) {
                    if text.split(' ').any(is_keyword) || block_names(&file.text).contains(&text) {
                        told.push(format!("{} makes a text of `{text}`", finding.code));
                    }
                }
            }
        }
    }
    told
}

fn bare_words(text: &str) -> Vec<&str> {
    tokens(text).iter().filter(|token| token.kind == TokenKind::Word).map(|token| token.span.slice(text)).collect()
}

#[test]
fn nothing_is_sure_that_hangs_on_a_fault_and_no_name_becomes_text() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let checker = Checker(left, right);
    let (mut report, mut seen) = (String::new(), 0);
    for case in cases() {
        for file in std::iter::once(case.clone()).chain(with_a_word_less(&case, 19)) {
            let (_, findings) = checker.check(&file);
            seen += findings.iter().flat_map(|finding| &finding.fixes).filter(|fix| fix.safe).count();
            for told in against_the_law(&file, &findings) {
                report += &format!("{}: {told}\n{}\n", file.name, file.text);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(seen > 80, "{seen}");
}

/// A word is missing. What is made unasked then either brings back what the rules meant, or leaves what they mean now.
#[test]
fn where_a_word_is_missing_nothing_new_is_made_up() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let checker = Checker(left, right);
    let (mut report, mut back, mut left_alone) = (String::new(), 0, 0);
    for case in cases() {
        let (Some(meant), _) = checker.check(&case) else { continue };
        for file in with_a_word_less(&case, 13) {
            let (now, findings) = checker.check(&file);
            if !findings.iter().flat_map(|finding| &finding.fixes).any(|fix| fix.safe) {
                left_alone += 1;
                continue;
            }
            let settled = settle(std::slice::from_ref(&file), |files| checker.check(&files[0]).1);
            let (then, _) = checker.check(&settled.files[0]);
            back += usize::from(then == Some(meant));
            if then.is_some() && then != Some(meant) && then != now {
                report += &format!("{}:\n{}\n---\n{}\n", file.name, file.text, settled.files[0].text);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(back > 3 && left_alone > 200, "{back} {left_alone}");
}
