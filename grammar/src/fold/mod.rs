//! Pest's pairs to the owned tree. What the grammar promises is taken with `?`: a missing part drops its node.

mod atoms;
mod blocks;
mod change;
mod cond;
mod map;
mod near;
mod picklist;
mod sync;
mod test;

use pest::iterators::Pairs;

use crate::parser::Rule;
use crate::problem::Problem;
use crate::recover::{Bad, Body, judge_head, judge_lines};
use crate::scan::TokenKind;
use crate::source::Source;
use crate::span::Span;
use crate::tree::{Edition, File, Item, Name};

pub(crate) type Pair<'i> = pest::iterators::Pair<'i, Rule>;

pub(crate) struct Fold<'a> {
    pub source: &'a Source<'a>,
    pub problems: Vec<Problem>,
}

impl<'a> Fold<'a> {
    pub(crate) fn new(source: &'a Source<'a>, problems: Vec<Problem>) -> Fold<'a> {
        Fold { source, problems }
    }

    pub(crate) fn file(&mut self, mut pairs: Pairs<'_, Rule>) -> File {
        let Some(root) = pairs.next() else {
            return File::default();
        };
        let edition = child(&root, Rule::edition).and_then(|pair| self.edition(pair));
        let items = self.lines(&root, &Body::FILE, |fold, pair| fold.item(pair));
        File { edition, items }
    }

    fn edition(&mut self, pair: Pair<'_>) -> Option<Edition> {
        Some(Edition { span: self.span(&pair), year: self.number(&child(&pair, Rule::number)?) })
    }

    fn item(&mut self, pair: Pair<'_>) -> Option<Item> {
        match pair.as_rule() {
            Rule::zone => self.zone(pair).map(Item::Zone),
            Rule::sync => self.sync(pair).map(Item::Sync),
            Rule::picklist => self.picklist(pair).map(Item::Picklist),
            Rule::place => self.place(pair).map(Item::Place),
            Rule::stages => self.stages(pair).map(Item::Stages),
            Rule::owners => self.owners(pair).map(Item::Owners),
            Rule::lifecycle => self.lifecycle(pair).map(Item::Lifecycle),
            Rule::order => self.order(pair).map(Item::Order),
            Rule::values => self.values(pair).map(Item::Values),
            Rule::members => self.members(pair).map(Item::Members),
            Rule::limits => self.limits(pair).map(Item::Limits),
            Rule::change => self.change(pair).map(Item::Change),
            Rule::test => self.test(pair).map(Item::Test),
            _ => None,
        }
    }

    /// The lines of a block. What `line` does not take is no line; what the grammar could not read is judged.
    fn lines<T>(
        &mut self,
        block: &Pair<'_>,
        body: &Body,
        mut line: impl FnMut(&mut Self, Pair<'_>) -> Option<T>,
    ) -> Vec<T> {
        let mut lines = Vec::new();
        let mut bad: Vec<Bad> = Vec::new();
        let mut previous = None;
        for pair in block.clone().into_inner() {
            let range = (pair.as_span().start(), pair.as_span().end());
            if is_bad(pair.as_rule()) {
                bad.push(Bad { start: range.0, end: range.1 });
                continue;
            }
            judge_lines(self.source, body, previous, &std::mem::take(&mut bad), &mut self.problems);
            previous = Some(range);
            lines.extend(line(self, pair));
        }
        judge_lines(self.source, body, previous, &bad, &mut self.problems);
        lines
    }

    /// The head of a block; where it cannot be read, a problem and `None`.
    fn head<'i>(&mut self, block: &Pair<'i>, head: Rule, strict: Rule) -> Option<Pair<'i>> {
        if let Some(bad) = child(block, Rule::bad_head) {
            let start = block.as_span().start();
            judge_head(self.source, strict, start, bad.as_span().end(), &mut self.problems);
            return None;
        }
        child(block, head)
    }

    /// The name of a block; where its head cannot be read, the first word behind the block's own.
    fn block_name(&mut self, block: &Pair<'_>, head: Rule, strict: Rule) -> Option<Name> {
        if let Some(head) = self.head(block, head, strict) {
            return self.named(&head);
        }
        let bad = child(block, Rule::bad_head)?;
        self.head_words(&bad)
            .first()
            .map(|span| Name { span: *span, text: span.slice(self.source.original).trim_matches('`').to_owned() })
    }

    /// The words of a head that cannot be read.
    fn head_words(&self, bad: &Pair<'_>) -> Vec<Span> {
        let (source, span) = (self.source, self.span(bad));
        let first = source.tokens.partition_point(|token| token.span.start < span.start);
        let tokens = source.tokens.iter().skip(first).take_while(move |token| token.span.end <= span.end);
        tokens.filter(|token| token.kind == TokenKind::Word).map(|token| token.span).collect()
    }

    fn span(&self, pair: &Pair<'_>) -> Span {
        self.source.span(pair.as_span().start(), pair.as_span().end())
    }
}

fn is_bad(rule: Rule) -> bool {
    matches!(rule, Rule::bad_line | Rule::bad_item | Rule::bad_row | Rule::bad_pick_row)
}

/// The first part of this kind.
fn child<'i>(pair: &Pair<'i>, rule: Rule) -> Option<Pair<'i>> {
    pair.clone().into_inner().find(|part| part.as_rule() == rule)
}

/// All parts of this kind.
fn children<'i>(pair: &Pair<'i>, rule: Rule) -> impl Iterator<Item = Pair<'i>> {
    pair.clone().into_inner().filter(move |part| part.as_rule() == rule)
}

fn has(pair: &Pair<'_>, rule: Rule) -> bool {
    child(pair, rule).is_some()
}

/// The kind of the first part.
fn first(pair: &Pair<'_>) -> Option<Rule> {
    pair.clone().into_inner().next().map(|part| part.as_rule())
}
