//! The start of authority: whether its times are usual ones, and whom it names.
//!
//! Sources of the ranges: refresh from RFC 1912 section 2.2 (20 minutes at least) to RIPE-203 (one day); retry below refresh
//! (RFC 1912: some fraction of it); expire from one week (zonemaster, Zone05) and above refresh and retry together (RFC 1912:
//! greater than the other times); minimum from 5 minutes to one day (zonemaster, Zone06; RFC 2308 section 5).

use std::ops::RangeInclusive;

use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::SOA;

use super::problem::ZoneProblem;
use crate::dns::delegation::compare::problem;
use crate::dns::facts::ProblemFacts;
use crate::dns::records::plain;

/// How often secondaries should ask for news, in seconds.
const REFRESH: RangeInclusive<i64> = 1_200..=86_400;
/// Shortest time after which secondaries may give up, in seconds.
const EXPIRE_MIN: i64 = 604_800;
/// How long a missing name should be remembered as missing, in seconds.
const MINIMUM: RangeInclusive<i64> = 300..=86_400;

/// What is unusual in one start of authority.
pub(crate) fn problems(zone: &Name, soa: &SOA, name_servers: &[Name]) -> Vec<ProblemFacts> {
    let (refresh, retry, expire, minimum) =
        (i64::from(soa.refresh), i64::from(soa.retry), i64::from(soa.expire), i64::from(soa.minimum));
    let expire_min = EXPIRE_MIN.max(refresh.saturating_add(retry).saturating_add(1));
    let (refresh_min, refresh_max, minimum_min, minimum_max) =
        (REFRESH.start(), REFRESH.end(), MINIMUM.start(), MINIMUM.end());
    let found = [
        (
            !REFRESH.contains(&refresh),
            ZoneProblem::RefreshOutOfRange,
            format!("{refresh} s, usual {refresh_min} to {refresh_max}"),
        ),
        (
            retry <= 0 || retry >= refresh,
            ZoneProblem::RetryOutOfRange,
            format!("{retry} s, usual below the refresh of {refresh}"),
        ),
        (expire < expire_min, ZoneProblem::ExpireOutOfRange, format!("{expire} s, usual {expire_min} or more")),
        (
            !MINIMUM.contains(&minimum),
            ZoneProblem::MinimumOutOfRange,
            format!("{minimum} s, usual {minimum_min} to {minimum_max}"),
        ),
        (!is_contact(&soa.rname), ZoneProblem::ContactInvalid, soa.rname.to_ascii()),
        (
            !name_servers.is_empty() && !name_servers.contains(&soa.mname),
            ZoneProblem::PrimaryNotAServer,
            plain(&soa.mname),
        ),
    ];
    let wrong = found.into_iter().filter(|(is_wrong, _, _)| *is_wrong);
    wrong.map(|(_, what, detail)| problem(what.word(), plain(zone), detail)).collect()
}

/// Whether a contact is a mail address in the form of a name: a part before the first dot and a domain of two labels or more
/// after it, no `@` and no space (RFC 1035 section 8, RFC 1912 section 2.2).
fn is_contact(contact: &Name) -> bool {
    let spoilt = |label: &[u8]| {
        label.iter().any(|byte| matches!(byte, b'@' | b' ' | b',' | b';' | b'<' | b'>') || !byte.is_ascii_graphic())
    };
    contact.num_labels() >= 2 && !contact.iter().any(spoilt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(times: (i32, i32, i32, u32), primary: &str, contact: &str) -> Vec<String> {
        let (refresh, retry, expire, minimum) = times;
        let name = |text: &str| {
            let labels = text.split('.').filter(|label| !label.is_empty());
            Name::from_labels(labels.map(str::as_bytes)).expect("a name")
        };
        let soa = SOA::new(name(primary), name(contact), 1, refresh, retry, expire, minimum);
        let servers = [name("ns1.esempio.example."), name("ns2.esempio.example.")];
        problems(&name("esempio.example."), &soa, &servers).into_iter().map(|problem| problem.problem).collect()
    }

    #[test]
    fn times_outside_the_usual_ranges_are_named() {
        type Case<'a> = ((i32, i32, i32, u32), &'a [&'a str]);
        let cases: [Case<'_>; 10] = [
            ((3_600, 900, 604_800, 300), &[]),
            ((86_400, 7_200, 3_600_000, 86_400), &[]),
            ((1_200, 180, 1_209_600, 3_600), &[]),
            ((600, 300, 1_209_600, 3_600), &["refresh_out_of_range"]),
            ((172_800, 7_200, 3_600_000, 3_600), &["refresh_out_of_range"]),
            ((7_200, 7_200, 1_209_600, 3_600), &["retry_out_of_range"]),
            ((7_200, 0, 1_209_600, 3_600), &["retry_out_of_range"]),
            ((7_200, 900, 86_400, 3_600), &["expire_out_of_range"]),
            ((7_200, 900, 1_209_600, 60), &["minimum_out_of_range"]),
            ((7_200, 900, 1_209_600, 604_800), &["minimum_out_of_range"]),
        ];
        for (times, expected) in cases {
            assert_eq!(found(times, "ns1.esempio.example.", "dns.esempio.example."), expected, "{times:?}");
        }
    }

    #[test]
    fn a_primary_that_is_no_name_server_and_a_contact_that_is_no_address_are_named() {
        let usual = (7_200, 900, 1_209_600, 3_600);
        assert_eq!(found(usual, "hidden.esempio.example.", "dns.esempio.example."), ["primary_not_a_server"]);
        assert_eq!(found(usual, "NS1.Esempio.Example.", "dns.esempio.example."), [""; 0]);
        for contact in [".", "admin.", "admin@esempio.example."] {
            assert_eq!(found(usual, "ns1.esempio.example.", contact), ["contact_invalid"], "{contact}");
        }
    }
}
