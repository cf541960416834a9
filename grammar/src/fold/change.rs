//! `change`.

use super::{Fold, Pair, child, first};
use crate::parser::Rule;
use crate::recover::Body;
use crate::tree::{Change, ChangeLine, ChangePart, ChangeScope, ChangeVerb, RuleRef};

impl Fold<'_> {
    pub(super) fn change(&mut self, pair: Pair<'_>) -> Option<Change> {
        let lines = self.lines(&pair, &Body::CHANGE, |fold, line| fold.change_line(&line));
        let head = self.head(&pair, Rule::named_head, Rule::head_named)?;
        Some(Change { docs: None, span: self.span(&pair), name: self.named(&head)?, lines })
    }

    fn change_line(&mut self, pair: &Pair<'_>) -> Option<ChangeLine> {
        let span = self.span(pair);
        let scope = child(pair, Rule::scope).and_then(|scope| self.scope(&scope));
        match pair.as_rule() {
            Rule::put => {
                let add = first(&child(pair, Rule::put_verb)?)? == Rule::kw_add;
                let verb = if add { ChangeVerb::Add } else { ChangeVerb::Replace };
                let part = pair.clone().into_inner().last()?;
                Some(ChangeLine::Put { span, verb, scope, part: Box::new(self.change_part(&part)?) })
            }
            Rule::remove => {
                let rule = self.rule_ref(&child(pair, Rule::rule_ref)?)?;
                Some(ChangeLine::Remove { span, scope, rule })
            }
            _ => None,
        }
    }

    fn change_part(&mut self, pair: &Pair<'_>) -> Option<ChangePart> {
        match pair.as_rule() {
            Rule::row => self.row(pair).map(ChangePart::Row),
            Rule::gate => self.gate(pair).map(ChangePart::Gate),
            Rule::create => self.create(pair).map(ChangePart::Create),
            Rule::on_line => self.on(pair).map(ChangePart::On),
            Rule::match_line => self.match_line(pair).map(ChangePart::Match),
            _ => None,
        }
    }

    fn scope(&self, pair: &Pair<'_>) -> Option<ChangeScope> {
        let span = self.span(pair);
        Some(match first(pair)? {
            Rule::both_head => ChangeScope::BothWays(span),
            Rule::kw_to => ChangeScope::To { span, side: self.side(pair)? },
            _ => ChangeScope::Map { span, name: self.texted(&child(pair, Rule::scope_map)?) },
        })
    }

    fn rule_ref(&self, pair: &Pair<'_>) -> Option<RuleRef> {
        Some(match first(pair)? {
            Rule::kw_include => RuleRef::Include(self.texted(pair)?),
            Rule::kw_exclude => RuleRef::Exclude(self.texted(pair)?),
            Rule::kw_create => RuleRef::Create(self.texted(pair)?),
            _ => RuleRef::Row(self.pathed(pair)?),
        })
    }
}
