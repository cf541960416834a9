//! What the API can be asked for, and what each kind of call counts as.

use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::limits::Class;

/// Which rules a write is under; they changed with 2026-09.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    Older,
    Current,
}

/// How associations write the other record's id: as a number in v4, as text in dated versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdForm {
    Number,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EdgeVerb {
    Read,
    Create,
    Default,
    Archive,
    ArchiveLabels,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PropertyVerb {
    Read,
    Create,
    Archive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    ById,
    NewestFirst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberChange {
    Add,
    Remove,
    Both,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    List(Kind),
    Get(Kind, String),
    Create(Kind, Rules),
    Update(Kind, String, Rules),
    Archive(Kind, String),
    Merge(Kind),
    Purge(Kind),
    BatchRead(Kind),
    BatchCreate(Kind, Rules),
    BatchUpdate(Kind, Rules),
    BatchUpsert(Kind, Rules),
    BatchArchive(Kind),
    Search(Kind),
    Associations(Kind, Kind, EdgeVerb, IdForm),
    AssociationsOf(Kind, String, Kind, IdForm),
    /// The older form, under v3.
    OldAssociations(Kind, Kind, EdgeVerb),
    AssociateOne((Kind, String), (Kind, String), IdForm),
    SeparateOne((Kind, String), (Kind, String)),
    AssociateDefault((Kind, String), (Kind, String)),
    AssociationLabels(Kind, Kind),
    Properties(Kind),
    Property(Kind, String),
    CreateProperty(Kind),
    UpdateProperty(Kind, String),
    ArchiveProperty(Kind, String),
    BatchProperties(Kind, PropertyVerb),
    Groups(Kind),
    Group(Kind, String),
    CreateGroup(Kind),
    UpdateGroup(Kind, String),
    ArchiveGroup(Kind, String),
    Schemas,
    Schema(Kind),
    Lists,
    CreateList,
    ListById(String),
    ListByName(Kind, String),
    SearchLists,
    RenameList(String),
    DeleteList(String),
    RestoreList(String),
    ClearMembers(String),
    AddMembersFrom(String, String),
    Members(String, Order),
    ChangeMembers(String, MemberChange),
    MembershipsOf(Kind, String),
    MembershipsOfMany,
    Owners,
    Owner(String),
    Pipelines(Kind),
    Pipeline(Kind, String),
    Stages(Kind, String),
    Stage(Kind, String, String),
    AccountDetails,
    DailyUsage,
}

impl Route {
    pub fn class(&self) -> Class {
        match self {
            Route::List(_) => Class::List,
            Route::Get(..) => Class::Get,
            Route::Create(..) => Class::Create,
            Route::Update(..) => Class::Update,
            Route::Archive(..) | Route::Purge(_) => Class::Archive,
            Route::Merge(_) => Class::Merge,
            Route::BatchRead(_) => Class::BatchRead,
            Route::BatchCreate(..) => Class::BatchCreate,
            Route::BatchUpdate(..) => Class::BatchUpdate,
            Route::BatchUpsert(..) => Class::BatchUpsert,
            Route::BatchArchive(_) => Class::BatchArchive,
            Route::Search(_) => Class::Search,
            Route::Associations(..)
            | Route::AssociationsOf(..)
            | Route::OldAssociations(..)
            | Route::AssociateOne(..)
            | Route::SeparateOne(..)
            | Route::AssociateDefault(..)
            | Route::AssociationLabels(..) => Class::Associations,
            Route::Properties(_)
            | Route::Property(..)
            | Route::CreateProperty(_)
            | Route::UpdateProperty(..)
            | Route::ArchiveProperty(..)
            | Route::BatchProperties(..)
            | Route::Groups(_)
            | Route::Group(..)
            | Route::CreateGroup(_)
            | Route::UpdateGroup(..)
            | Route::ArchiveGroup(..)
            | Route::Schemas
            | Route::Schema(_) => Class::Properties,
            Route::Lists
            | Route::CreateList
            | Route::ListById(_)
            | Route::ListByName(..)
            | Route::SearchLists
            | Route::RenameList(_)
            | Route::DeleteList(_)
            | Route::RestoreList(_) => Class::Lists,
            Route::Members(..)
            | Route::ChangeMembers(..)
            | Route::ClearMembers(_)
            | Route::AddMembersFrom(..)
            | Route::MembershipsOf(..)
            | Route::MembershipsOfMany => Class::Memberships,
            Route::Owners | Route::Owner(_) => Class::Owners,
            Route::Pipelines(_) | Route::Pipeline(..) | Route::Stages(..) | Route::Stage(..) => Class::Pipelines,
            Route::AccountDetails | Route::DailyUsage => Class::Account,
        }
    }
}

/// HubSpot sends no category with this one.
pub(super) fn parse(kind: &str) -> Result<Kind, ApiError> {
    Kind::parse(kind).ok_or_else(|| ApiError::plain(400, format!("Unable to infer object type from: {kind}")))
}
