//! How rows are found: by keys, by what they refer to, and whom a change of them wakes.

use crate::data::{Fingerprint, KeyForm, Uid};

/// How rows of one type are found and whom they wake.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeIndex {
    pub ty: Uid,
    /// Rows of this type are members of subjects of these blocks.
    pub blocks: Vec<Uid>,
    /// Fields whose change wakes the row's own subject. Presence always does.
    pub wakes: Vec<Uid>,
    /// Any change that somebody else makes wakes it, also of a field that is not read: rules ask who was updated last.
    pub touched: bool,
    pub keys: Vec<KeySpec>,
    /// A change of one of these fields wakes the rows found under `hash(key, id of the changed row)`.
    pub reverse: Vec<(Uid, Vec<Uid>)>,
    /// Derived facts of which rows of this type look at the furthest in their group, and the key under which they are filed
    /// with it.
    pub gathers: Vec<(Uid, Uid)>,
    /// Records that rows of this type count for.
    pub concerns: Vec<Concern>,
    /// Records that rows of this type stand for.
    pub vouches: Vec<Vouch>,
}

/// A record that a row stands for, by a match line that goes through the row's block: a company, for a contact. What is
/// linked with the row stands for the same on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vouch {
    /// The block in which the row is linked.
    pub by: Uid,
    /// The row's field that holds the other record's id.
    pub field: Uid,
    /// Type of that record.
    pub of: Uid,
    /// Index key under which the row is found from that id.
    pub key: Uid,
    /// The block that the record is in, and the key of its match line.
    pub block: Uid,
    pub line: Uid,
}

/// A record that a row counts for: a contact, for an opportunity contact role.
#[derive(Clone, Debug, PartialEq)]
pub struct Concern {
    /// The row's field that holds the other record's id.
    pub field: Uid,
    /// Type of that record.
    pub of: Uid,
    /// Index key under which the row is found from that id.
    pub key: Uid,
    /// Fields whose change wakes that record. Presence always does, and so does a change of `field`, on both sides of it.
    pub wakes: Vec<Uid>,
}

/// A key that rows are found by. Rows of which a part is blank, or no value of its form, have none.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySpec {
    pub key: Uid,
    pub parts: Vec<KeyPart>,
    /// Rows with equal keys are the same thing (a match line); otherwise a reference.
    pub identity: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum KeyPart {
    Id,
    Field(Uid, KeyForm),
}

impl KeySpec {
    /// The hash of a row's key, each part in its form.
    pub fn hash<'a>(&self, id: &str, cell: impl Fn(Uid) -> crate::data::Cell<'a>) -> Option<Fingerprint> {
        let mut hash = Fingerprint::of(&self.key.0.to_le_bytes());
        for part in &self.parts {
            hash = match part {
                KeyPart::Id => hash.with(crate::data::id_core(id).as_bytes()),
                KeyPart::Field(uid, form) => {
                    let cell = cell(*uid);
                    if !cell.is_known() {
                        return None;
                    }
                    hash.with(form.key(&cell.text())?.as_bytes())
                }
            };
        }
        Some(hash)
    }

    /// The hashes of all of a row's keys: by its fields, and by each further value of one of them.
    pub fn hashes<'a>(
        &self,
        id: &str,
        cell: impl Fn(Uid) -> crate::data::Cell<'a>,
        aliases: &'a [(Uid, Box<str>)],
    ) -> Vec<Fingerprint> {
        let mut out: Vec<Fingerprint> = self.hash(id, &cell).into_iter().collect();
        let takes = |field: Uid| self.parts.iter().any(|part| matches!(part, KeyPart::Field(of, _) if *of == field));
        for (field, value) in aliases.iter().filter(|(field, _)| takes(*field)) {
            let with = |of: Uid| if of == *field { crate::data::Cell::Text(value) } else { cell(of) };
            out.extend(self.hash(id, with).filter(|hash| !out.contains(hash)));
        }
        out
    }

    /// The hash under which a reference to the record `id` is filed.
    pub fn reference(key: Uid, id: &str) -> Fingerprint {
        Fingerprint::of(&key.0.to_le_bytes()).with(crate::data::id_core(id).as_bytes())
    }
}
