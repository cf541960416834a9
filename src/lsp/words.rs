//! What the words of the language say, in a line each: for hovers and completions.

/// Longest phrases first where one starts with another, so that the first that fits is the one meant.
const WORDS: &[(&str, &str)] = &[
    ("edition", "The edition of the language that the file is written in. The first line of every file."),
    ("sync", "Which records of both sides are the same things, and what passes between them."),
    ("picklist", "A table of options that are named differently on the two sides. Rows of maps use it with `via`."),
    (
        "place",
        "Countries and states by any of their names and codes, for rows `via name.country` and `via name.state`.",
    ),
    ("stages", "A table of deal stages, pipeline by pipeline."),
    ("owners", "Whom a record belongs to on the other side, by e-mail or name. Rows use it with `via`."),
    ("lifecycle", "How far a person has come: moves one HubSpot field by what is so in Salesforce, forward only."),
    ("order", "The order of a picklist's options, lowest first, for `is at least` and `forward only`."),
    ("values", "A set of values under one name, for conditions: `any of our_domains`."),
    ("members", "Members of a HubSpot list as members of a Salesforce campaign."),
    ("limits", "How many calls may be made, and how much a pass may change before somebody must say yes."),
    ("change", "How a client's folder differs from the rules that it builds on."),
    ("test", "What people do, when a pass runs, and what must then be true. `syncline test` plays it."),
    ("zone", "The time zone in which days begin."),
    (
        "match",
        "Which records are the same thing: all keys of the line are equal, none blank. The first line that finds a partner decides.",
    ),
    ("both ways", "What holds for both directions: gates, and what happens when a record leaves them."),
    ("to salesforce", "What may happen to Salesforce. Names without a prefix are HubSpot's."),
    ("to hubspot", "What may happen to HubSpot. Names without a prefix are Salesforce's."),
    ("map", "Rows that join a field of HubSpot with one of Salesforce."),
    ("associate", "Which records belong together, kept in step on both sides."),
    ("recheck every", "Reads computed fields again, whose changes the CRMs do not report."),
    ("roll up per", "One record for several events of a day."),
    ("together", "Rows that are decided, written, held and cleared as one."),
    ("include", "A gate: any `include` that holds lets a record pass."),
    ("exclude", "A gate: an `exclude` that holds always stops a record."),
    ("pick", "Which of several records that match is the partner, in this order."),
    ("most recently updated", "Of several, the one that was changed last."),
    ("oldest created", "Of several, the one that was made first."),
    ("create nothing", "The records of this line are left alone."),
    (
        "create",
        "What is made for a record without a partner. The first line that applies decides; the list ends in `otherwise` or `always`.",
    ),
    ("even if excluded", "Creates past the gates."),
    ("otherwise", "Everything that no line above took."),
    ("always", "Every record."),
    ("relink", "Whether a link is given up when another record is picked. `never` is the default."),
    ("on convert", "When a lead was converted on the other side."),
    ("on merge", "When a record was merged away on the other side."),
    ("on delete", "When the partner was deleted on the other side."),
    ("on restore", "When a deleted partner is back."),
    ("on leave", "When a linked record no longer passes the gates."),
    ("on erase", "When a person's data was erased."),
    ("on hubspot clear", "What becomes of a value that is cleared in HubSpot."),
    ("on salesforce clear", "What becomes of a value that is cleared in Salesforce."),
    ("on clear", "What becomes of a value that is cleared."),
    ("clear pass", "The blank goes to the other side."),
    ("clear keep", "Each side stays as it is until it changes next."),
    ("clear restore", "The other side's value comes back at once."),
    ("on", "What happens to the side because of what happened on the other."),
    ("follow", "The partner goes on with the record that took the place."),
    ("ignore", "The partner is left as it is."),
    ("freeze", "The link stays, nothing flows."),
    ("keep syncing", "The gate stops creation only."),
    ("unlink", "The partner stands alone, and is matched anew."),
    ("or truncate", "Too long: cut at the last whole character that fits."),
    ("or round", "Too many digits after the point: rounded half away from zero."),
    ("or skip", "What does not fit leaves the field as it is, and the reason is listed."),
    ("or reject", "What does not fit stops the whole record, and the reason is listed."),
    ("or use", "Stands in where a blank would be written; never replaces a known value."),
    ("or propose", "What the line finds is held, and linked when somebody says so with `syncline link`."),
    ("or wait", "Waits until the other record is there."),
    ("via", "Translates values by a `picklist`, `owners`, `place` or `stages` block."),
    ("as domain", "The domain in a web address or an e-mail address is the key, whatever stands around it."),
    ("as phone", "The digits of a phone number are the key, however it is written."),
    ("as date", "The day counts, and the time of day does not."),
    ("at creation", "In the call that creates the record, never later."),
    ("if blank", "Whenever the target is blank; a known value is never replaced."),
    ("if currency differs", "What happens when the two records have different currencies."),
    ("add only", "Options are added to a multi-select, never taken away."),
    ("newest record wins", "The side whose record was changed last."),
    ("newest wins", "The newer value: HubSpot by property, Salesforce by record."),
    ("prefer salesforce unless blank", "Salesforce wins, but its blank never replaces a value."),
    ("prefer hubspot unless blank", "HubSpot wins, but its blank never replaces a value."),
    ("salesforce wins", "Salesforce's value, also if it is a blank."),
    ("hubspot wins", "HubSpot's value, also if it is a blank."),
    ("merge values", "Additions and removals of both sides are applied to both."),
    ("forward only", "The higher in the order goes to the other side."),
    ("ask first", "When both sides have a value of their own, the field is held until they are equal."),
    ("list of", "One field of all records that refer to this one, each value once."),
    ("else", "The first that is known."),
    ("when", "A condition."),
    ("where", "A condition on the records that are counted."),
    ("is a valid email", "Looks like an e-mail address."),
    ("is not", "Not this value; true of a blank."),
    ("is any of", "One of several values."),
    ("is none of", "None of several values; true of a blank."),
    ("is at least", "This or higher: numbers, and options with an order."),
    ("is at most", "This or lower: numbers, and options with an order."),
    ("is more than", "Higher; or longer ago: `is more than 3 days ago`."),
    ("is less than", "Lower."),
    ("is before", "Earlier than this day or moment."),
    ("is after", "Later than this day or moment."),
    ("is in the last", "Within a time up to now: `is in the last 30 days`."),
    ("is same as", "Equal to another field of the record."),
    ("is exactly", "Equal to the letter; other text comparisons ignore case and outer space."),
    ("is known", "Has a value."),
    ("is blank", "Has no value: null or empty."),
    ("is unique", "No other record has the value."),
    ("is", "Equal; text ignores case and outer space."),
    ("contains", "Has the text, or the option, in it."),
    ("starts with", "Begins with the text."),
    ("ends with", "Ends with the text."),
    ("any of", "One of several values, or of a `values` block."),
    ("all of", "Every one of several values."),
    ("none of", "None of several values."),
    ("member of list", "Is on a HubSpot list."),
    ("linked", "Has a partner on the other side."),
    ("any", "At least one record that refers to this one."),
    ("every", "There are some, and all of them."),
    ("no", "None, or none that refers to this one."),
    ("at least", "So many or more."),
    ("by", "The records that name both: `any Opportunity by OpportunityContactRole`. In a test: the rule that did it."),
    ("and", "Both hold. Together with `or` it needs parentheses."),
    ("or", "One of them holds. Together with `and` it needs parentheses."),
    ("not", "Does not hold."),
    ("same", "The API name passes as it is."),
    ("skip", "Leaves the field as it is."),
    ("reject", "Stops the record."),
    ("restore", "Puts the other side's value back."),
    ("blank", "No value."),
    ("assignment rules", "Salesforce's own rules find the owner."),
    ("integration user", "The user that Syncline logs in as."),
    ("reach", "Moves a record forward to this stage while the condition holds."),
    ("back to", "Moves a record backward to this stage while the condition holds."),
    ("cascade to", "Gives the stage on to the company, or to its other contacts."),
    ("picklists", "Whether the org has picklists of states and countries: `none`, `standard` or `customised`."),
    ("unknown", "What becomes of a place that nobody knows: `skip` or `reject`."),
    ("write", "How places are written on a side: `names` or `codes`."),
    ("alias", "A name of your own for a place: `alias \"Deutschland\" = DE`."),
    ("given", "Somebody creates a record, or puts one on a list."),
    ("set", "Somebody edits a record; in rules: writes a field once."),
    ("pass", "Syncline reads both sides, decides and writes."),
    ("wait", "Time goes by."),
    ("convert", "A lead becomes a contact."),
    ("merge", "Two records become one."),
    ("delete at most", "Leaves the rest of the deletions to the next passes."),
    ("delete", "Into the recycle bin."),
    ("expect no writes", "The last pass wrote nothing."),
    ("expect created", "The last pass created a record by this rule."),
    ("expect excluded by", "This gate keeps a record out."),
    ("expect rejected by", "This row stopped a record in the last pass."),
    ("expect", "What must be true now."),
    ("hold when more than", "A pass that would change more waits until somebody releases it."),
    ("keep", "Calls that are left to people."),
    ("pause retries above", "No call is tried again once so much of the budget is used."),
];

