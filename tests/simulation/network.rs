//! The network between the engine and both CRMs: what is lost on it, late, refused or half done, and what must be true of
//! every call.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use syncline::crm::http::{Env, Fut, NetError, Transport};
use syncline::data::Millis;
use syncline::sandbox::handle;
use syncline::store::{OpAct, Store};

use crate::number;
use crate::wire::{Written, side_of, status, step_of, throttled, unauthorized, with_body, without_one, written};
use crate::world::{Blind, Sim, World};

const DAY_MS: i64 = 24 * 3_600_000;

impl Transport for Sim {
    fn call<'a>(&'a self, request: Request<Bytes>) -> Fut<'a, Result<Response<Bytes>, NetError>> {
        Box::pin(async move {
            let step = step_of(&request);
            let latency = self.world.lock().unwrap().rng.u64(20..400);
            tokio::time::sleep(Duration::from_millis(latency)).await;
            self.maybe_user();
            self.maybe_answer().await;
            if step == "write" {
                self.check_write(&request).await;
            }
            self.effect("dies before", step, Some(&request)).await;
            self.count(&request);
            let answer = self.over_the_wire(&request, step).await?;
            self.note_untold(&request);
            self.effect("dies after", step, None).await;
            self.maybe_user();
            Ok(answer)
        })
    }
}

