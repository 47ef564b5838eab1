//! A tree of the DNS of the test's own: root, `test`, `arpa` and the zones below, as data ([`zones`]), with the servers that
//! serve them, signed by BIND's tools and broken as real ones are; mail and web servers for those that have some.
//!
//! It lives in a network of its own ([`crate::network::alone`]), so that every server stands at its true port and has an
//! address that counts as public. Name servers are NSD's, the resolver is unbound, which validates. Only what no real server
//! does on purpose is ours: relays that misbehave ([`clumsy`]), and mail and web servers that only greet.

pub mod certificates;
pub mod clumsy;
mod mail_server;
mod name_servers;
pub mod place;
mod signing;
mod web_server;
pub mod zone;
mod zone_file;
pub mod zones;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use self::certificates::Certificates;
pub use self::name_servers::RESOLVER;
use self::name_servers::{Daemon, Served, nsd, unbound};
use self::place::Place;
use self::signing::Keys;
use self::zone::{Key, Zone};
use self::zone_file::origin;

/// Threads that sign.
const SIGNERS: usize = 4;

/// A tree that stands. Everything ends with it, or with this process.
pub struct Tree {
    folder: TempDir,
    _programs: Vec<Daemon>,
}

/// Where the file of each zone is, and what stands in it.
struct Files {
    /// Of every server but the second.
    first: String,
    /// Of the second server.
    second: String,
}

impl Tree {
    /// Plants these zones, and starts everything.
    pub fn grow(zones: &[Zone]) -> Self {
        place::settle();
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let certificates = Arc::new(Certificates::new());
        std::fs::write(at.join("roots.pem"), certificates.root()).unwrap();
        let mut zones = zones.to_vec();
        zones.extend([zones::TOP, zones::ARPA, zones::ROOT]);
        // Children before their parents, which hold the digests of their keys.
        zones.sort_by_key(|zone| std::cmp::Reverse(depth(zone.name)));
        let anchor = plant(&zones, at, &certificates);
        write_anchors(at, &anchor);
        let mut programs = name_servers(&zones, at);
        programs.push(unbound(at));
        clumsy::start();
        mail_server::start(&certificates);
        web_server::start(&certificates, &zones);
        programs.iter_mut().for_each(Daemon::until_listening);
        Self { folder, _programs: programs }
    }

    /// The root's servers, as `named.root` has them.
    pub fn hints(&self) -> PathBuf {
        self.folder.path().join("hints")
    }

    /// The root's key, as a DNSKEY record.
    pub fn anchor(&self) -> PathBuf {
        self.folder.path().join("anchor")
    }

    /// The same as delv wants it.
    pub fn anchor_of_bind(&self) -> PathBuf {
        self.folder.path().join("anchor.bind")
    }

    /// The authority of the mail and web servers, as PEM.
    pub fn roots(&self) -> PathBuf {
        self.folder.path().join("roots.pem")
    }

    /// A folder that lasts as long as the tree.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn depth(name: &str) -> usize {
    if name.is_empty() { 0 } else { name.split('.').count() }
}

/// The nearest of these zones above a name.
fn parent<'a>(name: &str, zones: &'a [Zone]) -> &'a Zone {
    let above = |zone: &&Zone| zone.name.is_empty() || name.ends_with(&format!(".{}", zone.name));
    zones.iter().filter(above).max_by_key(|zone| depth(zone.name)).unwrap()
}

