//! `syncline run`, the built program, against `syncline sandbox`: rules are taken up as they are saved, faulty ones never
//! run, too much is held, and the end comes soon.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

const WAIT: Duration = Duration::from_secs(60);
const PROGRAM: &str = env!("CARGO_BIN_EXE_syncline");

/// A program that ends with the value.
struct Running {
    child: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/developer-edition")
}

/// Both models, and a project that points at them.
struct Yard {
    folder: tempfile::TempDir,
    _sandbox: Running,
}

impl Yard {
    /// `faults`: how the models misbehave.
    fn new(faults: &str) -> Yard {
        let mut sandbox = Command::new(PROGRAM);
        sandbox
            .args(["sandbox", "--hubspot-port", "0", "--salesforce-port", "0", "--faults", faults, "--data"])
            .arg(example().join("data"));
        let mut child = sandbox.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let ready: Value = serde_json::from_str(&ready).unwrap();
        let text = |pointer: &str| ready.pointer(pointer).and_then(Value::as_str).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for name in ["rules/people.sync", "schemas/hubspot.json", "schemas/salesforce.json"] {
            // So many calls a day that passes come as often as they are wished for.
            let text = std::fs::read_to_string(example().join(name)).unwrap();
            write(name, &text.replace("salesforce 5_000 calls", "salesforce 500_000 calls"));
        }
        write("secrets/hubspot-token", text("/hubspot/token"));
        write("secrets/salesforce-secret", text("/salesforce/client_secret"));
        let settings = std::fs::read_to_string(example().join("syncline.yaml")).unwrap();
        let settings = settings
            .replace("http://127.0.0.1:8701", text("/hubspot/url"))
            .replace("http://127.0.0.1:8702", text("/salesforce/url"));
        write("syncline.yaml", &format!("run: {{ interval: 1s }}\n{settings}"));
        Yard { folder, _sandbox: Running { child } }
    }

    fn rules(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("rules/people.sync")).unwrap()
    }

    /// As careful editors save: a file of its own, renamed into place.
    fn save(&self, rules: &str) {
        let path = self.folder.path().join("rules/people.sync");
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, rules).unwrap();
        std::fs::rename(fresh, path).unwrap();
    }

    fn edit(&self, from: &str, to: &str) {
        let rules = self.rules();
        assert!(rules.contains(from), "{from}");
        self.save(&rules.replace(from, to));
    }

    fn syncline(&self, args: &[&str]) -> Output {
        Command::new(PROGRAM).args(args).arg("-C").arg(self.folder.path()).output().unwrap()
    }

    fn start(&self) -> Runner {
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--format", "json", "-C"]).arg(self.folder.path());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (send, events) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if send.send(event).is_err() {
                    break;
                }
            }
        });
        Runner { running: Running { child }, events }
    }
}

struct Runner {
    running: Running,
    events: Receiver<Value>,
}

impl Runner {
    fn next(&self) -> Value {
        self.events.recv_timeout(WAIT).expect("nothing was told")
    }

    /// The next event of this name; what comes before it is passed over, save what must not happen.
    fn until(&self, name: &str) -> Value {
        loop {
            let event = self.next();
            match event["event"].as_str() {
                Some(is) if is == name => return event,
                Some("pass" | "issue" | "same") => {}
                _ => panic!("expected {name}, got {event}"),
            }
        }
    }

    /// The next event of this name, whatever comes before it.
    fn until_any(&self, name: &str) -> Value {
        loop {
            let event = self.next();
            if event["event"] == name {
                return event;
            }
        }
    }

    fn stop(mut self) -> (ExitStatus, Duration, Vec<Value>) {
        let began = Instant::now();
        let pid = self.running.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.running.child.wait().unwrap();
        (status, began.elapsed(), self.events.iter().collect())
    }
}

fn number(event: &Value, pointer: &str) -> u64 {
    event.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer} in {event}"))
}

