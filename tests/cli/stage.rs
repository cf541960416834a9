//! A copy of the example project, and the sandbox that it talks to.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/developer-edition");
pub const HUBSPOT_TOKEN: &str = "sim-hubspot-00000000";
pub const SALESFORCE_SECRET: &str = "sim-secret";

/// A folder that is gone with the value.
pub struct Stage {
    folder: tempfile::TempDir,
}

/// A sandbox in a process of its own, ended with the value.
pub struct Sandbox {
    child: Running,
    pub ready: Value,
}

/// What a run of the program came to. Shown as a whole in snapshots.
pub struct Ran {
    args: String,
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

pub fn syncline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
    command.env("NO_COLOR", "1").env_remove("COLUMNS").env_remove("FORCE_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

impl Stage {
    /// The example, with secrets in their place, and addresses at which nobody answers.
    pub fn example() -> Stage {
        let stage = Stage { folder: tempfile::tempdir().unwrap() };
        copy(Path::new(EXAMPLE), stage.path());
        stage.write("secrets/hubspot-token", HUBSPOT_TOKEN);
        stage.write("secrets/salesforce-secret", SALESFORCE_SECRET);
        stage.point_at("http://127.0.0.1:1", "http://127.0.0.1:1");
        stage
    }

    /// The example and its sandbox.
    pub fn served() -> (Stage, Sandbox) {
        let stage = Stage::example();
        let sandbox = Sandbox::start(&["--data", stage.path().join("data").to_str().unwrap()]);
        stage.point_at(sandbox.url("hubspot"), sandbox.url("salesforce"));
        (stage, sandbox)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub fn point_at(&self, hubspot: &str, salesforce: &str) {
        self.write(
            "syncline.yaml",
            format!(
                "hubspot:\n  url: {hubspot}\n  token: {{ file: secrets/hubspot-token }}\nsalesforce:\n  url: {salesforce}\n  \
                 client_id: sim-client\n  client_secret: {{ file: secrets/salesforce-secret }}\n"
            ),
        );
    }

    /// Runs in the folder of the project.
    pub fn run(&self, args: &str) -> Ran {
        self.run_with(args, |command| command)
    }

    pub fn run_with(&self, args: &str, change: impl FnOnce(&mut Command) -> &mut Command) -> Ran {
        let mut command = syncline();
        command.args(args.split_whitespace()).current_dir(self.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let out = change(&mut command).spawn().unwrap().wait_with_output().unwrap();
        Ran::of(args, out)
    }

    /// Every file below the folder.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut all = Vec::new();
        walk(self.path(), &mut all);
        all
    }
}

impl Ran {
    pub fn of(args: &str, out: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { args: args.to_owned(), stdout: text(out.stdout), stderr: text(out.stderr), code: out.status.code() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ syncline {}", self.args)?;
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            writeln!(f, "--- stderr")?;
            f.write_str(&self.stderr)?;
        }
        writeln!(f, "--- exit code {}", self.code.map_or("none".into(), |code| code.to_string()))
    }
}

impl Sandbox {
    /// On free ports; ready when this returns.
    pub fn start(args: &[&str]) -> Sandbox {
        let mut command = syncline();
        command.args(["sandbox", "--quiet", "--hubspot-port", "0", "--salesforce-port", "0"]).args(args);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Sandbox { child: Running(child), ready: serde_json::from_str(&line).unwrap() }
    }

    pub fn url(&self, crm: &str) -> &str {
        self.ready[crm]["url"].as_str().unwrap()
    }

    pub fn port(&self, crm: &str) -> &str {
        self.url(crm).rsplit(':').next().unwrap()
    }

    /// Sends a signal (`INT`, `TERM`) and waits for the end.
    #[cfg(unix)]
    pub fn end_by(mut self, signal: &str) -> Option<i32> {
        assert!(
            Command::new("kill")
                .args([&format!("-{signal}"), &self.child.0.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        self.child.0.wait().unwrap().code()
    }
}

/// A process that ends with the test, however that ends.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            // What a run in the example's own folder has left behind.
            true if [".syncline", "secrets"].iter().any(|name| entry.file_name() == *name) => {}
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

fn walk(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => walk(&entry.path(), all),
            false => all.push(entry.path()),
        }
    }
}
