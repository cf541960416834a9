//! What a change of the rules means, rule by rule. Comments, places, spelling and the order of lines that are not tried in
//! order mean nothing.

use std::collections::BTreeMap;

use super::digest::{Spelled, spell};
use super::ir::Plan;
use crate::data::Dict;

/// Names of rules, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Differences {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<String>,
}

impl Differences {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// From `old` to `new`. A row counts as changed, too, when its table or what the schemas say of its fields has changed.
pub fn differences(old: (&Plan, &Dict), new: (&Plan, &Dict)) -> Differences {
    let (old, new) = (spell(old.0, old.1), spell(new.0, new.1));
    let missing = |from: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
        from.keys().filter(|name| !other.contains_key(*name)).cloned().collect()
    };
    let mut changed: Vec<String> = old
        .rules
        .iter()
        .filter(|(name, meaning)| new.rules.get(*name).is_some_and(|now| now != *meaning))
        .map(|(name, _)| name.clone())
        .collect();
    changed.extend(reordered(&old, &new));
    changed.sort();
    Differences { added: missing(&new.rules, &old.rules), removed: missing(&old.rules, &new.rules), changed }
}

/// Lists in which lines that both plans have stand in another order.
fn reordered(old: &Spelled, new: &Spelled) -> Vec<String> {
    let mut out = Vec::new();
    for (name, before) in &old.orders {
        let Some(after) = new.orders.get(name) else { continue };
        let common = |list: &[String], other: &[String]| -> Vec<String> {
            list.iter().filter(|line| other.contains(line)).cloned().collect()
        };
        if common(before, after) != common(after, before) {
            out.push(name.trim_end_matches(" Left").trim_end_matches(" Right").to_owned());
        }
    }
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::lang::compile;

    const RULES: &str = include_str!("../../../examples/developer-edition/rules/people.sync");

    fn plan(text: &str) -> (Plan, Dict) {
        let read = |text| serde_json::from_str(text).unwrap();
        let left = read(include_str!("../../../examples/developer-edition/schemas/hubspot.json"));
        let right = read(include_str!("../../../examples/developer-edition/schemas/salesforce.json"));
        let mut dict = Dict::default();
        let (plan, findings) = compile(&[SourceFile::new("a.sync", text)], &left, &right, &mut dict);
        (plan.unwrap_or_else(|| panic!("{findings:?}")), dict)
    }

    fn told(new: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
        let ((old, old_dict), (new, new_dict)) = (plan(RULES), plan(new));
        let found = differences((&old, &old_dict), (&new, &new_dict));
        assert_eq!(found.is_empty(), old.digest == new.digest);
        (found.added, found.removed, found.changed)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_change_is_told_by_the_names_of_its_rules() {
        let none = Vec::new;
        let phone = "phone          <-> Phone         or truncate";
        let phones = format!("{phone}\n    fax            <-> Fax               or truncate");
        assert_eq!(told(&RULES.replace(phone, &phones)), (names(&["people.fax = Fax"]), none(), none()));
        assert_eq!(told(&RULES.replace(phone, "")), (none(), names(&["people.phone = Phone"]), none()));
        let won = RULES.replace(phone, &format!("{phone}  hubspot wins"));
        assert_eq!(told(&won), (none(), none(), names(&["people.phone = Phone"])));
        let table = RULES.replace("UNQUALIFIED <->", "CONNECTED   <->");
        assert_eq!(told(&table), (none(), none(), names(&["people.hs_lead_status = Lead.Status"])));
        let gate = RULES.replace("\"@acme.com\"", "\"@acme.com\", \"@acme.org\"");
        assert_eq!(told(&gate), (none(), none(), names(&["people: \"our own staff\""])));
        let limits = RULES.replace("5_000", "6_000");
        assert_eq!(told(&limits), (none(), none(), names(&["limits"])));
        // A `recheck` means something only where a field is read that the CRM computes.
        let computed = "include \"has a domain\" when hs_email_domain is known";
        let rechecked = |every: &str| {
            let lines = format!("recheck every {every} hours\n  both ways {{\n    {computed}");
            told(&RULES.replacen("both ways {", &lines, 1))
        };
        assert_eq!(rechecked("12"), (names(&["people: \"has a domain\""]), none(), names(&["people: recheck"])));
    }

    #[test]
    fn order_is_told_where_it_decides_and_text_is_not_told() {
        let (first, second) = ("match salesforcecontactid = Contact.Id", "match salesforceleadid = Lead.Id");
        let swapped = RULES.replace(first, "@").replace(second, first).replace('@', second);
        // The addresses hold the sign as well.
        let swapped = swapped.replace(&format!("\"{second}acme.com\""), "\"@acme.com\"");
        assert_eq!(told(&swapped).2, names(&["people: order of the match lines"]));
        let rows = ("firstname      <-> FirstName     or truncate", "phone          <-> Phone         or truncate");
        let moved = RULES.replace(rows.0, "#").replace(rows.1, rows.0).replace('#', rows.1);
        assert_eq!(told(&moved), (Vec::new(), Vec::new(), Vec::new()));
        assert_eq!(told(&format!("// a comment\n{RULES}")), (Vec::new(), Vec::new(), Vec::new()));
    }
}
