//! `syncline check --fix`.

use insta::assert_snapshot;

use crate::output::shown;
use crate::stage::Stage;

/// What hands used to other languages type, and names by case and by label.
const ROUGH: &str = "\
sync people: salesforce Contact <-> hubspot contact {
  match email == Email
  both ways {
    include our people when lifecyclestage is lead or customer  // both
    exclude \u{201c}staff\u{201d} if email ends with '@acme.com' && jobtitle != null
  }
  map newest wins {
    FirstName    <-> FirstName       or truncate
    lastname      => LastName        truncate  or use \"?\"  newest wins
    jobtitle     <-> Titel           or truncate
  }
}
";

fn rough() -> Stage {
    let stage = Stage::example();
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    stage.write("rules/people.sync", ROUGH);
    stage
}

#[test]
fn what_is_surely_meant_is_written_and_the_rest_is_shown() {
    let stage = rough();
    let shown_first = stage.run("check");
    let diff = stage.run("check --fix --diff");
    assert_eq!((diff.code, stage.read("rules/people.sync").as_str()), (Some(1), ROUGH), "a diff writes nothing");
    let fixed = stage.run("check --fix");
    let text = stage.read("rules/people.sync");
    let again = stage.run("check --fix");
    assert_eq!((again.code, stage.read("rules/people.sync")), (Some(1), text.clone()), "nothing is left to do unasked");
    assert!(!again.stdout.contains("fixed"), "{again}");
    assert_snapshot!([shown(&shown_first), shown(&diff), shown(&fixed), text].join("\n"));
    let text = stage.read("rules/people.sync").replace("Titel", "Title");
    stage.write("rules/people.sync", text.replace("or use \"?\"  newest wins", "or use \"?\""));
    assert_eq!(stage.run("check --fix --diff").code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_file_stays_what_it_is() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let stage = rough();
    let (link, real) = (stage.path().join("rules/people.sync"), stage.path().join("kept/people.txt"));
    std::fs::create_dir(stage.path().join("kept")).unwrap();
    std::fs::rename(&link, &real).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../kept/people.txt", &link).unwrap();
    assert_eq!(stage.run("check --fix").code, Some(1));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::read_to_string(&real).unwrap().starts_with("edition 2026\n"));
    let around: Vec<_> = std::fs::read_dir(stage.path().join("kept")).unwrap().collect();
    assert_eq!(around.len(), 1, "nothing is left beside it");
}

#[test]
fn wrong_use_is_refused() {
    let stage = rough();
    let ran = stage.run("check --diff");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
}
