//! What never comes to rest, and is therefore refused when rules are checked, and what does and is not.

use proptest::prelude::*;

use super::two::Two;
use crate::data::Side;
use crate::lang::plan::Cond;

/// Rows that the check accepts, as each is there where the other is not.
const APART: &str = "map {
  jobtitle  -> Title  or truncate  when is_test is true
  jobtitle <-  Title               when is_test is false
}";

/// Ends the conditions that keep the rows apart: the check refuses what is left (`F545`).
fn together(plan: &mut crate::lang::plan::Plan) {
    for line in &mut plan.blocks[0].lines {
        line.when = Cond::Always;
    }
}

#[test]
fn two_rows_against_each_other_never_come_to_rest() {
    let mut two = Two::changed(APART, "", together);
    two.set(Side::Left, "jobtitle", "new");
    two.set(Side::Right, "Title", "old");
    let mut seen = Vec::new();
    for _ in 0..12 {
        assert!(!two.step().moves.is_empty(), "{:?}", two.both("jobtitle", "Title"));
        seen.push(two.both("jobtitle", "Title"));
    }
    assert_eq!(seen[0], seen[2], "the two values change places");
    assert_ne!(seen[0], seen[1]);
}

#[test]
fn rows_that_are_never_there_together_come_to_rest() {
    let mut two = Two::new(APART);
    two.set(Side::Left, "jobtitle", "new");
    two.set(Side::Right, "Title", "old");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), ("old".to_owned(), "old".to_owned()));
    two.put(Side::Left, "is_test", crate::data::Value::Bool(true));
    two.set(Side::Left, "jobtitle", "newer");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), ("newer".to_owned(), "newer".to_owned()));
}

#[test]
fn two_rows_for_one_field_take_turns_where_they_are_never_there_together() {
    let rows = "map {
      jobtitle -> Title  or truncate  when is_test is true
      company  -> Title  or truncate  when is_test is false
    }";
    let mut two = Two::new(rows);
    two.set(Side::Left, "jobtitle", "head");
    two.set(Side::Left, "company", "Acme");
    for (is_test, title) in [(false, "Acme"), (true, "head"), (false, "Acme")] {
        two.put(Side::Left, "is_test", crate::data::Value::Bool(is_test));
        two.settle();
        assert_eq!(two.text(Side::Right, "Title"), title);
    }
}

/// A change runs around in a ring of four.
#[test]
fn a_longer_circle_never_comes_to_rest_either() {
    let rows = "map {
      jobtitle  -> Title      or truncate  when is_test is true
      phone    <-  Title                   when is_test is false
      phone     -> Phone      or truncate  when is_test is true
      jobtitle <-  Phone                   when is_test is false
    }";
    let mut two = Two::changed(rows, "", together);
    for (side, field) in
        [(Side::Left, "jobtitle"), (Side::Left, "phone"), (Side::Right, "Title"), (Side::Right, "Phone")]
    {
        two.set(side, field, "old");
    }
    two.settle();
    two.set(Side::Left, "jobtitle", "new");
    for _ in 0..12 {
        assert!(!two.step().moves.is_empty());
    }
}

/// What `C450` tells of: nothing moves by itself, but a value that is set and set back is another one.
#[test]
fn a_value_that_comes_back_as_another_one_rests_until_it_is_edited() {
    let tables = "picklist t { NEW -> \"Open - Not Contacted\"  IN_PROGRESS <- \"Open - Not Contacted\" \
                  IN_PROGRESS -> \"Working - Contacted\"  CONNECTED <-> \"Closed - Converted\" \
                  otherwise -> skip  otherwise <- skip }";
    let mut two = Two::with("map newest wins { hs_lead_status <-> Status via t }", tables);
    two.set(Side::Left, "hs_lead_status", "NEW");
    two.settle();
    assert_eq!(two.text(Side::Right, "Status"), "Open - Not Contacted");
    for status in ["Closed - Converted", "Open - Not Contacted"] {
        two.set(Side::Right, "Status", status);
        two.settle();
    }
    assert_eq!(two.text(Side::Left, "hs_lead_status"), "IN_PROGRESS");
    for status in ["CONNECTED", "IN_PROGRESS"] {
        two.set(Side::Left, "hs_lead_status", status);
        two.settle();
    }
    assert_eq!(two.text(Side::Right, "Status"), "Working - Contacted", "nobody ever chose it");
}

const LEFT: [&str; 4] = ["NEW", "IN_PROGRESS", "CONNECTED", "BAD_TIMING"];
const RIGHT: [&str; 3] = ["Open - Not Contacted", "Working - Contacted", "Closed - Converted"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Both last agreed values are kept, each as its side stored it: whatever a table makes of values on the way there and
    /// back, a row by itself comes to rest.
    #[test]
    fn no_table_makes_one_row_go_round(
        there in prop::collection::vec(0usize..3, 4),
        back in prop::collection::vec(0usize..4, 3),
        winner in prop::sample::select(vec![
            "newest wins", "salesforce wins", "hubspot wins", "prefer salesforce unless blank", "newest record wins",
        ]),
        edits in prop::collection::vec((any::<bool>(), 0usize..4, any::<bool>()), 1..12),
    ) {
        let rows = LEFT.iter().zip(&there).map(|(left, right)| format!("{left} -> \"{}\" ", RIGHT[*right]));
        let more = RIGHT.iter().zip(&back).map(|(right, left)| format!("{} <- \"{right}\" ", LEFT[*left]));
        let table = format!("picklist t {{ {} }}", rows.chain(more).collect::<String>());
        let mut two = Two::with(&format!("map {winner} {{ hs_lead_status <-> Status via t }}"), &table);
        for (left, value, settle) in edits {
            match left {
                true => two.set(Side::Left, "hs_lead_status", LEFT[value]),
                false => two.set(Side::Right, "Status", RIGHT.get(value).copied().unwrap_or("")),
            }
            two.newer = if left { Side::Left } else { Side::Right };
            if settle {
                two.settle();
            }
        }
        two.settle();
    }
}
