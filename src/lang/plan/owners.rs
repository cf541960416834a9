//! `owners`: who on one side is who on the other.

use std::collections::HashMap;

use super::fold::fold_case;
use super::ir::Place;
use crate::data::{BySide, Person, Side, id_core};

/// An `owners` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnerTable {
    pub name: String,
    pub place: Place,
    /// `match` lines, in their order.
    pub matches: Vec<OwnerMatch>,
    /// Rows on the way to a side: who, by e-mail, name or id, and who that is there.
    pub rows: BySide<Vec<(Box<str>, OwnerOutcome)>>,
    pub otherwise: BySide<Option<OwnerOutcome>>,
    pub otherwise_at_creation: BySide<Option<OwnerOutcome>>,
}

/// What must be equal; one of them is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnerMatch {
    pub email: bool,
    pub name: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OwnerOutcome {
    /// By e-mail, name or id.
    Person(Box<str>),
    Blank,
    Skip,
    Reject,
    /// The other side's owner comes back.
    Restore,
    /// The new record gets no owner from us, and the org's assignment rules run.
    AssignmentRules,
    /// The new record gets no owner from us: it belongs to the user that creates it.
    IntegrationUser,
}

/// What becomes of an owner.
#[derive(Clone, Debug, PartialEq)]
pub enum Owned {
    Id(Box<str>),
    Blank,
    /// Not written until somebody is found, for this reason.
    Hold(String),
    Reject(String),
    Restore(String),
    LeaveOut {
        /// The org's assignment rules run.
        assign: bool,
    },
}

/// The line of an `owners` block that says what becomes of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerLine {
    /// By its place among the rows to that side.
    Row(usize),
    /// By its place among the `match` lines.
    Match(usize),
    AtCreation,
    Otherwise,
}

/// Everybody on both sides, found by id and by e-mail.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    sides: BySide<Option<OneSide>>,
}

#[derive(Clone, Debug, Default)]
struct OneSide {
    people: Vec<Person>,
    by_id: HashMap<Box<str>, usize>,
    by_email: HashMap<Box<str>, Vec<usize>>,
}

impl Directory {
    /// `None`: that side was never read.
    pub fn new(people: BySide<Option<Vec<Person>>>) -> Directory {
        let side = |people: Option<Vec<Person>>| {
            let people = people?;
            let mut side = OneSide::default();
            for (at, person) in people.iter().enumerate() {
                side.by_id.insert(id_core(&person.id).into(), at);
                side.by_email.entry(fold_case(person.email.trim())).or_default().push(at);
            }
            Some(OneSide { people, ..side })
        };
        Directory { sides: BySide::new(side(people.left), side(people.right)) }
    }
}

impl OneSide {
    fn by_id(&self, id: &str) -> Option<&Person> {
        self.by_id.get(id_core(id)).and_then(|at| self.people.get(*at))
    }

    /// By e-mail, name or id, active ones first.
    fn called(&self, text: &str) -> Option<&Person> {
        let all = || self.people.iter().filter(|person| is_called(person, text));
        all().find(|person| person.active).or_else(|| all().next())
    }

    fn matching(&self, who: &Person, keys: OwnerMatch) -> Vec<&Person> {
        let name = fold_case(who.name.trim());
        let same_name = |person: &&Person| !keys.name || (!name.is_empty() && fold_case(person.name.trim()) == name);
        let email = fold_case(who.email.trim());
        match (keys.email, email.is_empty()) {
            (true, true) => Vec::new(),
            (true, false) => {
                let listed = self.by_email.get(&email).map(Vec::as_slice).unwrap_or_default();
                listed.iter().filter_map(|at| self.people.get(*at)).filter(same_name).collect()
            }
            (false, _) => self.people.iter().filter(same_name).collect(),
        }
    }
}

fn is_called(person: &Person, text: &str) -> bool {
    let folded = fold_case(text.trim());
    fold_case(person.email.trim()) == folded
        || fold_case(person.name.trim()) == folded
        || id_core(&person.id) == id_core(text)
}

