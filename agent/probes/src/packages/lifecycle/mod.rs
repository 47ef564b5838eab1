//! Until when this release is mended, and by which tier.

mod end_of_life;

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::LifecycleFacts;
use super::seen::{Contract, Looking};

/// What is known of the release of this host.
pub(super) fn facts(looking: &Looking<'_>, contract: Contract) -> LifecycleFacts {
    let dates_source = end_of_life::TABLE_SOURCE.to_owned();
    let os = match looking.os {
        Ok(os) => os,
        Err(unknown) => {
            return LifecycleFacts {
                id: Fact::Unknown(unknown.clone()),
                version: Fact::Unknown(unknown.clone()),
                codename: Fact::Unknown(unknown.clone()),
                standard_end: Fact::Unknown(unknown.clone()),
                free_end: Fact::Unknown(unknown.clone()),
                paid_end: Fact::Unknown(unknown.clone()),
                tier: Fact::Unknown(unknown.clone()),
                covered_until: Fact::Unknown(unknown.clone()),
                uncovered_count: contract.uncovered_count,
                dates_source,
            };
        }
    };
    let ends = end_of_life::find(&os.id, &os.version_id);
    let not_listed = if ends.is_some() {
        format!("the list of releases names no such day for {} {}", os.id, os.version_id)
    } else {
        format!("{} {} is not in the list of releases", os.id, os.version_id)
    };
    let end =
        |moment: Option<Timestamp>| moment.map_or_else(|| Fact::unknown(Reason::NOT_LISTED, &not_listed), Fact::Known);
    LifecycleFacts {
        standard_end: end(ends.and_then(|ends| ends.standard)),
        free_end: end(ends.and_then(|ends| ends.free)),
        paid_end: end(ends.and_then(|ends| ends.paid)),
        id: os.field("ID", &os.id),
        version: os.field("VERSION_ID", &os.version_id),
        codename: os.field("VERSION_CODENAME", &os.version_codename),
        tier: end(None).map(|_: Timestamp| String::new()),
        covered_until: end(None),
        uncovered_count: contract.uncovered_count,
        dates_source,
    }
}
