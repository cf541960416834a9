//! The object types that the portal has, as data.

/// An object type. Adding one means a row in `about` and a property table in `schema/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Contact,
    Company,
    Deal,
}

struct About {
    plural: &'static str,
    singular: &'static str,
    type_id: &'static str,
    modified: &'static str,
    /// Returned when a request names no properties.
    defaults: &'static [&'static str],
    /// Looked through by the `query` of a search.
    searched: &'static [&'static str],
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Contact, Kind::Company, Kind::Deal];

    fn about(self) -> &'static About {
        match self {
            Kind::Contact => &About {
                plural: "contacts",
                singular: "contact",
                type_id: "0-1",
                modified: "lastmodifieddate",
                defaults: &["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
                searched: &[
                    "firstname",
                    "lastname",
                    "email",
                    "phone",
                    "hs_additional_emails",
                    "fax",
                    "mobilephone",
                    "company",
                ],
            },
            Kind::Company => &About {
                plural: "companies",
                singular: "company",
                type_id: "0-2",
                modified: "hs_lastmodifieddate",
                defaults: &["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"],
                searched: &["name", "domain", "website", "phone"],
            },
            Kind::Deal => &About {
                plural: "deals",
                singular: "deal",
                type_id: "0-3",
                modified: "hs_lastmodifieddate",
                defaults: &[
                    "amount",
                    "closedate",
                    "createdate",
                    "dealname",
                    "dealstage",
                    "hs_lastmodifieddate",
                    "hs_object_id",
                    "pipeline",
                ],
                searched: &["dealname", "pipeline", "dealstage", "description", "dealtype"],
            },
        }
    }

    /// Reads `contacts`, `contact`, `CONTACT` or `0-1`.
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| {
            let about = kind.about();
            text == about.type_id
                || text.eq_ignore_ascii_case(about.plural)
                || text.eq_ignore_ascii_case(about.singular)
        })
    }

    pub fn plural(self) -> &'static str {
        self.about().plural
    }

    pub fn singular(self) -> &'static str {
        self.about().singular
    }

    /// `0-1` for contacts, and so on.
    pub fn type_id(self) -> &'static str {
        self.about().type_id
    }

    /// The last-modified property: `lastmodifieddate` on contacts, `hs_lastmodifieddate` elsewhere.
    pub fn modified(self) -> &'static str {
        self.about().modified
    }

    pub(super) fn defaults(self) -> &'static [&'static str] {
        self.about().defaults
    }

    pub(super) fn searched(self) -> &'static [&'static str] {
        self.about().searched
    }

    pub(super) fn slot(self) -> usize {
        match self {
            Kind::Contact => 0,
            Kind::Company => 1,
            Kind::Deal => 2,
        }
    }
}
