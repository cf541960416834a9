//! The words of an explanation: what a subject's state is called, and what would change it.

use super::Subject;
use crate::cli::show::crm;
use crate::data::{BySide, Presence, Side, Value};
use crate::decide::{About, Explanation, Held, Need, RowState, Saw, Take, Verdict};
use crate::diagnostic::escape;
use crate::diagnostic::explain::Explanation as OfCode;
use crate::lang::plan::{Plan, RuleRef};
use crate::store::{OpAct, OpState};

/// Characters of a value that are shown.
const SHOWN: usize = 60;
/// Characters of a message.
const MESSAGE: usize = 240;

/// One word for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Synced,
    /// Linked, and nothing flows.
    Frozen,
    /// A record is to be created.
    Due,
    NotSynced,
    /// Several records, and it is not clear which belong together.
    Ambiguous,
    /// A rule proposes a partner, and nobody has answered.
    Proposed,
    /// Something that decides is not known yet.
    Waiting,
}

impl Standing {
    pub(super) fn word(self) -> &'static str {
        match self {
            Standing::Synced => "synced",
            Standing::Frozen => "frozen",
            Standing::Due => "due",
            Standing::NotSynced => "not_synced",
            Standing::Ambiguous => "ambiguous",
            Standing::Proposed => "proposed",
            Standing::Waiting => "waiting",
        }
    }
}

/// How a subject stands, and in one line why.
pub(super) fn standing(subject: &Subject<'_>) -> (Standing, String) {
    let told = &subject.told;
    if let Some(why) = told.ambiguous.as_ref().filter(|_| !told.proposed.is_empty()) {
        return (Standing::Proposed, format!("not synced: {why}, and nobody has answered"));
    }
    if let Some(why) = &told.ambiguous {
        return (Standing::Ambiguous, format!("not synced: it is not clear which records belong together; {why}"));
    }
    let open = subject.journal.iter().find(|row| matches!(row.state, OpState::Intended | OpState::Unknown));
    if let Some(open) = open {
        let what = if matches!(open.intent.act, OpAct::Create { .. }) { "a create" } else { "an update" };
        let to = crm(open.side);
        return (
            Standing::Waiting,
            format!("waiting: the outcome of {what} in {to} is not known yet; it is looked up first"),
        );
    }
    if let Some((rule, ids)) = &told.waits_for_members {
        return (Standing::Waiting, waits_for_members(rule, ids));
    }
    if told.waits_for_another {
        return (
            Standing::Waiting,
            "waiting: the outcome of a write to a record with the same key is not known yet".into(),
        );
    }
    if told.stale {
        return (Standing::Waiting, "waiting: what our last write did is not known; the record is read first".into());
    }
    let stops = told.held.iter().find(|held| held.reject);
    match &told.verdict {
        Verdict::Linked { .. } => linked(subject, stops),
        Verdict::Create { .. } if stops.is_some() => {
            let (name, why) = stops.map_or(("", ""), |held| (&held.rule.name, &held.why));
            (Standing::NotSynced, format!("not synced: `{name}` stops the record: {why}"))
        }
        Verdict::Create { side, rule, .. } => {
            let target = told.creation.as_ref().and_then(|creation| creation.lines.get(creation.chosen?)?.target);
            let what = target.unwrap_or("record");
            let asked = told.needs.iter().any(|need| matches!(need, Need::Absent { .. }));
            let first = if asked { ", unless it is found there when asked" } else { "" };
            (
                Standing::Due,
                format!("not synced yet: the next pass creates a {} {what} by `{}`{first}", crm(*side), rule.name),
            )
        }
        Verdict::Delete { side, rule } => (
            Standing::Due,
            format!(
                "its linked record was deleted: the next pass deletes the one in {} by `{}`",
                crm(*side),
                rule.name
            ),
        ),
        Verdict::Skipped { why } => (Standing::NotSynced, format!("not synced: {why}")),
        Verdict::Frozen { why } => (Standing::NotSynced, format!("not synced: {why}")),
        Verdict::Waiting => {
            let why = told.unread.as_deref().unwrap_or("a fact that decides was not read yet");
            (Standing::Waiting, format!("waiting: {why}"))
        }
    }
}

fn waits_for_members(rule: &RuleRef, ids: &[Box<str>]) -> String {
    let named: Vec<&str> = ids.iter().take(3).map(|id| &**id).collect();
    let more = if ids.len() > named.len() { format!(" and {} more", ids.len() - named.len()) } else { String::new() };
    format!(
        "waiting: `{}` goes by {}{more}, of which it is not decided yet whose partner they are",
        rule.name,
        named.join(", ")
    )
}

