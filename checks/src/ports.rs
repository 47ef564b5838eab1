//! Lists of ports as short texts of evidence: `22,80,8000-8010`. Agents write them, the collector reads them when it puts
//! what a host says of itself beside what others see of it.

use std::collections::BTreeSet;

/// Label of evidence for the TCP ports on which a host waits for others, as it says itself.
pub const BOUND: &str = "bound_ports";
/// Label of evidence for the TCP ports that were tried from elsewhere.
pub const TRIED: &str = "tried_ports";
/// Label of evidence for the TCP ports that answered there.
pub const REACHED: &str = "reached_ports";

/// Ports that are worth trying at any host: remote administration, files, databases, printers, management, and the few that
/// public servers have.
pub const USUAL: [u16; 46] = [
    21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 512, 513, 514, 548, 587, 631, 873, 993, 1433, 1521,
    1883, 2049, 2375, 3128, 3306, 3389, 5432, 5900, 5984, 5985, 6000, 6379, 8000, 8080, 8443, 9090, 9100, 9200, 10000,
    11211, 11434, 27017,
];

/// Longest text of a list, in bytes; a fact of evidence takes 256.
const TEXT_BYTES_MAX: usize = 200;

/// Writes a set of ports as texts, each short enough for a fact of evidence.
#[must_use]
pub fn write(ports: &BTreeSet<u16>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for (first, last) in runs(ports) {
        let piece = if first == last { first.to_string() } else { format!("{first}-{last}") };
        match texts.last_mut().filter(|text| text.len() + 1 + piece.len() <= TEXT_BYTES_MAX) {
            Some(text) => {
                text.push(',');
                text.push_str(&piece);
            }
            None => texts.push(piece),
        }
    }
    texts
}

/// Reads what [`write()`] wrote; none when a text has another form.
#[must_use]
pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<BTreeSet<u16>> {
    let mut ports = BTreeSet::new();
    for piece in texts.into_iter().flat_map(|text| text.split(',')).filter(|piece| !piece.is_empty()) {
        let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
        let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
        ports.extend(first..=last);
    }
    Some(ports)
}

/// The ports as runs of neighbours.
fn runs(ports: &BTreeSet<u16>) -> Vec<(u16, u16)> {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for port in ports {
        match runs.last_mut().filter(|(_, last)| last.checked_add(1) == Some(*port)) {
            Some((_, last)) => *last = *port,
            None => runs.push((*port, *port)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let all: BTreeSet<u16> = (1..=u16::MAX).filter(|port| port % 7 < 3).collect();
        for ports in [BTreeSet::new(), BTreeSet::from([22, 80, 81, 82, 443, 65535]), all] {
            let texts = write(&ports);
            assert!(texts.iter().all(|text| text.len() <= TEXT_BYTES_MAX));
            assert_eq!(read(texts.iter().map(String::as_str)), Some(ports));
        }
        assert_eq!(write(&BTreeSet::from([22, 80, 81, 82])), ["22,80-82"]);
    }

    #[test]
    fn another_form_is_no_list() {
        for text in ["ssh", "1-", "70000", "1-2-3", "-1"] {
            assert_eq!(read([text]), None, "{text}");
        }
    }
}
