//! People who are created as leads, beside companies that are created from accounts.

use super::By;
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::CheckedKeyPart;
use crate::lang::check::sync::SyncResult;

/// Leads have no account: when one is converted, its account comes new, and beside the company that its contact had in
/// HubSpot a second one is created, unless companies are matched by what they hold. (The native integration's own page warns
/// of this.)
pub(super) fn leads_beside_companies(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    let creates = |result: &'_ SyncResult<'_>, side: Side, name: &str| -> Option<(usize, syncline_grammar::Span)> {
        let found = result.sense.asked.iter().find(|asked| match asked.by {
            By::Create { side: of, target: Some(target), .. } => {
                of == side && result.sense.types[side].get(target).is_some_and(|member| member.name == name)
            }
            _ => false,
        });
        found.map(|asked| (asked.file, asked.line))
    };
    let leads = results.iter().find_map(|result| creates(result, Side::Right, "Lead"));
    let Some((lead_file, lead)) = leads else { return };
    for result in results {
        let from_accounts = result.sense.types.right.iter().any(|member| member.name == "Account");
        let Some((file, line)) = creates(result, Side::Left, "company").filter(|_| from_accounts) else { continue };
        let by_id = |part: &Option<CheckedKeyPart>| matches!(part, Some(CheckedKeyPart::Id));
        let by_what_they_hold = result.checked.matches.iter().any(|line| {
            !line.keys().iter().any(|key| Side::BOTH.into_iter().any(|side| key.sides[side].iter().any(by_id)))
        });
        if by_what_they_hold {
            continue;
        }
        let message =
            "an account that comes of a converted lead makes a second company beside the one that its contact has";
        let finding = Finding::new(Code::LeadsBesideCompanies, file, line, message).also(
            lead_file,
            lead,
            "leads have no account, until they are converted",
        );
        findings.push(finding.help("match companies also by their people, `match through people`, or by what they hold, `match name = Name`; or create contacts of people whose company is known"));
    }
}
