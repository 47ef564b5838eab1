//! Listening sockets of Windows: the kernel's tables, the programs that hold the sockets, and whether any firewall
//! stands before them. Its rules are not read, so how far a socket can be reached is known only where no firewall is
//! on.

#[cfg(any(windows, test))]
use std::collections::BTreeMap;
#[cfg(any(windows, test))]
use std::net::IpAddr;

use vedetta_checks::catalogue::ProbeError;
#[cfg(any(windows, test))]
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::ServicesFacts;
#[cfg(any(windows, test))]
use super::facts::{FirewallFacts, ListeningSocket, SocketOwner};
#[cfg(any(windows, test))]
use super::{HOST, Scope, exposed, known};
use crate::host_declared::HostDeclared;

/// The ports that Windows hands to programs that ask for any, unless somebody changed it (RFC 6335; "The default
/// dynamic port range for TCP/IP has changed", learn.microsoft.com).
#[cfg(windows)]
const CLIENT_PORTS: std::ops::RangeInclusive<i64> = 49_152..=65_535;
/// Most sockets that are told of; a server of a Comune has a few hundred.
#[cfg(any(windows, test))]
const SOCKETS_MAX: usize = 4_096;
/// Folder of the profiles of persons, below the letter of a drive.
#[cfg(any(windows, test))]
const PROFILES: &str = ":\\users\\";

/// One row of the kernel's tables.
#[cfg(any(windows, test))]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct BoundRow {
    /// `tcp` or `udp`.
    protocol: &'static str,
    /// Bound port.
    port: u16,
    /// Bound address.
    address: IpAddr,
    /// Number of the process that holds it.
    pid: u32,
}

/// What the kernel listed, or why it is not believed: no Windows is without a socket that waits, since its RPC endpoint
/// mapper holds 135/tcp and cannot be stopped. An empty list is a table that could not be seen, and never "no open
/// sockets".
///
/// # Errors
/// [`Unknown`] when there is no row at all.
#[cfg(any(windows, test))]
fn believed(rows: Vec<BoundRow>) -> Result<Vec<BoundRow>, Unknown> {
    if rows.is_empty() {
        let why = "the tables of TCP and UDP hold no waiting socket, and every Windows has one on 135/tcp";
        return Err(Unknown::new(Reason::UNREADABLE, why));
    }
    Ok(rows)
}

/// Programs by the numbers of their processes: the path of the executable where it could be seen, else its name.
#[cfg(any(windows, test))]
type Programs = BTreeMap<u32, String>;

/// The sockets, sorted, each once. Windows lists a socket for both families once in each, so that a row of IPv6 stands
/// for IPv6 alone.
#[cfg(any(windows, test))]
fn sockets(mut rows: Vec<BoundRow>, programs: &Programs, firewall: &Fact<bool>) -> Vec<ListeningSocket> {
    rows.sort();
    rows.dedup();
    rows.truncate(SOCKETS_MAX);
    let filtered = match firewall {
        Fact::Known(false) => Fact::Known(false),
        Fact::Known(true) => {
            Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "the rules of the Windows firewall are not read")
        }
        Fact::Unknown(unknown) => Fact::Unknown(unknown.clone()),
    };
    rows.iter().map(|row| described(row, programs, &filtered)).collect()
}

#[cfg(any(windows, test))]
fn described(row: &BoundRow, programs: &Programs, filtered: &Fact<bool>) -> ListeningSocket {
    let program = programs.get(&row.pid);
    let name = program.map(|program| program_name(program));
    let service = known::find(name.iter().map(String::as_str), row.protocol, row.port);
    let scope = Scope::of(row.address, None);
    ListeningSocket {
        protocol: row.protocol.to_owned(),
        address: row.address.to_string(),
        port: i64::from(row.port),
        scope: scope.word().to_owned(),
        v6only: row.address.is_ipv6(),
        interfaces: Vec::new(),
        namespace: HOST.to_owned(),
        service: service.name.to_owned(),
        kind: service.kind.to_owned(),
        owners: match program {
            Some(program) => Fact::Known(vec![SocketOwner {
                pid: i64::from(row.pid),
                executable: without_person(program),
                package: Fact::unknown(Reason::DOES_NOT_APPLY, "programs of Windows belong to no package"),
            }]),
            None => Fact::unknown(Reason::NOT_FOUND, format!("process {} was not seen", row.pid)),
        },
        exposed: exposed(scope, HOST, filtered),
        filtered: filtered.clone(),
    }
}

/// Name of a program as the list of services has it: the last part of its path, in small letters and without `.exe`.
#[cfg(any(windows, test))]
fn program_name(program: &str) -> String {
    let name = program.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
    name.strip_suffix(".exe").map_or_else(|| name.clone(), str::to_owned)
}

