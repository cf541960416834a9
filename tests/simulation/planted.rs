//! Does the simulation see anything? Every planted fault must be found, by which promise and how soon is told.

use std::time::Instant;

use syncline::planted::{Bug, plant};

use crate::story::{Story, play};

/// Seeds within which each must be found.
const SEEDS: u64 = 500;

#[test]
fn every_planted_fault_is_found() {
    let began = Instant::now();
    let mut unseen = Vec::new();
    println!("{:<18} {:>6}  broken promise", "planted fault", "seeds");
    // `BUG=TEXT`: only those whose names have it.
    let named = std::env::var("BUG").unwrap_or_default();
    for bug in Bug::ALL.into_iter().filter(|bug| format!("{bug:?}").contains(&named)) {
        plant(Some(bug));
        if let Some(seed) = crate::number("SEED") {
            println!("{:#?}", play(seed, story(bug)).broken);
            plant(None);
            continue;
        }
        let found = (0..SEEDS).find_map(|seed| Some((seed, play(seed, story(bug)).broken.into_iter().next()?)));
        plant(None);
        match found {
            Some((seed, broken)) => println!("{:<18} {:>6}  {broken}", format!("{bug:?}"), seed + 1),
            None => unseen.push(bug),
        }
    }
    println!("{:.1} s", began.elapsed().as_secs_f64());
    assert!(unseen.is_empty(), "not found in {SEEDS} seeds: {unseen:?}");
}

/// The story that a fault spoils.
fn story(bug: Bug) -> Story {
    match bug {
        Bug::BackAtOnce | Bug::WayBackForgotten | Bug::FurthestNotTold => Story::Deals,
        Bug::PlanBeforeItsWork | Bug::CoveredTooEarly => Story::Reloads,
        Bug::TrialOnTheState
        | Bug::GuardAfterTheWaves
        | Bug::ReleaseForgetsTheLimit
        | Bug::ReleaseNeverEnds
        | Bug::WordForThePlanAlone => Story::Guard,
        Bug::PeopleNotAwaited | Bug::LinkTellsNobody => Story::Firms,
        Bug::AnswerLostAtJoin
        | Bug::AnswerWakesNobody
        | Bug::DeclinedIsAskedAgain
        | Bug::QuestionHoldsOneSide
        | Bug::PartedHasNoWork
        | Bug::TwinsNeverPart
        | Bug::PartedIsMissing => Story::Questions,
        _ => Story::People,
    }
}
