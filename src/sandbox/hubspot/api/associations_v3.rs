//! The associations API as v3 had it: one named type per pair, no pages.

use serde_json::{Value, json};

use super::super::edges::pair_types;
use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::world::World;
use super::objects::one;
use super::reply::Reply;
use super::request::{Call, text};
use super::route::EdgeVerb;
use crate::data::Millis;

const INPUTS: usize = 2_000;

pub(super) fn batch(
    world: &mut World,
    now: Millis,
    from: Kind,
    to: Kind,
    verb: EdgeVerb,
    call: &Call,
) -> Result<Reply, ApiError> {
    let inputs = call.inputs(INPUTS)?;
    match verb {
        EdgeVerb::Read => Ok(read(world, now, from, to, inputs)),
        _ => write(world, now, from, to, verb, inputs),
    }
}

/// `contact_to_company` is the primary company; the plain type has another name.
fn type_name(from: Kind, to: Kind, primary: bool) -> String {
    let name = format!("{}_to_{}", from.singular(), to.singular());
    let plain = !primary && pair_types(from, to).primary.is_some();
    if plain { format!("{name}_unlabeled") } else { name }
}

fn read(world: &World, now: Millis, from: Kind, to: Kind, inputs: &[Value]) -> Reply {
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for id in inputs.iter().filter_map(|input| text(input.get("id"))) {
        let own = one(world, from, &id, None).ok().map(|record| record.id);
        let tied: Vec<Value> = own
            .into_iter()
            .flat_map(|own| world.edges.of((from, own), to))
            .flat_map(|(other, primary)| {
                let item = |primary| json!({"id": other.to_string(), "type": type_name(from, to, primary)});
                primary.then(|| item(true)).into_iter().chain([item(false)])
            })
            .collect();
        match tied.is_empty() {
            true => errors.push(super::associations::none_found(from, to, &id).item(None)),
            false => results.push(json!({"from": {"id": id}, "to": tied})),
        }
    }
    super::associations::envelope(now, 200, results, errors)
}

fn write(
    world: &mut World,
    now: Millis,
    from: Kind,
    to: Kind,
    verb: EdgeVerb,
    inputs: &[Value],
) -> Result<Reply, ApiError> {
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for input in inputs {
        let ids = ["/from/id", "/to/id"].map(|at| text(input.pointer(at)).unwrap_or_default());
        let [Ok(own), Ok(other)] = [one(world, from, &ids[0], None), one(world, to, &ids[1], None)] else {
            errors.push(ApiError::missing_objects(to, ids.to_vec()).item(None));
            continue;
        };
        let (own, other) = ((from, own.id), (to, other.id));
        if verb == EdgeVerb::Archive {
            world.dissociate(own, other, now);
            continue;
        }
        let given = text(input.get("type")).unwrap_or_default();
        let pair = pair_types(from, to);
        let primary = pair.primary.is_some_and(|id| given == id.to_string() || given == type_name(from, to, true));
        if !primary && given != pair.plain.to_string() && given != type_name(from, to, false) {
            let text = format!("{given} is no association type from {} to {}", from.singular(), to.singular());
            return Err(ApiError::validation(text));
        }
        world.associate(own, other, primary, now);
        results.push(json!({"from": {"id": ids[0]}, "to": {"id": ids[1]}, "type": given}));
    }
    match verb {
        EdgeVerb::Archive => Ok(Reply::Nothing),
        _ => Ok(super::associations::envelope(now, 201, results, errors)),
    }
}