#[test]
fn rules_are_taken_up_as_they_are_saved_and_faulty_ones_never_run() {
    let yard = Yard::new("latency=1");
    let tests = "rules/people.tests.sync";
    std::fs::copy(example().join(tests), yard.folder.path().join(tests)).unwrap();
    let runner = yard.start();
    let first = runner.until("running")["now"]["plan"].clone();
    let pass = runner.until("pass");
    assert!(number(&pass, "/counts/updated/salesforce") > 0, "{pass}");
    while number(&runner.until("pass"), "/counts/decided") > 0 {}

    yard.edit(
        "phone          <-> Phone         or truncate\n",
        "phone          <-> Phone         or truncate\n    fax            <-> Fax               or truncate\n",
    );
    let changed = runner.until("changed");
    assert_eq!(changed["means"]["added"], serde_json::json!(["people.fax = Fax"]));
    assert_eq!(changed["was"], first);
    let second = changed["now"]["plan"].clone();
    println!("the rules ran {} ms after the first sign of the save", number(&changed, "/took_ms"));
    let pass = runner.until("pass");
    assert!(pass["plan"] == second && number(&pass, "/counts/decided") > 0, "{pass}");

    yard.edit("fax            <-> Fax ", "fax            <-> Faxx ");
    let refused = runner.until("refused");
    assert_eq!(refused["findings"][0]["code"], "N102");
    assert_eq!(refused["now"]["plan"], second);
    for _ in 0..2 {
        assert_eq!(runner.until("pass")["plan"], second);
    }
    // Rules without a fault that do not do what their tests promise.
    yard.edit("fax            <-> Faxx ", "fax            <-> Fax ");
    yard.edit("or use \"(unknown)\"", "or use \"(nameless)\"");
    let refused = runner.until("refused");
    assert_eq!(refused["findings"][0]["code"], "X808", "{refused}");
    assert_eq!(refused["now"]["plan"], second);
    assert_eq!(runner.until("pass")["plan"], second);

    let (status, took, rest) = runner.stop();
    assert!(status.success() && took < Duration::from_secs(8), "{status} after {took:?}");
    assert_eq!(rest.last().unwrap()["event"], "stopped");
    assert_eq!(rest.last().unwrap()["whole"], true);
}

#[test]
fn a_proposed_match_is_answered_while_it_runs() {
    let yard = Yard::new("latency=1");
    let rules = yard.rules();
    let (start, end) = (rules.find("  match salesforcecontactid").unwrap(), rules.find("  match email").unwrap());
    let proposing = rules[end..].replace("match email = Email\n", "match email = Email or propose\n");
    yard.save(&format!("{}{proposing}", &rules[..start]));
    let runner = yard.start();
    while number(&runner.until_any("pass"), "/counts/decided") > 0 {}
    let proposed = || -> Vec<Value> {
        let listed = yard.syncline(&["link", "--format", "json"]);
        serde_json::from_slice::<Value>(&listed.stdout).unwrap()["proposed"].as_array().unwrap().clone()
    };
    let all = proposed();
    assert!(all.len() > 3, "{all:?}");
    let id = |at: usize, side: &str| all[at][side]["id"].as_str().unwrap().to_owned();
    for (verb, at) in [("link", 0), ("decline", 1)] {
        let said = yard.syncline(&[verb, &id(at, "hubspot"), &id(at, "salesforce"), "--format", "json"]);
        assert!(said.status.success(), "{said:?}");
        assert_eq!(serde_json::from_slice::<Value>(&said.stdout).unwrap()["taken"], true);
        assert_eq!(number(&runner.until("answered"), "/matches"), 1);
        assert!(number(&runner.until("pass"), "/counts/decided") > 0);
    }
    assert_eq!(proposed(), all[2..]);
    // The words outlive the process, and leave nothing behind.
    runner.stop();
    assert_eq!(proposed(), all[2..]);
    let names = std::fs::read_dir(yard.folder.path().join(".syncline")).unwrap();
    assert!(names.flatten().all(|entry| !entry.file_name().to_string_lossy().contains("answer")));
}

