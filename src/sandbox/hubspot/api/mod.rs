//! The portal's HTTP face: one route table for all path families, one file per API.

mod account;
mod associations;
mod associations_v3;
mod batch;
mod batch_write;
mod cursor;
mod filter;
mod groups;
mod lists;
mod members;
mod objects;
mod owners;
mod paths;
mod properties;
mod render;
mod reply;
mod request;
mod route;
mod schemas;
mod search;

use bytes::Bytes;
use http::{Request, Response};

use self::reply::Reply;
use self::request::Call;
use self::route::Route;
use super::errors::ApiError;
use super::world::World;
use crate::data::Millis;

/// Longer URLs are refused by HubSpot's edge, in HTML.
const URL_LIMIT: usize = 8192;
/// Ours: HubSpot documents no limit of a body.
const BODY_LIMIT: usize = 8 << 20;

/// Answers one request as HubSpot would at `now`. Any request is answered; a refused one changes counters only.
pub fn handle(world: &mut World, now: Millis, request: &Request<Bytes>) -> Response<Bytes> {
    for table in &mut world.tables {
        table.index.advance(now);
    }
    let correlation = reply::uuid(&mut world.rng);
    let target = request.uri().path_and_query().map_or("/", |p| p.as_str());
    if target.len() > URL_LIMIT {
        return reply::uri_too_long(now);
    }
    if let Err(refused) = authorize(world, request) {
        world.counters.unauthorized += 1;
        return Reply::from(refused).respond(&correlation, now, Vec::new());
    }
    let route = paths::find(request.method(), request.uri().path());
    let class = route.as_ref().map_or(super::limits::Class::Unknown, Route::class);
    if let Err(policy) = world.limiter.admit(&world.config, class, now) {
        world.counters.throttled += 1;
        let body = policy.body(world.config.portal_id, &correlation);
        let headers = world.limiter.headers(&world.config, class, now);
        return Reply::Json(429, body).respond(&correlation, now, headers);
    }
    *world.counters.calls.entry(class).or_default() += 1;
    let reply = route.and_then(|route| {
        let call = Call::read(request, BODY_LIMIT)?;
        answer(world, now, route, &call)
    });
    let headers = world.limiter.headers(&world.config, class, now);
    reply.unwrap_or_else(Reply::from).respond(&correlation, now, headers)
}

fn authorize(world: &World, request: &Request<Bytes>) -> Result<(), ApiError> {
    let header = request.headers().get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer =
        header.and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match bearer.map(|(_, token)| token).filter(|token| token.starts_with("sim-")) {
        Some(token) if token == world.config.token => Ok(()),
        Some(token) if world.config.expired_tokens.iter().any(|expired| expired == token) => Err(ApiError::expired()),
        _ => Err(ApiError::unauthorized()),
    }
}

fn answer(world: &mut World, now: Millis, route: Route, call: &Call) -> Result<Reply, ApiError> {
    match route {
        Route::List(kind) => objects::list(world, kind, call),
        Route::Get(kind, id) => objects::get(world, kind, &id, call),
        Route::Create(kind, rules) => objects::create(world, now, kind, rules, call),
        Route::Update(kind, id, rules) => objects::update(world, now, kind, &id, rules, call),
        Route::Archive(kind, id) => objects::archive(world, now, kind, &id),
        Route::Purge(kind) => objects::purge(world, now, kind, call),
        Route::Merge(kind) => objects::merge(world, now, kind, call),
        Route::BatchRead(kind) => batch::read(world, now, kind, call),
        Route::BatchArchive(kind) => batch::archive(world, now, kind, call),
        Route::BatchCreate(kind, rules) => batch_write::create(world, now, kind, rules, call),
        Route::BatchUpdate(kind, rules) => batch_write::update(world, now, kind, rules, call),
        Route::BatchUpsert(kind, rules) => batch_write::upsert(world, now, kind, rules, call),
        Route::Search(kind) => search::search(world, kind, call),
        Route::Associations(from, to, verb, ids) => associations::batch(world, now, from, to, verb, ids, call),
        Route::AssociationsOf(from, id, to, ids) => associations::of(world, from, &id, to, ids, call),
        Route::OldAssociations(from, to, verb) => associations_v3::batch(world, now, from, to, verb, call),
        Route::AssociateOne(from, to, ids) => associations::create_one(world, now, from, to, ids, call),
        Route::SeparateOne(from, to) => associations::archive_one(world, now, from, to),
        Route::AssociateDefault(from, to) => associations::default_one(world, now, from, to),
        Route::AssociationLabels(from, to) => associations::labels(from, to),
        Route::Properties(kind) => properties::list(world, kind, call),
        Route::Property(kind, name) => properties::get(world, kind, &name),
        Route::BatchProperties(kind, verb) => properties::batch(world, now, kind, verb, call),
        Route::Groups(kind) => groups::list(world, kind),
        Route::Group(kind, name) => groups::get(world, kind, &name),
        Route::CreateGroup(kind) => groups::create(world, kind, call),
        Route::UpdateGroup(kind, name) => groups::update(world, kind, &name, call),
        Route::ArchiveGroup(kind, name) => groups::archive(world, kind, &name),
        Route::Schemas => schemas::list(),
        Route::Schema(kind) => schemas::get(world, kind),
        Route::CreateProperty(kind) => properties::create(world, now, kind, call),
        Route::UpdateProperty(kind, name) => properties::update(world, now, kind, &name, call),
        Route::ArchiveProperty(kind, name) => properties::archive(world, kind, &name),
        Route::Lists => lists::many(world, call),
        Route::CreateList => lists::create(world, now, call),
        Route::ListById(id) => lists::get(world, &id),
        Route::ListByName(kind, name) => lists::by_name(world, kind, &name),
        Route::SearchLists => lists::search(world, call),
        Route::RenameList(id) => lists::rename(world, now, &id, call),
        Route::DeleteList(id) => lists::delete(world, &id),
        Route::RestoreList(id) => lists::restore(world, &id),
        Route::ClearMembers(id) => members::clear(world, now, &id),
        Route::AddMembersFrom(id, source) => members::add_from(world, now, &id, &source),
        Route::Members(id, order) => members::page(world, &id, order, call),
        Route::ChangeMembers(id, change) => members::change(world, now, &id, change, call),
        Route::MembershipsOf(kind, id) => members::of_record(world, kind, &id),
        Route::MembershipsOfMany => members::of_many(world, now, call),
        Route::Owners => owners::list(world, call),
        Route::Owner(id) => owners::get(world, &id, call),
        Route::Pipelines(kind) => account::pipelines(world, kind),
        Route::Pipeline(kind, id) => account::pipeline(world, kind, &id),
        Route::Stages(kind, id) => account::stages(world, kind, &id, None),
        Route::Stage(kind, id, stage) => account::stages(world, kind, &id, Some(&stage)),
        Route::AccountDetails => account::details(world),
        Route::DailyUsage => account::daily_usage(world, now),
    }
}
