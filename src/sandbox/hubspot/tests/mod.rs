//! What the model promises, asked through its API.

mod associations;
mod batch;
mod definitions;
mod hostile;
mod limits;
mod lists;
mod loading;
mod objects;
mod people;
mod search;
mod writes;

use bytes::Bytes;
use serde_json::Value;

use super::{Config, World, handle};
use crate::data::Millis;

/// 2026-11-23T09:00:00Z
const START: Millis = Millis(1_795_424_400_000);

/// A portal and its clock.
struct Portal {
    world: World,
    now: Millis,
}

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Value,
}

impl Portal {
    fn new() -> Portal {
        Portal::with(|_| {})
    }

    /// Without rate limits and index lag unless `change` sets them.
    fn with(change: impl FnOnce(&mut Config)) -> Portal {
        let mut config = Config { enforce_limits: false, search_lag_ms: 0, ..Config::default() };
        change(&mut config);
        Portal { world: World::new(config, 7, START), now: START }
    }

    fn wait(&mut self, ms: i64) {
        self.now = self.now.plus(ms);
    }

    fn send(&mut self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.world.config.token))
            .body(bytes)
            .expect("a request");
        let response = handle(&mut self.world, self.now, &request);
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body))
    }

    fn patch(&mut self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body))
    }

    /// Creates a record by the API and returns its id.
    fn make(&mut self, object: &str, properties: Value) -> String {
        let answer =
            self.post(&format!("/crm/objects/2026-09/{object}"), serde_json::json!({"properties": properties}));
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.text("/id")
    }

    /// One property as a GET shows it.
    fn value(&mut self, object: &str, id: &str, name: &str) -> Value {
        let answer = self.get(&format!("/crm/v3/objects/{object}/{id}?properties={name}"));
        answer.at(&format!("/properties/{name}")).clone()
    }
}

impl Answer {
    fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or(&Value::Null)
    }

    fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_default().to_owned()
    }

    fn len(&self, pointer: &str) -> usize {
        self.at(pointer).as_array().map_or(0, Vec::len)
    }

    /// The ids of the results, in the order of the answer.
    fn ids(&self) -> Vec<String> {
        let results = self.at("/results").as_array().cloned().unwrap_or_default();
        results.iter().filter_map(|r| r.get("id")?.as_str().map(str::to_owned)).collect()
    }
}
