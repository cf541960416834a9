//! People to whom records can belong.

/// A user of Salesforce, an owner of HubSpot.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// As records hold it.
    pub id: Box<str>,
    pub email: Box<str>,
    /// First and last name.
    pub name: Box<str>,
    /// May be given records.
    pub active: bool,
}
