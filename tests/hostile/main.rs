//! Servers that do not keep their promises, in front of the real adapters, engine and store: each case gives one clear
//! message, and loses nothing once the server behaves again.

#[path = "../ends/mod.rs"]
mod ends;
mod lies;
mod machine;
mod network;

use lies::{Case, When};
use machine::Machine;

fn in_virtual_time<T>(run: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run)
}

/// What both sides hold at the end, and what was said in the pass with the lie, if there was one.
async fn play(case: Option<&Case>, when: When) -> (ends::Ends, String, Vec<String>) {
    let machine = Machine::new();
    let mut broken = Vec::new();
    if when == When::Later {
        machine.pass().await;
        machine.people_act();
    }
    machine.wire.lie(case.map(|case| case.lie));
    let said = machine.pass().await;
    if let Some(case) = case {
        if machine.wire.lies_told() == 0 {
            broken.push(format!("{}: the call that was to be answered falsely was never made", case.name));
        }
        broken.extend(machine.the_list_is_cut().await.map(|what| format!("{}: {what}", case.name)));
    }
    machine.wire.lie(None);
    for _ in 0..3 {
        machine.pass().await;
    }
    broken.extend(machine.wire.leaks());
    (machine.ends(), said, broken)
}

#[test]
fn a_server_that_lies_is_named_and_costs_nothing() {
    let honest = [When::First, When::Later].map(|when| (when, in_virtual_time(async { play(None, when).await.0 })));
    let cases = lies::cases();
    let halves = cases.chunks(cases.len().div_ceil(2));
    let broken: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            halves.map(|half| scope.spawn(|| half.iter().flat_map(|c| tell(c, &honest)).collect())).collect();
        threads.into_iter().flat_map(|thread| -> Vec<String> { thread.join().unwrap() }).collect()
    });
    assert!(broken.is_empty(), "{} faults:\n{}", broken.len(), broken.join("\n"));
}

/// What one case breaks.
fn tell(case: &Case, honest: &[(When, ends::Ends)]) -> Vec<String> {
    let (ends, said, mut broken) = in_virtual_time(play(Some(case), case.when));
    for part in case.says.iter().filter(|part| !said.contains(**part)) {
        broken.push(format!("{}: `{part}` is not in what was said:\n{said}", case.name));
    }
    let lines = said.lines().count();
    if lines > case.lines {
        broken.push(format!("{}: said in {lines} lines:\n{said}", case.name));
    }
    let (_, expected) = honest.iter().find(|(when, _)| *when == case.when).unwrap();
    broken.extend(ends.differences(expected).into_iter().map(|what| format!("{}: {what}", case.name)));
    broken
}
