//! Queries as text. Names come from the org's own description and are checked once more; values are escaped.

use crate::data::Millis;

/// Longest statement that Salesforce reads.
pub(super) const STATEMENT: usize = 100_000;
/// Longest text in a condition.
const LITERAL: usize = 4_000;

/// Names are words: nothing else can be put into a statement.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A quoted literal; `None` when it is too long to be compared with anything.
pub(super) fn literal(text: &str) -> Option<String> {
    if text.len() > LITERAL {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('\'');
    Some(out)
}

/// A moment, always in UTC, to the second: finer is not kept.
pub(super) fn moment(at: Millis) -> String {
    let iso = Millis(at.0.div_euclid(1000) * 1000).to_iso();
    iso.replace(".000Z", "Z")
}

pub(super) fn select(fields: &[&str], from: &str, rest: &str) -> Option<String> {
    let good = is_name(from) && fields.iter().all(|field| is_name(field));
    good.then(|| format!("SELECT {} FROM {from} {rest}", fields.join(",")))
}

/// Statements that together ask for all values, each within the length that is read.
pub(super) fn select_in(fields: &[&str], from: &str, field: &str, values: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let mut list = String::new();
    let room = STATEMENT - 2_000 - fields.iter().map(|field| field.len() + 1).sum::<usize>();
    let mut finish = |list: &mut String| {
        if !list.is_empty() && is_name(field) {
            out.extend(select(fields, from, &format!("WHERE {field} IN ({list})")));
            list.clear();
        }
    };
    for value in values.iter().filter_map(|value| literal(value)) {
        if list.len() + value.len() + 1 > room {
            finish(&mut list);
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&value);
    }
    finish(&mut list);
    out
}

/// Searches of one statement. The server looks at every record for each.
const SEARCHES: usize = 50;

/// Statements that together ask for all records of which `field` has the pieces of one of `wanted` in it, in their order,
/// whatever stands between.
pub(super) fn select_like(fields: &[&str], from: &str, field: &str, wanted: &[Vec<&str>]) -> Vec<String> {
    if !is_name(field) {
        return Vec::new();
    }
    let tests = wanted.iter().filter(|pieces| !pieces.is_empty()).filter_map(|pieces| {
        let escaped: Option<Vec<String>> = pieces.iter().map(|piece| literal(piece)).collect();
        let escaped: Vec<String> =
            escaped?.iter().map(|piece| piece[1..piece.len() - 1].replace('%', "\\%").replace('_', "\\_")).collect();
        Some(format!("{field} LIKE '%{}%'", escaped.join("%")))
    });
    let tests: Vec<String> = tests.collect();
    let statements = tests.chunks(SEARCHES).map(|tests| select(fields, from, &format!("WHERE {}", tests.join(" OR "))));
    statements.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_quotes() {
        assert_eq!(literal("o'neil\\").as_deref(), Some("'o\\'neil\\\\'"));
        assert_eq!(literal("a\nb\u{7}").as_deref(), Some("'a\\nb\\u0007'"));
        assert_eq!(literal(&"x".repeat(5_000)), None);
        assert_eq!(select(&["Id", "Email FROM User"], "Lead", ""), None);
    }

    #[test]
    fn a_search_takes_its_pieces_by_the_letter() {
        let wanted = [vec!["a_b.co"], vec!["1", "2"], vec!["o'%"], vec![]];
        assert_eq!(
            select_like(&["Id"], "Account", "Website", &wanted),
            [
                "SELECT Id FROM Account WHERE Website LIKE '%a\\_b.co%' OR Website LIKE '%1%2%' OR Website LIKE '%o\\'\\%%'"
            ]
        );
        let many = vec![vec!["acme.com"]; 120];
        assert_eq!(select_like(&["Id"], "Account", "Website", &many).len(), 3);
        assert!(select_like(&["Id"], "Account", "Website, Name", &many).is_empty());
    }

    #[test]
    fn long_lists_become_several_statements() {
        let values: Vec<String> = (0..10_000).map(|n| format!("person{n}@example.com")).collect();
        let statements = select_in(&["Id"], "Lead", "Email", &values);
        assert!(statements.len() > 1 && statements.iter().all(|s| s.len() <= STATEMENT));
        let asked: usize = statements.iter().map(|s| s.matches("@example.com").count()).sum();
        assert_eq!(asked, values.len());
        assert_eq!(moment(Millis(1_767_225_599_999)), "2025-12-31T23:59:59Z");
    }
}
