//! Text: what it begins with, ends with, contains, and is.

use super::FieldDomain;
use super::slot::{Literal, Solved, Test, atoms, first, only, passes};
use crate::data::{FieldKind, Value};
use crate::lang::plan::{Cond, TextTest};

/// Ways to choose one of several beginnings, ends and parts, beyond which nothing is said.
const MOST_WAYS: usize = 400;
/// Comparisons of ways with what a text must not be, likewise.
const MOST_COMPARED: usize = 20_000;

pub(super) fn solve(field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
    let plain = only(literals, |atom| matches!(atom, Cond::Text { .. } | Cond::Exactly { .. } | Cond::Email(_)));
    // `İ` is two letters in lower case, and what is found of it is not what the text of it says.
    let plain = plain && atoms(literals).all(|(atom, _)| values_of(atom).iter().all(|v| !v.contains('\u{307}')));
    let blank = || (!field.known).then_some(Value::Null);
    if literals.iter().any(|(test, wanted)| !wanted && matches!(test, Test::Known | Test::Atom(Cond::Known(_)))) {
        let spaces = atoms(literals).flat_map(|(atom, wanted)| match atom {
            Cond::Exactly { values, .. } if wanted => values.iter().map(|v| Value::Text(v.clone())).collect(),
            _ => Vec::new(),
        });
        return first(literals, blank().into_iter().chain(spaces), plain);
    }
    if let Some((exact, values)) = named(literals) {
        let dodges = values.iter().flat_map(|value| [(*value).to_owned(), value.to_uppercase(), format!(" {value}")]);
        // Letters and space can be varied past any list of texts that it must not be to the letter.
        let varied = |(atom, wanted): (&Cond, bool)| !wanted && matches!(atom, Cond::Exactly { .. });
        return first(literals, dodges.map(Value::text), plain && (exact || !atoms(literals).any(varied)));
    }
    let wanted = Parts::of(literals, true);
    let Some(ways) = wanted.ways() else { return first(literals, blank(), false) };
    let unwanted = Parts::of(literals, false);
    if ways.len().saturating_mul(unwanted.size()) > MOST_COMPARED {
        return first(literals, blank(), false);
    }
    let mut open = false;
    for way in ways {
        if unwanted.closes(&way) || way.contradicts_itself() {
            continue;
        }
        open = true;
        let found = way.texts(field.kind).into_iter().map(Value::text).find(|value| passes(literals, value.cell()));
        if let Some(value) = found {
            return Solved::Value(value);
        }
    }
    first(literals, blank(), plain && !open && wanted.any())
}

fn values_of(atom: &Cond) -> &[Box<str>] {
    match atom {
        Cond::Text { values, .. } | Cond::Exactly { values, .. } => values,
        _ => &[],
    }
}

/// The shortest list of which the text must be one, and whether to the letter.
fn named<'c>(literals: &[Literal<'c>]) -> Option<(bool, Vec<&'c str>)> {
    let lists = atoms(literals).filter(|(_, wanted)| *wanted).filter_map(|(atom, _)| match atom {
        Cond::Exactly { values, .. } => Some((true, values)),
        Cond::Text { test: TextTest::IsAnyOf, values, .. } => Some((false, values)),
        _ => None,
    });
    let (exact, values) = lists.min_by_key(|(exact, values)| (!exact, values.len()))?;
    Some((exact, values.iter().map(|value| &**value).collect()))
}

/// What the tests of one answer ask for: of each list, one.
#[derive(Default)]
struct Parts<'c> {
    beginnings: Vec<&'c [Box<str>]>,
    ends: Vec<&'c [Box<str>]>,
    within: Vec<&'c [Box<str>]>,
    /// All of each list.
    all_within: Vec<&'c [Box<str>]>,
    email: bool,
}

/// One choice.
#[derive(Clone, Default)]
struct Way<'c> {
    beginnings: Vec<&'c str>,
    ends: Vec<&'c str>,
    within: Vec<&'c str>,
    email: bool,
}

