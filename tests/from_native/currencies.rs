//! Amounts of money, where not everything is in one currency.

use serde_json::json;

use crate::document::{rules, schemas, schemas_with_currencies};
use crate::rig::Accounts;

/// A deal and its opportunity, which are linked and in step.
struct Deal {
    accounts: Accounts,
    deal: String,
    opportunity: String,
    rules: String,
}

impl Deal {
    async fn new(word: &str) -> Deal {
        let accounts = Accounts::with_currencies().await;
        let rules = rules("currencies").replace("differs skip", &format!("differs {word}"));
        let fields = [("dealname", Some("Engine")), ("amount", Some("100"))];
        let deal = accounts.portal().user_create("deal", &fields, accounts.now()).unwrap();
        let fields = [
            ("Name", json!("Engine")),
            ("StageName", json!("Prospecting")),
            ("CloseDate", json!("2026-12-31")),
            ("Amount", json!(100)),
        ];
        let opportunity = accounts.org().user_create("Opportunity", &fields, accounts.now()).unwrap();
        accounts.settle(&rules).await;
        Deal { accounts, deal, opportunity, rules }
    }

    fn edit_deal(&self, field: &str, value: &str) {
        let edit = [(field, Some(value))];
        self.accounts.portal().user_update("deal", &self.deal, &edit, self.accounts.now()).unwrap();
    }

    fn edit_opportunity(&self, field: &str, value: serde_json::Value) {
        let edit = [(field, value)];
        self.accounts.org().user_update("Opportunity", &self.opportunity, &edit, self.accounts.now()).unwrap();
    }

    /// Amount and currency of the deal, then of the opportunity.
    fn both(&self) -> [String; 4] {
        let deal = |field: &str| {
            let portal = self.accounts.portal();
            portal.record("deal", &self.deal).and_then(|deal| deal.get(field).map(str::to_owned)).unwrap_or_default()
        };
        let opportunity = |field: &str| self.accounts.of("Opportunity", &self.opportunity, field);
        let amount = opportunity("Amount");
        let amount = amount.trim_end_matches(".0").to_owned();
        [deal("amount"), deal("deal_currency_code"), amount, opportunity("CurrencyIsoCode")]
    }
}

#[tokio::test]
async fn an_amount_in_another_currency_stays_where_it_is() {
    let deal = Deal::new("skip").await;
    assert_eq!(deal.both(), ["100", "", "100", "USD"], "no currency is the portal's own");
    deal.edit_deal("amount", "110");
    deal.accounts.settle(&deal.rules).await;
    assert_eq!(deal.both(), ["110", "", "110", "USD"]);

    deal.edit_opportunity("CurrencyIsoCode", json!("EUR"));
    deal.edit_opportunity("Amount", json!(95));
    let told = deal.accounts.pass(&deal.rules).await;
    assert!(told.issues.iter().any(|issue| issue.starts_with("R702") && issue.contains("EUR")), "{told:?}");
    deal.accounts.settle(&deal.rules).await;
    assert_eq!(deal.both(), ["110", "", "95", "EUR"]);

    deal.edit_deal("deal_currency_code", "EUR");
    deal.accounts.settle(&deal.rules).await;
    assert_eq!(deal.both(), ["95", "EUR", "95", "EUR"], "in one currency the newer goes on");
}

#[tokio::test]
async fn a_record_may_be_stopped_and_a_number_may_cross_as_it_is() {
    let deal = Deal::new("reject").await;
    deal.edit_deal("deal_currency_code", "EUR");
    deal.edit_deal("amount", "90");
    deal.edit_deal("dealname", "Difference Engine");
    let told = deal.accounts.pass(&deal.rules).await;
    assert!(told.issues.iter().any(|issue| issue.starts_with("R703")), "{told:?}");
    assert_eq!(deal.accounts.of("Opportunity", &deal.opportunity, "Name"), "Engine");

    let deal = Deal::new("copy").await;
    deal.edit_deal("deal_currency_code", "EUR");
    deal.edit_deal("amount", "90");
    deal.accounts.settle(&deal.rules).await;
    assert_eq!(deal.both(), ["90", "EUR", "90", "USD"]);
}

#[tokio::test]
async fn a_currency_of_its_own_row_takes_the_amount_along() {
    let deal = Deal::new("reject").await;
    let rules = deal.rules.replace("    amount ", "    deal_currency_code <-> CurrencyIsoCode or skip\n    amount ");
    deal.accounts.settle(&rules).await;
    assert_eq!(deal.both(), ["100", "USD", "100", "USD"]);
    deal.edit_deal("deal_currency_code", "EUR");
    deal.edit_deal("amount", "90");
    let told = deal.accounts.pass(&rules).await;
    assert_eq!(told.writes, ["Salesforce Opportunity Amount", "Salesforce Opportunity CurrencyIsoCode"]);
    assert_eq!(deal.both(), ["90", "EUR", "90", "EUR"]);
}

#[test]
fn the_schemas_tell_which_currencies_there_are() {
    let [left, right] = schemas_with_currencies();
    let told = left.currencies.as_ref().unwrap();
    assert_eq!((told.home.as_str(), told.others.as_deref()), ("USD", Some(&["GBP".to_owned()][..])));
    let currency = |catalog: &syncline::lang::schema::Catalog, ty: &str, field: &str| {
        catalog.types[ty].fields[field].money.clone().map(|money| money.currency)
    };
    assert_eq!(currency(&left, "deal", "amount"), Some(Some("deal_currency_code".to_owned())));
    assert_eq!(currency(&right, "Opportunity", "Amount"), Some(Some("CurrencyIsoCode".to_owned())));
    assert_eq!(right.types["Opportunity"].fields["CurrencyIsoCode"].options.len(), 2);
    let [_, plain] = schemas();
    assert_eq!(currency(&plain, "Opportunity", "Amount"), Some(None), "an org with one currency does not name it");
    assert_eq!(currency(&plain, "Opportunity", "Name"), None);
}
