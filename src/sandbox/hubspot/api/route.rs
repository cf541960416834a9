//! One table for all path families: `/crm/v3/objects/contacts` and `/crm/objects/2026-09/contacts` are one route.

use http::Method;

use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::limits::Class;
use super::request::decode;

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
    BatchRead(Kind),
    BatchCreate(Kind, Rules),
    BatchUpdate(Kind, Rules),
    BatchUpsert(Kind, Rules),
    BatchArchive(Kind),
    Search(Kind),
    Associations(Kind, Kind, EdgeVerb, IdForm),
    AssociationsOf(Kind, String, Kind, IdForm),
    AssociateDefault((Kind, String), (Kind, String)),
    AssociationLabels(Kind, Kind),
    Properties(Kind),
    Property(Kind, String),
    CreateProperty(Kind),
    UpdateProperty(Kind, String),
    ArchiveProperty(Kind, String),
    Lists,
    CreateList,
    ListById(String),
    ListByName(Kind, String),
    SearchLists,
    Members(String, Order),
    ChangeMembers(String, MemberChange),
    MembershipsOf(Kind, String),
    MembershipsOfMany,
    Owners,
    Owner(String),
    Pipelines(Kind),
    Pipeline(Kind, String),
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
            Route::Archive(..) => Class::Archive,
            Route::Merge(_) => Class::Merge,
            Route::BatchRead(_) => Class::BatchRead,
            Route::BatchCreate(..) => Class::BatchCreate,
            Route::BatchUpdate(..) => Class::BatchUpdate,
            Route::BatchUpsert(..) => Class::BatchUpsert,
            Route::BatchArchive(_) => Class::BatchArchive,
            Route::Search(_) => Class::Search,
            Route::Associations(..)
            | Route::AssociationsOf(..)
            | Route::AssociateDefault(..)
            | Route::AssociationLabels(..) => Class::Associations,
            Route::Properties(_)
            | Route::Property(..)
            | Route::CreateProperty(_)
            | Route::UpdateProperty(..)
            | Route::ArchiveProperty(..) => Class::Properties,
            Route::Lists | Route::CreateList | Route::ListById(_) | Route::ListByName(..) | Route::SearchLists => {
                Class::Lists
            }
            Route::Members(..) | Route::ChangeMembers(..) | Route::MembershipsOf(..) | Route::MembershipsOfMany => {
                Class::Memberships
            }
            Route::Owners | Route::Owner(_) => Class::Owners,
            Route::Pipelines(_) | Route::Pipeline(..) => Class::Pipelines,
            Route::AccountDetails | Route::DailyUsage => Class::Account,
        }
    }
}

/// Finds the endpoint; a known path under another method is 405.
pub(super) fn find(method: &Method, path: &str) -> Result<Route, ApiError> {
    let parts: Vec<String> = path.trim_end_matches('/').split('/').skip(1).map(|part| decode(part, false)).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if let Some(route) = table(method, &parts)? {
        return Ok(route);
    }
    let others = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    match others.iter().any(|other| matches!(table(other, &parts), Ok(Some(_)))) {
        true => Err(ApiError::plain(405, "HTTP method not allowed")),
        false => Err(ApiError::not_found()),
    }
}

/// Takes the version out of the path, wherever its family has it.
fn table(method: &Method, parts: &[&str]) -> Result<Option<Route>, ApiError> {
    match parts {
        ["crm", version @ ("v3" | "v4"), family, rest @ ..] => crm(method, version, family, rest),
        ["crm", family, version @ ("2026-03" | "2026-09"), rest @ ..] => crm(method, version, family, rest),
        ["account-info", "v3" | "2026-03" | "2026-09", rest @ ..] => Ok(match (method, rest) {
            (&Method::GET, ["details"]) => Some(Route::AccountDetails),
            (&Method::GET, ["api-usage", "daily", "private-apps"]) => Some(Route::DailyUsage),
            _ => None,
        }),
        _ => Ok(None),
    }
}

fn crm(method: &Method, version: &str, family: &str, rest: &[&str]) -> Result<Option<Route>, ApiError> {
    match family {
        // v4 of the objects family has only the associations of one record.
        "objects" if version != "v4" || rest.get(2) == Some(&"associations") => objects(method, version, rest),
        "associations" if version != "v3" => associations(method, version, rest),
        "properties" if version != "v4" => properties(method, rest),
        "lists" if version != "v4" => lists(method, rest),
        "owners" if version != "v4" => Ok(match (method, rest) {
            (&Method::GET, []) => Some(Route::Owners),
            (&Method::GET, [id]) => Some(Route::Owner((*id).to_owned())),
            _ => None,
        }),
        "pipelines" if version != "v4" => Ok(match (method, rest) {
            (&Method::GET, [kind]) => Some(Route::Pipelines(parse(kind)?)),
            (&Method::GET, [kind, id]) => Some(Route::Pipeline(parse(kind)?, (*id).to_owned())),
            _ => None,
        }),
        _ => Ok(None),
    }
}

