//! `sync`, its matching and its blocks of gates.

use super::{Fold, Pair, child, children, first, has};
use crate::parser::Rule;
use crate::recover::Body;
use crate::span::Span;
use crate::tree::{
    Action, ActionKind, Arrow, Block, BlockLine, Choice, ChoiceKind, Create, CreateRule, CreateWhat, Direction, Event,
    EventKind, Gate, GateKind, Key, Match, MatchBy, Name, On, Pick, Recheck, Relink, RelinkRule, RollUp, Side, Sync,
    SyncLine, Target, Text,
};
use crate::words::nearest;

impl Fold<'_> {
    pub(super) fn sync(&mut self, pair: Pair<'_>) -> Option<Sync> {
        let lines = self.lines(&pair, &Body::SYNC, |fold, line| fold.sync_line(line));
        let swapped = child(&pair, Rule::swapped_head);
        let head = match &swapped {
            Some(swapped) => swapped.clone(),
            None => match self.head(&pair, Rule::sync_head, Rule::head_sync) {
                Some(head) => head,
                None => {
                    let (name, hubspot, arrow, salesforce) = self.nearly_a_head(&child(&pair, Rule::bad_head)?)?;
                    let span = self.span(&pair);
                    return Some(Sync { docs: None, span, name, hubspot, arrow, salesforce, lines });
                }
            },
        };
        let mut objects = children(&head, Rule::objects).map(|objects| self.names(&objects));
        let (mut hubspot, mut salesforce) = (objects.next()?, objects.next()?);
        drop(objects);
        let mut arrow = self.arrow(&head)?;
        if swapped.is_some() {
            std::mem::swap(&mut hubspot, &mut salesforce);
            let turned = match arrow.direction {
                Direction::Both => (Direction::Both, "<->"),
                Direction::ToSalesforce => (Direction::ToHubSpot, "<-"),
                Direction::ToHubSpot => (Direction::ToSalesforce, "->"),
            };
            arrow.direction = turned.0;
            let side = |kind| child(&head, kind).map_or(arrow.span, |side| self.span(&side));
            let end = |names: &[Name], kind| names.last().map_or(side(kind), |last| side(kind).to(last.span));
            let ends = (end(&salesforce, Rule::kw_salesforce), end(&hubspot, Rule::kw_hubspot));
            self.salesforce_left(ends, &hubspot, (arrow.span, turned.1), &salesforce);
        }
        Some(Sync { docs: None, span: self.span(&pair), name: self.named(&head)?, hubspot, arrow, salesforce, lines })
    }

    /// What a head that cannot be read was to say, where it names both sides: so its lines are checked all the same.
    fn nearly_a_head(&self, bad: &Pair<'_>) -> Option<(Name, Vec<Name>, Arrow, Vec<Name>)> {
        let written = |span: Span| span.slice(self.source.original);
        let words = self.head_words(bad);
        let side = |name: &str, from: usize| {
            let at = words.iter().skip(from).position(|word| nearest(written(*word), &[name]).is_some())?;
            Some(from + at)
        };
        let hubspot = side("hubspot", 1)?;
        let salesforce = side("salesforce", hubspot + 1)?;
        let name = |span: &Span| Name { span: *span, text: written(*span).trim_matches('`').to_owned() };
        let names = |from: usize, to: usize| -> Vec<Name> {
            let objects = words.get(from + 1..to).unwrap_or_default().iter();
            objects.filter(|word| written(**word) != "or").map(name).collect()
        };
        let (left, right) = (names(hubspot, salesforce), names(salesforce, words.len()));
        let between = Span { start: left.last()?.span.end, end: words.get(salesforce)?.start };
        let direction = match (written(between).contains('<'), written(between).contains('>')) {
            (false, true) => Direction::ToSalesforce,
            (true, false) => Direction::ToHubSpot,
            _ => Direction::Both,
        };
        right.first()?;
        Some((name(words.first()?), left, Arrow { span: between, direction }, right))
    }

    fn sync_line(&mut self, pair: Pair<'_>) -> Option<SyncLine> {
        match pair.as_rule() {
            Rule::match_line => self.match_line(&pair).map(SyncLine::Match),
            Rule::roll_up => Some(SyncLine::RollUp(RollUp { span: self.span(&pair), per: self.names(&pair) })),
            Rule::recheck => Some(SyncLine::Recheck(Recheck { span: self.span(&pair), every: self.duration(&pair)? })),
            Rule::both_block | Rule::to_block => self.block(&pair).map(SyncLine::Block),
            Rule::map => self.map(pair).map(SyncLine::Map),
            Rule::associate => self.associate(pair).map(SyncLine::Associate),
            _ => None,
        }
    }

    pub(super) fn match_line(&mut self, pair: &Pair<'_>) -> Option<Match> {
        let by = match child(pair, Rule::through) {
            Some(through) => MatchBy::Through(self.named(&through)?),
            None => MatchBy::Keys(children(pair, Rule::key).filter_map(|key| self.key(&key)).collect()),
        };
        let or_propose = child(pair, Rule::or_propose).map(|propose| self.span(&propose));
        Some(Match { span: self.span(pair), by, or_propose })
    }

    fn key(&mut self, pair: &Pair<'_>) -> Option<Key> {
        let mut paths = self.paths(pair).into_iter();
        let (hubspot, salesforce) = (paths.next()?, paths.next()?);
        let sign = child(pair, Rule::key_sign)?;
        if sign.as_str() != "=" {
            self.wrong_key_sign(self.span(&sign), sign.as_str(), &hubspot, &salesforce);
        }
        let as_type = child(pair, Rule::key_type).and_then(|key_type| self.named(&key_type));
        Some(Key { span: self.span(pair), hubspot, salesforce, as_type })
    }

    fn block(&mut self, pair: &Pair<'_>) -> Option<Block> {
        let both = pair.as_rule() == Rule::both_block;
        let lines = self.lines(pair, &Body::BLOCK, |fold, line| fold.block_line(line, both));
        if both {
            if has(pair, Rule::bad_head) {
                self.head(pair, Rule::both_head, Rule::head_both);
            }
            let head = child(pair, Rule::both_head).or_else(|| child(pair, Rule::kw_both))?;
            let head = self.span(&head);
            return Some(Block { span: self.span(pair), head, target: Target::BothWays, lines });
        }
        let head = child(pair, Rule::to_head)?;
        let side = match child(&head, Rule::bad_head) {
            None => self.side(&head)?,
            // The side that is nearest to what stands there.
            Some(bad) => {
                self.head(&head, Rule::side, Rule::head_to);
                let word = self.head_words(&bad).first()?.slice(self.source.original);
                match nearest(word, &["hubspot", "salesforce"])? {
                    "hubspot" => Side::HubSpot,
                    _ => Side::Salesforce,
                }
            }
        };
        let target = Target::To(side);
        Some(Block { span: self.span(pair), head: self.span(&head), target, lines })
    }

    fn block_line(&mut self, pair: Pair<'_>, both: bool) -> Option<BlockLine> {
        if both && matches!(pair.as_rule(), Rule::create | Rule::pick | Rule::relink) {
            self.not_both_ways(self.span(&pair));
            return None;
        }
        match pair.as_rule() {
            Rule::gate => self.gate(&pair).map(BlockLine::Gate),
            Rule::create => self.create(&pair).map(BlockLine::Create),
            Rule::pick => {
                let choices = children(&pair, Rule::choice).filter_map(|choice| self.choice(&choice)).collect();
                Some(BlockLine::Pick(Pick { span: self.span(&pair), choices }))
            }
            Rule::relink => {
                let never = has(&pair, Rule::kw_never);
                let rule = if never { RelinkRule::Never } else { RelinkRule::WhenAnotherIsPicked };
                Some(BlockLine::Relink(Relink { span: self.span(&pair), rule }))
            }
            Rule::on_line => self.on(&pair).map(BlockLine::On),
            _ => None,
        }
    }

    pub(super) fn gate(&mut self, pair: &Pair<'_>) -> Option<Gate> {
        let keyword = child(pair, Rule::gate_kind)?;
        let kind = if first(&keyword)? == Rule::kw_include { GateKind::Include } else { GateKind::Exclude };
        let when = self.conditioned(pair)?;
        let name = self.rule_name(pair);
        if name.is_none() {
            self.unnamed(self.span(&keyword), when.span());
        } else if !has(pair, Rule::when_word) {
            self.missing_when(when.span());
        }
        if let Some(bad) = child(pair, Rule::when_word).and_then(|word| child(&word, Rule::bad_when)) {
            self.wrong_when(self.span(&bad));
        }
        Some(Gate { span: self.span(pair), kind, name: name?, when })
    }

    /// The name of a rule; words without quotes are one, too, and named.
    fn rule_name(&mut self, pair: &Pair<'_>) -> Option<Text> {
        if let Some(bad) = child(pair, Rule::bad_name) {
            let span = self.span(&bad);
            self.unquoted_name(span);
            return Some(Text { span, text: bad.as_str().trim().to_owned() });
        }
        self.texted(pair)
    }

    pub(super) fn create(&mut self, pair: &Pair<'_>) -> Option<Create> {
        let what = child(pair, Rule::create_what)?;
        let what = match child(&what, Rule::kw_nothing) {
            Some(nothing) => CreateWhat::Nothing(self.span(&nothing)),
            None => CreateWhat::Object(self.named(&what)?),
        };
        let name = self.rule_name(pair);
        let Some(rule) = child(pair, Rule::create_rule) else {
            self.create_without_when(self.span(pair));
            return None;
        };
        if let Some(bad) = child(&rule, Rule::bad_when) {
            self.wrong_when(self.span(&bad));
        }
        let rule = match first(&rule)? {
            Rule::kw_otherwise => CreateRule::Otherwise(self.span(&rule)),
            Rule::kw_always => CreateRule::Always(self.span(&rule)),
            _ => CreateRule::When(self.conditioned(&rule)?),
        };
        Some(Create {
            span: self.span(pair),
            what,
            from: child(pair, Rule::create_from).and_then(|from| self.named(&from)),
            name,
            even_if_excluded: child(pair, Rule::even).map(|even| self.span(&even)),
            rule,
        })
    }

    fn choice(&mut self, pair: &Pair<'_>) -> Option<Choice> {
        let part = pair.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::most_recent => ChoiceKind::MostRecentlyUpdated,
            Rule::oldest => ChoiceKind::OldestCreated,
            Rule::choice_when => ChoiceKind::When(self.conditioned(&part)?),
            _ => ChoiceKind::Object(self.name(&part)),
        };
        Some(Choice { span: self.span(pair), kind })
    }

    pub(super) fn on(&mut self, pair: &Pair<'_>) -> Option<On> {
        let event = child(pair, Rule::event)?;
        let kind = match first(&event)? {
            Rule::kw_leave => EventKind::Leave,
            Rule::kw_delete => EventKind::Delete,
            Rule::kw_restore => EventKind::Restore,
            Rule::kw_merge => EventKind::Merge,
            Rule::kw_convert => EventKind::Convert,
            _ => EventKind::Erase,
        };
        let event = Event { span: self.span(&event), kind };
        let actions = children(pair, Rule::action).filter_map(|action| self.action(&action)).collect();
        Some(On { span: self.span(pair), event, actions })
    }

    fn action(&self, pair: &Pair<'_>) -> Option<Action> {
        let part = pair.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::kw_ignore => ActionKind::Ignore,
            Rule::kw_freeze => ActionKind::Freeze,
            Rule::kw_keep => ActionKind::KeepSyncing,
            Rule::kw_unlink => ActionKind::Unlink,
            Rule::kw_delete => ActionKind::Delete,
            Rule::kw_restore => ActionKind::Restore,
            Rule::kw_follow => ActionKind::Follow,
            Rule::kw_propose => ActionKind::Propose,
            _ => ActionKind::Set { field: self.pathed(&part)?, value: self.valued(&part)? },
        };
        Some(Action { span: self.span(pair), kind })
    }
}
