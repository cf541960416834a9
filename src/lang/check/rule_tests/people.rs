//! Owners and users: those to whom records belong. No rule reads them as records, so that no schema has them; a test says who
//! there is.

use std::sync::LazyLock;

use super::TestCheck;
use super::values::TypeOf;
use crate::data::{FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{OWNER, TestRecord, USER};
use crate::lang::schema::{FieldDef, TypeDef};
use syncline_grammar::tree::Name;

/// As the owners of a portal come: https://developers.hubspot.com/docs/api-reference/crm-owners-v3/guide
static OWNERS: LazyLock<TypeDef> = LazyLock::new(|| {
    def(
        "Owner",
        &[("email", FieldKind::Email), ("firstName", FieldKind::Text), ("lastName", FieldKind::Text)],
        "archived",
    )
});

static USERS: LazyLock<TypeDef> = LazyLock::new(|| {
    def(
        "User",
        &[("Email", FieldKind::Email), ("FirstName", FieldKind::Text), ("LastName", FieldKind::Text)],
        "IsActive",
    )
});

/// The first field must be given.
fn def(label: &str, fields: &[(&str, FieldKind)], active: &str) -> TypeDef {
    let flag = [(active, FieldKind::Bool)];
    let fields = fields.iter().chain(&flag).enumerate().map(|(at, (name, kind))| {
        (name.to_string(), FieldDef { kind: *kind, required: at == 0, ..FieldDef::text(name, None) })
    });
    TypeDef { label: label.to_owned(), fields: fields.collect(), id: "id".to_owned(), ..TypeDef::default() }
}

/// The type of this name, where it is one of people.
pub(super) fn type_named(side: Side, name: &str) -> Option<TypeOf<'static>> {
    match (side, name) {
        (Side::Left, OWNER) => Some(TypeOf { side, name: OWNER, def: &OWNERS }),
        (Side::Right, USER) => Some(TypeOf { side, name: USER, def: &USERS }),
        _ => None,
    }
}

/// The side that has a type of people of this name.
pub(super) fn side_of(name: &str) -> Option<Side> {
    Side::BOTH.into_iter().find(|side| type_named(*side, name).is_some())
}

impl TestCheck<'_, '_> {
    /// The record that something is done to, or expected of.
    pub(super) fn acting(&mut self, name: &Name, live: bool) -> Option<TestRecord> {
        let record = self.named(name, live)?;
        if type_named(record.side, &record.ty).is_some() {
            self.only_given(name, &record.ty);
            return None;
        }
        Some(record)
    }

    pub(super) fn only_given(&mut self, name: &Name, ty: &str) {
        let message = format!("nothing is done to a record of type `{ty}` but `given` and `set`");
        let finding = Finding::new(Code::NotThisType, self.file, name.span, message);
        self.report(finding.help("it is there so that records can belong to it: expect that of them"));
    }
}
