//! Associations between records.

use std::collections::BTreeMap;

use super::kind::Kind;

/// A record of any type.
pub(super) type Node = (Kind, u64);

/// HubSpot's own association types of an ordered pair of object types.
#[derive(Clone, Copy, Debug)]
pub(super) struct PairTypes {
    pub plain: u32,
    /// Where one of the associated records can be the primary one.
    pub primary: Option<u32>,
}

/// HubSpot's type ids, from the table in its associations guide.
pub(super) fn pair_types(from: Kind, to: Kind) -> PairTypes {
    use Kind::{Company, Contact, Deal};
    let (plain, primary) = match (from, to) {
        (Contact, Company) => (279, Some(1)),
        (Company, Contact) => (280, Some(2)),
        (Contact, Deal) => (4, None),
        (Deal, Contact) => (3, None),
        (Deal, Company) => (341, Some(5)),
        (Company, Deal) => (342, Some(6)),
        (Contact, Contact) => (449, None),
        (Company, Company) => (450, None),
        (Deal, Deal) => (451, None),
        // A portal numbers those of its own types itself.
        (Kind::Custom(_), _) | (_, Kind::Custom(_)) => (10_001, None),
    };
    PairTypes { plain, primary }
}

/// Whether `from` has at most one primary `to`: contacts and deals have one company.
pub(super) fn has_single_primary(from: Kind, to: Kind) -> bool {
    from != Kind::Company && to == Kind::Company
}

/// Both directions of every association; the value says whether it is the primary one.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    all: BTreeMap<(Node, Node), bool>,
}

impl Edges {
    pub fn of(&self, from: Node, to: Kind) -> impl Iterator<Item = (u64, bool)> {
        self.after(from, to, 0)
    }

    /// In order of id, from `first` on.
    pub fn after(&self, from: Node, to: Kind, first: u64) -> impl Iterator<Item = (u64, bool)> {
        self.all.range((from, (to, first))..=(from, (to, u64::MAX))).map(|((_, (_, id)), primary)| (*id, *primary))
    }

    pub fn has(&self, from: Node, to: Node) -> bool {
        self.all.contains_key(&(from, to))
    }

    pub fn primary(&self, from: Node, to: Kind) -> Option<u64> {
        self.of(from, to).find(|(_, primary)| *primary).map(|(id, _)| id)
    }

    /// Adds or changes both directions.
    pub fn put(&mut self, from: Node, to: Node, primary: bool) {
        self.all.insert((from, to), primary);
        self.all.insert((to, from), primary);
    }

    pub fn remove(&mut self, from: Node, to: Node) -> bool {
        self.all.remove(&(to, from));
        self.all.remove(&(from, to)).is_some()
    }

    pub fn neighbours(&self, of: Node) -> Vec<Node> {
        Kind::ALL.into_iter().flat_map(|kind| self.of(of, kind).map(move |(id, _)| (kind, id))).collect()
    }
}
