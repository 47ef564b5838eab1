//! The system's own resolvers: the `nameserver` lines of `/etc/resolv.conf` (resolv.conf(5)), on Windows those of the interfaces.

use std::net::{IpAddr, SocketAddr};

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::word::Reason;

use crate::{ProbeContext, platform};

/// Where the system lists its resolvers, below the root folder.
const FILE: &str = "etc/resolv.conf";
/// Port of resolvers that the system names.
const PORT: u16 = 53;
/// Most resolvers that are used, as in the system's own library.
const RESOLVERS_MAX: usize = 3;
/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 65_536;

/// The resolvers that the system names, in its order.
///
/// # Errors
/// [`Reason::NO_RESOLVER`] when the file cannot be read or names none.
pub(super) fn resolvers(context: &ProbeContext) -> Result<Vec<SocketAddr>, ProbeError> {
    if let Some(addresses) = platform::resolvers().filter(|_| context.is_live()) {
        let resolvers = addresses.into_iter().take(RESOLVERS_MAX).map(|address| SocketAddr::new(address, PORT));
        let resolvers: Vec<SocketAddr> = resolvers.collect();
        let none = || ProbeError::new("resolve", Reason::NO_RESOLVER, "no interface names a resolver");
        return if resolvers.is_empty() { Err(none()) } else { Ok(resolvers) };
    }
    let path = context.root.join(FILE);
    let none = |cause: &dyn std::fmt::Display| {
        ProbeError::new("resolve", Reason::NO_RESOLVER, format!("{}: {cause}", path.display()))
    };
    let size = std::fs::metadata(&path).map_err(|error| none(&error))?.len();
    if size > FILE_BYTES_MAX {
        return Err(none(&format_args!("larger than {FILE_BYTES_MAX} bytes")));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| none(&error))?;
    let resolvers = parse(&text);
    if resolvers.is_empty() { Err(none(&"names no resolver")) } else { Ok(resolvers) }
}

fn parse(text: &str) -> Vec<SocketAddr> {
    let server = |line: &str| {
        let mut words = line.split(['#', ';']).next()?.split_whitespace();
        if words.next()? != "nameserver" {
            return None;
        }
        // A zone behind the address (`fe80::1%eth0`) names an interface, which a question cannot be bound to here.
        Some(SocketAddr::new(words.next()?.parse::<IpAddr>().ok()?, PORT))
    };
    text.lines().filter_map(server).take(RESOLVERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nameserver_lines_count_and_others_do_not() {
        let text = "# nameserver 192.0.2.9\nsearch example.test\n nameserver 192.0.2.1 ; first\nnameserver\t2001:db8::1\n\
                    nameserver none\noptions edns0\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n";
        let expected: Vec<SocketAddr> = ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.3:53"]
            .iter()
            .map(|text| text.parse().expect("address"))
            .collect();
        assert_eq!(parse(text), expected);
    }
}
