//! Which packet filters the kernel has, and which chains it calls for incoming packets.

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::super::netlink::{Attributes, Malformed, NetlinkError, Table, number_at};
use crate::files::Root;

/// Largest list of modules, in bytes.
const MODULES_BYTES_MAX: u64 = 1024 * 1024;
/// Kernel modules without which no rule can be in force.
const MODULES: &[&str] = &["nf_tables", "ip_tables", "ip6_tables"];
/// Most tables, and most chains, that are read.
const ROWS_MAX: usize = 65_536;
/// Tables of iptables whose chains may drop incoming packets; `nat` only translates addresses.
const FILTERING: &[&str] = &["filter", "mangle", "raw", "security"];
const TRANSLATING: &[&str] = &["nat"];
/// Largest list of tables, in bytes.
const NAMES_BYTES_MAX: u64 = 4_096;

/// The family of netlink that holds the packet filter (`NETLINK_NETFILTER`), and the number of nftables in it.
const NETLINK_NETFILTER: isize = 12;
const SUBSYSTEM: u16 = 10 << 8;
const GET_TABLE: u16 = SUBSYSTEM | 1;
const GET_CHAIN: u16 = SUBSYSTEM | 4;
/// Bytes of `nfgenmsg`, after which the attributes begin.
const HEAD_BYTES: usize = 4;
/// Attributes of a table: name, flags; the flag of a table that sleeps.
const TABLE_NAME: u16 = 1;
const TABLE_FLAGS: u16 = 2;
const TABLE_DORMANT: u32 = 1;
/// Attributes of a chain: table, name, hook and in it number and priority, policy, number of rules, type.
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const HOOK_NUMBER: u16 = 1;
const HOOK_PRIORITY: u16 = 2;
const CHAIN_POLICY: u16 = 5;
const CHAIN_USE: u16 = 6;
const CHAIN_TYPE: u16 = 7;
/// Hooks for incoming packets, by their numbers in each family: before routing and to this host, and at the network
/// interface, before either.
const HOOKS: &[u32] = &[0, 1];
const HOOK_BEFORE_ROUTING: u32 = 0;
const HOOK_INTERFACE: u32 = 0;
const HOOK_INTERFACE_OF_INET: u32 = 5;
/// Numbers of errors: the kernel has no netfilter, or no nftables; the rights do not suffice.
const PROTOCOL_NOT_SUPPORTED: i32 = 93;
const INVALID: i32 = 22;
const NOT_PERMITTED: i32 = 1;

/// A chain of nftables that the kernel calls for incoming packets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KernelChain {
    /// `ip`, `ip6`, `inet` or `netdev`.
    pub(super) family: &'static str,
    pub(super) table: String,
    pub(super) name: String,
    pub(super) hook: u32,
    pub(super) priority: i32,
    pub(super) drops_by_policy: bool,
    pub(super) rule_count: u32,
}

impl KernelChain {
    /// Whether it is one of those that `iptables` makes in nftables.
    pub(super) fn is_of_iptables(&self) -> bool {
        ["ip", "ip6"].contains(&self.family)
            && FILTERING.contains(&self.table.as_str())
            && ["INPUT", "PREROUTING"].contains(&self.name.as_str())
    }

    /// Whether it stands at network interfaces of its own, whose packets alone it sees.
    pub(super) fn is_at_interface(&self) -> bool {
        self.family == "netdev" || self.hook == HOOK_INTERFACE_OF_INET
    }

    /// The tool that made it.
    pub(super) fn tool(&self) -> &'static str {
        match self.table.as_str() {
            "firewalld" => "firewalld",
            _ if self.is_of_iptables() => "iptables",
            _ => "nftables",
        }
    }

    /// Whether it can drop anything.
    pub(super) const fn is_in_force(&self) -> bool {
        self.drops_by_policy || self.rule_count > 0
    }
}

/// Whether the running kernel has neither loaded nor built in a packet filter; false when that cannot be told.
pub(crate) fn kernel_has_none(root: &Root) -> bool {
    let read = |path: &str| root.read_text(path, MODULES_BYTES_MAX).ok().filter(|text| !text.is_empty());
    let Some(release) = read("/proc/sys/kernel/osrelease") else { return false };
    let built_in = read(&format!("/lib/modules/{}/modules.builtin", release.trim()));
    let (Some(loaded), Some(built_in)) = (read("/proc/modules"), built_in) else { return false };
    MODULES.iter().all(|module| {
        let is_loaded = loaded.lines().any(|line| line.split(' ').next() == Some(module));
        !is_loaded && !built_in.contains(&format!("/{module}.ko"))
    })
}

/// The chains of nftables for incoming packets of the caller's network namespace, those of sleeping tables left out. None
/// when the kernel has no nftables.
///
/// # Errors
/// `needs_privilege` without the right to administer the network, else `unreadable`.
pub(super) fn chains() -> Result<Vec<KernelChain>, Unknown> {
    let question =
        |what, kind| Table { what, protocol: NETLINK_NETFILTER, kind, body: &[0; HEAD_BYTES], rows_max: ROWS_MAX };
    let sleeping = question("tables of the packet filter", GET_TABLE).dump(sleeping_table);
    let chains = sleeping.and_then(|sleeping| {
        let mut chains = question("chains of the packet filter", GET_CHAIN).dump(chain)?;
        chains.retain(|chain| !sleeping.iter().any(|(family, name)| *family == chain.family && *name == chain.table));
        Ok(chains)
    });
    match chains {
        Ok(mut chains) => {
            chains.sort_by_key(|chain| (chain.hook, chain.priority));
            Ok(chains)
        }
        Err(error) => none_or_unknown(&error).map(|()| Vec::new()),
    }
}

