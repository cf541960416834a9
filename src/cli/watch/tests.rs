//! The watch on real files, saved as real programs save them. What is told must be a set of files that was on disk whole.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::*;

const WAIT: Duration = Duration::from_secs(20);
const RULES: &str = include_str!("../../../examples/developer-edition/rules/people.sync");
const TESTS: &str = include_str!("../../../examples/developer-edition/rules/people.tests.sync");
const HUBSPOT: &str = include_str!("../../../examples/developer-edition/schemas/hubspot.json");
const SALESFORCE: &str = include_str!("../../../examples/developer-edition/schemas/salesforce.json");
const SETTINGS: &str = include_str!("../../../examples/developer-edition/syncline.yaml");

/// The rules with `n` as their daily limit of calls: plans tell by it which text they were made from.
fn version(n: u32) -> String {
    RULES.replace("salesforce 5_000 calls", &format!("salesforce {n} calls"))
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

struct Yard {
    folder: tempfile::TempDir,
    watch: Watch,
}

impl Yard {
    /// A project whose rules are version 1, watched, its first plan taken.
    async fn new() -> Yard {
        Yard::with(|_| {}).await
    }

    async fn with(prepare: impl FnOnce(&Path)) -> Yard {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("syncline.yaml"), SETTINGS);
        write(&folder.path().join("schemas/hubspot.json"), HUBSPOT);
        write(&folder.path().join("schemas/salesforce.json"), SALESFORCE);
        write(&folder.path().join("rules/people.sync"), &version(1));
        prepare(folder.path());
        let watch = Watch::start(Loader::new(folder.path(), Default::default()), Timing::default());
        let mut yard = Yard { folder, watch };
        assert_eq!(yard.next().await, Told::Plan(1));
        yard
    }

    fn rules(&self) -> PathBuf {
        self.folder.path().join("rules/people.sync")
    }

    async fn found(&mut self) -> Found {
        tokio::time::timeout(WAIT, self.watch.found.recv()).await.expect("nothing was told").unwrap()
    }

    async fn next(&mut self) -> Told {
        Told::from(self.found().await)
    }

    /// Asserts that nothing is told for a while.
    async fn silent(&mut self, ms: u64) {
        let told = tokio::time::timeout(Duration::from_millis(ms), self.watch.found.recv()).await;
        assert!(told.is_err(), "{:?}", Told::from(told.unwrap().unwrap()));
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    /// Made from this version.
    Plan(u32),
    /// With the code of the first finding.
    Refused(&'static str),
    Unfit,
    Unwatched,
}

impl From<Found> for Told {
    fn from(found: Found) -> Told {
        match found {
            Found::Good(loaded) => Told::Plan(loaded.plan.limits.calls_per_day.right.unwrap()),
            Found::Refused(Refused { why: Why::Findings(findings, _) }) => Told::Refused(findings[0].code.id()),
            Found::Refused(Refused { why: Why::Unfit(_) }) => Told::Unfit,
            Found::Unwatched(_) => Told::Unwatched,
        }
    }
}

fn run(folder: &Path, program: &str, args: &[&str]) {
    let done = Command::new(program).args(args).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// What vim does with `backupcopy=no`: a swap file that is written to all the time, a probe, the old file moved aside.
fn save_as_vim(path: &Path, text: &str) {
    let beside = |name: &str| path.with_file_name(name);
    let mut swap = std::fs::File::create(beside(".people.sync.swp")).unwrap();
    swap.write_all(b"b0VIM").unwrap();
    std::fs::File::create(beside("4913")).unwrap();
    std::fs::remove_file(beside("4913")).unwrap();
    std::fs::rename(path, beside("people.sync~")).unwrap();
    let mut file = std::fs::File::create(path).unwrap();
    let (head, tail) = text.as_bytes().split_at(text.len() / 2);
    file.write_all(head).unwrap();
    file.write_all(tail).unwrap();
    file.sync_all().unwrap();
    drop(file);
    std::fs::remove_file(beside("people.sync~")).unwrap();
    swap.write_all(b"more").unwrap();
    drop(swap);
    std::fs::remove_file(beside(".people.sync.swp")).unwrap();
}

/// What VS Code does, and vim with `backupcopy=yes`: truncate, then write.
fn save_in_place(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
    for part in text.as_bytes().chunks(512) {
        file.write_all(part).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_of_vim_makes_one_plan() {
    let mut yard = Yard::new().await;
    for n in 2..5 {
        save_as_vim(&yard.rules(), &version(n));
        assert_eq!(yard.next().await, Told::Plan(n));
    }
    yard.silent(300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_file_that_is_written_to_delays_nothing() {
    let mut yard = Yard::new().await;
    let mut swap = std::fs::File::create(yard.rules().with_file_name(".people.sync.swp")).unwrap();
    swap.write_all(b"b0VIM").unwrap();
    save_in_place(&yard.rules(), &version(2));
    swap.write_all(b"more").unwrap();
    let told = tokio::time::timeout(Duration::from_secs(2), yard.next()).await;
    assert_eq!(told.expect("waited for the swap file"), Told::Plan(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_of_vs_code_makes_one_plan() {
    let mut yard = Yard::new().await;
    for n in 2..5 {
        save_in_place(&yard.rules(), &version(n));
        assert_eq!(yard.next().await, Told::Plan(n));
    }
    yard.silent(300).await;
}

/// Editors and tools that write a temporary file and rename it over the old one.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_renamed_into_place_makes_one_plan() {
    let mut yard = Yard::new().await;
    let fresh = yard.rules().with_file_name("people.sync.tmp");
    for n in 2..5 {
        write(&fresh, &version(n));
        std::fs::rename(&fresh, yard.rules()).unwrap();
        assert_eq!(yard.next().await, Told::Plan(n));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_by_sed_makes_one_plan() {
    let mut yard = Yard::new().await;
    for n in 2..5 {
        let script = format!("s/salesforce {} calls/salesforce {n} calls/", n - 1);
        run(yard.folder.path(), "sed", &["-i", &script, "rules/people.sync"]);
        assert_eq!(yard.next().await, Told::Plan(n));
    }
    yard.silent(300).await;
}

/// Two files that only fit together: the table is in a file of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_git_checkout_is_one_change_however_many_files_it_touches() {
    let git = |folder: &Path, args: &[&str]| {
        let mut all = vec!["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        all.extend(args);
        run(folder, "git", &all);
    };
    let split = |folder: &Path, n: u32, table: &str| {
        let text =
            version(n).replace("lead_status {", "not_used {").replace("via lead_status", &format!("via {table}"));
        let at = RULES.find("picklist").unwrap();
        let table_text = RULES[at..RULES.find("limits").unwrap()].replace("lead_status", table);
        let text =
            text.replace(&version(n)[at..RULES.find("limits").unwrap()].replace("lead_status {", "not_used {"), "");
        write(&folder.join("rules/people.sync"), &text);
        write(&folder.join("rules/tables.sync"), &format!("edition 2026\n{table_text}"));
        for other in 0..40 {
            write(
                &folder.join(format!("rules/values{other}.sync")),
                &format!("edition 2026\nvalues v{other} {{ \"{n}\" }}\n"),
            );
        }
    };
    let mut yard = Yard::with(|folder| {
        git(folder, &["init", "-q", "-b", "one"]);
        split(folder, 2, "second");
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-qm", "two"]);
        git(folder, &["branch", "two"]);
        split(folder, 1, "first");
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-qm", "one"]);
    })
    .await;
    for (branch, n) in [("two", 2), ("one", 1), ("two", 2)] {
        git(yard.folder.path(), &["checkout", "-q", branch]);
        assert_eq!(yard.next().await, Told::Plan(n));
    }
    yard.silent(300).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_swapped_link_is_followed_and_what_it_leads_to_is_watched() {
    let mut yard = Yard::with(|folder| {
        std::fs::rename(folder.join("rules"), folder.join("rules-1")).unwrap();
        write(&folder.join("rules-2/people.sync"), &version(2));
        run(folder, "ln", &["-sfn", "rules-1", "rules"]);
    })
    .await;
    run(yard.folder.path(), "ln", &["-sfn", "rules-2", "rules"]);
    assert_eq!(yard.next().await, Told::Plan(2));
    save_in_place(&yard.folder.path().join("rules-2/people.sync"), &version(3));
    assert_eq!(yard.next().await, Told::Plan(3));
    // The folder that is no longer meant is no longer looked at.
    save_in_place(&yard.folder.path().join("rules-1/people.sync"), &version(9));
    run(yard.folder.path(), "ln", &["-sfn", "rules-1", "rules"]);
    assert_eq!(yard.next().await, Told::Plan(9));
}

/// Kubernetes mounts configuration so: `people.sync -> ..data/people.sync`, `..data -> ..1`.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn mounted_configuration_is_swapped_by_one_link() {
    use std::os::unix::fs::symlink;
    let mut yard = Yard::with(|folder| {
        let rules = folder.join("rules");
        write(&rules.join("..1/people.sync"), &version(1));
        std::fs::remove_file(rules.join("people.sync")).unwrap();
        symlink("..1", rules.join("..data")).unwrap();
        symlink("..data/people.sync", rules.join("people.sync")).unwrap();
    })
    .await;
    let rules = yard.folder.path().join("rules");
    write(&rules.join("..2/people.sync"), &version(2));
    symlink("..2", rules.join("..fresh")).unwrap();
    std::fs::rename(rules.join("..fresh"), rules.join("..data")).unwrap();
    std::fs::remove_dir_all(rules.join("..1")).unwrap();
    assert_eq!(yard.next().await, Told::Plan(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_replaced_is_watched_anew() {
    let mut yard = Yard::new().await;
    let root = yard.folder.path().to_owned();
    write(&root.join("fresh/people.sync"), &version(2));
    std::fs::rename(root.join("rules"), root.join("old")).unwrap();
    std::fs::rename(root.join("fresh"), root.join("rules")).unwrap();
    assert_eq!(yard.next().await, Told::Plan(2));
    save_in_place(&yard.rules(), &version(3));
    assert_eq!(yard.next().await, Told::Plan(3));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_being_written_is_waited_for() {
    let mut yard = Yard::new().await;
    // Cut where a block ends: what is there then is valid, and means less.
    let text = format!("{}\nvalues late {{ \"x\" }}\n", version(2));
    let whole_block = RULES.find("limits").unwrap();
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(yard.rules()).unwrap();
    file.write_all(&text.as_bytes()[..whole_block]).unwrap();
    file.flush().unwrap();
    yard.silent(800).await;
    file.write_all(&text.as_bytes()[whole_block..]).unwrap();
    drop(file);
    assert_eq!(yard.next().await, Told::Plan(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_file_is_refused_once_and_the_rest_of_it_is_taken() {
    let mut yard = Yard::new().await;
    let text = version(2);
    save_in_place(&yard.rules(), &text[..text.find("picklist").unwrap() - 10]);
    assert!(matches!(yard.next().await, Told::Refused(_)));
    // Saved again as it is: nothing new to say.
    save_in_place(&yard.rules(), &text[..text.find("picklist").unwrap() - 10]);
    yard.silent(400).await;
    save_in_place(&yard.rules(), &text);
    assert_eq!(yard.next().await, Told::Plan(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_change_is_refused_and_its_undoing_is_told() {
    let mut yard = Yard::new().await;
    save_in_place(&yard.rules(), &version(2).replace("jobtitle ", "jobtitel "));
    assert_eq!(yard.next().await, Told::Refused("N102"));
    save_in_place(&yard.rules(), &version(1));
    assert_eq!(yard.next().await, Told::Plan(1));
    write(&yard.folder.path().join("syncline.yaml"), "rule: x\n");
    assert_eq!(yard.next().await, Told::Unfit);
    write(&yard.folder.path().join("syncline.yaml"), SETTINGS);
    assert_eq!(yard.next().await, Told::Plan(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_away_for_a_moment_is_not_missed() {
    let mut yard = Yard::with(|folder| write(&folder.join("rules/more.sync"), "edition 2026\n")).await;
    let more = yard.folder.path().join("rules/more.sync");
    std::fs::remove_file(&more).unwrap();
    yard.silent(400).await;
    write(&more, "edition 2026\n");
    yard.silent(1_500).await;
    std::fs::remove_file(&more).unwrap();
    assert_eq!(yard.next().await, Told::Plan(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_folder_in_the_settings_is_watched_from_then_on() {
    let mut yard = Yard::new().await;
    let other = yard.folder.path().join("other/people.sync");
    write(&other, &version(2));
    write(&yard.folder.path().join("syncline.yaml"), &SETTINGS.replace("rules: rules", "rules: other"));
    assert_eq!(yard.next().await, Told::Plan(2));
    save_in_place(&other, &version(3));
    assert_eq!(yard.next().await, Told::Plan(3));
}

/// Every fifth save is faulty, every other way of saving is used in turn. No plan is told that was never saved, none comes
/// from a faulty text, and the last one wins.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_saves_in_ten_seconds_end_in_the_last_of_them() {
    let mut yard = Yard::new().await;
    let path = yard.rules();
    let writer = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        for n in 2..=201 {
            pace.tick().await;
            let text = version(n);
            let text = if n % 5 == 0 { text.replace("jobtitle ", "jobtitel ") } else { text };
            match n % 3 {
                0 => save_as_vim(&path, &text),
                1 => save_in_place(&path, &text),
                _ => {
                    let fresh = path.with_file_name("people.sync.tmp");
                    write(&fresh, &text);
                    std::fs::rename(&fresh, &path).unwrap();
                }
            }
        }
    });
    let (mut last, mut plans) = (1, 0);
    while last < 201 {
        match yard.next().await {
            Told::Plan(n) => {
                assert!(n > last && n <= 201 && n % 5 != 0, "{n} after {last}");
                (last, plans) = (n, plans + 1);
            }
            told => assert_eq!(told, Told::Refused("N102")),
        }
    }
    writer.await.unwrap();
    yard.silent(300).await;
    println!("200 saves: {plans} plans ran on the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_fail_their_tests_make_no_plan() {
    let mut yard = Yard::with(|folder| write(&folder.join("rules/people.tests.sync"), TESTS)).await;
    save_in_place(&yard.rules(), &version(2).replace("(unknown)", "(nameless)"));
    assert_eq!(yard.next().await, Told::Refused("X808"));
    save_in_place(&yard.rules(), &version(3));
    assert_eq!(yard.next().await, Told::Plan(3));
    let wrong = TESTS.replace("(unknown)", "(nameless)");
    save_in_place(&yard.folder.path().join("rules/people.tests.sync"), &wrong);
    assert_eq!(yard.next().await, Told::Refused("X808"));
}

/// With the example's own tests, which are run each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_save_is_a_plan_soon_after() {
    let mut yard = Yard::with(|folder| write(&folder.join("rules/people.tests.sync"), TESTS)).await;
    let mut took = Vec::new();
    for n in 2..22 {
        let text = version(n);
        let began = std::time::Instant::now();
        save_in_place(&yard.rules(), &text);
        assert_eq!(yard.next().await, Told::Plan(n));
        took.push(began.elapsed());
    }
    took.sort();
    println!("from save to plan: median {:?}, longest {:?}", took[took.len() / 2], took[took.len() - 1]);
}
