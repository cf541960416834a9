//! One thing to tell the author of a rule.

use syncline_grammar::{Problem, Span};

use super::code::{Code, Severity};
use super::explain::Explanation;

/// The first label is the place of the finding; the others explain it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// Lower case, no full stop, what the author wrote in backticks.
    pub message: String,
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Changes of the text that would mend it, the best one first.
    pub fixes: Vec<Fix>,
}

/// A change of the text that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: "write `is`".
    pub title: String,
    /// In no order; they do not overlap.
    pub edits: Vec<Edit>,
    /// It says what the author surely meant, so that it may be made unasked.
    pub safe: bool,
}

/// New text in the place of a span; an empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Index among the files.
    pub file: usize,
    pub span: Span,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Index among the files.
    pub file: usize,
    pub span: Span,
    /// A few words to stand under the span; may be empty.
    pub text: String,
}

impl Finding {
    pub fn new(code: Code, file: usize, span: Span, message: impl Into<String>) -> Finding {
        let place = Label { file, span, text: String::new() };
        Finding {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: vec![place],
            help: None,
            fixes: Vec::new(),
        }
    }

    pub fn from_problem(file: usize, problem: &Problem) -> Finding {
        let mut finding = Finding::new(Code::from(problem.code), file, problem.span, problem.message.clone());
        if let Some(text) = &problem.label {
            finding = finding.label(text.clone());
        }
        finding.help = problem.help.clone();
        for (span, text) in &problem.related {
            finding = finding.also(file, *span, text.clone());
        }
        for fix in &problem.fixes {
            let edits = fix.edits.iter().map(|(span, text)| Edit { file, span: *span, text: text.clone() });
            finding.fixes.push(Fix { title: fix.title.clone(), edits: edits.collect(), safe: fix.safe });
        }
        finding
    }

    /// The words under the finding's own place.
    pub fn label(mut self, text: impl Into<String>) -> Finding {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Another place that explains it.
    pub fn also(mut self, file: usize, span: Span, text: impl Into<String>) -> Finding {
        self.labels.push(Label { file, span, text: text.into() });
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// Where nothing at this place says what to do, what its code says counts.
    pub fn or_advice(&mut self) {
        if self.help.is_none() && self.fixes.is_empty() {
            self.help = Explanation::of(self.code.id()).map(|told| told.advice());
        }
    }

    /// With more fixes, the best one first.
    pub fn with(mut self, fixes: Vec<Fix>) -> Finding {
        self.fixes.extend(fixes);
        self
    }

    pub fn fix(mut self, fix: Fix) -> Finding {
        self.fixes.push(fix);
        self
    }

    fn place(&self) -> (usize, Span) {
        self.labels.first().map_or((usize::MAX, Span::default()), |label| (label.file, label.span))
    }
}

/// By file, then place, then code: the order in which findings are shown.
pub fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (a.place(), a.code, &a.message).cmp(&(b.place(), b.code, &b.message)));
    findings.dedup();
}

pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
