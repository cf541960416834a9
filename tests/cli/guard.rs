//! What the guard holds in one pass, and the word that releases it.

use crate::stage::Stage;

#[test]
fn a_word_releases_what_it_was_given_for_and_says_so_when_it_does_not() {
    let (stage, _sandbox) = Stage::served();
    let rules = stage.read("rules/people.sync");
    let (rest, _) = rules.split_at(rules.find("limits {").unwrap());
    let rules = format!("{rest}limits {{ hold when more than 3 records would change }}\n");
    stage.write("rules/people.sync", rules);
    let held = stage.run("apply --format json");
    assert_eq!(held.code, Some(1), "{held}");
    let word = held.json()["ending"]["holding"]["token"].as_str().unwrap_or_else(|| panic!("{held}")).to_owned();
    let said =
        |word: &str| format!("`{word}` released nothing: it is the word of another change, or nothing was held\n");
    let wrong = stage.run("apply --approve 00000000");
    assert!(wrong.stderr.ends_with(&said("00000000")) && wrong.stdout.contains(&word), "{wrong}");
    let right = stage.run(&format!("apply --approve {word}"));
    assert!(!right.stderr.contains("released nothing") && right.stdout.contains("Done: "), "{right}");
    let again = stage.run(&format!("apply --approve {word}"));
    assert!(again.stderr.ends_with(&said(&word)), "{again}");
}