impl Sim {
    async fn over_the_wire(&self, request: &Request<Bytes>, step: &'static str) -> Result<Response<Bytes>, NetError> {
        let lost = || NetError::Lost { host: "sim".into(), why: "the connection broke".into() };
        let Some(fault) = self.draw() else { return Ok(self.deliver(request, true)) };
        if !matches!(fault, "missing result" | "skipped record") {
            self.world.lock().unwrap().fault(fault, step);
        }
        match fault {
            "not sent" => Err(NetError::NotSent { host: "sim".into(), why: "no route".into() }),
            "lost reply" => {
                self.deliver(request, false);
                tokio::time::sleep(Duration::from_secs(30)).await;
                Err(lost())
            }
            "late" => {
                self.postpone(request);
                tokio::time::sleep(Duration::from_secs(30)).await;
                Err(lost())
            }
            "429" => Ok(throttled(request)),
            "401" => Ok(unauthorized()),
            "500" => {
                if self.world.lock().unwrap().rng.bool() {
                    self.deliver(request, false);
                }
                let error = json!([{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred"}]);
                Ok(status(500, error))
            }
            "skipped record" if step == "write" => {
                self.world.lock().unwrap().fault(fault, step);
                Ok(self.deliver_all_but_one(request))
            }
            "missing result" if matches!(step, "write" | "look up") => {
                let (answer, missing) = without_one(self.deliver(request, step != "write"));
                if missing {
                    self.world.lock().unwrap().fault(fault, step);
                }
                Ok(answer)
            }
            _ => Ok(self.deliver(request, true)),
        }
    }

    fn postpone(&self, request: &Request<Bytes>) {
        let mut world = self.world.lock().unwrap();
        let due = self.now().plus(world.rng.i64(30_000..90_000));
        world.late.push((due, request.clone()));
        world.overtake(request, self.now());
    }

    /// Draws one fault for a call, if the weather has one.
    fn draw(&self) -> Option<&'static str> {
        let mut world = self.world.lock().unwrap();
        let weather = world.weather;
        let mut roll = world.rng.u32(0..1000);
        let kinds = [
            ("not sent", weather.not_sent),
            ("lost reply", weather.lost_reply),
            ("late", weather.late),
            ("429", weather.throttled),
            ("401", weather.unauthorized),
            ("500", weather.server_error),
            ("missing result", weather.missing_result),
            ("skipped record", weather.skipped_record),
        ];
        for (kind, share) in kinds {
            if roll < share {
                return Some(kind);
            }
            roll -= share;
        }
        None
    }

    fn deliver(&self, request: &Request<Bytes>, told: bool) -> Response<Bytes> {
        let now = self.now();
        let mut world = self.world.lock().unwrap();
        world.deliver_late(now);
        if (!told || world.stale) && step_of(request) == "write" && (world.stale || side_of(request) == 1) {
            world.goes_blind(request, now);
        } else if step_of(request) == "write" && side_of(request) == 1 {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            world.told.push(Blind { at: now, side: 'S', body });
        }
        world.apply(request, now)
    }

    /// Carries out all of a write but its last record, which the answer does not name.
    fn deliver_all_but_one(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        if side_of(request) == 0 {
            let inputs = body["inputs"].as_array_mut().unwrap();
            inputs.pop();
            if inputs.is_empty() {
                return status(200, json!({"status": "COMPLETE", "results": []}));
            }
            return self.deliver(&with_body(request, &body), true);
        }
        let parts = body["compositeRequest"].as_array_mut().unwrap();
        let at = parts.iter().rposition(|part| part.pointer("/body/records").is_some()).unwrap();
        let records = parts[at]["body"]["records"].as_array_mut().unwrap();
        records.pop();
        if !records.is_empty() {
            return self.deliver(&with_body(request, &body), true);
        }
        // A part of its own for one record: it is as if it had not been there, and had told nothing.
        let part = parts.remove(at);
        let nothing = json!({"body": [], "httpHeaders": {}, "httpStatusCode": 200, "referenceId": part["referenceId"]});
        if parts.is_empty() {
            return status(200, json!({"compositeResponse": [nothing]}));
        }
        let (head, answer) = self.deliver(&with_body(request, &body), true).into_parts();
        let mut answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        if let Some(answers) = answer.get_mut("compositeResponse").and_then(Value::as_array_mut) {
            answers.insert(at, nothing);
        }
        Response::from_parts(head, Bytes::from(answer.to_string()))
    }

    fn maybe_user(&self) {
        let now = self.now();
        let mut world = self.world.lock().unwrap();
        if world.rng.u32(0..1000) < world.weather.user {
            world.user_acts(now);
        }
        if world.admin_acts(60) {
            self.saved.notify_one();
        }
    }

    /// Somebody answers while a pass is at work.
    async fn maybe_answer(&self) {
        let answers = {
            let mut world = self.world.lock().unwrap();
            let quiet = world.quiet;
            world.questions.as_mut().is_some_and(|of| !quiet && of.rng.u32(0..12) == 0)
        };
        if answers && self.people_say(false).await {
            self.world.lock().unwrap().situation("said in the middle of a pass");
        }
    }

    /// What must be true before a write leaves: its intents are in the state file, and who is created was looked for.
    async fn check_write(&self, request: &Request<Bytes>) {
        let records = written(request);
        self.user_first(request, &records);
        let open = self.store.get().unwrap().open_ops().await.unwrap();
        let now = self.now();
        let mut world = self.world.lock().unwrap();
        if world.stale {
            return;
        }
        world.guard_write(request);
        let side = side_of(request);
        let open: Vec<_> = open.iter().filter(|op| op.side.code() as usize == side).collect();
        let creates = open.iter().filter(|op| matches!(op.intent.act, OpAct::Create { .. })).count();
        let intended =
            |id: &str| open.iter().any(|op| matches!(&op.intent.act, OpAct::Update { id: of, .. } if **of == *id));
        if records.iter().filter(|record| record.id.is_none()).count() > creates {
            world.breaks("intent first", format!("a create left without its intent, for {}", records[0].email));
        }
        for record in &records {
            if let Some(id) = &record.id {
                if !intended(id) {
                    world.breaks("intent first", format!("a write to {id} left without its intent"));
                }
                let edited = world.edits.iter().rev().find(|edit| edit.id == *id);
                if edited.is_some_and(|edit| edit.at >= world.read[side]) {
                    world.situation("user edits between read and write");
                }
            } else if side == 1 {
                world.check_looked(record, now);
            }
        }
    }

    /// Nobody hears the answer to a write when the process ends before it.
    fn note_untold(&self, request: &Request<Bytes>) {
        let mut world = self.world.lock().unwrap();
        if step_of(request) == "write" && world.fate.is_some_and(|(at, _)| at == world.effects + 1) {
            world.goes_blind(request, self.now());
        }
    }

    /// A user makes the very record that is about to be made, after it was looked for in vain.
    fn user_first(&self, request: &Request<Bytes>, records: &[Written]) {
        let now = self.now();
        let mut world = self.world.lock().unwrap();
        let Some(record) = records.iter().find(|record| record.id.is_none()) else { return };
        if world.rng.u32(0..1000) >= world.weather.user_first {
            return;
        }
        match side_of(request) {
            0 => world.create_contact(&record.email, now),
            _ => world.create_person(&record.email, now),
        }
        world.situation("user creates the same address just before us");
    }

    /// Counts a call against its account's limit.
    fn count(&self, request: &Request<Bytes>) {
        if step_of(request) == "login" {
            return;
        }
        let (now, side) = (self.now(), side_of(request));
        let mut world = self.world.lock().unwrap();
        world.calls[side].push(now);
        let day = world.calls[side].iter().rev().take_while(|at| now.since(**at) < DAY_MS).count() as i64;
        if world.ceiling.is_some_and(|ceiling| day > ceiling) {
            world.breaks("budget", format!("{day} calls in 24 hours on side {side}"));
        }
    }
}

impl World {
    /// A user makes a record while the call that makes it as well is still on its way.
    pub fn overtake(&mut self, request: &Request<Bytes>, now: Millis) {
        if step_of(request) != "write" || side_of(request) == 0 || self.rng.bool() {
            return;
        }
        if let Some(record) = written(request).iter().find(|record| record.id.is_none()) {
            self.create_person(&record.email, now);
            self.situation("user creates the address of a call on its way");
        }
    }

    fn goes_blind(&mut self, request: &Request<Bytes>, at: Millis) {
        let (side, body) = (['H', 'S'][side_of(request)], String::from_utf8_lossy(request.body()).into_owned());
        self.blind.push(Blind { at, side, body });
    }

    pub fn deliver_late(&mut self, now: Millis) {
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = later;
        for (_, request) in due {
            if step_of(&request) == "write" {
                self.goes_blind(&request, now);
            }
            self.apply(&request, now);
        }
    }

    /// A record is not created where the last look, or any look that there should have been, could have found it.
    fn check_looked(&mut self, record: &Written, now: Millis) {
        let looked = self.looked.get(&record.email).copied().unwrap_or(now);
        let people = self.people(&record.email);
        let again = people.iter().any(|(object, id, _)| self.text(object, id, "HubSpot_Id__c") == record.key);
        let there = people.iter().find(|(_, id, _)| self.created.get(id).is_some_and(|at| *at < looked));
        if let Some((object, id, _)) = there.filter(|_| !again || record.key.is_empty()) {
            let what = format!("{} is created in Salesforce though {object} {id} was there", record.email);
            self.breaks("looked for first", what);
        }
    }

    fn apply(&mut self, request: &Request<Bytes>, now: Millis) -> Response<Bytes> {
        let mut hash = self.trace;
        for byte in now.0.to_le_bytes().iter().chain(request.uri().path().as_bytes()).chain(request.body().iter()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
        self.trace = hash;
        let (step, side) = (step_of(request), side_of(request));
        match step {
            "write" => {
                self.writes += 1;
                for record in written(request).into_iter().filter(|_| self.quiet) {
                    *self.rewritten.entry(record.id.unwrap_or(record.email)).or_default() += 1;
                }
            }
            "read" | "look up" => self.note_read(request, side, now),
            _ => {}
        }
        let answer = handle(&mut self.hubspot, &mut self.salesforce, now, request);
        if let Some(watched) = watched(request) {
            println!("{} {step} of {watched}: {:?} -> {:?}", now.to_iso(), request.body(), answer.body());
        }
        if step == "write" {
            self.note_links(now);
        }
        answer
    }

    fn note_read(&mut self, request: &Request<Bytes>, side: usize, now: Millis) {
        self.read[side] = now;
        if side == 0 {
            let lag = self.hubspot.config.search_lag_ms;
            let search = request.uri().path().ends_with("/search");
            let behind = |at: Millis| at <= now && now.since(at) < lag;
            if search && self.hubspot.records("contact").any(|record| behind(record.updated())) {
                self.situation("search behind a change");
            }
            return;
        }
        if self.held.values().any(|until| *until > now) {
            self.situation("read before a late commit shows");
        }
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let parts = body.get("compositeRequest").and_then(Value::as_array).into_iter().flatten();
        let urls: Vec<&str> = parts.filter_map(|part| part.get("url").and_then(Value::as_str)).collect();
        for url in urls {
            let asked: String =
                url::form_urlencoded::parse(url.as_bytes()).map(|(_, value)| value.into_owned()).collect();
            if let Some((_, list)) = asked.split_once(" IN (") {
                for email in list.split('\'').filter(|text| text.contains('@')) {
                    self.looked.insert(email.to_owned(), now);
                }
            }
            let border = asked.split_once("(SystemModstamp = ").and_then(|(_, rest)| rest.get(..19));
            let object = if asked.contains("FROM Lead") { "Lead" } else { "Contact" };
            if let Some(border) = border {
                let stamp = |record| self.salesforce.value(object, record, "SystemModstamp");
                let stamps = self.salesforce.records(object).filter_map(stamp);
                if stamps.filter(|stamp| stamp.as_str().is_some_and(|at| at.starts_with(border))).count() > 1 {
                    self.situation("equal timestamps at the border of a page");
                }
            }
        }
    }
}

/// `WATCH=TEXT` with `SEED=N` tells every write that names the text.
fn watched(request: &Request<Bytes>) -> Option<String> {
    number("SEED").filter(|_| step_of(request) == "write")?;
    let text = std::env::var("WATCH").ok()?;
    String::from_utf8_lossy(request.body()).contains(&text).then_some(text)
}