/// Whether the older iptables, which nftables does not know of, has tables that may drop incoming packets.
///
/// # Errors
/// `needs_privilege` or `unreadable` when the list of tables is there and cannot be read.
pub(super) fn has_older_tables(root: &Root, family: &str) -> Result<bool, Unknown> {
    has_older(root, family, FILTERING)
}

/// Whether the older iptables has a table that translates addresses.
///
/// # Errors
/// As [`has_older_tables`].
pub(super) fn has_older_translation(root: &Root, family: &str) -> Result<bool, Unknown> {
    has_older(root, family, TRANSLATING)
}

fn has_older(root: &Root, family: &str, wanted: &[&str]) -> Result<bool, Unknown> {
    let path = format!("/proc/net/{family}_tables_names");
    match root.read_text(&path, NAMES_BYTES_MAX) {
        Ok(names) => Ok(names.lines().any(|name| wanted.contains(&name))),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.to_unknown()),
    }
}

/// The families of nftables that have a chain in which addresses of incoming packets are translated.
///
/// # Errors
/// As [`chains`].
pub(super) fn translating_families() -> Result<Vec<&'static str>, Unknown> {
    let what = "chains of the packet filter";
    let question =
        Table { what, protocol: NETLINK_NETFILTER, kind: GET_CHAIN, body: &[0; HEAD_BYTES], rows_max: ROWS_MAX };
    match question.dump(translating_chain) {
        Ok(families) => Ok(families),
        Err(error) => none_or_unknown(&error).map(|()| Vec::new()),
    }
}

/// Nothing where the kernel has no nftables; else why it does not answer.
fn none_or_unknown(error: &NetlinkError) -> Result<(), Unknown> {
    match error.code() {
        Some(PROTOCOL_NOT_SUPPORTED | INVALID) => Ok(()),
        Some(NOT_PERMITTED) => {
            Err(Unknown::new(Reason::NEEDS_PRIVILEGE, "only an administrator may read the rules of the packet filter"))
        }
        _ => Err(unreadable(error)),
    }
}

/// Reads any bytes as the answers of the kernel: nothing of them may break the reader. For fuzzing.
pub(super) fn fuzz(bytes: &[u8]) {
    let _table = sleeping_table(bytes);
    let _chain = (chain(bytes), translating_chain(bytes));
}

fn unreadable(error: &NetlinkError) -> Unknown {
    Unknown::new(Reason::UNREADABLE, error.to_string())
}

/// The family of a table for incoming packets of the Internet protocol.
fn family(body: &[u8]) -> Option<&'static str> {
    match body.first() {
        Some(1) => Some("inet"),
        Some(2) => Some("ip"),
        Some(5) => Some("netdev"),
        Some(10) => Some("ip6"),
        _ => None,
    }
}

fn sleeping_table(body: &[u8]) -> Result<Option<(&'static str, String)>, Malformed> {
    let attributes = Attributes::after(body, HEAD_BYTES)?;
    let flags = number(&attributes, TABLE_FLAGS)?.unwrap_or_default();
    let named = family(body).zip(attributes.text(TABLE_NAME)?);
    Ok(named.filter(|_| flags & TABLE_DORMANT != 0))
}

fn translating_chain(body: &[u8]) -> Result<Option<&'static str>, Malformed> {
    let attributes = Attributes::after(body, HEAD_BYTES)?;
    let Some(hook) = attributes.find(CHAIN_HOOK)? else { return Ok(None) };
    let is_before_routing = number(&Attributes::after(hook, 0)?, HOOK_NUMBER)? == Some(HOOK_BEFORE_ROUTING);
    let translates = attributes.text(CHAIN_TYPE)?.is_some_and(|kind| kind == "nat");
    Ok(family(body).filter(|_| is_before_routing && translates))
}

fn chain(body: &[u8]) -> Result<Option<KernelChain>, Malformed> {
    let attributes = Attributes::after(body, HEAD_BYTES)?;
    let Some(hook) = attributes.find(CHAIN_HOOK)? else { return Ok(None) };
    let hook = Attributes::after(hook, 0)?;
    let (number_of_hook, priority) = (number(&hook, HOOK_NUMBER)?, number(&hook, HOOK_PRIORITY)?);
    let is_filter = attributes.text(CHAIN_TYPE)?.is_some_and(|kind| kind == "filter");
    let names = attributes.text(CHAIN_TABLE)?.zip(attributes.text(CHAIN_NAME)?);
    let (Some(family), Some((table, name)), Some(hook)) = (family(body), names, number_of_hook) else {
        return Ok(None);
    };
    let is_incoming = match family {
        "netdev" => hook == HOOK_INTERFACE,
        "inet" => HOOKS.contains(&hook) || hook == HOOK_INTERFACE_OF_INET,
        _ => HOOKS.contains(&hook),
    };
    Ok((is_filter && is_incoming).then_some(KernelChain {
        family,
        table,
        name,
        hook,
        priority: priority.unwrap_or_default().cast_signed(),
        drops_by_policy: number(&attributes, CHAIN_POLICY)? == Some(0),
        rule_count: number(&attributes, CHAIN_USE)?.unwrap_or_default(),
    }))
}

/// A number in the attributes of the packet filter: they stand in the order of bytes of the network.
fn number(attributes: &Attributes<'_>, kind: u16) -> Result<Option<u32>, Malformed> {
    Ok(attributes.find(kind)?.and_then(|bytes| number_at(bytes, 0)).map(u32::from_be_bytes))
}
