//! Links that a server gives: only their path is taken, and only when they stay on the host that we talk to.

use url::Url;

use super::client::Origin;
use crate::crm::CallError;

use super::json::shape;

/// The path and query of `link`, which may be relative or on our own origin.
pub fn pinned_path(origin: &Origin, link: &str) -> Result<String, CallError> {
    let base = Url::parse(origin.as_str()).map_err(|_| shape("our own address is no URL"))?;
    let url = base.join(link).map_err(|_| shape("the server sent a link that is no URL"))?;
    if url.origin() != base.origin() {
        let host = url.host_str().unwrap_or("?").chars().take(80).collect::<String>();
        return Err(shape(format!("the server sent a link to another host, `{host}`; it was not followed")));
    }
    Ok(match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_on_the_pinned_host() {
        let origin = Origin::parse("https://acme.my.salesforce.com").unwrap();
        let path = |link| pinned_path(&origin, link).ok();
        assert_eq!(path("/services/data/v59.0/query/01g-2000").as_deref(), Some("/services/data/v59.0/query/01g-2000"));
        assert_eq!(path("https://acme.my.salesforce.com/a?b=c").as_deref(), Some("/a?b=c"));
        for evil in
            ["https://evil.example/x", "//evil.example/x", "http://acme.my.salesforce.com/x", "file:///etc/passwd"]
        {
            assert_eq!(path(evil), None, "{evil}");
        }
    }
}
