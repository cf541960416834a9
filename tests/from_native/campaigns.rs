//! Campaigns of a person.

use crate::document::rules;
use crate::rig::Accounts;

/// Ids of the campaigns that the contact shows.
fn shown(accounts: &Accounts, contact: &str) -> Vec<String> {
    let text = accounts.of_contact(contact, "salesforcecampaignids");
    text.split(';').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

fn sorted<const N: usize>(ids: [&str; N]) -> Vec<String> {
    let mut ids = ids.map(str::to_owned).to_vec();
    ids.sort();
    ids
}

#[tokio::test]
async fn campaigns_are_shown_and_never_taken_away() {
    let accounts = Accounts::new().await;
    let rules = rules("campaigns");
    let contact = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    let [webinar, fair] = ["Webinar", "Fair"].map(|name| accounts.made("Campaign", &[("Name", name)]));
    assert_eq!(shown(&accounts, &contact), [""; 0]);

    let member = accounts.made("CampaignMember", &[("CampaignId", &webinar), ("LeadId", &lead)]);
    let told = accounts.pass(&rules).await;
    assert_eq!(told.writes, ["HubSpot contact salesforcecampaignids"], "the member alone wakes its lead");
    assert_eq!(shown(&accounts, &contact), [webinar.as_str()]);
    assert_eq!(accounts.pass(&rules).await.writes, [""; 0]);

    accounts.made("CampaignMember", &[("CampaignId", &fair), ("LeadId", &lead)]);
    accounts.settle(&rules).await;
    assert_eq!(shown(&accounts, &contact), sorted([&webinar, &fair]));

    accounts.org().user_delete("CampaignMember", &member, accounts.now()).unwrap();
    accounts.settle(&rules).await;
    assert_eq!(shown(&accounts, &contact), sorted([&webinar, &fair]), "`add only`");
}

#[tokio::test]
async fn a_list_may_also_follow_and_go_into_a_text() {
    let accounts = Accounts::new().await;
    let rules = rules("campaigns")
        .replace("list of CampaignMember.CampaignId  add only", "list of CampaignMember.CampaignId")
        .replace("    company ", "    message <- list of CampaignMember.Campaign.Name  or truncate\n    company ");
    let contact = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    let [webinar, fair] = ["Webinar", "Fair"].map(|name| accounts.made("Campaign", &[("Name", name)]));
    let member = accounts.made("CampaignMember", &[("CampaignId", &webinar), ("LeadId", &lead)]);
    accounts.made("CampaignMember", &[("CampaignId", &fair), ("LeadId", &lead)]);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&contact, "message"), "Fair;Webinar");

    // A campaign that is renamed is news to its members.
    accounts.edit("Campaign", &fair, "Name", "Zoo");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&contact, "message"), "Webinar;Zoo");

    accounts.org().user_delete("CampaignMember", &member, accounts.now()).unwrap();
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&contact, "message"), "Zoo");
    assert_eq!(shown(&accounts, &contact), [fair]);
}

#[tokio::test]
async fn a_new_row_reads_the_campaigns_before_it_decides() {
    let accounts = Accounts::new().await;
    let with = rules("campaigns").replace("  add only", "");
    let without: String =
        with.lines().filter(|line| !line.contains("list of")).map(|line| format!("{line}\n")).collect();
    let contact = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&without).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    let fair = accounts.made("Campaign", &[("Name", "Fair")]);
    accounts.made("CampaignMember", &[("CampaignId", &fair), ("LeadId", &lead)]);
    accounts.pass(&without).await;
    accounts.pass(&with).await;
    assert_eq!(shown(&accounts, &contact), [fair]);
}
