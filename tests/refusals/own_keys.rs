//! What one block creates by its own key, another one may only look at.

use syncline::data::{Dict, Side};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::sync::reads_of;

#[test]
fn what_one_block_creates_by_its_key_another_one_may_only_look_at() {
    let people = "sync people: hubspot contact <- salesforce Contact {
        match email = Email
        to hubspot { include \"gold\" when Account.Tier__c is \"gold\" }
        map { firstname <- FirstName } }";
    let companies = "sync companies: hubspot company -> salesforce Account {
        match name = Name
        to salesforce { create Account always }
        map { name -> Name or truncate or use \"x\"  hs_object_id -> HubSpot_Id__c } }";
    let read = |text| serde_json::from_str(text).unwrap();
    let left = read(include_str!("../corpus/schemas/hubspot.json"));
    let right = read(include_str!("../corpus/schemas/salesforce.json"));
    for rules in [[people, companies], [companies, people]] {
        let file = SourceFile::new("rules.sync", format!("edition 2026\n{}", rules.join("\n")));
        let (plan, findings) = compile(&[file], &left, &right, &mut Dict::default());
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        let own = |block: &syncline::lang::plan::Block| block.types.right[0].own_key.as_ref().map(|key| key.field);
        let key = plan.blocks.iter().find_map(own);
        let reads = reads_of(&plan, Side::Right);
        let account = reads.types.iter().find(|read| read.name == "Account").unwrap();
        assert_eq!(Some(account.own_keys.as_slice()), key.as_ref().map(std::slice::from_ref));
    }
}
