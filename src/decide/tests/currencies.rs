//! `if currency differs`: an amount crosses only where both sides are in one currency.

use super::two::Two;
use crate::data::{BySide, Side, Value};
use crate::lang::plan::{Currencies, Currency};

/// Two records whose currencies stand in `leadsource` and `LeadSource`, which are kept the same where `is_test` is set.
/// `home`: the accounts' own.
fn two(home: [Option<&str>; 2], reject: bool) -> Two {
    let rows = "annualrevenue <-> AnnualRevenue or round newest wins  phone <-> Phone or truncate newest wins  \
                leadsource <-> LeadSource or skip hubspot wins when is_test is true";
    Two::changed(&format!("map {{ {rows} }}"), "", |plan| {
        let block = &mut plan.blocks[0];
        let of = |name: &str, home: Option<&str>| Currency {
            slot: Some(block.slots.iter().position(|slot| slot.name == name).unwrap()),
            home: home.map(Into::into),
        };
        let of = BySide::new(of("leadsource", home[0]), of("LeadSource", home[1]));
        let line = block.lines.iter_mut().find(|line| &*line.rule.name == "people.annualrevenue").unwrap();
        line.currencies = Some(Currencies { of, reject });
    })
}

fn set(two: &mut Two, side: Side, amount: i64, currency: &str) {
    let (number, code) = match side {
        Side::Left => ("annualrevenue", "leadsource"),
        Side::Right => ("AnnualRevenue", "LeadSource"),
    };
    two.put(side, number, Value::Num(amount.into()));
    two.set(side, code, currency);
}

fn amounts(two: &Two) -> [String; 2] {
    [two.text(Side::Left, "annualrevenue"), two.text(Side::Right, "AnnualRevenue")]
}

/// In step at 5, in one currency.
fn agreed(reject: bool) -> Two {
    let mut two = two([Some("USD"), None], reject);
    set(&mut two, Side::Left, 5, "Web");
    set(&mut two, Side::Right, 5, "Web");
    two.settle();
    two
}

#[test]
fn an_amount_crosses_in_one_currency_and_waits_in_two() {
    let mut two = agreed(false);
    set(&mut two, Side::Left, 6, "web ");
    two.settle();
    assert_eq!(amounts(&two), ["6", "6"], "codes are compared without case");
    set(&mut two, Side::Left, 7, "Offline");
    two.set(Side::Left, "phone", "1");
    assert_eq!(two.held(), ["people.annualrevenue"]);
    two.settle();
    assert_eq!((amounts(&two), two.text(Side::Right, "Phone")), (["7".into(), "6".into()], "1".into()));
    set(&mut two, Side::Right, 8, "Web");
    two.settle();
    assert_eq!(amounts(&two), ["7", "8"], "both are as they are");
    set(&mut two, Side::Right, 8, "Offline");
    two.settle();
    assert_eq!(amounts(&two), ["8", "8"], "and it goes on from what was agreed");
}

#[test]
fn what_is_equal_is_not_asked_and_nothing_is_held() {
    let mut two = agreed(true);
    set(&mut two, Side::Right, 5, "Other");
    assert!(two.held().is_empty());
}

#[test]
fn a_record_is_stopped_until_its_currencies_are_one() {
    let mut two = agreed(true);
    set(&mut two, Side::Left, 7, "Offline");
    two.set(Side::Left, "phone", "1");
    for known in [false, true] {
        let decision = two.step();
        assert!(decision.moves.is_empty(), "{:?}", decision.moves);
        let held: Vec<(bool, bool)> = decision.held.iter().map(|held| (held.reject, held.known)).collect();
        assert_eq!(held, [(true, known)]);
    }
    set(&mut two, Side::Right, 5, "Offline");
    two.settle();
    assert_eq!((amounts(&two), two.text(Side::Right, "Phone")), (["7".into(), "7".into()], "1".into()));
}

#[test]
fn a_currency_that_is_written_in_the_same_call_counts() {
    for reject in [false, true] {
        let mut two = agreed(reject);
        two.put(Side::Left, "is_test", Value::Bool(true));
        set(&mut two, Side::Left, 7, "Referral");
        let names: Vec<String> = two.step().moves.iter().map(|mv| mv.name.to_string()).collect();
        assert_eq!(names, ["LeadSource", "AnnualRevenue"]);
        assert_eq!(amounts(&two), ["7", "7"]);
    }
}

#[test]
fn a_record_without_a_currency_has_its_accounts_and_an_unknown_one_decides_nothing() {
    let mut both = two([Some("USD"), Some("usd")], true);
    set(&mut both, Side::Left, 5, "");
    both.settle();
    assert_eq!(amounts(&both), ["5", "5"]);
    for reject in [false, true] {
        let mut one = two([Some("USD"), None], reject);
        set(&mut one, Side::Left, 5, "");
        one.set(Side::Left, "phone", "1");
        let decision = one.decision(false);
        assert!(
            decision.held.iter().all(|held| !held.reject && held.why.contains("is not known")),
            "{:?}",
            decision.held
        );
        one.settle();
        assert_eq!((amounts(&one), one.text(Side::Right, "Phone")), (["5".into(), String::new()], "1".into()));
    }
}

#[test]
fn a_new_record_gets_its_amount_with_its_currency_or_later() {
    let mut two = agreed(false);
    two.put(Side::Left, "is_test", Value::Bool(true));
    assert_eq!(two.created()["AnnualRevenue"], "5", "the currency is given as well");
    two.put(Side::Left, "is_test", Value::Bool(false));
    assert!(!two.created().contains_key("AnnualRevenue"), "only the CRM knows which currency it comes to have");
    assert!(two.decision(true).held.is_empty());
}
