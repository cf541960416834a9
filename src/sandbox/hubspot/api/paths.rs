//! One table for all path families: `/crm/v3/objects/contacts` and `/crm/objects/2026-09/contacts` are one route.

use http::Method;

use super::super::errors::ApiError;
use super::request::decode;
use super::route::{EdgeVerb, IdForm, MemberChange, Order, PropertyVerb, Route, Rules, parse};

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
        ["crm-object-schemas", "v3" | "2026-03" | "2026-09", "schemas", rest @ ..]
        | ["crm", "v3", "schemas", rest @ ..] => Ok(match (method, rest) {
            (&Method::GET, []) => Some(Route::Schemas),
            (&Method::GET, [kind]) => Some(Route::Schema(parse(kind)?)),
            _ => None,
        }),
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
        "associations" if version == "v3" => old_associations(method, rest),
        "associations" => associations(method, version, rest),
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
            (&Method::GET, [kind, id, "stages"]) => Some(Route::Stages(parse(kind)?, (*id).to_owned())),
            (&Method::GET, [kind, id, "stages", stage]) => {
                Some(Route::Stage(parse(kind)?, (*id).to_owned(), (*stage).to_owned()))
            }
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
        (&Method::POST, ["gdpr-delete"]) => Some(Route::Purge(kind)),
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
        (&Method::PUT, [id, "associations", to, other]) => {
            Some(Route::AssociateOne((kind, own(id)), (parse(to)?, own(other)), form))
        }
        (&Method::DELETE, [id, "associations", to, other]) => {
            Some(Route::SeparateOne((kind, own(id)), (parse(to)?, own(other))))
        }
        _ => None,
    })
}

fn old_associations(method: &Method, rest: &[&str]) -> Result<Option<Route>, ApiError> {
    let [from, to, "batch", verb] = rest else { return Ok(None) };
    let verb = match *verb {
        "read" => EdgeVerb::Read,
        "create" => EdgeVerb::Create,
        "archive" => EdgeVerb::Archive,
        _ => return Ok(None),
    };
    Ok((method == Method::POST).then_some(Route::OldAssociations(parse(from)?, parse(to)?, verb)))
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
        (&Method::POST, ["batch", "labels", "archive"]) => batch(EdgeVerb::ArchiveLabels),
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
        (&Method::POST, ["batch", "read"]) => Some(Route::BatchProperties(kind, PropertyVerb::Read)),
        (&Method::POST, ["batch", "create"]) => Some(Route::BatchProperties(kind, PropertyVerb::Create)),
        (&Method::POST, ["batch", "archive"]) => Some(Route::BatchProperties(kind, PropertyVerb::Archive)),
        (&Method::GET, ["groups"]) => Some(Route::Groups(kind)),
        (&Method::POST, ["groups"]) => Some(Route::CreateGroup(kind)),
        (&Method::GET, ["groups", name]) => Some(Route::Group(kind, (*name).to_owned())),
        (&Method::PATCH, ["groups", name]) => Some(Route::UpdateGroup(kind, (*name).to_owned())),
        (&Method::DELETE, ["groups", name]) => Some(Route::ArchiveGroup(kind, (*name).to_owned())),
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
        (&Method::DELETE, [id]) => Some(Route::DeleteList(own(id))),
        (&Method::PUT, [id, "restore"]) => Some(Route::RestoreList(own(id))),
        (&Method::PUT, [id, "update-list-name"]) => Some(Route::RenameList(own(id))),
        (&Method::DELETE, [id, "memberships"]) => Some(Route::ClearMembers(own(id))),
        (&Method::PUT, [id, "memberships", "add-from", source]) => Some(Route::AddMembersFrom(own(id), own(source))),
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

/// How a version writes ids in associations.
fn id_form(version: &str) -> IdForm {
    if version == "v4" { IdForm::Number } else { IdForm::Text }
}
