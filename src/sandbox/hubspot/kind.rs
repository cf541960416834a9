//! The object types that the portal has, as data.

use crate::sandbox::names;

/// An object type. Adding a standard one means a row in `about` and a property table in `schema/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Contact,
    Company,
    Deal,
    /// A type of the portal's own, by its id: `2-3456`.
    Custom(&'static str),
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
    /// The standard ones.
    pub const ALL: [Kind; 3] = [Kind::Contact, Kind::Company, Kind::Deal];

    fn about(self) -> Option<&'static About> {
        Some(match self {
            Kind::Custom(_) => return None,
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
        })
    }

    /// A type of the portal's own; none where this is no id of one.
    pub(super) fn custom(id: &str) -> Option<Kind> {
        is_custom(id).then(|| Kind::Custom(names::keep(id)))
    }

    /// Reads `contacts`, `contact`, `CONTACT` or `0-1`, and the id of a type that a portal was given.
    pub fn parse(text: &str) -> Option<Kind> {
        let named = |kind: &Kind| {
            text == kind.type_id()
                || text.eq_ignore_ascii_case(kind.plural())
                || text.eq_ignore_ascii_case(kind.singular())
        };
        let standard = Kind::ALL.into_iter().find(named);
        standard.or_else(|| names::find(text).filter(|id| is_custom(id)).map(Kind::Custom))
    }

    pub fn plural(self) -> &'static str {
        self.about().map_or(self.id(), |about| about.plural)
    }

    pub fn singular(self) -> &'static str {
        self.about().map_or(self.id(), |about| about.singular)
    }

    /// `0-1` for contacts, and so on.
    pub fn type_id(self) -> &'static str {
        self.about().map_or(self.id(), |about| about.type_id)
    }

    /// The last-modified property: `lastmodifieddate` on contacts, `hs_lastmodifieddate` elsewhere.
    pub fn modified(self) -> &'static str {
        self.about().map_or("hs_lastmodifieddate", |about| about.modified)
    }

    pub(super) fn defaults(self) -> &'static [&'static str] {
        self.about().map_or(&["hs_createdate", "hs_lastmodifieddate", "hs_object_id"], |about| about.defaults)
    }

    pub(super) fn searched(self) -> &'static [&'static str] {
        self.about().map_or(&[], |about| about.searched)
    }

    /// The property with the time of creation.
    pub(super) fn created(self) -> &'static str {
        match self {
            Kind::Custom(_) => "hs_createdate",
            _ => "createdate",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Kind::Custom(id) => id,
            _ => "",
        }
    }
}

fn is_custom(id: &str) -> bool {
    id.strip_prefix("2-").is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
