//! The rules of a seed, and what admins may make of them.

const BASE: &str = include_str!("people.sync");
const QUESTIONS: &str = include_str!("questions.sync");

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
    /// Others altogether, of which a match line asks people.
    pub questions: bool,
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
        let mut text = String::new();
        for line in if self.questions { QUESTIONS } else { BASE }.lines() {
            match line.trim() {
                "match email = Email" if self.by_key => text += "  match hs_object_id = HubSpot_Id__c\n",
                row if row.starts_with("jobtitle ") && self.phone => {
                    text += "    phone <-> Phone  or truncate  newest wins\n"
                }
                _ => {}
            }
            match line.trim() {
                row if row.starts_with("jobtitle ") && self.hubspot_wins => {
                    text += "    jobtitle <-> Title  or truncate  hubspot wins\n";
                }
                gate if gate.contains("exclude ") && self.staff => {
                    text += &line.replace("@acme.com", "@nobody.example.com");
                    text.push('\n');
                }
                _ => {
                    text += line;
                    text.push('\n');
                }
            }
        }
        text + &self.more
    }
}

#[test]
fn every_change_of_the_rules_changes_their_text() {
    let mut seen = vec![Rules::default().text()];
    for which in 0..4 {
        let mut rules = Rules::default();
        rules.toggle(which);
        assert!(!seen.contains(&rules.text()), "{which}: {rules:?}");
        seen.push(rules.text());
    }
}
