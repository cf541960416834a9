//! Who changed last.

use super::two::Two;
use crate::data::{BySide, Millis, Side};

/// Both titles were changed at these times, on the right by somebody else then and by us last; whose one it becomes.
fn newest(winner: &str, left: i64, right: i64, others: Option<i64>) -> Side {
    let map = format!("map {winner} {{ email <-> Email or reject  jobtitle <-> Title or truncate }}");
    let mut two = Two::new(&map);
    two.set(Side::Left, "jobtitle", "CTO");
    two.set(Side::Right, "Title", "CEO");
    two.changed_at = Some(BySide::new(left, right));
    two.others.right = others.map(Millis);
    let moves = two.decision(false).moves;
    match moves.iter().map(|mv| (&*mv.name, mv.after.cell().text().into_owned())).collect::<Vec<_>>().as_slice() {
        [("Title", value)] if value == "CTO" => Side::Left,
        [("jobtitle", value)] if value == "CEO" => Side::Right,
        moves => panic!("{moves:?}"),
    }
}

#[test]
fn what_we_wrote_makes_no_side_the_newer_one() {
    for winner in ["newest wins", "newest record wins"] {
        assert_eq!(newest(winner, 2_000, 3_000, None), Side::Right, "{winner}");
        assert_eq!(newest(winner, 2_000, 3_000, Some(1_000)), Side::Left, "{winner}: we wrote at 3 s, they at 1 s");
        assert_eq!(newest(winner, 1_000, 3_000, Some(2_000)), Side::Right, "{winner}");
    }
}

/// Salesforce tells whole seconds: what it changed at 1.9 s it says it changed at 1 s.
#[test]
fn within_one_second_nobody_is_newer() {
    for winner in ["newest wins", "newest record wins"] {
        assert_eq!(newest(winner, 1_400, 1_000, None), Side::Right, "{winner}");
        assert_eq!(newest(winner, 2_000, 1_000, None), Side::Left, "{winner}");
    }
}
