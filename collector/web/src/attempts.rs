//! Limits on attempts to log in with a passphrase: for each source address, so that nobody shuts the others out; for each
//! account, so that nobody guesses one; and in all, so that nobody keeps the hashing busy.
//!
//! One-time links are not counted: their secret has 256 bits, so nobody guesses one, and they stay the way in while an
//! account is closed.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Most attempts from one source address within [`MINUTE`]; a whole office may stand behind one.
pub(crate) const SOURCE_ATTEMPTS_MAX: usize = 20;
/// Most attempts on one account within [`ACCOUNT_WINDOW`].
pub(crate) const ACCOUNT_ATTEMPTS_MAX: usize = 8;
/// The time over which the attempts on one account are counted.
const ACCOUNT_WINDOW: SignedDuration = SignedDuration::from_mins(ACCOUNT_MINUTES);
const ACCOUNT_MINUTES: i64 = 15;
/// Most attempts in all within [`MINUTE`]: hashing them all takes less than half of one processor.
pub(crate) const ALL_ATTEMPTS_MAX: usize = 300;
/// The time over which attempts from one source, and all attempts, are counted.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Most names, and most sources, whose attempts are remembered; beyond it the oldest is forgotten.
const KEPT_MAX: usize = 8_192;
/// Within the time of one account there are fewer attempts than names remembered, so nobody can make one forgotten.
const _: () = assert!(ALL_ATTEMPTS_MAX * (ACCOUNT_MINUTES as usize) < KEPT_MAX);

/// The attempts of the last minutes.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    all: Vec<Timestamp>,
    by_source: BTreeMap<IpAddr, Vec<Timestamp>>,
    by_name: BTreeMap<String, Vec<Timestamp>>,
}

impl Attempts {
    /// Counts one attempt on an account from a source; `false`: too many, wait. An attempt that its source may not make
    /// counts for nobody else. `None`: the server does not tell whence requests come.
    pub(crate) fn allow(&self, name: &str, source: Option<IpAddr>, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let may_source = source
            .is_none_or(|source| count_of(&mut counted.by_source, network(source), SOURCE_ATTEMPTS_MAX, MINUTE, now));
        may_source
            && count(&mut counted.all, ALL_ATTEMPTS_MAX, MINUTE, now)
            && count_of(&mut counted.by_name, name.to_owned(), ACCOUNT_ATTEMPTS_MAX, ACCOUNT_WINDOW, now)
    }

    /// Counts one attempt on the account of whoever is logged in already; `false`: too many, wait.
    pub(crate) fn allow_own(&self, name: &str, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count_of(&mut counted.by_name, name.to_owned(), ACCOUNT_ATTEMPTS_MAX, ACCOUNT_WINDOW, now)
    }

    /// Forgets the attempts on one account, after it was let in.
    pub(crate) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_name.remove(name);
    }
}

/// What is counted as one source: an IPv4 address, or the 64 leading bits of an IPv6 address, because one connection
/// has all addresses behind them (RFC 6177).
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

fn count_of<K: Ord + Clone>(
    counted: &mut BTreeMap<K, Vec<Timestamp>>,
    key: K,
    limit: usize,
    window: SignedDuration,
    now: Timestamp,
) -> bool {
    if counted.len() >= KEPT_MAX && !counted.contains_key(&key) {
        counted.retain(|_, times| times.last().is_some_and(|last| within(*last, window, now)));
        if counted.len() >= KEPT_MAX {
            let oldest = counted.iter().min_by_key(|(_, times)| times.last().copied()).map(|(key, _)| key.clone());
            oldest.and_then(|key| counted.remove(&key));
        }
    }
    count(counted.entry(key).or_default(), limit, window, now)
}

fn count(times: &mut Vec<Timestamp>, limit: usize, window: SignedDuration, now: Timestamp) -> bool {
    times.retain(|time| within(*time, window, now));
    if times.len() >= limit {
        return false;
    }
    times.push(now);
    true
}

/// A clock that was set back does not lock anybody out: a moment ahead of now no longer counts.
fn within(time: Timestamp, window: SignedDuration, now: Timestamp) -> bool {
    let age = now.duration_since(time);
    age >= SignedDuration::ZERO && age < window
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    fn source(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn one_account_is_closed_after_its_attempts_and_opens_again_after_the_window() {
        let attempts = Attempts::default();
        assert!((0..ACCOUNT_ATTEMPTS_MAX).all(|_| attempts.allow("anna", None, at(0))));
        assert!(!attempts.allow("anna", None, at(1)));
        assert!(attempts.allow("bruno", None, at(1)));
        assert!(attempts.allow("anna", None, at(15 * 60)));
    }

    #[test]
    fn many_names_together_reach_the_limit_on_all() {
        let attempts = Attempts::default();
        assert!((0..ALL_ATTEMPTS_MAX).all(|number| attempts.allow(&format!("n{number}"), None, at(0))));
        assert!(!attempts.allow("another", None, at(0)));
        assert!(attempts.allow("another", None, at(60)));
    }

    #[test]
    fn one_source_that_tries_without_end_shuts_nobody_else_out() {
        let attempts = Attempts::default();
        for number in 0..2 * ALL_ATTEMPTS_MAX {
            let is_allowed = attempts.allow(&format!("n{number}"), source("192.0.2.1"), at(0));
            assert_eq!(is_allowed, number < SOURCE_ATTEMPTS_MAX, "{number}");
        }
        assert!(attempts.allow("anna", source("192.0.2.2"), at(0)));
        assert!(attempts.allow("anna", source("192.0.2.1"), at(60)));
    }

    #[test]
    fn the_addresses_of_one_connection_are_one_source() {
        for (one, other, is_same) in [
            ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            let networks = [one, other].map(|text| network(text.parse().expect("an address")));
            assert_eq!(networks[0] == networks[1], is_same, "{one} {other}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut counted = BTreeMap::new();
        for number in 0..KEPT_MAX + 10 {
            assert!(count_of(&mut counted, number, 1, MINUTE, at(0)));
        }
        assert_eq!(counted.len(), KEPT_MAX);
    }

    #[test]
    fn being_let_in_clears_the_account() {
        let attempts = Attempts::default();
        for _ in 0..ACCOUNT_ATTEMPTS_MAX {
            attempts.allow("anna", None, at(0));
        }
        attempts.forget("anna");
        assert!(attempts.allow("anna", None, at(1)));
    }
}
