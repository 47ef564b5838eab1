//! The counts of workstations: how many, never which.

use jiff::Timestamp;
use vedetta_checks::pack::OnWorkstation;
use vedetta_core::ids::OrganisationId;
use vedetta_core::store::{Prefix, Store};
use vedetta_core::workstation::{WORKSTATIONS_MAX, WorkstationAnswers, counts, day_of};

use crate::app::App;
use crate::failure::Failure;
use crate::figures::{self, Known};
use crate::texts::Texts;

/// One check with its counts in words.
pub(super) struct CountRow {
    pub(super) title: String,
    pub(super) count: String,
    pub(super) newest: String,
}

/// The counts of the checks that the packs in use count; those that nobody answered to are left out.
pub(super) async fn count_rows<S: Store>(
    app: &App<S>,
    t: Texts,
    known: &Known,
    id: OrganisationId,
    now: Timestamp,
) -> Result<Vec<CountRow>, Failure> {
    let all: Vec<WorkstationAnswers> = figures::all(app, Prefix::Organisation(id), WORKSTATIONS_MAX).await?;
    let row = |(check, count)| {
        let check = known.packs.values().find_map(|pack| pack.check(&check))?;
        (check.workstation == OnWorkstation::Count).then(|| CountRow {
            title: check.title.get(t.language()).to_owned(),
            count: t.workstations(&count),
            newest: count.newest.strftime("%d/%m/%Y").to_string(),
        })
    };
    Ok(counts(&all, day_of(now)).into_iter().filter_map(row).collect())
}
