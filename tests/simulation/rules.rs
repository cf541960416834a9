//! The rules of a seed, and what admins may make of them.

const BASE: &str = include_str!("people.sync");

/// What differs from the rules that a seed begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// `jobtitle` has another winner.
    pub hubspot_wins: bool,
    /// A row more.
    pub phone: bool,
    /// Our own staff is not excluded any more.
    pub staff: bool,
    /// Who is who is told by our key as well.
    pub by_key: bool,
    /// Further blocks, which stay as they are.
    pub more: String,
}

impl Rules {
    pub fn with(more: impl Into<String>) -> Rules {
        Rules { more: more.into(), ..Rules::default() }
    }

    /// Changes one thing, or takes its change back.
    pub fn toggle(&mut self, which: u32) {
        let what = [&mut self.hubspot_wins, &mut self.phone, &mut self.staff, &mut self.by_key];
        if let Some(what) = what.into_iter().nth(which as usize) {
            *what = !*what;
        }
    }

    pub fn text(&self) -> String {
        let title = "jobtitle     <-> Title          or truncate\n";
        let changes = [
            (self.hubspot_wins, title, "jobtitle     <-> Title  or truncate  hubspot wins\n"),
            (self.phone, "    company       ->", "    phone <-> Phone  or truncate  newest wins\n    company       ->"),
            (self.staff, "  both ways { exclude \"our own staff\" when email ends with \"@acme.com\" }\n", ""),
            (self.by_key, "  match email = Email\n", "  match hs_object_id = HubSpot_Id__c\n  match email = Email\n"),
        ];
        let mut text = BASE.to_owned();
        for (_, from, to) in changes.into_iter().filter(|(made, ..)| *made) {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        text + &self.more
    }
}