fn linked(subject: &Subject<'_>, stops: Option<&Held>) -> (Standing, String) {
    let told = &subject.told;
    let closed: Vec<Side> = Side::BOTH.into_iter().filter(|side| !told.ways[*side].lets_through()).collect();
    let moving = told.rows.iter().filter(|row| matches!(row.state, RowState::Moves { .. } | RowState::Times)).count();
    let moving = moving + usize::from(told.stages.as_ref().is_some_and(|stages| stages.moves.is_some()));
    let held =
        told.rows.iter().filter(|row| matches!(row.state, RowState::Held { .. } | RowState::HeldBy { .. })).count();
    let refused = told.refused;
    let mut parts = Vec::new();
    if let Some(held) = stops {
        parts.push(format!("`{}` stops the record: {}", held.rule.name, held.why));
    }
    if told.relink.is_some() {
        parts.push("the link moves to another record at the next pass".into());
    }
    match moving {
        0 => {}
        1 => parts.push("1 field moves at the next pass".to_owned()),
        n => parts.push(format!("{n} fields move at the next pass")),
    }
    match held {
        0 => {}
        1 => parts.push("1 field is held".to_owned()),
        n => parts.push(format!("{n} fields are held")),
    }
    if refused {
        parts.push("it was refused as a whole, and nothing has changed since".into());
    }
    for side in &closed {
        let why = told.ways[*side].barred.clone().unwrap_or_else(|| "what decides was not read".into());
        parts.push(format!("nothing goes to {}: {why}", crm(*side)));
    }
    let frozen = closed.len() == 2 || refused || stops.is_some();
    let standing = if frozen { Standing::Frozen } else { Standing::Synced };
    let how = if frozen { "linked, and frozen" } else { "synced" };
    if parts.is_empty() {
        parts.push("all fields are in step".into());
    }
    (standing, format!("{how}: {}", parts.join("; ")))
}

/// What would have to change so that something gets to the side, one thing a line, nested by indentation.
pub(super) fn to_change(told: &Explanation<'_>, side: Side) -> Vec<String> {
    let to_be = told.creation.as_ref().map(|creation| creation.side);
    told.takes[side].as_ref().map(|take| take_lines(take, to_be)).unwrap_or_default()
}

/// `to_be`: the side on which there is no record yet.
fn take_lines(take: &Take, to_be: Option<Side>) -> Vec<String> {
    match take {
        Take::All(parts) => parts.iter().flat_map(|part| take_lines(part, to_be)).collect(),
        Take::Any(parts) => {
            let mut lines = vec!["one of these:".to_owned()];
            for part in parts {
                let inner = take_lines(part, to_be);
                let several = inner.len() > 1 && !matches!(part, Take::Any(_));
                for (at, line) in inner.into_iter().enumerate() {
                    let lead = match (at, several) {
                        (0, _) => "  - ",
                        (_, true) if !line.starts_with(' ') => "    and ",
                        _ => "    ",
                    };
                    lines.push(format!("{lead}{line}"));
                }
            }
            lines
        }
        Take::One { want, text, saw } => vec![one(*want, text, saw, to_be)],
        Take::Key { lines, through } => {
            let lines: Vec<String> =
                lines.iter().map(|line| format!("`{}`", escape(line.trim_start_matches("match ")))).collect();
            let through = through.iter().map(|sync| format!("give it a record of `{}`", escape(sync)));
            let keys = (!lines.is_empty()).then(|| format!("fill in a key of one of {}", lines.join(", ")));
            vec![keys.into_iter().chain(through).collect::<Vec<_>>().join(", or ")]
        }
        Take::Restore(side) => vec![format!(
            "restore its record in {}; or a line `on delete unlink` in `to {}` lets the one in {} stand alone",
            crm(*side),
            crm(side.other()).to_lowercase(),
            crm(side.other())
        )],
    }
}

fn one(want: bool, text: &str, saw: &[Saw], to_be: Option<Side>) -> String {
    let text = escape(text);
    let Some(first) = saw.first() else { return "the rule itself would have to change".into() };
    let name = escape(&first.name);
    if let Some(unread) = saw.iter().find(|saw| saw.value.is_none()) {
        return format!("`{}` was not read yet: once it is, it decides", escape(&unread.name));
    }
    if let (About::Field(side) | About::Reached(side) | About::Id(side) | About::Member(side), Some(to_be)) =
        (first.about, to_be)
        && side == to_be
    {
        let crm = crm(side);
        return format!(
            "there is no {crm} record: `{text}` would have to be {want} of the new one, or its `create` line say `even if \
             excluded`"
        );
    }
    let is = |what: &str| text == format!("{name} {what}");
    match (first.about, want) {
        (About::Member(side), true) => format!("it is not a member of the {} list \"{name}\": add it there", crm(side)),
        (About::Member(side), false) => {
            format!("it is a member of the {} list \"{name}\": take it out there", crm(side))
        }
        (About::Linked(side), true) => format!("it would have to be linked in {} (`{text}`)", crm(side)),
        (About::Linked(side), false) => format!("it is linked in {}, and `{text}` asks for that", crm(side)),
        (About::Unique(side), _) => format!("no other {} record may have its key (`{text}`)", crm(side)),
        (About::Count(side), true) => format!("`{text}` would have to hold in {}", crm(side)),
        (About::Count(side), false) => format!("`{text}` would have to hold no more in {}", crm(side)),
        (about, true) if is("is known") => format!("`{name}` is blank: fill it in{}", inside(about)),
        (about, false) if is("is known") => format!("`{name}` is {}: clear it{}", values(saw), inside(about)),
        (about, true) if is("is a valid email") => {
            format!("`{name}` is {}, which is no e-mail address: put it right{}", values(saw), inside(about))
        }
        (about, want) => {
            let held: Vec<String> =
                saw.iter().map(|saw| format!("`{}` is {}", escape(&saw.name), value(saw.value.as_ref()))).collect();
            format!("{}{}: `{text}` would have to be {want}", held.join(", "), inside(about))
        }
    }
}