const NOBODY: &str = "has nobody on the other side";

impl OwnerTable {
    /// Who on `to` the owner `id` of the other side is.
    pub fn carry(&self, directory: &Directory, to: Side, id: &str, at_creation: bool) -> Owned {
        self.judge(directory, to, id, at_creation).0
    }

    /// Which line says so; `None` where none does.
    pub fn line(&self, directory: &Directory, to: Side, id: &str, at_creation: bool) -> Option<OwnerLine> {
        self.judge(directory, to, id, at_creation).1
    }

    fn judge(&self, directory: &Directory, to: Side, id: &str, at_creation: bool) -> (Owned, Option<OwnerLine>) {
        let creating = self.otherwise_at_creation[to].as_ref().filter(|_| at_creation);
        if id.trim().is_empty() {
            return match creating {
                Some(OwnerOutcome::AssignmentRules) => (Owned::LeaveOut { assign: true }, Some(OwnerLine::AtCreation)),
                Some(OwnerOutcome::IntegrationUser) => (Owned::LeaveOut { assign: false }, Some(OwnerLine::AtCreation)),
                _ => (Owned::Blank, None),
            };
        }
        let (Some(from), Some(there)) = (&directory.sides[to.other()], &directory.sides[to]) else {
            return (Owned::Hold("the owners could not be read yet".into()), None);
        };
        let who = from.by_id(id);
        let called = |text: &str| who.map_or_else(|| id_core(id) == id_core(text), |who| is_called(who, text));
        if let Some((at, (_, outcome))) = self.rows[to].iter().enumerate().find(|(_, (text, _))| called(text)) {
            return (self.outcome(outcome, there, who, id, NOBODY), Some(OwnerLine::Row(at)));
        }
        let mut why = NOBODY;
        if let Some(who) = who {
            for (at, keys) in self.matches.iter().enumerate() {
                let found = there.matching(who, *keys);
                let active: Vec<&&Person> = found.iter().filter(|person| person.active).collect();
                match active.as_slice() {
                    [one] => return (Owned::Id(one.id.clone()), Some(OwnerLine::Match(at))),
                    [] if found.is_empty() => {}
                    [] => why = "is not active on the other side",
                    _ => why = "is several people on the other side",
                }
            }
        }
        match (creating, &self.otherwise[to]) {
            (Some(outcome), _) => (self.outcome(outcome, there, who, id, why), Some(OwnerLine::AtCreation)),
            (None, Some(outcome)) => (self.outcome(outcome, there, who, id, why), Some(OwnerLine::Otherwise)),
            (None, None) => (Owned::Hold(self.say(who, id, why)), None),
        }
    }

    fn outcome(&self, outcome: &OwnerOutcome, there: &OneSide, who: Option<&Person>, id: &str, why: &str) -> Owned {
        let say = || self.say(who, id, why);
        match outcome {
            OwnerOutcome::Person(text) => match there.called(text) {
                Some(person) if person.active => Owned::Id(person.id.clone()),
                Some(_) => Owned::Hold(self.say(who, id, &format!("is `{text}` there, who is not active"))),
                None => Owned::Hold(self.say(who, id, &format!("is `{text}` there, who does not exist"))),
            },
            OwnerOutcome::Blank => Owned::Blank,
            OwnerOutcome::Skip => Owned::Hold(say()),
            OwnerOutcome::Reject => Owned::Reject(say()),
            OwnerOutcome::Restore => Owned::Restore(say()),
            OwnerOutcome::AssignmentRules => Owned::LeaveOut { assign: true },
            OwnerOutcome::IntegrationUser => Owned::LeaveOut { assign: false },
        }
    }

