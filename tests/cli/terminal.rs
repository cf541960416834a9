//! In a real terminal: how wide, whether in colour, and what Ctrl-C does.

use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use crate::stage::{Running, Stage};

const FIVE: &str = include_str!("../corpus/five_faults_of_five_kinds.sync");
/// Longer than anything takes that does not hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a test changes what is started, and why.
type Case = (&'static str, fn(Command) -> Command);

/// The program with a terminal of its own for all three streams, where the caller does not say otherwise.
struct Terminal {
    child: Running,
    pty: Arc<Pty>,
    output: Receiver<Vec<u8>>,
    shown: Vec<u8>,
}

impl Terminal {
    fn open(stage: &Stage, columns: u16, args: &str, change: impl FnOnce(Command) -> Command) -> Terminal {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(40, columns)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_syncline")).args(args.split_whitespace());
        for name in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS", "LINES"] {
            command = command.env_remove(name);
        }
        command = command.env("TERM", "xterm-256color").current_dir(stage.path());
        let child = Running(change(command).spawn(pts).unwrap());
        let pty = Arc::new(pty);
        let (send, output) = channel();
        let reader = pty.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Where the last program has left a terminal, Linux says EIO and others an end.
            while let Ok(read @ 1..) = (&*reader).read(&mut buffer) {
                if send.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal { child, pty, output, shown: Vec::new() }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Reads on until `done` or the end; whether it was done.
    fn read_until(&mut self, done: impl Fn(&str) -> bool) -> bool {
        let end = Instant::now() + PATIENCE;
        while !done(&self.text()) {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.extend(bytes),
                Err(RecvTimeoutError::Disconnected) => return done(&self.text()),
                Err(RecvTimeoutError::Timeout) => panic!("still there after {PATIENCE:?}:\n{}", self.text()),
            }
        }
        true
    }

    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        assert!(self.read_until(|shown| shown.contains(text)), "no `{text}` in:\n{}", self.text());
    }

    /// As the key does it: the terminal tells the program.
    fn ctrl_c(&mut self) {
        (&*self.pty).write_all(b"\x03").unwrap();
    }

    /// All that the terminal was given, and the exit code.
    fn end(mut self) -> (String, Option<i32>) {
        self.read_until(|_| false);
        let code = self.child.0.wait().unwrap().code();
        (self.text(), code)
    }
}

fn faulty() -> Stage {
    let stage = Stage::example();
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    stage.write("rules/people.sync", FIVE);
    stage
}

fn shown(stage: &Stage, columns: u16, args: &str, change: impl FnOnce(Command) -> Command) -> String {
    Terminal::open(stage, columns, args, change).end().0
}

/// Without what colours it.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once("\x1b[") {
        out.push_str(before);
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(sequence.len() - 1);
        assert_eq!(&sequence[end..=end], "m", "only colour, nothing that moves the cursor: {text:?}");
        rest = &sequence[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Of all lines but those that point at something, whose words stand where it ends.
fn widest(text: &str) -> usize {
    let bare = bare(text);
    let ours = bare.lines().filter(|line| !line.trim_start().starts_with('·'));
    ours.map(|line| line.chars().count()).max().unwrap()
}

/// Lines of the rules, which are cut where there is no room, and what points at them.
fn of_rules(line: &str) -> bool {
    line.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '·')
}

#[test]
fn findings_are_as_wide_as_the_terminal_and_in_colour() {
    let stage = faulty();
    let (narrow, wide) = (shown(&stage, 60, "check", |it| it), shown(&stage, 120, "check", |it| it));
    assert!(widest(&narrow) <= 60, "{}", bare(&narrow));
    assert!((61..=120).contains(&widest(&wide)), "{}", bare(&wide));
    // Broken at other places, and the same words.
    let words = |text: &str| -> Vec<String> {
        let bare = bare(text);
        let ours = bare.lines().filter(|line| !of_rules(line)).flat_map(str::split_whitespace);
        ours.filter(|word| *word != "│").map(str::to_owned).collect()
    };
    assert_eq!(words(&narrow), words(&wide));
    for text in [&narrow, &wide] {
        assert!(text.contains("\x1b[31m") && text.contains("\x1b[0m"), "{text:?}");
    }
    // The tables of what is explained, too.
    let explained = |columns: u16| shown(&Stage::example(), columns, "explain", |it| it);
    for columns in [80, 120] {
        let text = explained(columns);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= usize::from(columns), "{text}");
    }
    // Lines longer than this are hard to read, however wide the window is.
    assert!(widest(&shown(&stage, 240, "check", |it| it)) <= 120);
    // What is said on stderr, too.
    let error = shown(&stage, 60, "explain -C nowhere people.with.a.long.name", |it| it);
    assert!(widest(&error) <= 60 && error.contains('\x1b'), "{error:?}");
}