fn objects(method: &Method, version: &str, rest: &[&str]) -> Result<Option<Route>, ApiError> {
    let [kind, rest @ ..] = rest else { return Ok(None) };
    let kind = parse(kind)?;
    let rules = if version == "2026-09" { Rules::Current } else { Rules::Older };
    let form = id_form(version);
    let own = |id: &str| id.to_owned();
    Ok(match (method, rest) {
        (&Method::GET, []) => Some(Route::List(kind)),
        (&Method::POST, []) => Some(Route::Create(kind, rules)),
        (&Method::POST, ["search"]) => Some(Route::Search(kind)),
        (&Method::POST, ["merge"]) => Some(Route::Merge(kind)),
        (&Method::POST, ["batch", "read"]) => Some(Route::BatchRead(kind)),
        (&Method::POST, ["batch", "create"]) => Some(Route::BatchCreate(kind, rules)),
        (&Method::POST, ["batch", "update"]) => Some(Route::BatchUpdate(kind, rules)),
        (&Method::POST, ["batch", "upsert"]) => Some(Route::BatchUpsert(kind, rules)),
        (&Method::POST, ["batch", "archive"]) => Some(Route::BatchArchive(kind)),
        (&Method::GET, [id]) => Some(Route::Get(kind, own(id))),
        (&Method::PATCH, [id]) => Some(Route::Update(kind, own(id), rules)),
        (&Method::DELETE, [id]) => Some(Route::Archive(kind, own(id))),
        (&Method::GET, [id, "associations", to]) => Some(Route::AssociationsOf(kind, own(id), parse(to)?, form)),
        (&Method::PUT, [id, "associations", "default", to, other]) => {
            Some(Route::AssociateDefault((kind, own(id)), (parse(to)?, own(other))))
        }
        _ => None,
    })
}

fn associations(method: &Method, version: &str, rest: &[&str]) -> Result<Option<Route>, ApiError> {
    let [from, to, rest @ ..] = rest else { return Ok(None) };
    let (from, to, form) = (parse(from)?, parse(to)?, id_form(version));
    let batch = |verb| Some(Route::Associations(from, to, verb, form));
    Ok(match (method, rest) {
        (&Method::POST, ["batch", "read"]) => batch(EdgeVerb::Read),
        (&Method::POST, ["batch", "create"]) => batch(EdgeVerb::Create),
        (&Method::POST, ["batch", "associate", "default"]) => batch(EdgeVerb::Default),
        (&Method::POST, ["batch", "archive"]) => batch(EdgeVerb::Archive),
        (&Method::GET, ["labels"]) => Some(Route::AssociationLabels(from, to)),
        _ => None,
    })
}

fn properties(method: &Method, rest: &[&str]) -> Result<Option<Route>, ApiError> {
    let [kind, rest @ ..] = rest else { return Ok(None) };
    let kind = parse(kind)?;
    Ok(match (method, rest) {
        (&Method::GET, []) => Some(Route::Properties(kind)),
        (&Method::POST, []) => Some(Route::CreateProperty(kind)),
        (&Method::GET, [name]) => Some(Route::Property(kind, (*name).to_owned())),
        (&Method::PATCH, [name]) => Some(Route::UpdateProperty(kind, (*name).to_owned())),
        (&Method::DELETE, [name]) => Some(Route::ArchiveProperty(kind, (*name).to_owned())),
        _ => None,
    })
}

fn lists(method: &Method, rest: &[&str]) -> Result<Option<Route>, ApiError> {
    let own = |id: &str| id.to_owned();
    Ok(match (method, rest) {
        (&Method::GET, []) => Some(Route::Lists),
        (&Method::POST, []) => Some(Route::CreateList),
        (&Method::POST, ["search"]) => Some(Route::SearchLists),
        (&Method::GET, ["object-type-id", kind, "name", name]) => Some(Route::ListByName(parse(kind)?, own(name))),
        (&Method::GET, ["records", kind, id, "memberships"]) => Some(Route::MembershipsOf(parse(kind)?, own(id))),
        (&Method::POST, ["records", "memberships", "batch", "read"]) => Some(Route::MembershipsOfMany),
        (&Method::GET, [id]) => Some(Route::ListById(own(id))),
        (&Method::GET, [id, "memberships"]) => Some(Route::Members(own(id), Order::ById)),
        (&Method::GET, [id, "memberships", "join-order"]) => Some(Route::Members(own(id), Order::NewestFirst)),
        (&Method::PUT, [id, "memberships", "add"]) => Some(Route::ChangeMembers(own(id), MemberChange::Add)),
        (&Method::PUT, [id, "memberships", "remove"]) => Some(Route::ChangeMembers(own(id), MemberChange::Remove)),
        (&Method::PUT, [id, "memberships", "add-and-remove"]) => {
            Some(Route::ChangeMembers(own(id), MemberChange::Both))
        }
        _ => None,
    })
}

fn id_form(version: &str) -> IdForm {
    if version == "v4" { IdForm::Number } else { IdForm::Text }
}

/// HubSpot sends no category with this one.
pub(super) fn parse(kind: &str) -> Result<Kind, ApiError> {
    Kind::parse(kind).ok_or_else(|| ApiError::plain(400, format!("Unable to infer object type from: {kind}")))
}
