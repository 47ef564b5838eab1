//! Keys and signatures by BIND's tools, and what happens to a zone after it was signed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::zone::{Denial, Key, ParentSays, Signing, Tampering, Zone};
use super::zone_file::origin;
use crate::program::{printed, run};

/// An algorithm number that IANA has given to nobody.
const UNKNOWN_ALGORITHM: u8 = 200;
/// The word of an RRSIG record that names the signer: NAME TTL IN RRSIG, then seven fields before it.
const SIGNER: usize = 11;

/// One key of each kind that the zones want. A key file names its zone, and nothing else in it depends on that.
pub(super) struct Keys {
    folder: PathBuf,
    stems: BTreeMap<Key, String>,
}

impl Keys {
    /// Makes them, all at once.
    pub(super) fn make(wanted: &[Key], folder: &Path) -> Self {
        let making = |key: &Key| {
            let mut command = Command::new("dnssec-keygen");
            command.args(["-q", "-f", "KSK", "-n", "ZONE", "-a", key.algorithm()]);
            if let Some(bits) = key.bits() {
                command.args(["-b", bits]);
            }
            let stem = printed(command.arg("-K").arg(folder).arg("made.test"));
            (*key, stem.trim().to_owned())
        };
        let stems = std::thread::scope(|scope| {
            let threads: Vec<_> = wanted.iter().map(|key| scope.spawn(move || making(key))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        Self { folder: folder.to_owned(), stems }
    }

    /// Lays the key of a kind as a zone's own into a folder; answers its file without an ending.
    pub(super) fn lay(&self, key: Key, zone: &str, into: &Path) -> PathBuf {
        let stem = &self.stems[&key];
        let tail = stem.strip_prefix("Kmade.test.").unwrap();
        let own = into.join(format!("K{}{tail}", origin(zone)));
        let text = std::fs::read_to_string(self.folder.join(format!("{stem}.key"))).unwrap();
        std::fs::write(with_ending(&own, "key"), text.replace("made.test.", &origin(zone))).unwrap();
        std::fs::copy(self.folder.join(format!("{stem}.private")), with_ending(&own, "private")).unwrap();
        own
    }

    /// Its DNSKEY record at a zone.
    pub(super) fn record(&self, key: Key, zone: &str) -> String {
        let text = std::fs::read_to_string(self.folder.join(format!("{}.key", self.stems[&key]))).unwrap();
        let line = text.lines().find(|line| line.contains("DNSKEY")).unwrap();
        line.replace("made.test.", &origin(zone))
    }
}

fn with_ending(stem: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", stem.display()))
}

/// Signs a zone file; answers what its parent says of it.
pub(super) fn sign(zone: &Zone, signing: &Signing, keys: &Keys, unsigned: &Path, signed: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let key = keys.lay(signing.key, zone.name, folder.path());
    let mut text = std::fs::read_to_string(unsigned).unwrap();
    text.push_str(&format!("{}\n", keys.record(signing.key, zone.name)));
    std::fs::write(unsigned, text).unwrap();
    let mut command = Command::new("dnssec-signzone");
    // One key for all; no check at the end, since some zones are to fail it; one record a line.
    command.args(["-q", "-z", "-P", "-O", "full", "-n", "1", "-o", &origin(zone.name)]);
    let (from, until) = signing.valid;
    command.args(["-s", &format!("now{from:+}"), "-e", &format!("now{until:+}")]);
    if let Denial::Nsec3 { iterations, salt } = signing.denial {
        command.args(["-3", salt, "-H", &iterations.to_string()]);
    }
    command.arg("-d").arg(folder.path()).arg("-f").arg(signed).arg(unsigned).arg(with_ending(&key, "key"));
    run(&mut command);
    if !signing.tampering.is_empty() {
        let mut text = std::fs::read_to_string(signed).unwrap();
        for tampering in signing.tampering {
            text = tampered(&text, tampering, zone.name);
        }
        std::fs::write(signed, text).unwrap();
    }
    parent_says(signing, zone, keys, folder.path(), &key)
}

fn parent_says(signing: &Signing, zone: &Zone, keys: &Keys, folder: &Path, key: &Path) -> String {
    let digest = |algorithm: &str, key: &Path| {
        printed(Command::new("dnssec-dsfromkey").args(["-a", algorithm]).arg(with_ending(key, "key")))
    };
    // NAME IN DS TAG ALGORITHM TYPE DIGEST
    let changed = |field: usize, value: &str| {
        let text = digest("SHA-256", key);
        let mut words: Vec<&str> = text.split_whitespace().collect();
        words[field] = value;
        format!("{}\n", words.join(" "))
    };
    match signing.parent {
        ParentSays::Digest => digest("SHA-256", key),
        ParentSays::Sha1 => digest("SHA-1", key),
        ParentSays::Sha384 => digest("SHA-384", key),
        ParentSays::Nothing => String::new(),
        ParentSays::OtherKey => digest("SHA-256", &keys.lay(Key::OtherEcdsaP256, zone.name, folder)),
        ParentSays::WrongDigest => changed(6, &"5A".repeat(32)),
        ParentSays::WrongAlgorithm => changed(4, if signing.key == Key::EcdsaP384 { "13" } else { "14" }),
        ParentSays::UnknownAlgorithm => changed(4, &UNKNOWN_ALGORITHM.to_string()),
    }
}

fn tampered(text: &str, tampering: &Tampering, zone: &str) -> String {
    let lines = text.lines().filter_map(|line| {
        // NAME TTL IN TYPE DATA...; the data of a signature begins with the type that it covers.
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, _, _, kind, data @ ..] = words.as_slice() else { return Some(line.to_owned()) };
        let covered = if *kind == "RRSIG" { data.first().copied().unwrap_or_default() } else { "" };
        let is_at = |relative: &str| *name == format!("{relative}.{zone}.");
        match *tampering {
            Tampering::StripSignatures(over) => (covered != over).then(|| line.to_owned()),
            Tampering::StripSignatureAt(at, over) => (covered != over || !is_at(at)).then(|| line.to_owned()),
            Tampering::DamageSignatures(over) if covered == over => Some(damaged(&words)),
            Tampering::DamageSignatureAt(at, over) if covered == over && is_at(at) => Some(damaged(&words)),
            Tampering::DamageSignatures(_) | Tampering::DamageSignatureAt(..) => Some(line.to_owned()),
            Tampering::Remove(gone) => (*kind != gone && covered != gone).then(|| line.to_owned()),
            Tampering::Signer(signer) if !covered.is_empty() => {
                let mut words = words.clone();
                words[SIGNER] = signer;
                Some(words.join(" "))
            }
            Tampering::Signer(_) => Some(line.to_owned()),
        }
    });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

/// The record with other bytes in the first word of its signature.
fn damaged(words: &[&str]) -> String {
    let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let signature = &mut words[SIGNER + 1];
    let turned = if signature.starts_with('A') { "B" } else { "A" };
    signature.replace_range(..1, turned);
    words.join(" ")
}

impl Key {
    const fn algorithm(self) -> &'static str {
        match self {
            Self::RsaSha1Of2048 => "RSASHA1",
            Self::RsaSha256Of1024 | Self::RsaSha256Of2048 => "RSASHA256",
            Self::RsaSha512Of2048 => "RSASHA512",
            Self::EcdsaP256 | Self::OtherEcdsaP256 => "ECDSAP256SHA256",
            Self::EcdsaP384 => "ECDSAP384SHA384",
            Self::Ed25519 => "ED25519",
            Self::Ed448 => "ED448",
        }
    }

    const fn bits(self) -> Option<&'static str> {
        match self {
            Self::RsaSha256Of1024 => Some("1024"),
            Self::RsaSha1Of2048 | Self::RsaSha256Of2048 | Self::RsaSha512Of2048 => Some("2048"),
            Self::EcdsaP256 | Self::OtherEcdsaP256 | Self::EcdsaP384 | Self::Ed25519 | Self::Ed448 => None,
        }
    }

    /// Its number (IANA).
    pub const fn number(self) -> u8 {
        match self {
            Self::RsaSha1Of2048 => 5,
            Self::RsaSha256Of1024 | Self::RsaSha256Of2048 => 8,
            Self::RsaSha512Of2048 => 10,
            Self::EcdsaP256 | Self::OtherEcdsaP256 => 13,
            Self::EcdsaP384 => 14,
            Self::Ed25519 => 15,
            Self::Ed448 => 16,
        }
    }
}