#[test]
fn a_change_that_touches_too_much_waits_for_a_word_while_the_rules_before_it_run_on() {
    let yard = Yard::new("latency=1");
    let runner = yard.start();
    let first = runner.until("running")["now"]["plan"].clone();
    while number(&runner.until("pass"), "/counts/decided") > 0 {}

    // What is due anyway stays below it.
    yard.edit("hold when more than 500", "hold when more than 6");
    let calm = runner.until("changed")["now"]["plan"].clone();
    assert_ne!(calm, first);
    runner.until("pass");

    yard.edit("hs_object_id    ->", "jobtitle        -> Description       or truncate\n    hs_object_id    ->");
    let event = runner.until("held");
    assert_eq!((&event["now"]["plan"], &event["held"]["what"]), (&calm, &Value::from("rules")));
    let (records, word) = (number(&event, "/held/records"), event["held"]["word"].as_str().unwrap());
    assert!(records > 6, "{event}");
    for _ in 0..2 {
        let pass = runner.until("pass");
        assert!(pass["plan"] == calm && number(&pass, "/counts/updated/salesforce") == 0, "{pass}");
    }

    let listed = yard.syncline(&["approve"]);
    assert!(String::from_utf8_lossy(&listed.stdout).starts_with(word), "{listed:?}");
    assert_eq!(yard.syncline(&["approve", "00000000"]).status.code(), Some(2));
    let approved = yard.syncline(&["approve", word]);
    assert!(approved.status.success(), "{approved:?}");
    assert_eq!(runner.until("approved")["held"]["records"], records);
    let changed = runner.until("changed");
    assert_eq!(changed["means"]["added"], serde_json::json!(["people.jobtitle = Description"]));
    assert_eq!(
        (&changed["means"]["removed"], &changed["means"]["changed"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    let pass = runner.until("pass");
    assert_eq!(pass["plan"], changed["now"]["plan"]);
    assert!(number(&pass, "/counts/updated/salesforce") > 6, "{pass}");
    assert_eq!(String::from_utf8_lossy(&yard.syncline(&["approve"]).stdout), "nothing is held\n");

    // Taken back while it is held, it is held no more.
    yard.edit(
        "    jobtitle        -> Description       or truncate\n",
        "    company         -> Description       or truncate\n",
    );
    runner.until("held");
    yard.edit(
        "    company         -> Description       or truncate\n",
        "    jobtitle        -> Description       or truncate\n",
    );
    runner.until("withdrawn");
    assert_eq!(runner.until("pass")["plan"], changed["now"]["plan"]);
    let (status, took, _) = runner.stop();
    assert!(status.success() && took < Duration::from_secs(8), "{status} after {took:?}");
    assert_eq!(yard.syncline(&["approve"]).status.code(), Some(2));
}

#[test]
fn the_first_pass_is_held_as_well_and_goes_on_after_a_word() {
    let yard = Yard::new("latency=1");
    yard.edit("hold when more than 500", "hold when more than 6");
    let runner = yard.start();
    runner.until("running");
    let event = runner.until("held");
    assert_eq!(event["held"]["what"], "pass");
    let pass = runner.until("pass");
    assert_eq!((&pass["ending"], number(&pass, "/counts/write_calls/salesforce")), (&Value::from("held"), 0));
    let approved = yard.syncline(&["approve", event["held"]["word"].as_str().unwrap()]);
    assert!(approved.status.success(), "{approved:?}");
    runner.until("approved");
    let pass = runner.until("pass");
    assert!(number(&pass, "/counts/updated/salesforce") > 6, "{pass}");
    assert!(runner.stop().0.success());
}

#[test]
fn a_pass_in_flight_ends_on_the_plan_that_it_began_with() {
    let yard = Yard::new("latency=300");
    let runner = yard.start();
    let first = runner.until("running")["now"]["plan"].clone();
    yard.edit("or truncate  newest wins", "or truncate  salesforce wins");
    let pass = runner.until("pass");
    assert!(pass["plan"] == first && number(&pass, "/counts/updated/salesforce") > 0, "{pass}");
    assert_eq!(runner.until("changed")["was"], first);
    assert!(runner.stop().0.success());
}

#[test]
fn an_end_in_the_middle_of_a_pass_loses_nothing_and_makes_nothing_twice() {
    let whole = Yard::new("latency=1").syncline(&["apply", "--format", "json"]);
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    let created =
        |event: &Value| number(event, "/counts/created/hubspot") + number(event, "/counts/created/salesforce");

    let yard = Yard::new("latency=400");
    let runner = yard.start();
    runner.until("running");
    std::thread::sleep(Duration::from_millis(1_500));
    let (status, took, rest) = runner.stop();
    assert!(status.success() && took < Duration::from_secs(8), "{status} after {took:?}");
    let first: u64 = rest.iter().filter(|event| event["event"] == "pass").map(created).sum();
    assert!(first < created(&whole), "{rest:?}");

    let runner = yard.start();
    let mut sum = first;
    loop {
        let pass = runner.until_any("pass");
        sum += created(&pass);
        if number(&pass, "/counts/decided") == 0 {
            break;
        }
    }
    assert_eq!(sum, created(&whole));
    assert!(runner.stop().0.success());
}
