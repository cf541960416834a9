//! docs/codes.md.

use std::fmt::Write as _;

use super::{Example, Explanation, PHASES, explanations};

const HEAD: &str = "# Codes\n\n\
    What Syncline finds has a code, which never changes its meaning. `syncline explain CODE` says what stands here; \
    `syncline explain --codes` lists all codes.\n\
    An **error** stops the rules from being loaded, a **warning** does not, a **problem** is on record for one record or \
    table while all others go on.\n\
    In the examples, a remark stands on each line where the code is found.\n";

/// All codes by phase.
pub fn markdown() -> String {
    let mut out = HEAD.to_owned();
    for (letter, about) in PHASES {
        let _ = write!(out, "\n## {letter}: {about}\n");
        for one in explanations().filter(|one| one.id.starts_with(letter)) {
            out.push('\n');
            out.push_str(&markdown_of(&one));
        }
    }
    out
}

/// One code.
pub fn markdown_of(one: &Explanation) -> String {
    let mut out = format!("### {} ({})\n\n{}\n\n", one.id, one.word(), one.means);
    let _ = write!(out, "- **Why it matters:** {}\n- **Way out:** {}\n", one.why, one.way_out);
    let _ = match one.example {
        Example::Rules(_) => write!(out, "\n```\n{}\n```\n", one.example()),
        Example::Words(_) => writeln!(out, "- **Example:** {}", one.example()),
    };
    out
}
