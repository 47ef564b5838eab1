//! Usual names of services, from the shipped table `services.csv`.

/// The shipped table.
const TABLE: &str = include_str!("services.csv");

/// Name and kind of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownService {
    /// Its name: `postgresql`.
    pub(crate) name: &'static str,
    /// Its kind: `database`.
    pub(crate) kind: &'static str,
}

/// What programs of one service may serve beside it: dnsmasq other duties of a network, a screen for VNC the protocol of X.
const OTHER_DUTIES: &[(&str, &[&str])] = &[("dns", &["tftp", "dhcp"]), ("vnc", &["x11"])];
/// What is neither known by its program nor by its port.
const OTHER: KnownService = KnownService { name: "other", kind: "other" };

/// The service of a socket: by the programs that hold it, else by its port.
pub(crate) fn find<'a>(programs: impl Iterator<Item = &'a str>, protocol: &str, port: u16) -> KnownService {
    let by_program = programs.into_iter().find_map(|program| row(2, program));
    let by_port = || row(3, &format!("{port}/{protocol}"));
    // For these the port decides, which is then the usual one.
    let duties = OTHER_DUTIES.iter().find(|(name, _)| by_program.is_some_and(|known| known.name == *name));
    let other_duty = duties.and_then(|(_, duties)| by_port().filter(|known| duties.contains(&known.name)));
    other_duty.or(by_program).or_else(by_port).unwrap_or(OTHER)
}

/// The first row that has the word in a column of words.
fn row(column: usize, word: &str) -> Option<KnownService> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split(',')).find_map(|fields| {
        let wanted = fields.clone().nth(column)?.split(' ').any(|listed| listed == word && !word.is_empty());
        let mut fields = fields;
        wanted.then_some(KnownService { name: fields.next()?, kind: fields.next()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_decides_before_the_port() {
        for (programs, protocol, port, name, kind) in [
            (&["postgres"][..], "tcp", 80, "postgresql", "database"),
            (&["systemd", "sshd"], "tcp", 2222, "ssh", "remote_admin"),
            (&["dnsmasq"], "udp", 69, "tftp", "clear_text_login"),
            (&["Xtigervnc"], "tcp", 6001, "x11", "remote_admin"),
            (&["dnsmasq"], "udp", 5353, "dns", "name_service"),
            (&["systemd"], "tcp", 23, "telnet", "clear_text_login"),
            (&[], "udp", 161, "snmp", "management"),
            (&[], "tcp", 161, "other", "other"),
            (&["strange"], "tcp", 54321, "other", "other"),
            (&[""], "tcp", 54321, "other", "other"),
        ] {
            assert_eq!(
                find(programs.iter().copied(), protocol, port),
                KnownService { name, kind },
                "{programs:?} {port}"
            );
        }
    }

    #[test]
    fn no_program_and_no_port_stands_in_two_rows() {
        let rows: Vec<Vec<&str>> =
            TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split(',').collect()).collect();
        for column in [2, 3] {
            let mut words: Vec<&str> =
                rows.iter().flat_map(|row| row[column].split(' ')).filter(|word| !word.is_empty()).collect();
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count, "column {column}");
        }
        assert!(rows.iter().all(|row| row.len() == 4));
    }
}