/// The path of a program; below the profile of a person it is `~` alone, since a person named what lies there.
#[cfg(any(windows, test))]
fn without_person(program: &str) -> String {
    let lower = program.to_lowercase();
    if lower.get(1..).is_some_and(|rest| rest.starts_with(PROFILES)) { "~".to_owned() } else { program.to_owned() }
}

/// What stands before the sockets, from whether the firewall is on and what its profiles do with incoming connections.
#[cfg(any(windows, test))]
fn firewall(active: Fact<bool>, incoming: [Fact<String>; 3]) -> FirewallFacts {
    let [domain, private, public] = incoming;
    let default_incoming = match (&active, domain == private && private == public) {
        (Fact::Known(false), _) => Fact::Known("accept".to_owned()),
        (Fact::Unknown(unknown), _) => Fact::Unknown(unknown.clone()),
        (Fact::Known(true), true) => domain.map(|word| if word == "allow" { "accept" } else { "drop" }.to_owned()),
        (Fact::Known(true), false) => Fact::Unknown(Unknown::new(
            Reason::UNSUPPORTED_SYSTEM,
            "which profile of the firewall holds now is not read",
        )),
    };
    let tool = active.clone().map(|active| if active { "windows" } else { "none" }.to_owned());
    FirewallFacts { tool, active, default_incoming }
}

/// Lists the sockets of this Windows.
///
/// # Errors
/// [`ProbeError`] when the kernel does not list them.
#[cfg(windows)]
pub(super) fn look(declared: &HostDeclared) -> Result<ServicesFacts, ProbeError> {
    use super::{bound_ports, declared_ports, exposed_count};

    let unreadable = |why: Unknown| ProbeError::new("list the sockets", why.reason, why.detail);
    let (rows, programs) = listening().map_err(unreadable)?;
    let (active, incoming) = crate::windows::firewall_before_sockets();
    let sockets = sockets(rows, &programs, &active);
    let only_linux = |detail: &str| Unknown::new(Reason::DOES_NOT_APPLY, detail);
    Ok(ServicesFacts {
        exposed_count: exposed_count(&sockets),
        bound_ports: bound_ports(&sockets),
        unix: Fact::Unknown(only_linux("sockets of this kind are not listed by Windows")),
        firewall: firewall(active, incoming),
        services: Vec::new(),
        declared: declared_ports::facts(&sockets, declared.ports.as_deref(), Some(&CLIENT_PORTS)),
        container_count: Fact::Unknown(only_linux("containers of Windows are not looked into")),
        sockets,
    })
}

/// There is no Windows to ask.
#[cfg(not(windows))]
pub(super) fn look(_declared: &HostDeclared) -> Result<ServicesFacts, ProbeError> {
    Err(ProbeError::new("list the sockets", Reason::DOES_NOT_APPLY, "this host does not run Windows"))
}

/// Asks the kernel for its tables, and for the programs.
///
/// # Errors
/// [`Unknown`] when the tables cannot be read or are empty: without them no socket is told of, and never "none".
#[cfg(windows)]
fn listening() -> Result<(Vec<BoundRow>, Programs), Unknown> {
    use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, TcpState, get_sockets_info};

    let families = AddressFamilyFlags::IPV4 | AddressFamilyFlags::IPV6;
    let infos = get_sockets_info(families, ProtocolFlags::TCP | ProtocolFlags::UDP)
        .map_err(|error| Unknown::new(Reason::UNREADABLE, format!("tables of sockets: {error}")))?;
    let mut rows = Vec::new();
    for info in infos {
        let (protocol, address, port) = match info.protocol_socket_info {
            ProtocolSocketInfo::Tcp(tcp) if tcp.state == TcpState::Listen => ("tcp", tcp.local_addr, tcp.local_port),
            ProtocolSocketInfo::Tcp(_) => continue,
            ProtocolSocketInfo::Udp(udp) => ("udp", udp.local_addr, udp.local_port),
        };
        let pid = info.associated_pids.first().copied().unwrap_or_default();
        rows.push(BoundRow { protocol, port, address, pid });
    }
    let rows = believed(rows)?;
    let programs = programs(rows.iter().map(|row| row.pid))?;
    Ok((rows, programs))
}

