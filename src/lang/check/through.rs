//! `match through people`: records are the same when linked records of another sync belong to them.

use std::collections::BTreeMap;

use syncline_grammar::Span;
use syncline_grammar::tree::{self, Match, MatchBy, Name, SyncLine};

use super::checked::{CheckedMatchBy, CheckedThrough, CheckedWay};
use super::count::references;
use super::globals::Globals;
use super::suggest::{as_word, join};
use super::sync::{MemberType, SyncCheck, crm};
use crate::data::{BySide, Side};
use crate::diagnostic::{Code, Finding};

impl<'a> SyncCheck<'a> {
    pub(super) fn match_through(&mut self, line: &Match, name: &Name) {
        let written = format!("match through {}", name.text);
        let Some(other) = self.globals.sync(&name.text) else { return self.unknown_sync(name) };
        if other.name.text == self.tree.name.text {
            // Told with the other circles.
            return;
        }
        let mut ways = BySide::default();
        for (side, heads) in [(Side::Left, &other.hubspot), (Side::Right, &other.salesforce)] {
            let catalog = self.globals.catalogs[side];
            let members = heads.iter().map(|head| catalog.types.get_key_value(&head.text));
            let members = members.map(|known| known.map(|(name, def)| MemberType { name, def }));
            // A type that is not known is told at its own place.
            let Some(members) = members.collect::<Option<Vec<_>>>() else { return };
            let Some(found) = self.ways_through(side, &members, name) else { return };
            ways[side] = found;
        }
        self.add_match(line, written, CheckedMatchBy::Through(CheckedThrough { sync: name.text.clone(), ways }));
    }

    fn unknown_sync(&mut self, name: &Name) {
        let message = format!("there is no sync `{}`", name.text);
        let finding = Finding::new(Code::UnknownSync, self.file, name.span, message);
        let own = self.tree.name.text.as_str();
        let others =
            || self.globals.syncs.iter().map(|(_, sync)| sync.name.text.as_str()).filter(|other| *other != own);
        let known: Vec<&str> = others().take(3).collect();
        self.report(match self.globals.likeness.suggest(&name.text, others().map(|other| (other, other))) {
            Some(found) => found.into(finding, as_word),
            None if known.is_empty() => finding.help("these rules have no other sync"),
            None => finding.help(format!("go through {}", join(&known, "or"))),
        });
    }

    /// The fields of the members in which they name records of this sync: one for each pair of types. Where one of the types
    /// has a reference that is named like what it refers to (a contact's `Account`), others (a lead's `ConvertedAccount`)
    /// mean something else.
    fn ways_through(&mut self, side: Side, members: &[MemberType<'a>], name: &Name) -> Option<Vec<CheckedWay>> {
        let mut ways = Vec::new();
        for (ty, own) in self.types[side].iter().enumerate() {
            let plain =
                |member: &&MemberType<'a>| member.def.references.get(own.name).is_some_and(|r| r.to == own.name);
            let any_plain = members.iter().any(|member| plain(&member));
            for member in members.iter().filter(|member| !any_plain || plain(member)) {
                match references(member.def, own.name).as_slice() {
                    [] => {}
                    [field] => {
                        ways.push(CheckedWay { member: member.name.to_owned(), field: (*field).to_owned(), ty });
                    }
                    many => {
                        let message = format!(
                            "{} `{}` refers to `{}` in several fields: {}",
                            crm(side),
                            member.name,
                            own.name,
                            join(many, "and")
                        );
                        self.report(Finding::new(Code::NoWay, self.file, name.span, message));
                        return None;
                    }
                }
            }
        }
        if ways.is_empty() {
            let names = |types: &[MemberType<'a>]| -> Vec<&'a str> { types.iter().map(|known| known.name).collect() };
            let (members, own) = (names(members), names(&self.types[side]));
            let message = format!("{} {} does not refer to {}", crm(side), join(&members, "or"), join(&own, "or"));
            let finding = Finding::new(Code::NoWay, self.file, name.span, message);
            let help = format!("go through a sync whose records name those of `{}`", self.tree.name.text);
            self.report(finding.help(help));
            return None;
        }
        Some(ways)
    }
}

/// Syncs that go through each other, or through themselves.
pub(super) fn circles(globals: &Globals<'_>, findings: &mut Vec<Finding>) {
    let lines = globals.syncs.iter().flat_map(|(file, sync)| throughs(*file, sync));
    let lines: Vec<Through<'_>> = lines.filter(|line| globals.sync(line.to).is_some()).collect();
    for Through { file, from, to, span } in in_circles(&lines) {
        let message = match from == to {
            true => format!("`{to}` would go through itself"),
            false => format!("`{to}` goes through `{from}` in turn"),
        };
        let finding = Finding::new(Code::ThroughItself, *file, *span, message);
        findings.push(finding.help("find the records of one of them by keys: `match name = Name`"));
    }
}

/// What is left when all are taken away that lead nowhere, or to which nothing leads.
fn in_circles<'t, 'a>(lines: &'t [Through<'a>]) -> impl Iterator<Item = &'t Through<'a>> {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    // Per sync, the lines that are left from it and to it.
    let mut open: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        for (way, name) in [line.from, line.to].into_iter().enumerate() {
            of.entry(name).or_default().push(at);
            open.entry(name).or_default()[way] += 1;
        }
    }
    let mut ends: Vec<&str> = open.iter().filter(|(_, left)| left.contains(&0)).map(|(name, _)| *name).collect();
    let mut left: Vec<bool> = vec![true; lines.len()];
    while let Some(name) = ends.pop() {
        for at in of.get(name).into_iter().flatten() {
            if !std::mem::take(&mut left[*at]) {
                continue;
            }
            for (way, name) in [lines[*at].from, lines[*at].to].into_iter().enumerate() {
                let open = open.entry(name).or_default();
                open[way] -= 1;
                if open[way] == 0 {
                    ends.push(name);
                }
            }
        }
    }
    lines.iter().zip(left).filter(|(_, left)| *left).map(|(line, _)| line)
}

#[derive(Debug)]
struct Through<'a> {
    file: usize,
    from: &'a str,
    to: &'a str,
    span: Span,
}

fn throughs(file: usize, sync: &tree::Sync) -> impl Iterator<Item = Through<'_>> {
    sync.lines.iter().filter_map(move |line| match line {
        SyncLine::Match(Match { by: MatchBy::Through(to), .. }) => {
            Some(Through { file, from: &sync.name.text, to: &to.text, span: to.span })
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_and_what_leads_into_or_out_of_them_is_none() {
        let through = |text: &'static str| {
            let (from, to) = text.split_once('>').unwrap();
            Through { file: 0, from, to, span: Span { start: 0, end: 0 } }
        };
        let all = ["in>a", "a>b", "b>c", "c>a", "b>out", "out>far", "own>own", "x>y"].map(through);
        let found: Vec<String> = in_circles(&all).map(|line| format!("{}>{}", line.from, line.to)).collect();
        assert_eq!(found, ["a>b", "b>c", "c>a", "own>own"]);
    }
}
