//! The host's own addresses and the names that its `hosts` file gives them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use crate::platform::{self, HOSTS_FILE};

/// Longest file that is read, in bytes; the rest is not looked at.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// What the host itself is on the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnHost {
    /// Addresses of its interfaces.
    pub addresses: BTreeSet<IpAddr>,
    /// Names by its `hosts` file.
    pub hosts_file: BTreeMap<String, Vec<IpAddr>>,
    /// Its host name, shown to people and never an identity.
    pub name: String,
}

impl OwnHost {
    /// Reads the running host's files beneath `root`, on Windows also its interfaces; what cannot be read allows nothing.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let hosts_file = parse_hosts(&text(root, HOSTS_FILE));
        if let Some((name, addresses)) = platform::own_host() {
            return Self { addresses, hosts_file, name };
        }
        let mut addresses = parse_fib_trie(&text(root, "proc/net/fib_trie"));
        addresses.extend(parse_if_inet6(&text(root, "proc/net/if_inet6")));
        Self { addresses, hosts_file, name: text(root, "proc/sys/kernel/hostname").trim().to_owned() }
    }
}

fn text(root: &Path, path: &str) -> String {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(root.join(path)).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
    match read {
        Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            tracing::debug!("cannot read /{path}: {error}");
            String::new()
        }
    }
}

/// Local IPv4 addresses from the kernel's routing trie: a leaf line `|-- ADDRESS` followed by `/32 host LOCAL`.
#[must_use]
pub fn parse_fib_trie(text: &str) -> BTreeSet<IpAddr> {
    let mut leaf: Option<Ipv4Addr> = None;
    let mut addresses = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse().ok();
        } else if line == "/32 host LOCAL" {
            addresses.extend(leaf.map(IpAddr::V4));
        }
    }
    addresses
}

/// IPv6 addresses of the interfaces: the first column, 32 hexadecimal digits.
#[must_use]
pub fn parse_if_inet6(text: &str) -> BTreeSet<IpAddr> {
    let address = |line: &str| {
        let digits = line.split_ascii_whitespace().next().filter(|digits| digits.len() == 32)?;
        u128::from_str_radix(digits, 16).ok().map(|bits| IpAddr::V6(Ipv6Addr::from(bits)))
    };
    text.lines().filter_map(address).collect()
}

/// Names and addresses of a `hosts` file (hosts(5)), names in lower case.
#[must_use]
pub fn parse_hosts(text: &str) -> BTreeMap<String, Vec<IpAddr>> {
    let mut names: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_ascii_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse::<IpAddr>().ok()) else { continue };
        for name in words {
            names.entry(name.to_ascii_lowercase()).or_default().push(address);
        }
    }
    names
}
