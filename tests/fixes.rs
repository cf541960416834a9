//! Fixes of findings, over every file of `tests/corpus`: each mends what it is about and breaks nothing, and what is made
//! unasked keeps the meaning of rules that had one.

mod corpus_files;

use corpus_files::{cases, catalog};
use syncline::data::{Dict, Digest};
use syncline::diagnostic::fix::{edited, settle};
use syncline::diagnostic::{Code, Finding, Fix, Severity, SourceFile, has_errors};
use syncline::lang::compile;
use syncline::lang::schema::Catalog;

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
const UNCOVERS: [(&str, &str); 8] = [
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