#[test]
fn colour_is_for_terminals_that_show_it_and_people_who_want_it() {
    let stage = faulty();
    let (fault, fine) = ("explain no.such.rule", "explain people");
    let plain: [Case; 6] = [
        ("NO_COLOR", |it| it.env("NO_COLOR", "1")),
        ("NO_COLOR over CLICOLOR_FORCE", |it| it.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1")),
        ("TERM=dumb", |it| it.env("TERM", "dumb")),
        ("--format plain", |it| it.args(["--format", "plain"])),
        ("--color never", |it| it.args(["--color", "never"])),
        ("--format json", |it| it.args(["--format", "json"])),
    ];
    for (why, change) in plain {
        for args in ["check", fault, fine] {
            let text = shown(&stage, 100, args, change);
            assert!(!text.contains('\x1b') && text.len() > 40, "{why}, {args}: {text:?}");
        }
    }
    let coloured: [Case; 3] = [
        ("by itself", |it| it),
        ("CLICOLOR_FORCE", |it| it.env("TERM", "dumb").env("CLICOLOR_FORCE", "1")),
        ("--color always", |it| it.env("NO_COLOR", "1").args(["--color", "always"])),
    ];
    for (why, change) in coloured {
        for args in ["check", fault] {
            let text = shown(&stage, 100, args, change);
            assert!(text.contains("\x1b["), "{why}, {args}: {text:?}");
            // No addresses to click on: they would be those of nobody.
            assert!(!text.contains("\x1b]8"), "{why}, {args}: {text:?}");
        }
    }
}

/// `syncline check | less`: the terminal is there for the keys, and stdout is not it.
#[test]
fn a_pipe_gets_no_colour_although_there_is_a_terminal() {
    let stage = faulty();
    let mut terminal = Terminal::open(&stage, 60, "check", |command| command.stdout(Stdio::piped()));
    let mut piped = String::new();
    terminal.child.0.stdout.take().unwrap().read_to_string(&mut piped).unwrap();
    let (rest, code) = terminal.end();
    assert_eq!((rest.as_str(), code), ("", Some(1)));
    assert!(!piped.contains('\x1b') && widest(&piped) > 60, "{piped}");
}

/// Ends soon after Ctrl-C, and leaves the cursor at the start of a line, for the shell's prompt.
#[track_caller]
fn ends_at_once(mut terminal: Terminal) -> String {
    let asked = Instant::now();
    terminal.ctrl_c();
    let (text, code) = terminal.end();
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}\n{text}", asked.elapsed());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.ends_with("\r\n"), "{text:?}");
    text
}

#[test]
fn watched_tests_end_at_ctrl_c() {
    let stage = Stage::example();
    let mut terminal = Terminal::open(&stage, 100, "test --watch", |it| it);
    terminal.wait_for("passed");
    ends_at_once(terminal);
}

#[test]
fn a_run_ends_at_ctrl_c_and_says_so() {
    let (stage, _sandbox) = Stage::served();
    let mut terminal = Terminal::open(&stage, 100, "run", |it| it);
    terminal.wait_for("; next ");
    let text = ends_at_once(terminal);
    let last = bare(&text);
    let last = last.lines().last().unwrap();
    assert!(last.contains("stopped"), "{text:?}");
    // The echo of the key is not in front of a line that a log is read by.
    assert!(last.starts_with("20"), "{text:?}");
}

/// What turns while a pass runs is gone when it is over, and is not shown where it could not be taken back.
#[test]
fn a_plan_leaves_nothing_of_its_progress() {
    let (stage, _sandbox) = Stage::served();
    let args = "plan --color never";
    let piped = stage.run(args);
    assert_eq!(piped.stderr, "", "{piped}");
    // A CRM that is asked three times in a second may say to come again.
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("Calls: ")).map(str::to_owned).collect()
    };
    let drawn = shown(&stage, 100, args, |it| it);
    assert!(drawn.contains("reading") || drawn.contains("deciding"), "{drawn:?}");
    let left = drawn.rsplit("\x1b[2K").next().unwrap();
    assert_eq!(lines(left), lines(&piped.stdout));
    let dumb = shown(&stage, 100, args, |it| it.env("TERM", "dumb"));
    assert_eq!(lines(&dumb), lines(&piped.stdout));
}
