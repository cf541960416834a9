//! How values are taken as keys: what two records must have in common to be found by one another.

use std::borrow::Cow;

use super::{FieldKind, id_core};

/// What of a value counts when it is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyForm {
    /// A record id, by its first fifteen characters; its case counts.
    Id,
    /// Lower case, without outer space.
    Text,
    /// The host of a web address or an e-mail address, without `www.`.
    Domain,
    /// The digits of a phone number; `+` and `00` before them are the same.
    Phone,
}

impl KeyForm {
    /// The forms that rules name, by their words.
    pub const NAMED: [(&'static str, KeyForm); 2] = [("domain", KeyForm::Domain), ("phone", KeyForm::Phone)];

    /// How values of a field are compared as they are.
    pub fn of(kind: FieldKind) -> KeyForm {
        if kind == FieldKind::Id { KeyForm::Id } else { KeyForm::Text }
    }

    /// The word that rules have for it.
    pub fn word(self) -> Option<&'static str> {
        KeyForm::NAMED.iter().find(|(_, form)| *form == self).map(|(word, _)| *word)
    }

    /// Whether equal keys may come of values that differ by more than case and outer space.
    pub fn is_loose(self) -> bool {
        matches!(self, KeyForm::Domain | KeyForm::Phone)
    }

    /// The key in a known value; `None` where it is no value of this form.
    pub fn key(self, text: &str) -> Option<Cow<'_, str>> {
        match self {
            KeyForm::Id => Some(Cow::Borrowed(id_core(text.trim()))),
            KeyForm::Text => Some(Cow::Owned(text.trim().to_lowercase())),
            KeyForm::Domain => domain(text).map(Cow::Owned),
            KeyForm::Phone => phone(text).map(Cow::Owned),
        }
    }

    /// What every value with this key has in it, in this order, with anything between: for servers that search text and
    /// know no form.
    pub fn pieces(self, key: &str) -> Vec<&str> {
        match self {
            KeyForm::Id | KeyForm::Text | KeyForm::Domain => vec![key],
            KeyForm::Phone => key.trim_start_matches('+').split("").filter(|digit| !digit.is_empty()).collect(),
        }
    }
}

/// `https://user@WWW.Acme.com:8080/about?x#y` and `Ana@acme.com` are `acme.com`. What names no host with a dot in it, or one
/// by number, is no domain. Punycode and other alphabets are left as they are typed.
fn domain(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let rest = text.split_once("://").map_or(text.as_str(), |(scheme, rest)| match scheme.contains(['/', '?', '#']) {
        true => text.as_str(),
        false => rest,
    });
    let rest = rest.strip_prefix("mailto:").or(rest.strip_prefix("//")).unwrap_or(rest);
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    let mut host = host.strip_suffix('.').unwrap_or(host);
    while let Some(rest) = host.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        host = rest;
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_host = host.contains('.')
        && host.len() <= 253
        && host.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit());
    is_host.then(|| host.to_owned())
}

/// Fewer digits are an extension or a placeholder, more are no phone number.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// `+49 (0)30 123-45`, `0049 30 12345` and `tel:+493012345` are `+493012345`. What has letters in it is no number: where an
/// extension begins cannot be told.
fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.get(..4).filter(|head| head.eq_ignore_ascii_case("tel:")).map_or(text, |_| &text[4..]);
    let is_mark = |c: char| c.is_whitespace() || "()-./\u{2010}\u{2011}\u{2012}\u{2013}".contains(c);
    let text = text.trim_start_matches(is_mark);
    let (plus, text) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    if !text.chars().all(|c| c.is_ascii_digit() || is_mark(c)) {
        return None;
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let all = digits(text);
    let number = match plus || all.starts_with("00") {
        false => all,
        // A zero in parentheses is dialled at home only.
        true => {
            let all = digits(&text.replacen("(0)", "", 1));
            format!("+{}", all.strip_prefix("00").filter(|_| !plus).unwrap_or(&all))
        }
    };
    DIGITS.contains(&number.trim_start_matches('+').len()).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_domain_is_the_host_of_an_address() {
        for (text, key) in [
            ("acme.com", Some("acme.com")),
            (" https://WWW.Acme.com:8080/about?x=a@b.c#y ", Some("acme.com")),
            ("http://user:pass@shop.acme.co.uk", Some("shop.acme.co.uk")),
            ("//acme.com/x", Some("acme.com")),
            ("acme.com./", Some("acme.com")),
            ("acme.com/http://other.com", Some("acme.com")),
            ("acme.com?next=https://other.com", Some("acme.com")),
            ("Ana.Lee@Acme.com", Some("acme.com")),
            ("mailto:ana@acme.com?subject=x", Some("acme.com")),
            ("xn--mller-kva.de", Some("xn--mller-kva.de")),
            ("MÜLLER.de", Some("müller.de")),
            ("www.com", Some("www.com")),
            ("www.acme", Some("www.acme")),
            ("", None),
            ("n/a", None),
            ("acme", None),
            ("www.", None),
            ("acme.com, acme.io", None),
            ("see acme.com", None),
            ("localhost:8080", None),
            ("10.0.0.1", None),
            ("http://[::1]/", None),
            ("-acme.com", None),
            ("acme..com", None),
            ("https://", None),
        ] {
            assert_eq!(KeyForm::Domain.key(text).as_deref(), key, "{text}");
        }
    }

    #[test]
    fn a_phone_number_is_its_digits() {
        for (text, key) in [
            ("(415) 555-1234", Some("4155551234")),
            ("+1 415.555.1234", Some("+14155551234")),
            ("001 415 555 1234", Some("+14155551234")),
            ("(+49) 30 / 123 45", Some("+493012345")),
            ("+49 (0)30 12345", Some("+493012345")),
            ("tel:+493012345", Some("+493012345")),
            ("030 12345", Some("03012345")),
            ("555\u{2011}1234", Some("5551234")),
            ("", None),
            ("123", None),
            ("555-1234 ext. 7", None),
            ("1-800-FLOWERS", None),
            ("pending", None),
            ("12345678901234567", None),
            ("é12", None),
        ] {
            assert_eq!(KeyForm::Phone.key(text).as_deref(), key, "{text}");
        }
    }

    proptest! {
        /// What servers are asked for finds every value that has the key, and a key is its own.
        #[test]
        fn a_value_holds_the_pieces_of_its_key(text in "(https?://)?(www\\.)?[a-zA-Z@.:/?#0-9()+ -]{0,24}") {
            for (_, form) in KeyForm::NAMED {
                let Some(key) = form.key(&text) else { continue };
                let again = form.key(&key);
                prop_assert_eq!(again.as_deref(), Some(&*key));
                let lower = text.to_lowercase();
                let mut rest = lower.as_str();
                for piece in form.pieces(&key) {
                    let at = rest.find(piece);
                    prop_assert!(at.is_some(), "{} of {}", piece, text);
                    rest = &rest[at.unwrap_or_default() + piece.len()..];
                }
            }
        }
    }
}