/// The line about a phrase, by its longest start that has one.
pub fn about(phrase: &str) -> Option<&'static str> {
    let starts = |words: &str| phrase.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    WORDS.iter().filter(|(words, _)| starts(words)).max_by_key(|(words, _)| words.len()).map(|(_, about)| *about)
}

/// The longest phrase that has a line among words that follow one another and hold the one at `at`: which words, and the
/// line.
pub fn around(words: &[&str], at: usize) -> Option<(std::ops::Range<usize>, &'static str)> {
    const LONGEST: usize = 4;
    let runs = (0..=at).flat_map(|start| (at + 1..=words.len().min(start + LONGEST)).map(move |end| start..end));
    let found = runs.filter_map(|run| {
        let phrase = words.get(run.clone())?.join(" ");
        let (_, about) = WORDS.iter().find(|(known, _)| *known == phrase)?;
        Some((run, *about))
    });
    found.max_by_key(|(run, _)| run.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_around_a_word_is_meant() {
        let words = ["create", "nothing", "from", "Lead", "otherwise"];
        assert_eq!(around(&words, 1).map(|(run, _)| run), Some(0..2));
        assert_eq!(around(&words, 4).map(|(run, _)| run), Some(4..5));
        assert_eq!(around(&words, 3), None);
        assert_eq!(about("or use"), about("or use \"x\""));
        assert!(
            about("prefer salesforce unless blank").is_some()
                && about("order").is_some()
                && about("nonsense").is_none()
        );
    }

    #[test]
    fn every_line_is_a_sentence_and_no_phrase_stands_twice() {
        let mut phrases: Vec<&str> = WORDS.iter().map(|(phrase, _)| *phrase).collect();
        phrases.sort_unstable();
        assert!(phrases.is_sorted_by(|a, b| a < b), "{phrases:?}");
        for (phrase, about) in WORDS {
            assert!(about.ends_with('.') && about.starts_with(|c: char| c.is_uppercase()), "{phrase}: {about}");
        }
    }
}
