//! Lists that are read from the top: `create` lines that the ones above leave nothing, choices of a `pick` that choose
//! nothing.

use super::{By, Said, Sense};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::meaning::Wanted;
use crate::lang::plan::Cond;

/// Lines above one that are taken together.
const MOST: usize = 16;

impl<'a> Sense<'a> {
    pub(super) fn creates(&self, said: &mut Said<'_, 'a>) {
        for side in Side::BOTH {
            let of = |at: &usize| matches!(self.asked[*at].by, By::Create { side: of, .. } if of == side);
            let lines: Vec<usize> = (0..self.asked.len()).filter(of).collect();
            for (place, at) in lines.iter().enumerate() {
                let line = &self.asked[*at];
                // What takes the rest must stand there, whether or not anything is left; the list is closed by it.
                if line.tree.is_none() || said.dead[*at] {
                    continue;
                }
                let above: Vec<usize> = lines[..place].iter().rev().take(MOST).rev().copied().collect();
                self.shadowed(side, *at, &above, said);
            }
        }
    }

    fn shadowed(&self, side: Side, at: usize, above: &[usize], said: &mut Said<'_, 'a>) {
        let line = &self.asked[at];
        let By::Create { from, .. } = line.by else { return };
        let takes = |above: usize, ty: usize| match self.asked[above].by {
            By::Create { from, .. } => from.is_none_or(|from| from == ty),
            _ => false,
        };
        let types: Vec<usize> =
            (0..self.types[side.other()].len()).filter(|ty| from.is_none_or(|from| from == *ty)).collect();
        // `always` above is said to take every record already.
        if types.iter().all(|ty| above.iter().any(|above| self.asked[*above].tree.is_none() && takes(*above, *ty))) {
            return;
        }
        if above.iter().all(|above| self.leaves_some(said, at, *above)) {
            return;
        }
        let left = |by: &[usize]| {
            types.iter().all(|ty| {
                let mut wanted: Vec<Wanted<'_>> = vec![(&line.cond, true)];
                wanted.extend(by.iter().filter(|by| takes(**by, *ty)).map(|by| (&self.asked[*by].cond, false)));
                self.never(&self.alone(side.other(), Some(*ty)), &wanted)
            })
        };
        let one = above.iter().find(|above| !self.leaves_some(said, at, **above) && left(&[**above]));
        let by: Vec<usize> = match one {
            Some(one) => vec![*one],
            None if above.len() > 1 && left(above) => self.needed(above, left),
            None => return,
        };
        let message = "the lines above leave nothing to this one";
        let mut finding = Finding::new(Code::Shadowed, line.file, line.line, message);
        for by in &by {
            finding = finding.also(self.asked[*by].file, self.asked[*by].line, "");
        }
        let words = if by.len() == 1 { "takes all of it" } else { "these take all of it" };
        if let Some(first) = finding.labels.get_mut(1) {
            first.text = words.to_owned();
        }
        let shapes = self.alone(side.other(), from);
        let finding = self.for_instance(finding, &shapes, &[(&line.cond, true)], said);
        let finding = finding.fix(self.without(line.file, line.line));
        said.dead[at] = true;
        said.findings.push(finding);
    }

    /// Those of the lines without which something would be left.
    fn needed(&self, above: &[usize], left: impl Fn(&[usize]) -> bool) -> Vec<usize> {
        let mut needed = above.to_vec();
        for line in above {
            let without: Vec<usize> = needed.iter().copied().filter(|other| other != line).collect();
            if left(&without) {
                needed = without;
            }
        }
        needed
    }

    /// A choice that never tells records apart that the ones above did not tell apart.
    pub(super) fn picks(&self, said: &mut Said<'_, 'a>) {
        for side in Side::BOTH {
            let Some(choices) = self.choices(side) else { continue };
            for (place, (span, choice)) in choices.iter().enumerate() {
                let above = &choices[..place];
                let same = above.iter().find(|(_, other)| other == choice);
                let by = match (choice, same) {
                    (_, Some((first, _))) => Some(*first),
                    (Choosing::Newest | Choosing::Oldest, None) => None,
                    (one, None) => self.never_tells(side, one, above).then(|| above[0].0),
                };
                let Some(first) = by else { continue };
                let file = said.file;
                let finding = Finding::new(Code::NeedlessChoice, file, *span, "this choice tells no two records apart");
                let words = if same.is_some() { "it was made here" } else { "after these choices" };
                said.findings.push(finding.also(file, first, words).help("leave it out"));
            }
        }
    }

    fn choices(&self, side: Side) -> Option<Vec<(syncline_grammar::Span, Choosing)>> {
        use syncline_grammar::tree::{BlockLine, ChoiceKind, SyncLine, Target};
        let lines = self.tree.lines.iter().filter_map(|line| match line {
            SyncLine::Block(block) if block.target == Target::To(super::gates::tree_side(side)) => Some(&block.lines),
            _ => None,
        });
        let picks = lines.flatten().filter_map(|line| match line {
            BlockLine::Pick(pick) => Some(pick),
            _ => None,
        });
        let mut found = Vec::new();
        for choice in picks.flat_map(|pick| &pick.choices) {
            let choosing = match &choice.kind {
                ChoiceKind::MostRecentlyUpdated => Choosing::Newest,
                ChoiceKind::OldestCreated => Choosing::Oldest,
                ChoiceKind::Object(name) => {
                    Choosing::Type(self.types[side].iter().position(|member| member.name == name.text)?)
                }
                ChoiceKind::When(_) => {
                    let by = By::Pick { side, at: choice.span.start };
                    Choosing::When(self.asked.iter().find(|asked| asked.by == by)?.cond.clone())
                }
            };
            found.push((choice.span, choosing));
        }
        Some(found)
    }

    /// Records that are left by the choices above answer alike to each of them.
    fn never_tells(&self, side: Side, one: &Choosing, above: &[(syncline_grammar::Span, Choosing)]) -> bool {
        let above: Vec<&Choosing> = above
            .iter()
            .map(|(_, choice)| choice)
            .filter(|c| !matches!(c, Choosing::Newest | Choosing::Oldest))
            .collect();
        if above.is_empty() || above.len() > 5 {
            return false;
        }
        (0..1u32 << above.len()).all(|answers| {
            let answered = |answer: bool| {
                (0..self.types[side].len()).all(|ty| {
                    let mut wanted: Vec<Wanted<'_>> = Vec::new();
                    let all = above.iter().enumerate().map(|(at, choice)| (*choice, answers & (1 << at) != 0));
                    for (choice, answer) in all.chain([(one, answer)]) {
                        match choice {
                            Choosing::Type(of) if (*of == ty) != answer => return true,
                            Choosing::When(cond) => wanted.push((cond, answer)),
                            _ => {}
                        }
                    }
                    self.never(&self.alone(side, Some(ty)), &wanted)
                })
            };
            answered(true) || answered(false)
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Choosing {
    Newest,
    Oldest,
    Type(usize),
    When(Cond),
}
