//! `limits`.

use rust_decimal::Decimal;
use syncline_grammar::tree::{Limit, LimitKind, Number};

use super::globals::Globals;
use super::literal::number;
use super::sync::side_of;
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Hold, Limits};

pub(super) fn check(globals: &Globals<'_>, findings: &mut Vec<Finding>) -> Limits {
    let mut limits = Limits::default();
    let Some((first_file, first)) = globals.limits.first() else { return limits };
    for (file, again) in globals.limits.iter().skip(1) {
        let finding = Finding::new(Code::BlockTwice, *file, again.span, "a second `limits` block");
        findings.push(finding.also(*first_file, first.span, "the first one"));
    }
    for limit in &first.limits {
        set(&mut limits, *first_file, limit, findings);
    }
    limits
}

fn set(limits: &mut Limits, file: usize, limit: &Limit, findings: &mut Vec<Finding>) {
    let second = match &limit.kind {
        LimitKind::CallsPerDay { side, calls } => match whole(file, calls, findings) {
            Some(calls) => limits.calls_per_day[side_of(*side)].replace(calls).is_some(),
            None => false,
        },
        LimitKind::HoldAbove { records, percent } => {
            let percent = percent.as_ref().map(|number| self::percent(file, number, findings));
            match (whole(file, records, findings), percent) {
                (Some(_), Some(None)) | (None, _) => false,
                (Some(records), percent) => limits.hold.replace(Hold { records, percent: percent.flatten() }).is_some(),
            }
        }
        LimitKind::KeepForPeople { percent, side } => match self::percent(file, percent, findings) {
            Some(percent) => limits.keep_percent[side_of(*side)].replace(percent).is_some(),
            None => false,
        },
        LimitKind::PauseRetriesAbove { percent, side } => match self::percent(file, percent, findings) {
            Some(percent) => limits.pause_retries_percent[side_of(*side)].replace(percent).is_some(),
            None => false,
        },
        LimitKind::DeleteAtMost { records } => match whole(file, records, findings) {
            Some(records) => limits.deletes_per_pass.replace(records).is_some(),
            None => false,
        },
        LimitKind::Favour { .. } => false,
    };
    if second {
        findings.push(Finding::new(Code::BlockTwice, file, limit.span, "this limit is set a second time"));
    }
}

fn whole(file: usize, written: &Number, findings: &mut Vec<Finding>) -> Option<u32> {
    let value = written.text.parse().ok();
    if value.is_none() {
        let message = format!("`{}` is no whole number from 0 to {}", written.text, u32::MAX);
        findings.push(Finding::new(Code::BadNumber, file, written.span, message));
    }
    value
}

fn percent(file: usize, written: &Number, findings: &mut Vec<Finding>) -> Option<Decimal> {
    let value = number(&written.text).filter(|value| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(value));
    if value.is_none() {
        let message = format!("`{}` is no percentage from 0 to 100", written.text);
        findings.push(Finding::new(Code::BadNumber, file, written.span, message));
    }
    value
}
