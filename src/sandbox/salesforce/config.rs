//! What one org is like: its name, its credentials, its limits.

/// Settings of a [`super::World`]. Change them at any time.
#[derive(Clone, Debug)]
pub struct Config {
    /// 15 or 18 characters, `00D…`.
    pub org_id: String,
    pub org_name: String,
    /// Told to clients at login; no slash at the end.
    pub instance_url: String,
    pub client_id: String,
    pub client_secret: String,
    /// Login name of the integration user.
    pub username: String,
    pub password: String,
    /// A session that always works, and the security token behind the password; empty for none.
    pub token: String,
    pub refresh_token: String,
    /// Verifies JWT assertions; without it any signature is taken.
    pub jwt_public_key_pem: Option<String>,
    /// Idle life of an access token, in milliseconds.
    pub session_ms: i64,
    /// Each refresh gives a new refresh token; use of an old one revokes the family.
    pub rotate_refresh: bool,
    /// API calls in a rolling 24 hours.
    pub daily_limit: u32,
    /// Most rows in a page of query results; 2000 in every real org.
    pub page_size: usize,
    /// Life of a query locator, in milliseconds.
    pub cursor_ms: i64,
    /// One unknown field or wrong JSON type refuses a whole collections call instead of its row.
    pub strict_collections: bool,
    /// Rows times conditions that a query may look at before QUERY_TIMEOUT.
    pub query_work: u64,
    /// Lead fields copied to Contact fields at conversion, as an admin maps them.
    pub conversion: Vec<(String, String)>,
    /// Currencies of an org that has several, the corporate one first: its records have a `CurrencyIsoCode`. Counts when the
    /// world is made.
    pub currencies: Vec<String>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            org_id: "00DHs000000Sim1".to_owned(),
            org_name: "Acme".to_owned(),
            instance_url: "http://127.0.0.1".to_owned(),
            client_id: "sim-client".to_owned(),
            client_secret: "sim-secret".to_owned(),
            username: "sync@acme.com.sim".to_owned(),
            password: "sim-password".to_owned(),
            token: "sim-token".to_owned(),
            refresh_token: "sim-refresh".to_owned(),
            jwt_public_key_pem: None,
            session_ms: 2 * 3_600_000,
            rotate_refresh: false,
            daily_limit: 100_000,
            page_size: 2_000,
            cursor_ms: 48 * 3_600_000,
            strict_collections: false,
            query_work: 50_000_000,
            conversion: Vec::new(),
            currencies: Vec::new(),
        }
    }
}

/// What the org has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls charged to the daily limit.
    pub calls: u64,
    /// Calls refused because the limit was used up.
    pub over_limit: u64,
    pub logins: u64,
    pub queries: u64,
    /// Rows written through the API, rolled back ones not counted.
    pub created: u64,
    pub updated: u64,
    pub deleted: u64,
}
