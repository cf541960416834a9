//! What differs between portals, and switches for what HubSpot does not document.

/// Settings of one portal. The defaults are a Professional portal with one service key.
#[derive(Clone, Debug)]
pub struct Config {
    pub portal_id: u64,
    /// The one bearer token accepted. A token that does not start with `sim-` is refused whatever is set here, so that
    /// a real key cannot end up in a model.
    pub token: String,
    /// Tokens that were good once, and are refused as expired.
    pub expired_tokens: Vec<String>,
    /// As in `account-info/details`: `STANDARD`, `DEVELOPER_TEST`, `SANDBOX`, `APP_DEVELOPER`.
    pub account_type: String,
    pub time_zone: String,
    pub utc_offset_ms: i64,
    pub currency: String,
    /// Currencies that the portal counts in beside it.
    pub additional_currencies: Vec<String>,
    /// `sourceId` in the history of values written through the API.
    pub app_id: u64,

    /// How long after a write the search index shows it. 0 = at once.
    pub search_lag_ms: i64,
    /// Up to this much is added to the lag of each record, by chance. A record's own changes keep their order.
    pub lag_jitter_ms: i64,
    /// Search finds a row by the index but answers with the record as it is now: seen on real portals under load.
    pub stale_index_fresh_body: bool,

    pub enforce_limits: bool,
    /// Calls in any 10 seconds, search excepted.
    pub ten_secondly_limit: u32,
    pub daily_limit: u32,
    pub search_per_second: u32,
    /// Association calls in any 10 seconds.
    pub associations_limit: u32,

    /// A changed primary company bumps the contact's `lastmodifieddate`. Not documented.
    pub primary_company_touches_contact: bool,
    /// A write that changes no value still bumps the last-modified property. Not documented.
    pub unchanged_write_touches: bool,
    /// A new primary e-mail leaves the old one in `hs_additional_emails`. Not documented.
    pub keep_old_email: bool,
    /// The portal setting that ties a new contact to the company with the domain of its e-mail.
    pub auto_associate_companies: bool,
    /// `lifecyclestage` given to contacts and companies created without one.
    pub default_lifecycle_stage: Option<String>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            portal_id: 147_893_286,
            token: "sim-hubspot-00000000".to_owned(),
            expired_tokens: vec!["sim-hubspot-expired".to_owned()],
            account_type: "DEVELOPER_TEST".to_owned(),
            time_zone: "UTC".to_owned(),
            utc_offset_ms: 0,
            currency: "USD".to_owned(),
            additional_currencies: Vec::new(),
            app_id: 1_234_567,
            search_lag_ms: 10_000,
            lag_jitter_ms: 0,
            stale_index_fresh_body: false,
            enforce_limits: true,
            ten_secondly_limit: 190,
            daily_limit: 625_000,
            search_per_second: 5,
            associations_limit: 150,
            primary_company_touches_contact: true,
            unchanged_write_touches: true,
            keep_old_email: true,
            auto_associate_companies: false,
            default_lifecycle_stage: None,
        }
    }
}
