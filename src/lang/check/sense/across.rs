//! Several syncs that hold the same records.

use super::companies::leads_beside_companies;
use super::creation::creation_circles;
use super::shared::two_writers;
use crate::diagnostic::Finding;
use crate::lang::check::sync::SyncResult;

/// What can be said of all syncs together.
pub(in crate::lang::check) fn across(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    two_writers(results, findings);
    creation_circles(results, findings);
    leads_beside_companies(results, findings);
}
