//! Tables of values: `picklist`, `owners`, `stages`.

use super::{Fold, Pair, child, has};
use crate::parser::Rule;
use crate::recover::Body;
use crate::tree::{
    Owners, OwnersLine, PickLeft, PickLeftKind, PickRight, PickRightKind, PickRow, Picklist, PicklistPair, Pipeline,
    Stages,
};

impl Fold<'_> {
    pub(super) fn picklist(&mut self, pair: Pair<'_>) -> Option<Picklist> {
        let rows = self.lines(&pair, &Body::PICKLIST, |fold, line| fold.pick_row(&line));
        let name = self.block_name(&pair, Rule::picklist_head, Rule::head_picklist)?;
        let fields = child(&pair, Rule::picklist_head).and_then(|head| child(&head, Rule::picklist_pair));
        let fields = fields.and_then(|fields| self.picklist_pair(&fields));
        Some(Picklist { docs: None, span: self.span(&pair), name, pair: fields, rows })
    }

    fn picklist_pair(&mut self, pair: &Pair<'_>) -> Option<PicklistPair> {
        let mut paths = self.paths(pair).into_iter();
        let (hubspot, salesforce) = (paths.next()?, paths.next()?);
        Some(PicklistPair { span: self.span(pair), hubspot, arrow: self.arrow(pair)?, salesforce })
    }

    fn pick_row(&mut self, pair: &Pair<'_>) -> Option<PickRow> {
        if pair.as_rule() != Rule::pick_row {
            return None;
        }
        let left = self.pick_left(&child(pair, Rule::pick_left)?)?;
        let arrow = self.arrow(pair)?;
        let right = self.pick_right(&child(pair, Rule::pick_right)?)?;
        Some(PickRow { span: self.span(pair), left, arrow, right })
    }

    fn pick_left(&mut self, pair: &Pair<'_>) -> Option<PickLeft> {
        let part = pair.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::otherwise => PickLeftKind::Otherwise { at_creation: has(&part, Rule::at_creation) },
            Rule::kw_blank => PickLeftKind::Blank,
            Rule::bad_left => PickLeftKind::Values(vec![self.unquoted_value(&part)]),
            _ => PickLeftKind::Values(self.set(pair)),
        };
        Some(PickLeft { span: self.span(pair), kind })
    }

    fn pick_right(&mut self, pair: &Pair<'_>) -> Option<PickRight> {
        let part = pair.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::kw_same => PickRightKind::Same,
            Rule::kw_blank => PickRightKind::Blank,
            Rule::kw_skip => PickRightKind::Skip,
            Rule::kw_reject => PickRightKind::Reject,
            Rule::kw_restore => PickRightKind::Restore,
            Rule::kw_assignment => PickRightKind::AssignmentRules,
            Rule::kw_integration => PickRightKind::IntegrationUser,
            Rule::bad_right => PickRightKind::Value(self.unquoted_value(&part)),
            _ => PickRightKind::Value(self.value(&part)?),
        };
        Some(PickRight { span: self.span(pair), kind })
    }

    pub(super) fn owners(&mut self, pair: Pair<'_>) -> Option<Owners> {
        let lines = self.lines(&pair, &Body::OWNERS, |fold, line| match line.as_rule() {
            Rule::match_line => fold.match_line(&line).map(OwnersLine::Match),
            _ => fold.pick_row(&line).map(OwnersLine::Row),
        });
        let name = self.block_name(&pair, Rule::named_head, Rule::head_named)?;
        Some(Owners { docs: None, span: self.span(&pair), name, lines })
    }

    pub(super) fn stages(&mut self, pair: Pair<'_>) -> Option<Stages> {
        let pipelines = self.lines(&pair, &Body::STAGES, |fold, line| fold.pipeline(line));
        let head = self.head(&pair, Rule::named_head, Rule::head_named)?;
        Some(Stages { docs: None, span: self.span(&pair), name: self.named(&head)?, pipelines })
    }

    fn pipeline(&mut self, pair: Pair<'_>) -> Option<Pipeline> {
        if pair.as_rule() != Rule::pipeline {
            return None;
        }
        let rows = self.lines(&pair, &Body::PICKLIST, |fold, line| fold.pick_row(&line));
        let head = self.head(&pair, Rule::pipeline_head, Rule::head_pipeline)?;
        let mut values = super::children(&head, Rule::value).filter_map(|value| self.value(&value));
        let (pipeline, record_type) = (values.next()?, values.next()?);
        drop(values);
        Some(Pipeline { span: self.span(&pair), pipeline, arrow: self.arrow(&head)?, record_type, rows })
    }
}
