//! Last days of a release by the publisher's bundle, which can be newer than this program.

use vedetta_checks::feed::Feed;
use vedetta_checks::feed::end_of_life::{Cycle, End};

use super::end_of_life::{EndOfLife, last_moment};
use crate::host::os_release::OsRelease;

/// Distributions by `ID`, and their names at endoflife.date where those differ.
const NAMES: &[(&str, &str)] = &[("ol", "oracle-linux"), ("opensuse-leap", "opensuse"), ("rocky", "rocky-linux")];

/// What the bundle says of a release; none when it does not know it, or its table cannot be read.
pub(super) fn find(feed: &Feed, os: &OsRelease) -> Option<EndOfLife> {
    let product = NAMES.iter().find(|(id, _)| *id == os.id).map_or(os.id.as_str(), |(_, name)| *name);
    let main = os.version_id.split('.').next().unwrap_or_default();
    let cycle = [os.version_id.as_str(), main].into_iter().find_map(|name| feed.end_of_life(product, name).ok()?)?;
    Some(ends(&os.id, cycle))
}

/// The three tiers. Debian's further support is the free one of its long-term team; with the others it is paid.
fn ends(id: &str, cycle: Cycle) -> EndOfLife {
    let day = |end: Option<End>| match end {
        Some(End::On(day)) => last_moment(&day.to_string()),
        Some(End::Ended | End::Open) | None => None,
    };
    let (standard, further) = (day(cycle.security), day(cycle.extended));
    let (free, paid) = if id == "debian" { (further.or(standard), None) } else { (standard, further) };
    EndOfLife { standard, free, paid }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_support_is_free_with_debian_and_paid_with_others() {
        let on = |day: &str| Some(End::On(day.parse().expect("a day")));
        let cycle = Cycle { active: None, security: on("2029-01-01"), extended: on("2031-01-01") };
        let days = |id| {
            let ends = ends(id, cycle);
            [ends.standard, ends.free, ends.paid].map(|at| at.map(|at| at.strftime("%Y").to_string()))
        };
        let year = |year: &str| Some(year.to_owned());
        assert_eq!(days("debian"), [year("2029"), year("2031"), None]);
        assert_eq!(days("ubuntu"), [year("2029"), year("2029"), year("2031")]);
        assert_eq!(ends("rocky", Cycle { security: Some(End::Open), ..Cycle::default() }), EndOfLife::default());
    }
}
