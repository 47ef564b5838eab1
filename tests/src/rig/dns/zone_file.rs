//! Zone files: what a zone holds, and what its parent says of it.

use super::place::Place;
use super::zone::{Glue, NameServer, Zone};

/// Time to live of every record, in seconds.
const TTL: u32 = 3_600;

/// The file of a zone, with the records of its children's delegations.
pub(super) fn text(zone: &Zone, start: &str, records: &str, delegations: &str) -> String {
    let mut text = format!("$ORIGIN {}\n$TTL {TTL}\n@ SOA {start}\n", origin(zone.name));
    for server in zone.servers.iter().filter(|server| server.in_zone) {
        text.push_str(&format!("@ NS {}\n", server.name));
    }
    // An address stands once, whoever lists the name.
    for server in zone.servers.iter().filter(|server| is_relative(server.name)) {
        text.push_str(&addresses(server.name, server.place));
    }
    text.push_str(records);
    text.push('\n');
    text.push_str(delegations);
    text
}

/// What the parent zone says of a zone, without the digest of its key.
pub(super) fn delegation(zone: &Zone) -> String {
    let child = origin(zone.name);
    let mut text = String::new();
    for server in zone.servers.iter().filter(|server| server.in_parent) {
        let name = whole(server, zone.name);
        text.push_str(&format!("{child} NS {name}\n"));
        if !is_relative(server.name) {
            continue;
        }
        match server.glue {
            Glue::Same => text.push_str(&addresses(&name, server.place)),
            Glue::At(place) => text.push_str(&addresses(&name, Some(place))),
            Glue::Missing => {}
        }
    }
    text
}

/// A zone's name with its last dot.
pub(super) fn origin(name: &str) -> String {
    if name.is_empty() { ".".to_owned() } else { format!("{name}.") }
}

fn whole(server: &NameServer, zone: &str) -> String {
    if is_relative(server.name) { format!("{}.{}", server.name, origin(zone)) } else { server.name.to_owned() }
}

fn is_relative(name: &str) -> bool {
    !name.ends_with('.')
}

fn addresses(name: &str, place: Option<Place>) -> String {
    let Some(place) = place else { return String::new() };
    let mut text = format!("{name} A {}\n", place.v4());
    if let Some(address) = place.v6() {
        text.push_str(&format!("{name} AAAA {address}\n"));
    }
    text
}
