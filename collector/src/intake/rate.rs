//! How often agents and addresses may come: token buckets in bounded tables.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use vedetta_core::ids::AgentId;

/// How many may come at once, and how quickly room for more returns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// At once.
    pub burst: u32,
    /// One more after this time.
    pub every: Duration,
}

/// Report sessions, renewals and leaves of one agent.
pub const CALLS_OF_AGENT: Rate = Rate { burst: 20, every: Duration::from_secs(2) };
/// Batches of one agent.
pub const BATCHES_OF_AGENT: Rate = Rate { burst: 100, every: Duration::from_millis(50) };
/// Enrolments from one address (one /64 with IPv6).
pub const ENROLMENTS_OF_ADDRESS: Rate = Rate { burst: 10, every: Duration::from_secs(6) };
/// Enrolments in all.
pub const ENROLMENTS: Rate = Rate { burst: 50, every: Duration::from_millis(100) };
/// Most keys in one table; when it is full, those whose bucket is full again are forgotten.
pub const KEYS_MAX: usize = 16_384;

/// The tables.
#[derive(Debug, Default)]
pub struct Rates {
    calls: Buckets<AgentId>,
    batches: Buckets<AgentId>,
    addresses: Buckets<IpAddr>,
    enrolments: Buckets<()>,
}

impl Rates {
    /// Whether an agent may make one more call; else how long it has to wait.
    ///
    /// # Errors
    /// The time to wait.
    pub fn call(&self, agent: AgentId) -> Result<(), Duration> {
        self.calls.take(agent, CALLS_OF_AGENT)
    }

    /// Whether an agent may send one more batch; else how long it has to wait.
    ///
    /// # Errors
    /// The time to wait.
    pub fn batch(&self, agent: AgentId) -> Result<(), Duration> {
        self.batches.take(agent, BATCHES_OF_AGENT)
    }

    /// Ends when an agent may send one more batch, which then counts. Its sessions take their turns one by one.
    pub async fn batch_turn(&self, agent: AgentId) {
        while let Err(wait) = self.batch(agent) {
            tokio::time::sleep(wait).await;
        }
    }

    /// Whether one more enrolment may be tried from an address; else how long it has to wait.
    ///
    /// # Errors
    /// The time to wait.
    pub fn enrolment(&self, address: IpAddr) -> Result<(), Duration> {
        self.addresses.take(network(address), ENROLMENTS_OF_ADDRESS)?;
        self.enrolments.take((), ENROLMENTS)
    }
}

/// The part of an address that one owner usually holds.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => IpAddr::V4(mapped),
            None => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        },
    }
}

/// One table: for each key, the moment at which its bucket is full again.
#[derive(Debug)]
struct Buckets<Key>(Mutex<HashMap<Key, Instant>>);

impl<Key> Default for Buckets<Key> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<Key: Eq + Hash> Buckets<Key> {
    fn take(&self, key: Key, rate: Rate) -> Result<(), Duration> {
        self.take_at(key, rate, Instant::now())
    }

    fn take_at(&self, key: Key, rate: Rate, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= KEYS_MAX && !full_at.contains_key(&key) {
            full_at.retain(|_, full| *full > now);
            if full_at.len() >= KEYS_MAX {
                return Err(rate.every);
            }
        }
        let own = full_at.entry(key).or_insert(now);
        let next = (*own).max(now) + rate.every;
        let latest = now + rate.every * rate.burst;
        if next > latest {
            return Err(next - latest);
        }
        *own = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_room_returns_slowly() {
        let rate = Rate { burst: 3, every: Duration::from_secs(1) };
        let (buckets, start) = (Buckets::default(), Instant::now());
        let taken = (0..5).filter(|_| buckets.take_at('a', rate, start).is_ok()).count();
        assert_eq!(taken, 3);
        let later = start + Duration::from_millis(1_100);
        assert!(buckets.take_at('a', rate, later).is_ok());
        assert!(buckets.take_at('a', rate, later).is_err());
        assert!(buckets.take_at('b', rate, later).is_ok());
    }

    #[tokio::test]
    async fn batches_that_wait_take_their_turns_one_by_one() {
        let (rates, agent) = (Rates::default(), AgentId::new(uuid::Uuid::from_u128(1)));
        while rates.batch(agent).is_ok() {}
        let start = Instant::now();
        let turns: [_; 5] = std::array::from_fn(|_| rates.batch_turn(agent));
        let [first, second, third, fourth, fifth] = turns;
        tokio::join!(first, second, third, fourth, fifth);
        assert!(start.elapsed() >= BATCHES_OF_AGENT.every * 4, "{:?}", start.elapsed());
    }

    #[test]
    fn neighbours_in_one_network_share_a_bucket() {
        for (one, other, same) in [
            ("2001:db8::1", "2001:db8::2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("192.0.2.1", "192.0.2.2", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
        ] {
            assert_eq!(network(one.parse().unwrap()) == network(other.parse().unwrap()), same, "{one} {other}");
        }
    }
}