    fn say(&self, who: Option<&Person>, id: &str, what: &str) -> String {
        match who {
            Some(who) if !who.email.is_empty() => format!("the owner `{}` {what}", who.email),
            Some(who) => format!("the owner `{}` {what}", who.name),
            // Queues are owners in Salesforce and no users: their ids begin so.
            None if id.starts_with("00G") => format!("the queue `{id}` {what}"),
            None => format!("the owner `{id}` {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, email: &str, name: &str, active: bool) -> Person {
        Person { id: id.into(), email: email.into(), name: name.into(), active }
    }

    fn directory() -> Directory {
        let left = vec![
            person("101", "Ana@acme.com", "Ana Gil", true),
            person("102", "bo@acme.com", "Bo Lund", true),
            person("103", "cy@acme.com", "Cy Dee", false),
            person("104", "dee@acme.com", "Dee Fox", true),
            person("105", "eve@acme.com", "Eve Moor", true),
        ];
        let right = vec![
            person("005000000000001AAA", "ana@acme.com", "Ana Gil", true),
            person("005000000000002AAA", "bo@acme.com", "Robert Lund", true),
            person("005000000000003AAA", "cy@acme.com", "Cy Dee", true),
            person("005000000000004AAA", "dee@acme.com", "Dee Fox", false),
            person("005000000000005AAA", "eve.b@acme.com", "Eve Moor", true),
        ];
        Directory::new(BySide::new(Some(left), Some(right)))
    }

    fn table(email: bool, name: bool) -> OwnerTable {
        let person = |text: &str| OwnerOutcome::Person(text.into());
        OwnerTable {
            name: "owners".into(),
            place: Place::default(),
            matches: vec![OwnerMatch { email, name }],
            rows: BySide::new(
                vec![("eve.b@acme.com".into(), person("eve@acme.com"))],
                vec![("eve@acme.com".into(), person("eve.b@acme.com"))],
            ),
            otherwise: BySide::new(Some(OwnerOutcome::Skip), Some(OwnerOutcome::Restore)),
            otherwise_at_creation: BySide::new(None, Some(OwnerOutcome::AssignmentRules)),
        }
    }

    #[test]
    fn owners_are_found_by_their_keys_and_rows_both_ways() {
        let both = table(true, true);
        let id = |owned| match owned {
            Owned::Id(id) => id.to_string(),
            other => format!("{other:?}"),
        };
        for (left, right) in [("101", "005000000000001AAA"), ("105", "005000000000005AAA")] {
            assert_eq!(id(both.carry(&directory(), Side::Right, left, false)), right);
            assert_eq!(id(both.carry(&directory(), Side::Left, right, false)), left);
            assert_eq!(id(both.carry(&directory(), Side::Left, &right[..15], true)), left, "the short id too");
        }
        let restored = both.carry(&directory(), Side::Right, "102", false);
        assert_eq!(restored, Owned::Restore("the owner `bo@acme.com` has nobody on the other side".into()));
        assert_eq!(id(table(true, false).carry(&directory(), Side::Right, "102", false)), "005000000000002AAA");
    }

    #[test]
    fn who_has_nobody_there_is_dealt_with_as_the_rows_say() {
        let table = table(true, true);
        let go = |to, id, at_creation| table.carry(&directory(), to, id, at_creation);
        assert_eq!(go(Side::Right, "102", true), Owned::LeaveOut { assign: true });
        assert_eq!(go(Side::Right, "", true), Owned::LeaveOut { assign: true });
        assert_eq!(go(Side::Right, "", false), Owned::Blank);
        assert!(matches!(go(Side::Right, "104", false), Owned::Restore(_)), "inactive there");
        assert!(matches!(go(Side::Left, "005000000000003AAA", false), Owned::Hold(_)), "archived there");
        let queue = go(Side::Left, "00G000000000001AAA", false);
        assert_eq!(queue, Owned::Hold("the queue `00G000000000001AAA` has nobody on the other side".into()));
        let unread = table.carry(&Directory::default(), Side::Right, "101", true);
        assert_eq!(unread, Owned::Hold("the owners could not be read yet".into()));
        let silent = OwnerTable { otherwise: BySide::default(), ..table.clone() };
        let why = silent.carry(&directory(), Side::Right, "104", false);
        assert_eq!(why, Owned::Hold("the owner `dee@acme.com` is not active on the other side".into()));
    }
}
