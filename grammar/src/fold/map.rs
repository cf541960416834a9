//! `map` and `associate`.

use super::{Fold, Pair, child, children, has};
use crate::parser::Rule;
use crate::recover::Body;
use crate::tree::{
    Associate, AssociateRow, Clause, ClauseKind, Cleared, Cond, CurrencyRule, Handler, HandlerKind, Join, Map, MapLine,
    Operand, OperandKind, Operands, Row, Text, Together, Winner, WinnerKind,
};

impl Fold<'_> {
    pub(super) fn map(&mut self, pair: Pair<'_>) -> Option<Map> {
        let lines = self.lines(&pair, &Body::MAP, |fold, line| match line.as_rule() {
            Rule::row => fold.row(&line).map(MapLine::Row),
            Rule::together => fold.together(line).map(MapLine::Together),
            _ => None,
        });
        // Rows are rows also where the head is not understood.
        let head = self.head(&pair, Rule::map_head, Rule::head_map);
        let head = head.as_ref();
        let keyword = self.span(&child(&pair, Rule::kw_map)?);
        let when = match head.and_then(|head| child(head, Rule::row_when)) {
            Some(when) => Some(self.row_when(&when)?),
            None => None,
        };
        let written = head.filter(|head| !head.as_str().trim().is_empty());
        let head_span = written.map_or(keyword, |head| keyword.to(self.span(head)));
        Some(Map {
            span: self.span(&pair),
            head: head_span,
            name: head.and_then(|head| self.texted(head)),
            winner: head.and_then(|head| self.winner(head)),
            when,
            lines,
        })
    }

    fn together(&mut self, pair: Pair<'_>) -> Option<Together> {
        let rows = self.lines(&pair, &Body::TOGETHER, |fold, line| fold.row(&line));
        let head = self.head(&pair, Rule::together_head, Rule::head_together);
        let name = head.as_ref().and_then(|head| self.texted(head));
        let keyword = self.span(&child(&pair, Rule::kw_together)?);
        let name = name.unwrap_or(Text { span: keyword, text: String::new() });
        let winner = head.as_ref().and_then(|head| self.winner(head));
        Some(Together { span: self.span(&pair), name, winner, rows })
    }

    pub(super) fn row(&mut self, pair: &Pair<'_>) -> Option<Row> {
        if pair.as_rule() != Rule::row {
            return None;
        }
        Some(Row {
            span: self.span(pair),
            left: self.operands(&child(pair, Rule::left)?),
            arrow: self.arrow(pair)?,
            right: self.operands(&child(pair, Rule::right)?),
            clauses: self.clauses(pair),
        })
    }

    fn operands(&mut self, pair: &Pair<'_>) -> Operands {
        let mut list: Vec<Operand> = children(pair, Rule::operand).filter_map(|part| self.operand(&part)).collect();
        let mut join = if list.len() > 1 { Join::Else } else { Join::One };
        if let Some(others) = child(pair, Rule::per_object) {
            join = Join::PerObject;
            let others = self.paths(&others).into_iter();
            list.extend(others.map(|path| Operand { span: path.span, kind: OperandKind::Field(path) }));
        }
        Operands { span: self.span(pair), list, join }
    }

    fn operand(&self, pair: &Pair<'_>) -> Option<Operand> {
        let part = pair.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::string => OperandKind::Text(self.text(&part).text),
            Rule::number => OperandKind::Number(self.number(&part).text),
            Rule::list_of => OperandKind::ListOf(self.pathed(&part)?),
            _ => OperandKind::Field(self.path(&part)),
        };
        Some(Operand { span: self.span(pair), kind })
    }

    fn clauses(&mut self, pair: &Pair<'_>) -> Vec<Clause> {
        children(pair, Rule::clause).filter_map(|clause| self.clause(&clause)).collect()
    }

    fn clause(&mut self, pair: &Pair<'_>) -> Option<Clause> {
        let span = self.span(pair);
        let part = pair.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::winner => ClauseKind::Winner(self.winner(pair)?),
            Rule::via => ClauseKind::Via(self.pathed(&part)?),
            Rule::as_type => ClauseKind::As(self.named(&part)?),
            Rule::handler => ClauseKind::Or(self.handler(&part)?),
            Rule::at_creation => ClauseKind::AtCreation,
            Rule::if_blank => ClauseKind::IfBlank,
            Rule::add_only => ClauseKind::AddOnly,
            Rule::on_clear => ClauseKind::OnClear { side: self.side(&part), cleared: cleared(&part) },
            Rule::if_currency => ClauseKind::IfCurrencyDiffers(currency(&part)),
            Rule::row_when => ClauseKind::When(self.row_when(&part)?),
            Rule::bad_wins => {
                self.bare_wins(span);
                return None;
            }
            _ => return None,
        };
        Some(Clause { span, kind })
    }

    pub(super) fn row_when(&mut self, pair: &Pair<'_>) -> Option<Cond> {
        if let Some(bad) = child(pair, Rule::bad_if) {
            self.wrong_when(self.span(&bad));
        }
        self.conditioned(pair)
    }

    /// The winner in a pair, if there is one.
    fn winner(&self, pair: &Pair<'_>) -> Option<Winner> {
        let winner = child(pair, Rule::winner)?;
        let part = winner.clone().into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::newest => WinnerKind::Newest,
            Rule::newest_record => WinnerKind::NewestRecord,
            Rule::side_wins => WinnerKind::Side(self.side(&part)?),
            Rule::prefer => WinnerKind::Prefer(self.side(&part)?),
            Rule::merge_values => WinnerKind::MergeValues,
            Rule::forward_only => WinnerKind::ForwardOnly,
            _ => WinnerKind::AskFirst,
        };
        Some(Winner { span: self.span(&winner), kind })
    }

    fn handler(&self, pair: &Pair<'_>) -> Option<Handler> {
        let kind = match pair.clone().into_inner().nth(1)?.as_rule() {
            Rule::kw_truncate => HandlerKind::Truncate,
            Rule::kw_round => HandlerKind::Round,
            Rule::kw_skip => HandlerKind::Skip,
            Rule::kw_reject => HandlerKind::Reject,
            Rule::kw_wait => HandlerKind::Wait,
            _ => HandlerKind::Use(self.valued(pair)?),
        };
        Some(Handler { span: self.span(pair), kind })
    }

    pub(super) fn associate(&mut self, pair: Pair<'_>) -> Option<Associate> {
        let rows = self.lines(&pair, &Body::ASSOCIATE, |fold, line| fold.associate_row(&line));
        if has(&pair, Rule::bad_head) {
            self.head(&pair, Rule::kw_associate, Rule::head_associate);
        }
        Some(Associate { span: self.span(&pair), rows })
    }

    fn associate_row(&mut self, pair: &Pair<'_>) -> Option<AssociateRow> {
        if pair.as_rule() != Rule::associate_row {
            return None;
        }
        let mut paths = self.paths(pair).into_iter();
        let (left, right) = (paths.next()?, paths.next()?);
        let filter = match child(pair, Rule::associate_where) {
            Some(filter) => Some(self.conditioned(&filter)?),
            None => None,
        };
        Some(AssociateRow {
            span: self.span(pair),
            left,
            labelled: child(pair, Rule::labelled).and_then(|labelled| self.texted(&labelled)),
            arrow: self.arrow(pair)?,
            right,
            clauses: self.clauses(pair),
            filter,
        })
    }
}

fn cleared(pair: &Pair<'_>) -> Cleared {
    if has(pair, Rule::kw_pass) {
        Cleared::Pass
    } else if has(pair, Rule::kw_keep) {
        Cleared::Keep
    } else {
        Cleared::Restore
    }
}

fn currency(pair: &Pair<'_>) -> CurrencyRule {
    if has(pair, Rule::kw_reject) {
        CurrencyRule::Reject
    } else if has(pair, Rule::kw_skip) {
        CurrencyRule::Skip
    } else {
        CurrencyRule::Copy
    }
}
