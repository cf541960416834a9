//! The other top-level blocks.

use super::{Fold, Pair, child, children, has};
use crate::parser::Rule;
use crate::recover::Body;
use crate::tree::{
    Lifecycle, LifecycleLine, Limit, LimitKind, Limits, Members, MembersLine, Order, Place, PlaceLine, PlaceLineKind,
    PlaceNotation, PlacePicklists, PlaceUnknown, PlaceValues, Values, Zone,
};

impl Fold<'_> {
    pub(super) fn zone(&mut self, pair: Pair<'_>) -> Option<Zone> {
        Some(Zone { docs: None, span: self.span(&pair), name: self.texted(&pair)? })
    }

    pub(super) fn values(&mut self, pair: Pair<'_>) -> Option<Values> {
        let _: Vec<()> = self.lines(&pair, &Body::VALUES, |_, _| None);
        let name = self.block_name(&pair, Rule::named_head, Rule::head_named)?;
        Some(Values { docs: None, span: self.span(&pair), name, values: self.set(&pair) })
    }

    pub(super) fn order(&mut self, pair: Pair<'_>) -> Option<Order> {
        let _: Vec<()> = self.lines(&pair, &Body::VALUES, |_, _| None);
        let head = self.head(&pair, Rule::order_head, Rule::head_order)?;
        Some(Order { docs: None, span: self.span(&pair), fields: self.paths(&head), values: self.set(&pair) })
    }

    pub(super) fn limits(&mut self, pair: Pair<'_>) -> Option<Limits> {
        let limits = self.lines(&pair, &Body::LIMITS, |fold, line| fold.limit(line));
        if has(&pair, Rule::bad_head) {
            self.head(&pair, Rule::kw_limits, Rule::head_limits);
        }
        Some(Limits { docs: None, span: self.span(&pair), limits })
    }

    fn limit(&mut self, pair: Pair<'_>) -> Option<Limit> {
        let span = self.span(&pair);
        let part = pair.into_inner().next()?;
        let number = self.numbered(&part);
        let kind = match part.as_rule() {
            Rule::calls_per_day => LimitKind::CallsPerDay { side: self.side(&part)?, calls: number? },
            Rule::hold_above => {
                let percent = child(&part, Rule::hold_percent).and_then(|percent| self.numbered(&percent));
                LimitKind::HoldAbove { records: number?, percent }
            }
            Rule::delete_at_most => LimitKind::DeleteAtMost { records: number? },
            Rule::keep_for_people => LimitKind::KeepForPeople { percent: number?, side: self.side(&part)? },
            Rule::pause_retries => LimitKind::PauseRetriesAbove { percent: number?, side: self.side(&part)? },
            Rule::favour => LimitKind::Favour { syncs: self.names(&part) },
            _ => return None,
        };
        Some(Limit { span, kind })
    }

    pub(super) fn place(&mut self, pair: Pair<'_>) -> Option<Place> {
        let lines = self.lines(&pair, &Body::PLACE, |fold, line| fold.place_line(line));
        let name = self.block_name(&pair, Rule::named_head, Rule::head_named)?;
        Some(Place { docs: None, span: self.span(&pair), name, lines })
    }

    fn place_line(&mut self, pair: Pair<'_>) -> Option<PlaceLine> {
        let span = self.span(&pair);
        let part = pair.into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::place_picklists if has(&part, Rule::kw_none) => PlaceLineKind::Picklists(PlacePicklists::None),
            Rule::place_picklists if has(&part, Rule::kw_standard) => {
                PlaceLineKind::Picklists(PlacePicklists::Standard)
            }
            Rule::place_picklists => PlaceLineKind::Picklists(PlacePicklists::Customised),
            Rule::place_values if has(&part, Rule::kw_matched) => PlaceLineKind::Values(PlaceValues::Matched),
            Rule::place_values => PlaceLineKind::Values(PlaceValues::AsTheyAre),
            Rule::place_unknown if has(&part, Rule::kw_skip) => PlaceLineKind::Unknown(PlaceUnknown::Skip),
            Rule::place_unknown => PlaceLineKind::Unknown(PlaceUnknown::Reject),
            Rule::place_write => {
                let names = has(&part, Rule::kw_names);
                let notation = if names { PlaceNotation::Names } else { PlaceNotation::Codes };
                PlaceLineKind::Write { notation, to: self.side(&part)? }
            }
            Rule::place_alias => PlaceLineKind::Alias { text: self.texted(&part)?, value: self.valued(&part)? },
            _ => return None,
        };
        Some(PlaceLine { span, kind })
    }

    pub(super) fn lifecycle(&mut self, pair: Pair<'_>) -> Option<Lifecycle> {
        let lines = self.lines(&pair, &Body::LIFECYCLE, |fold, line| fold.lifecycle_line(&line));
        let head = self.head(&pair, Rule::lifecycle_head, Rule::head_lifecycle)?;
        Some(Lifecycle { docs: None, span: self.span(&pair), field: self.pathed(&head)?, lines })
    }

    fn lifecycle_line(&mut self, pair: &Pair<'_>) -> Option<LifecycleLine> {
        let span = self.span(pair);
        if pair.as_rule() == Rule::cascade {
            return Some(LifecycleLine::Cascade { span, to: self.pathed(pair)? });
        }
        let (stage, name) = (self.valued(pair)?, self.texted(pair)?);
        let when = self.conditioned(pair)?;
        match pair.as_rule() {
            Rule::reach => Some(LifecycleLine::Reach { span, stage, name, when }),
            Rule::back_to => Some(LifecycleLine::BackTo { span, stage, name, when }),
            _ => None,
        }
    }

    pub(super) fn members(&mut self, pair: Pair<'_>) -> Option<Members> {
        let lines = self.lines(&pair, &Body::MEMBERS, |fold, line| fold.members_line(&line));
        let head = self.head(&pair, Rule::members_head, Rule::head_members)?;
        let mut texts = children(&head, Rule::string).map(|string| self.text(&string));
        let (list, campaign) = (texts.next()?, texts.next()?);
        drop(texts);
        let arrow = self.arrow(&head)?;
        Some(Members { docs: None, span: self.span(&pair), name: self.named(&head)?, list, arrow, campaign, lines })
    }

    fn members_line(&mut self, pair: &Pair<'_>) -> Option<MembersLine> {
        match pair.as_rule() {
            Rule::on_line => self.on(pair).map(MembersLine::On),
            Rule::members_set => {
                let when = match child(pair, Rule::row_when) {
                    Some(when) => Some(self.row_when(&when)?),
                    None => None,
                };
                let (field, value) = (self.pathed(pair)?, self.valued(pair)?);
                Some(MembersLine::Set { span: self.span(pair), field, value, when })
            }
            _ => None,
        }
    }
}
