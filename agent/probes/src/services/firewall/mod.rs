//! The packet filter that stands before the sockets: which one is in force, and what it does with packets of strangers.
//!
//! The kernel tells which chains it calls for incoming packets (`input`, and `prerouting` before it); when none of them can
//! drop anything, that is the answer. Otherwise their rules are read: with `nft` those of nftables and so of firewalld, with
//! `iptables-save` those of iptables, old and new, and so of ufw. Rules that cannot be read make the answer unknown,
//! never "open" and never "filtered".
//!
//! A chain at a network interface (`netdev`, `ingress`) makes the answer unknown where the others let a packet pass.
//! Packets that the host sends on (a published port of a container) are told by `translation`. Not looked at: filters of
//! bridges, XDP and filters of programs by themselves.

mod evaluate;
mod iptables;
mod iptables_matches;
mod kernel;
mod nft;
mod nft_terms;
mod rules;
mod sources;
#[cfg(test)]
mod tests;
mod translation;
mod view;

pub(super) use translation::Translations;
pub(super) use view::{Door, View};

use vedetta_checks::fact::{Fact, Unknown};

use self::kernel::KernelChain;
pub(crate) use self::kernel::kernel_has_none;
use self::rules::Ruleset;
use super::facts::FirewallFacts;
use super::interfaces::Interfaces;
use crate::files::Root;

/// The tools that make rules, the one that people use first: ufw and firewalld are made of the others.
const TOOLS: &[&str] = &["firewalld", "ufw", "nftables", "iptables"];

/// The packet filter in force.
pub(super) struct Firewall {
    state: Result<State, Unknown>,
    /// Its rules for incoming packets; empty when none are in force.
    rules: Result<Ruleset, Unknown>,
}

/// Which packet filter is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    /// `nftables`, `ufw`, `firewalld`, `iptables` or `none`.
    tool: &'static str,
    /// Whether rules on incoming packets are in force.
    is_active: bool,
}

/// Reads the packet filter of the caller's network namespace.
pub(super) fn look(root: &Root) -> Firewall {
    match Asked::of_kernel(root) {
        Ok(asked) => {
            let rules = sources::ruleset(&asked);
            let by_rules = rules.as_ref().map(|rules| State::of(rules.base.iter().map(|chain| chain.tool)));
            // Without the rules, the kernel's own chains still tell who made them.
            let by_kernel = |unknown: &Unknown| match asked.chains.is_empty() {
                true => Err(unknown.clone()),
                false => Ok(State::of(asked.chains.iter().map(KernelChain::tool))),
            };
            Firewall { state: by_rules.or_else(by_kernel), rules }
        }
        Err(unknown) => Firewall { state: Err(unknown.clone()), rules: Err(unknown) },
    }
}

/// The word of the packet filter in force; none when nothing stops incoming packets.
///
/// # Errors
/// Why it cannot be told.
pub(super) fn in_force(root: &Root) -> Result<Option<&'static str>, Unknown> {
    look(root).state.map(|state| state.is_active.then_some(state.tool))
}

/// Reads any bytes as the answers of the kernel, of `nft` and of `iptables-save`: nothing of them may break the readers.
pub(super) fn fuzz(bytes: &[u8]) {
    kernel::fuzz(bytes);
    sources::fuzz(&String::from_utf8_lossy(bytes));
}

impl State {
    /// The state when these tools have chains in force: the one that people use comes before what it is made of.
    fn of(tools: impl Iterator<Item = &'static str> + Clone) -> Self {
        let found = TOOLS.iter().find(|tool| tools.clone().any(|one| one == **tool));
        found.map_or(Self { tool: "none", is_active: false }, |tool| Self { tool, is_active: true })
    }
}

impl Firewall {
    /// What the probe tells of it.
    pub(super) fn facts(&self, view: &View<'_>) -> FirewallFacts {
        FirewallFacts {
            tool: to_fact(self.state.clone().map(|state| state.tool.to_owned())),
            active: to_fact(self.state.clone().map(|state| state.is_active)),
            default_incoming: view.default_incoming(),
        }
    }

    /// What it does with packets that come in by these interfaces.
    pub(super) fn view<'a>(&'a self, interfaces: &'a Interfaces) -> View<'a> {
        View::new(self.rules.as_ref(), interfaces)
    }
}

fn to_fact<T>(known: Result<T, Unknown>) -> Fact<T> {
    known.map_or_else(Fact::Unknown, Fact::Known)
}

/// What the kernel says of its packet filters.
struct Asked {
    /// Chains of nftables that can drop something.
    chains: Vec<KernelChain>,
    /// Whether the older iptables has tables that may drop something, for IPv4 and IPv6.
    has_older: [bool; 2],
}

impl Asked {
    fn of_kernel(root: &Root) -> Result<Self, Unknown> {
        if kernel_has_none(root) {
            return Ok(Self { chains: Vec::new(), has_older: [false, false] });
        }
        let mut chains = kernel::chains()?;
        chains.retain(KernelChain::is_in_force);
        Ok(Self { chains, has_older: [kernel::has_older_tables(root, "ip")?, kernel::has_older_tables(root, "ip6")?] })
    }
}