fn inside(about: About) -> String {
    match about {
        About::Field(side) | About::Reached(side) | About::Id(side) => format!(" in {}", crm(side)),
        _ => String::new(),
    }
}

fn values(saw: &[Saw]) -> String {
    match saw {
        [one] => value(one.value.as_ref()),
        many => many
            .iter()
            .map(|saw| format!("`{}` {}", escape(&saw.name), value(saw.value.as_ref())))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What somebody can do about a problem on record, as `syncline explain` says it, in the form of a finding's advice.
pub(super) fn way_out(code: &str) -> String {
    OfCode::of(code).map_or_else(|| "look at the record in the CRM".to_owned(), |told| told.advice())
}

/// A value on one line, shortened, harmless for a terminal.
pub(super) fn value(value: Option<&Value>) -> String {
    value.map_or("(not read)".into(), |value| cut(&value.cell().to_string(), SHOWN))
}

/// What a CRM or the engine says of a problem, likewise.
pub(super) fn message(text: &str) -> String {
    cut(text, MESSAGE)
}

fn cut(text: &str, most: usize) -> String {
    let mut cut: String = text.chars().take(most).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    escape(&cut).into_owned()
}

pub(super) fn both(values: &BySide<Option<Value>>) -> String {
    format!("{} | {}", value(values.left.as_ref()), value(values.right.as_ref()))
}

/// `email = Email` for `match email = Email`.
pub(super) fn match_name(rule: &RuleRef) -> &str {
    rule.name.strip_prefix("match ").unwrap_or(&rule.name)
}

pub(super) fn place(rule: &RuleRef, plan: &Plan) -> String {
    plan.files.get(rule.place.file).map(|file| format!("{}:{}", escape(file), rule.place.line)).unwrap_or_default()
}

pub(super) fn presence(presence: Presence) -> Option<&'static str> {
    match presence {
        Presence::Live => None,
        Presence::Archived => Some("deleted"),
        Presence::Gone => Some("gone"),
        Presence::Stale => Some("to be read again"),
        Presence::Redirected => Some("merged or converted into another one"),
    }
}

/// `12 s`, `5 min`, `3 h`, `4 days`.
pub(super) fn age(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(want: bool, text: &str, name: &str, value: Option<Value>, about: About) -> Take {
        Take::One { want, text: text.into(), saw: vec![Saw { name: name.into(), value, about }] }
    }

    #[test]
    fn what_it_would_take_is_said_as_something_to_do() {
        let member = one(true, "member of list \"Go\"", "Go", Some(Value::Bool(false)), About::Member(Side::Left));
        let blank = one(true, "phone is known", "phone", Some(Value::Null), About::Field(Side::Right));
        let other = one(false, "tier is gold", "tier", Some(Value::text("gold\u{1b}[2J")), About::Field(Side::Left));
        let unread = one(true, "x is true", "x", None, About::Field(Side::Left));
        let on_list = member.clone();
        let all = Take::All(vec![blank, Take::Any(vec![member, Take::All(vec![other, unread])])]);
        assert_eq!(
            take_lines(&all, None),
            [
                "`phone` is blank: fill it in in Salesforce",
                "one of these:",
                "  - it is not a member of the HubSpot list \"Go\": add it there",
                "  - `tier` is \"gold\\u{1b}[2J\" in HubSpot: `tier is gold` would have to be false",
                "    and `x` was not read yet: once it is, it decides",
            ]
        );
        assert_eq!(
            take_lines(&on_list, Some(Side::Left)),
            [
                "there is no HubSpot record: `member of list \"Go\"` would have to be true of the new one, or its `create` \
              line say `even if excluded`"
            ]
        );
        assert_eq!(take_lines(&on_list, Some(Side::Right)), take_lines(&on_list, None));
        assert_eq!(
            take_lines(&Take::Restore(Side::Right), None),
            [
                "restore its record in Salesforce; or a line `on delete unlink` in `to hubspot` lets the one in HubSpot stand \
              alone"
            ]
        );
    }

    #[test]
    fn ages_are_round() {
        assert_eq!([0, 119_000, 120_000, 7_200_000, 172_800_000].map(age), ["0 s", "119 s", "2 min", "2 h", "2 days"]);
        assert_eq!(value(Some(&Value::text("x".repeat(300)))).chars().count(), 61);
    }
}