/// Writes and signs the files of every zone; answers the root's DNSKEY record.
fn plant(zones: &[Zone], folder: &Path, certificates: &Certificates) -> String {
    let mut kinds: Vec<Key> = zones.iter().filter_map(|zone| Some(zone.signing?.key)).collect();
    kinds.extend([Key::EcdsaP256, Key::OtherEcdsaP256]);
    kinds.sort();
    kinds.dedup();
    let keys_folder = folder.join("keys");
    std::fs::create_dir(&keys_folder).unwrap();
    let keys = Keys::make(&kinds, &keys_folder);
    let filled = |text: &str| fill(text, certificates);
    let mut delegations: BTreeMap<&str, String> = BTreeMap::new();
    let mut depths: Vec<usize> = zones.iter().map(|zone| depth(zone.name)).collect();
    depths.dedup();
    for depth_now in depths {
        let now: Vec<&Zone> = zones.iter().filter(|zone| depth(zone.name) == depth_now).collect();
        let one = |zone: &Zone| {
            let below = delegations.get(zone.name).map_or("", String::as_str);
            one_zone(zone, below, &filled, &keys, folder)
        };
        let said: Vec<(&Zone, String)> = std::thread::scope(|scope| {
            let share = now.len().div_ceil(SIGNERS);
            let threads: Vec<_> = now
                .chunks(share)
                .map(|share| scope.spawn(|| share.iter().map(|zone| (*zone, one(zone))).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        for (zone, said) in said.into_iter().filter(|(zone, _)| !zone.name.is_empty()) {
            delegations.entry(parent(zone.name, zones).name).or_default().push_str(&said);
        }
    }
    keys.record(Key::EcdsaP256, "")
}

/// Writes and signs one zone; answers what its parent says of it.
fn one_zone(zone: &Zone, below: &str, filled: &(dyn Fn(&str) -> String + Sync), keys: &Keys, folder: &Path) -> String {
    let files = files(zone);
    let mut said = zone_file::delegation(zone);
    let mut versions = vec![(&files.first, zone.start, zone.records)];
    if let Some((start, records)) = zone.second {
        versions.push((&files.second, start, records));
    }
    let mut digest = String::new();
    for (file, start, records) in versions {
        let text = zone_file::text(zone, start, &filled(records), below);
        match &zone.signing {
            None => std::fs::write(folder.join(file), text).unwrap(),
            Some(signing) => {
                let unsigned = folder.join(format!("{file}.unsigned"));
                std::fs::write(&unsigned, text).unwrap();
                digest = signing::sign(zone, signing, keys, &unsigned, &folder.join(file));
            }
        }
    }
    said.push_str(&digest);
    said
}

fn files(zone: &Zone) -> Files {
    let first = format!("{}.zone", if zone.name.is_empty() { "root" } else { zone.name });
    let second = if zone.second.is_some() { format!("{first}.second") } else { first.clone() };
    Files { first, second }
}

/// Fills in addresses of places and digests of keys.
fn fill(text: &str, certificates: &Certificates) -> String {
    let mut text =
        text.replace("{key}", &certificates.key_digest()).replace("{authority}", &certificates.authority_digest());
    for place in Place::ALL {
        text = text.replace(&format!("{{{place:?}}}"), place.v4());
        if let Some(address) = place.v6() {
            text = text.replace(&format!("{{{place:?}6}}"), address);
        }
    }
    // What a macro of SPF looks like is meant so.
    assert!(!text.replace("%{", "").contains('{'), "nothing stands for a part of: {text}");
    text
}

fn write_anchors(folder: &Path, record: &str) {
    let (v4, v6) = (Place::Root.v4(), Place::Root.v6().unwrap());
    let hints = format!(". 3600 IN NS ns1.\nns1. 3600 IN A {v4}\nns1. 3600 IN AAAA {v6}\n");
    std::fs::write(folder.join("hints"), hints).unwrap();
    std::fs::write(folder.join("anchor"), format!("{record}\n")).unwrap();
    // . IN DNSKEY FLAGS PROTOCOL ALGORITHM KEY...
    let (_, data) = record.split_once("DNSKEY").unwrap();
    let words: Vec<&str> = data.split_whitespace().collect();
    let [flags, protocol, algorithm, key @ ..] = words.as_slice() else { panic!("no key: {record}") };
    let key = key.concat();
    let bind = format!("trust-anchors {{ \".\" static-key {flags} {protocol} {algorithm} \"{key}\"; }};\n");
    std::fs::write(folder.join("anchor.bind"), bind).unwrap();
}

/// Who serves what.
fn name_servers(zones: &[Zone], folder: &Path) -> Vec<Daemon> {
    let files: BTreeMap<&str, Files> = zones.iter().map(|zone| (zone.name, files(zone))).collect();
    let serve = |name: &str, places: &[Place], second: bool, wanted: &dyn Fn(&Zone) -> bool| {
        let served: Vec<Served<'_>> = zones
            .iter()
            .filter(|zone| wanted(zone))
            .map(|zone| {
                let files = &files[zone.name];
                let file = if second { &files.second } else { &files.first };
                Served { name: origin(zone.name), file, transfer: zone.open_transfer }
            })
            .collect();
        nsd(name, places, &served, folder)
    };
    let is_at = |zone: &Zone, places: &[Place]| {
        let places_of_zone = || zone.servers.iter().filter_map(|server| server.place);
        places_of_zone().any(|place| places.contains(&place))
    };
    let top = |zone: &Zone| depth(zone.name) < 2;
    // Relays ask the first server; what only the third has is no business of theirs.
    let only_third = |zone: &Zone| zone.servers.iter().all(|server| server.place == Some(Place::C));
    vec![
        serve("nsd-root", &[Place::Root], false, &|zone| zone.name.is_empty()),
        serve("nsd-top", &[Place::Top], false, &|zone| depth(zone.name) == 1),
        serve("nsd-a", &[Place::A, Place::BesideA], false, &|zone| !top(zone) && !only_third(zone)),
        serve("nsd-b", &[Place::B, Place::Private], true, &|zone| !top(zone) && !only_third(zone)),
        serve("nsd-c", &[Place::C], false, &|zone| !top(zone) && is_at(zone, &[Place::C])),
    ]
}