#[cfg(windows)]
fn programs(pids: impl Iterator<Item = u32>) -> Result<Programs, Unknown> {
    use std::collections::BTreeSet;
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

    let failed = |error: sysinfo::Error| Unknown::new(Reason::UNREADABLE, format!("list of processes: {error}"));
    let wanted: BTreeSet<u32> = pids.collect();
    let mut system = System::new().map_err(failed)?;
    let kind = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always);
    let _count = system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let program = |pid: &u32| {
        let process = system.process(Pid::from_u32(*pid))?;
        let path = process.exe().map(|path| path.to_string_lossy().into_owned()).filter(|path| !path.is_empty());
        Some((*pid, path.unwrap_or_else(|| process.name().to_string_lossy().into_owned())))
    };
    Ok(wanted.iter().filter_map(program).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(protocol: &'static str, address: &str, port: u16, pid: u32) -> BoundRow {
        BoundRow { protocol, port, address: address.parse().expect("an address"), pid }
    }

    fn programs() -> Programs {
        [
            (4, "System".to_owned()),
            (1_204, r"C:\Program Files\Microsoft SQL Server\MSSQL16\MSSQL\Binn\sqlservr.exe".to_owned()),
            (2_020, r"D:\Users\Zelindo\Downloads\server.exe".to_owned()),
        ]
        .into()
    }

    #[test]
    fn sockets_are_told_with_their_programs_and_without_persons() {
        let rows = vec![
            row("tcp", "0.0.0.0", 14_330, 1_204),
            row("tcp", "::", 445, 4),
            row("tcp", "127.0.0.1", 5_000, 2_020),
            row("udp", "0.0.0.0", 5_353, 77),
            row("tcp", "::", 445, 4),
        ];
        let sockets = sockets(rows, &programs(), &Fact::Known(false));
        let seen: Vec<_> = sockets
            .iter()
            .map(|socket| {
                let owner = socket.owners.known().and_then(|owners| owners.first());
                (
                    socket.port,
                    socket.scope.as_str(),
                    socket.service.as_str(),
                    owner.map(|owner| owner.executable.as_str()),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                (445, "any", "samba", Some("System")),
                (5_000, "loopback", "other", Some("~")),
                (
                    14_330,
                    "any",
                    "mssql",
                    Some(r"C:\Program Files\Microsoft SQL Server\MSSQL16\MSSQL\Binn\sqlservr.exe")
                ),
                (5_353, "any", "mdns", None),
            ]
        );
    }

    #[test]
    fn tables_without_a_single_waiting_socket_are_not_believed() {
        for (rows, expected) in [
            (Vec::new(), Err(Reason::UNREADABLE)),
            // One of the two protocols may well be without.
            (vec![row("tcp", "0.0.0.0", 135, 900)], Ok(1)),
            (vec![row("udp", "0.0.0.0", 5_353, 77)], Ok(1)),
        ] {
            let told = believed(rows).map(|rows| rows.len()).map_err(|why| why.reason);
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn how_far_a_socket_is_reached_is_known_only_without_a_firewall() {
        let exposed_with = |firewall: Fact<bool>| {
            let rows = vec![row("tcp", "0.0.0.0", 445, 4), row("tcp", "127.0.0.1", 445, 4)];
            let told = |socket: &ListeningSocket| match &socket.exposed {
                Fact::Known(exposed) => Ok(*exposed),
                Fact::Unknown(why) => Err(why.reason.clone()),
            };
            sockets(rows, &programs(), &firewall).iter().map(told).collect::<Vec<_>>()
        };
        // The loopback comes last: addresses are sorted within a port.
        assert_eq!(exposed_with(Fact::Known(false)), [Ok(true), Ok(false)]);
        assert_eq!(exposed_with(Fact::Known(true)), [Err(Reason::UNSUPPORTED_SYSTEM), Ok(false)]);
        let unknown = Fact::unknown(Reason::NO_PROGRAM, "x");
        assert_eq!(exposed_with(unknown), [Err(Reason::NO_PROGRAM), Ok(false)]);
    }

    #[test]
    fn what_the_firewall_does_is_told_where_its_profiles_agree() {
        let word = |word: &str| Fact::Known(word.to_owned());
        let block = || word("block");
        for (active, incoming, tool, default) in [
            (Fact::Known(true), [block(), block(), block()], word("windows"), Ok("drop")),
            (Fact::Known(true), [word("allow"), block(), block()], word("windows"), Err(Reason::UNSUPPORTED_SYSTEM)),
            (Fact::Known(false), [block(), block(), block()], word("none"), Ok("accept")),
        ] {
            let facts = firewall(active, incoming);
            assert_eq!(facts.tool, tool);
            let seen = match &facts.default_incoming {
                Fact::Known(word) => Ok(word.as_str()),
                Fact::Unknown(why) => Err(why.reason.clone()),
            };
            assert_eq!(seen, default);
        }
    }
}
