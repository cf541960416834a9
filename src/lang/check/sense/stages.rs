//! Lines of a `lifecycle` that another one makes needless: of those that hold, one stage is taken.

use super::{By, Said, Sense};
use crate::diagnostic::{Code, Finding};

impl<'a> Sense<'a> {
    /// Of the `reach` lines that hold the furthest stage counts, and of the `back to` lines the highest.
    pub(super) fn stages(&self, said: &mut Said<'_, 'a>) {
        let of = |at: &usize| matches!(self.asked[*at].by, By::Stage { .. });
        let lines: Vec<usize> = (0..self.asked.len()).filter(of).collect();
        for at in &lines {
            let one = &self.asked[*at];
            let By::Stage { ty, stage, back } = one.by else { continue };
            if said.dead[*at] {
                continue;
            }
            let shapes = self.staged(ty);
            let by = lines.iter().find(|other| {
                let other_line = &self.asked[**other];
                let By::Stage { stage: higher, back: way, .. } = other_line.by else { return false };
                // Of two that say the same, the second one is needless.
                let counts_more = higher > stage || (higher == stage && *other < at);
                *other != at
                    && way == back
                    && counts_more
                    && !said.dead[**other]
                    && self.never(&shapes, &[(&one.cond, true), (&other_line.cond, false)])
            });
            let Some(by) = by else { continue };
            let by = &self.asked[*by];
            let message = format!("{} never decides: {} holds whenever it does", one.name, by.name);
            let finding = Finding::new(Code::Subsumed, one.file, one.line, message).also(
                by.file,
                by.line,
                "and its stage is as high or higher",
            );
            let finding = self.for_instance(finding, &shapes, &[(&one.cond, true)], said);
            said.dead[*at] = true;
            said.findings.push(finding);
        }
    }
}
