//! What syncing costs in calls, counted where they arrive. Calls are the scarce good: an org may have 15,000 a day.

mod ceiling;
mod rig;

use std::time::Instant;

use rig::{Passed, RULES, Rig, in_virtual_time, wait};
use syncline::data::Side;
use syncline::sync::Ending;

const PEOPLE: usize = 1_000;

/// The pass came to its end, and our own counters say what the network saw.
fn sound(what: &str, passed: &Passed) {
    let Passed { report, calls, made } = passed;
    println!("{what}: created {:?}, updated {:?}", report.counts.created, report.counts.updated);
    for side in Side::BOTH {
        println!("  {side:?}: {} calls, and {} to get in", calls[side].sum(), calls[side].entry);
        calls[side].work.iter().for_each(|(name, n)| println!("    {n:>3} {name}"));
    }
    assert_eq!(report.ending, Ending::Quiet, "{what}");
    let counted = [report.counts.calls.left, report.counts.calls.right];
    assert_eq!(counted, [calls.left.sum(), calls.right.sum()], "{what}: what the report says");
    // The ledger pays for "who am I" too; a login is no API call.
    assert_eq!([made.left, made.right], [calls.left.sum() + 1, calls.right.sum() + 1], "{what}: what the ledger paid");
    let writes = report.counts.write_calls;
    assert!(calls.left.writes() <= writes.left && calls.right.writes() <= writes.right, "{what}: the forecast");
}

#[test]
fn a_thousand_new_people_cost_salesforce_eight_calls() {
    in_virtual_time(async {
        let rig = Rig::new();
        sound("first pass, nobody there", &rig.pass().await);
        wait(3600).await;
        (0..PEOPLE).for_each(|n| drop(rig.net.contact(n)));
        wait(60).await;
        let passed = rig.pass().await;
        sound("a thousand to Salesforce", &passed);
        assert_eq!(passed.report.counts.created.right, PEOPLE as u64);
        assert!(passed.calls.right.sum() <= 8, "{:#?}", passed.calls.right);
        rest(&rig).await;
    });
}

#[test]
fn a_thousand_new_people_cost_hubspot_sixteen_calls() {
    in_virtual_time(async {
        let rig = Rig::new();
        sound("first pass, nobody there", &rig.pass().await);
        wait(3600).await;
        (0..PEOPLE).for_each(|n| drop(rig.net.lead(n)));
        wait(60).await;
        let passed = rig.pass().await;
        sound("a thousand to HubSpot", &passed);
        assert_eq!(passed.report.counts.created.left, PEOPLE as u64);
        assert!(passed.calls.left.sum() <= 16, "{:#?}", passed.calls.left);
        rest(&rig).await;
    });
}

/// Everybody is in step, and one in a hundred was edited, half of them on either side: what a pass costs all day long.
/// `STEADY=50000` takes as many people instead of a quick few.
#[test]
fn a_steady_pass_costs_thirty_calls_a_side() {
    let people = std::env::var("STEADY").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    in_virtual_time(async {
        let rig = Rig::new();
        let contacts: Vec<String> = (0..people).map(|n| rig.net.contact(n)).collect();
        let leads: Vec<String> = (0..people).map(|n| rig.net.lead(n)).collect();
        wait(3600).await;
        rig.pass().await;
        wait(3600).await;
        rig.pass().await;
        wait(3600).await;
        sound("an hour later, nothing", &rig.pass().await);
        let edited = people / 200;
        contacts.iter().take(edited).for_each(|id| rig.net.edit_contact(id));
        leads.iter().rev().take(edited).for_each(|id| rig.net.edit_lead(id));
        wait(60).await;
        let began = Instant::now();
        let passed = rig.pass().await;
        println!("{people} people in {:.2} s of this machine's time", began.elapsed().as_secs_f64());
        sound("one in a hundred", &passed);
        let updated = passed.report.counts.updated;
        assert_eq!((updated.left, updated.right), (edited as u64, edited as u64));
        assert!(passed.calls.left.sum() <= 30 && passed.calls.right.sum() <= 30, "{:#?}", passed.calls);
    });
}

/// What comes after: the echo of our own writes, then nothing at all.
async fn rest(rig: &Rig) {
    wait(60).await;
    let echo = rig.pass().await;
    sound("a minute later, the echo", &echo);
    wait(1800).await;
    sound("half an hour later, the last of the echo", &rig.pass().await);
    wait(1800).await;
    let idle = rig.pass().await;
    sound("an hour later, idle", &idle);
    // What the reply to a create leaves unsaid is learned once; nothing is written for it.
    for passed in [&echo, &idle] {
        assert_eq!(passed.calls.left.writes() + passed.calls.right.writes(), 0);
    }
    assert_eq!(idle.report.counts.decided, 0, "nobody is woken by our own writes");
    assert!(idle.calls.left.sum() <= 6 && idle.calls.right.sum() <= 6);
}

/// Stages by contact roles, for companies as well.
const STAGES: &str = r#"
lifecycle contact.lifecyclestage {
  reach opportunity "open opportunity" when any Opportunity by OpportunityContactRole where IsClosed is false
  reach customer    "closed won"       when any Opportunity by OpportunityContactRole where IsWon is true
  cascade to company
  cascade to company.contacts
}
"#;

/// One opportunity is won, and all contacts of one company follow: one sweep, and one call for each hundred that are
/// written. Nobody is looked up. `CONTACTS=10000` takes ten thousand instead of a quick few.
#[test]
fn a_stage_that_cascades_to_a_company_costs_a_call_for_each_hundred_contacts() {
    let contacts = std::env::var("CONTACTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500);
    in_virtual_time(async {
        let rig = Rig::with(&format!("{RULES}{STAGES}"));
        let deal = rig.net.company_with_a_deal(contacts);
        wait(3600).await;
        rig.pass().await;
        wait(3600).await;
        sound("an hour later, nothing", &rig.pass().await);
        rig.net.win(&deal);
        wait(60).await;
        let began = Instant::now();
        let passed = rig.pass().await;
        println!("{contacts} contacts in {:.2} s of this machine's time", began.elapsed().as_secs_f64());
        sound("won", &passed);
        let counts = &passed.report.counts;
        assert_eq!(
            (counts.updated.left, counts.updated.right),
            (contacts as u64 + 1, 0),
            "all of them and the company"
        );
        // A call for the first, one for the company, and the rest by the hundred.
        assert!(passed.calls.left.writes() <= contacts as u64 / 100 + 3, "{:#?}", passed.calls.left);
        let reads = passed.calls.left.sum() - passed.calls.left.writes();
        assert!(reads <= 6 && passed.calls.right.sum() <= 2, "{:#?}", passed.calls);
        // Each is decided for its write and once after it, and so is the company; who won, by himself before.
        assert!(counts.decided <= 2 * contacts + 6, "{} decided", counts.decided);
        wait(1800).await;
        sound("the echo", &rig.pass().await);
        wait(1800).await;
        let idle = rig.pass().await;
        sound("idle", &idle);
        assert_eq!((idle.report.counts.decided, idle.calls.left.writes()), (0, 0));
    });
}