/// Every way, with one of each list.
fn choose<'c>(mut ways: Vec<Way<'c>>, lists: &[&'c [Box<str>]], add: fn(&mut Way<'c>, &'c str)) -> Vec<Way<'c>> {
    for list in lists {
        let with = |way: &Way<'c>, part: &'c str| {
            let mut way = way.clone();
            add(&mut way, part);
            way
        };
        ways = ways.iter().flat_map(|way| list.iter().map(|part| with(way, part)).collect::<Vec<_>>()).collect();
    }
    ways
}

impl<'c> Parts<'c> {
    fn of(literals: &[Literal<'c>], answer: bool) -> Parts<'c> {
        let mut parts = Parts::default();
        for (atom, _) in atoms(literals).filter(|(_, wanted)| *wanted == answer) {
            match atom {
                Cond::Email(_) => parts.email = true,
                Cond::Text { test, values, .. } => match test {
                    TextTest::StartsWithAny => parts.beginnings.push(values),
                    TextTest::EndsWithAny => parts.ends.push(values),
                    TextTest::ContainsAny => parts.within.push(values),
                    TextTest::ContainsAll => parts.all_within.push(values),
                    TextTest::IsAnyOf => {}
                },
                _ => {}
            }
        }
        parts
    }

    /// Whether it asks for a text that is not blank.
    fn any(&self) -> bool {
        let lists = [&self.beginnings, &self.ends, &self.within, &self.all_within];
        self.email || lists.iter().any(|lists| !lists.is_empty())
    }

    fn size(&self) -> usize {
        let lists = self.beginnings.iter().chain(&self.ends).chain(&self.within).chain(&self.all_within);
        lists.map(|list| list.len()).sum()
    }

    fn ways(&self) -> Option<Vec<Way<'c>>> {
        let lists = || self.beginnings.iter().chain(&self.ends).chain(&self.within);
        let count = lists().map(|list| list.len()).try_fold(1usize, |ways, list| ways.checked_mul(list))?;
        if count > MOST_WAYS {
            return None;
        }
        let all = self.all_within.iter().flat_map(|list| list.iter().map(|part| &**part)).collect();
        let ways = vec![Way { within: all, email: self.email, ..Way::default() }];
        let ways = choose(ways, &self.beginnings, |way, part| way.beginnings.push(part));
        let ways = choose(ways, &self.ends, |way, part| way.ends.push(part));
        Some(choose(ways, &self.within, |way, part| way.within.push(part)))
    }

    /// Whether a text made this way passes one of these tests, which none may.
    fn closes(&self, way: &Way<'_>) -> bool {
        let within = |part: &str| way.all().any(|own| own.contains(part));
        let begins = |part: &str| way.beginnings.iter().any(|own| own.starts_with(part));
        let ends = |part: &str| way.ends.iter().any(|own| own.ends_with(part));
        self.beginnings.iter().any(|list| list.iter().any(|part| begins(part)))
            || self.ends.iter().any(|list| list.iter().any(|part| ends(part)))
            || self.within.iter().any(|list| list.iter().any(|part| within(part) || (way.email && &**part == "@")))
            || self.all_within.iter().any(|list| !way.is_empty() && list.iter().all(|part| within(part)))
            || (self.email && way.email)
    }
}

impl Way<'_> {
    fn all(&self) -> impl Iterator<Item = &str> {
        self.beginnings.iter().chain(&self.ends).chain(&self.within).copied()
    }

    fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// Two beginnings of one text are one the beginning of the other; so are ends.
    fn contradicts_itself(&self) -> bool {
        let pairs = |list: &[&str], fit: fn(&str, &str) -> bool| {
            list.iter().any(|a| list.iter().any(|b| a.len() >= b.len() && !fit(a, b)))
        };
        pairs(&self.beginnings, |a, b| a.starts_with(b)) || pairs(&self.ends, |a, b| a.ends_with(b))
    }

    /// Texts that may do, the plainest first.
    fn texts(&self, kind: FieldKind) -> Vec<String> {
        let longest = |list: &[&str]| list.iter().max_by_key(|part| part.len()).map_or("", |part| *part).to_owned();
        let (begin, end) = (longest(&self.beginnings), longest(&self.ends));
        let within: Vec<&str> =
            self.within.iter().copied().filter(|w| !begin.contains(w) && !end.contains(w)).collect();
        let middle = within.concat();
        let spaced = within.join(" ");
        let mut plain = vec![
            format!("{begin}{middle}{end}"),
            format!("{begin}{spaced}{end}"),
            format!("{begin} {spaced} {end}"),
            format!("{begin}a{middle}{end}"),
            format!("{begin}x{middle}x{end}"),
            format!("{begin}zq {spaced} qz{end}"),
        ];
        if !begin.is_empty() && begin.ends_with(&end) {
            plain.insert(0, begin.clone());
        }
        if !end.is_empty() && end.starts_with(&begin) {
            plain.insert(0, end.clone());
        }
        let local = format!("{begin}{middle}");
        let name = |or: &str| if local.is_empty() { or.to_owned() } else { local.clone() };
        let mut emails: Vec<String> = Vec::new();
        for or in ["a", "x", "zq"] {
            let name = name(or);
            emails.push(match () {
                () if end.contains('@') && local.contains('@') => format!("{local}{end}"),
                () if end.starts_with('@') => format!("{name}{end}"),
                () if end.contains('@') => format!("{local}{end}"),
                () if local.contains('@') && end.starts_with('.') => format!("{local}a{end}"),
                () if local.contains('@') && end.is_empty() => format!("{local}a.example"),
                () if local.contains('@') => format!("{local}{end}"),
                () if end.starts_with('.') => format!("{name}@acme{end}"),
                () if end.is_empty() => format!("{name}@example.com"),
                () if end.contains('.') => format!("{name}@{end}"),
                () => format!("{name}@acme.{end}"),
            });
            emails.push(format!("{begin}{or}@{middle}{or}.example{end}"));
            emails.push(format!("a{middle}@{or}{end}"));
        }
        let mut texts = if kind == FieldKind::Email || self.email { emails } else { std::mem::take(&mut plain) };
        texts.append(&mut plain);
        texts.retain(|text| !text.trim().is_empty());
        if texts.is_empty() || self.is_empty() {
            texts.push("a".to_owned());
        }
        texts
    }
}
