//! What passes for an e-mail address: what both CRMs accept, not all that the standard allows.

/// `name@host.tld`: one `@`, no spaces, a host of letters, digits and hyphens with at least one dot.
pub fn is_valid_email(text: &str) -> bool {
    let text = text.trim();
    let Some((local, host)) = text.split_once('@') else { return false };
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"()<>[]:;,\\\"".contains(c));
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last = host.rsplit('.').next().unwrap_or("");
    local_ok
        && text.len() <= 254
        && host.contains('.')
        && host.split('.').all(label_ok)
        && last.chars().count() >= 2
        && !last.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_told_from_addresses() {
        for good in ["ana@acme.com", " a.b+c@sub.acme.co.uk ", "o'neil@acme.io", "jörg@müller.de"] {
            assert!(is_valid_email(good), "{good}");
        }
        for bad in
            ["", "pending", "kim@@example..com", "a@b", "a b@acme.com", "@acme.com", "b.levy@expressl&t.net", "a@1.2"]
        {
            assert!(!is_valid_email(bad), "{bad}");
        }
    }
}
