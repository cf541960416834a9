//! `syncline fmt`: what it writes, what it leaves alone, and what it says.

use std::io::Write;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::output::shown;
use crate::stage::{Ran, Stage, syncline};

const LOOSE: &str = "\
edition 2026
sync people:hubspot contact<->salesforce Lead { match email=Email   // the key


map newest wins { email<->Email or reject
company -> Company or truncate or use \"(unknown)\" } }
";

/// The example with one more file, which is not in canonical form.
fn stage() -> Stage {
    let stage = Stage::example();
    stage.write("rules/loose.sync", LOOSE);
    stage
}

#[test]
fn it_shows_what_would_change_and_writes_it() {
    let stage = stage();
    let looked = [stage.run("fmt --check"), stage.run("fmt --diff"), stage.run("fmt --check --format json")];
    assert_eq!(looked.each_ref().map(|ran| ran.code), [Some(1); 3]);
    assert_eq!(stage.read("rules/loose.sync"), LOOSE);
    let wrote = [stage.run("fmt"), stage.run("fmt"), stage.run("fmt --check"), stage.run("fmt --diff --quiet")];
    assert_eq!(wrote.each_ref().map(|ran| ran.code), [Some(0); 4]);
    let all: Vec<String> = looked.iter().chain(&wrote).map(shown).collect();
    assert_snapshot!(format!("{}\n{}", all.join("\n"), stage.read("rules/loose.sync")));
}

#[test]
fn a_file_with_faults_is_left_alone_and_the_others_are_written() {
    let stage = stage();
    stage.write(
        "rules/faulty.sync",
        "edition 2026\nsync people: hubspot contact <-> salesforce Lead {\n  mach a = B\n}\n",
    );
    let before = stage.read("rules/faulty.sync");
    let ran = stage.run("fmt");
    assert_eq!((ran.code, stage.read("rules/faulty.sync")), (Some(1), before));
    assert_ne!(stage.read("rules/loose.sync"), LOOSE);
    assert_snapshot!(shown(&ran));
}

#[test]
fn stdin_comes_out_on_stdout() {
    let stage = Stage::example();
    let pipe = |args: &str, text: &str| -> Ran {
        let mut command = syncline();
        command.args(args.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Ran::of(args, child.wait_with_output().unwrap())
    };
    let all = [
        pipe("fmt -", LOOSE),
        pipe("fmt - --check", LOOSE),
        pipe("fmt - --diff", "zone  \"x\""),
        pipe("fmt -", "zone \"x\n"),
        pipe("fmt - --check", "zone \"x\"\n"),
        pipe("fmt - rules", ""),
    ];
    assert_eq!(all.each_ref().map(|ran| ran.code), [Some(0), Some(1), Some(1), Some(1), Some(0), Some(2)]);
    assert_eq!(pipe("fmt -", &all[0].stdout).stdout, all[0].stdout);
    let all: Vec<String> = all.iter().map(shown).collect();
    assert_snapshot!(all.join("\n"));
    assert_eq!(stage.run("fmt nowhere.sync").code, Some(2));
    assert_eq!(stage.run("fmt data").code, Some(2), "a folder without rules");
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_whole_with_its_rights_and_only_if_it_changed() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    let stage = stage();
    let at = |name: &str| stage.path().join(name);
    let mode = |name: &str| std::fs::metadata(at(name)).unwrap().mode() & 0o777;
    let before = (std::fs::metadata(at("rules/people.sync")).unwrap().ino(), stage.files());
    std::fs::set_permissions(at("rules/loose.sync"), PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(stage.run("fmt").code, Some(0));
    assert_eq!(before, (std::fs::metadata(at("rules/people.sync")).unwrap().ino(), stage.files()));
    assert_eq!(mode("rules/loose.sync"), 0o640);

    // A link stays one, and what it leads to is written.
    std::fs::create_dir(at("shared")).unwrap();
    stage.write("shared/loose.sync", LOOSE);
    std::fs::remove_file(at("rules/loose.sync")).unwrap();
    symlink("../shared/loose.sync", at("rules/loose.sync")).unwrap();
    assert_eq!(stage.run("fmt .").code, Some(0));
    assert!(std::fs::symlink_metadata(at("rules/loose.sync")).unwrap().is_symlink());
    assert_ne!(stage.read("shared/loose.sync"), LOOSE);

    // What may only be read is not written, and nothing is left beside it.
    stage.write("shared/loose.sync", LOOSE);
    std::fs::set_permissions(at("shared/loose.sync"), PermissionsExt::from_mode(0o440)).unwrap();
    let files = stage.files();
    let ran = stage.run("fmt shared/loose.sync");
    assert_eq!((ran.code, stage.read("shared/loose.sync").as_str(), stage.files()), (Some(2), LOOSE, files));
    assert!(ran.stderr.contains("cannot write `shared/loose.sync`"), "{ran}");
}
