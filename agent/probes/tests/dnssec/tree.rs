//! A tree of the DNS: zones written, signed by BIND's tools, spoilt where the case wants it, and served.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::servers::{self, Server};

/// Where iteration begins; every server stands at this address.
pub(crate) const HINTS: &str = ". 3600 NS ns.tree.\nns.tree. 3600 A 127.0.0.1\n";

/// One zone.
#[derive(Clone, Copy)]
pub(crate) struct Zone {
    /// Complete, with its last dot.
    pub(crate) name: &'static str,
    pub(crate) records: &'static str,
    /// What `dnssec-keygen` is told for each key: algorithm first; none for an unsigned zone.
    pub(crate) keys: &'static [&'static [&'static str]],
    /// What `dnssec-signzone` is told besides.
    pub(crate) signing: &'static [&'static str],
    /// What the parent zone says of the keys.
    pub(crate) parent: Parent,
    /// What is spoilt after signing.
    pub(crate) edits: &'static [Edit],
}

/// What a parent zone says of a zone's keys.
#[derive(Clone, Copy)]
pub(crate) enum Parent {
    /// These digests.
    Digests(&'static [&'static str]),
    /// A digest of SHA-256 with one word changed: 4 is the algorithm, 5 the digest's type, 6 the digest.
    Changed(usize, &'static str),
    /// A digest of SHA-256 whose digest is changed, beside a right one of SHA-1.
    WrongBesideSha1,
    /// The digest of a key that the zone does not have.
    OtherKey,
    /// The digest of a key that the zone does not have, beside a right one.
    OtherBeside,
    /// A digest that is changed, beside a right one of the same key.
    WrongBeside,
    /// Nothing.
    Nothing,
}

/// What is spoilt in a signed zone.
#[derive(Clone, Copy)]
pub(crate) enum Edit {
    /// Records of this type leave, with their signatures.
    Remove(&'static str),
    /// The signature of a name (relative, `@` for the zone) and type leaves.
    Strip(&'static str, &'static str),
    /// The signature of a name and type gets other bytes; every name for `*`.
    Damage(&'static str, &'static str),
    /// Every signature names another signer.
    Signer(&'static str),
    /// One text stands for another wherever it is.
    Replace(&'static str, &'static str),
}

/// Serves a tree.
pub(crate) struct Tree {
    pub(crate) authority: SocketAddr,
    pub(crate) resolver: SocketAddr,
    /// The root's trust anchor as a DNSKEY record.
    pub(crate) anchor: String,
    /// The same in a file as BIND wants it.
    pub(crate) anchor_for_delv: PathBuf,
    _resolver: Server,
    _authority: Server,
    _folder: TempDir,
}

impl Tree {
    /// Writes, signs and serves the zones.
    pub(crate) fn plant(zones: &[Zone]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut zones: Vec<(Zone, String)> = zones.iter().map(|zone| (*zone, zone.records.to_owned())).collect();
        // Children first: their parents hold their digests.
        zones.sort_by_key(|(zone, _)| std::cmp::Reverse(depth(zone.name)));
        for at in 0..zones.len() {
            let (zone, records) = zones[at].clone();
            let digests = write(folder.path(), &zone, &records);
            let parent =
                zones.iter_mut().filter(|(other, _)| zone.name != other.name && is_below(zone.name, other.name));
            let Some((_, above)) = parent.max_by_key(|(other, _)| depth(other.name)) else { continue };
            above.push_str(&format!("\n{} NS ns.tree.\n{digests}", zone.name));
        }
        let names: Vec<String> = zones.iter().map(|(zone, _)| zone.name.to_owned()).collect();
        let anchor = std::fs::read_to_string(folder.path().join("anchor")).expect("the root's key");
        let words: Vec<&str> = anchor.split_whitespace().collect();
        let text = format!(
            "trust-anchors {{ . static-key {} {} {} \"{}\"; }};\n",
            words[3],
            words[4],
            words[5],
            words[6..].concat()
        );
        let anchor_for_delv = folder.path().join("anchor.bind");
        std::fs::write(&anchor_for_delv, text).expect("a trust anchor");
        let authority = servers::authority(folder.path(), &names);
        let resolver = servers::resolver(folder.path(), authority.address, &folder.path().join("anchor"));
        Self {
            authority: authority.address,
            resolver: resolver.address,
            anchor,
            anchor_for_delv,
            _resolver: resolver,
            _authority: authority,
            _folder: folder,
        }
    }
}

fn depth(name: &str) -> usize {
    name.split('.').filter(|label| !label.is_empty()).count()
}

fn is_below(name: &str, other: &str) -> bool {
    other == "." || name.ends_with(&format!(".{other}"))
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("BIND's tools are needed: run `make setup-test`");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes and signs one zone; answers what its parent says of its keys.
fn write(folder: &Path, zone: &Zone, records: &str) -> String {
    let mut text = format!(
        "$ORIGIN {0}\n$TTL 300\n@ SOA ns.tree. host.tree. 1 7200 3600 1209600 300\n@ NS ns.tree.\n{records}\n",
        zone.name
    );
    let signed = folder.join(format!("{}signed", zone.name));
    if zone.keys.is_empty() {
        std::fs::write(&signed, text).expect("a zone file");
        return String::new();
    }
    let own = tempfile::tempdir().expect("a temporary folder");
    let keys: Vec<PathBuf> = zone.keys.iter().map(|key| make_key(own.path(), zone.name, key)).collect();
    for key in &keys {
        text.push_str(&std::fs::read_to_string(key).expect("a key"));
    }
    let unsigned = own.path().join("unsigned");
    std::fs::write(&unsigned, &text).expect("a zone file");
    let mut command = Command::new("dnssec-signzone");
    command.args(["-q", "-P", "-O", "full", "-n", "1", "-o", zone.name]);
    if keys.len() == 1 {
        command.arg("-z");
    }
    command.args(zone.signing).arg("-d").arg(own.path()).arg("-f").arg(&signed).arg(&unsigned).args(&keys);
    run(&mut command);
    if !zone.edits.is_empty() {
        let text = std::fs::read_to_string(&signed).expect("the signed zone");
        std::fs::write(&signed, zone.edits.iter().fold(text, |text, edit| edited(&text, edit, zone.name)))
            .expect("a zone file");
    }
    if zone.name == "." {
        let key = std::fs::read_to_string(&keys[0]).expect("a key");
        let line = key.lines().find(|line| line.contains("DNSKEY")).expect("a key record");
        std::fs::write(folder.join("anchor"), format!("{line}\n")).expect("a trust anchor");
    }
    digests(own.path(), zone, &keys[0])
}

/// Makes one key; the word `revoked` at the end revokes it.
fn make_key(folder: &Path, zone: &str, told: &[&str]) -> PathBuf {
    let [algorithm, rest @ ..] = told else { panic!("a key of {zone} without an algorithm") };
    let arguments: Vec<&str> = rest.iter().copied().filter(|word| *word != "revoked").collect();
    let mut command = Command::new("dnssec-keygen");
    command.args(["-q", "-n", "ZONE", "-a", algorithm]).args(&arguments).arg("-K").arg(folder).arg(zone);
    let stem = run(&mut command).trim().to_owned();
    let path = folder.join(format!("{stem}.key"));
    if rest.contains(&"revoked") {
        return PathBuf::from(format!("{}.key", run(Command::new("dnssec-revoke").arg(&path)).trim()));
    }
    path
}

fn digests(folder: &Path, zone: &Zone, key: &Path) -> String {
    let digest = |kind: &str, key: &Path| run(Command::new("dnssec-dsfromkey").args(["-a", kind]).arg(key));
    let changed = |at: usize, value: &str| {
        let text = digest("SHA-256", key);
        let mut words: Vec<&str> = text.split_whitespace().collect();
        words[at] = value;
        format!("{}\n", words.join(" "))
    };
    match zone.parent {
        Parent::Digests(kinds) => kinds.iter().map(|kind| digest(kind, key)).collect(),
        Parent::Changed(at, value) => changed(at, value),
        Parent::WrongBesideSha1 => changed(6, &"5A".repeat(32)) + &digest("SHA-1", key),
        Parent::OtherKey => digest("SHA-256", &make_key(folder, zone.name, zone.keys[0])),
        Parent::OtherBeside => digest("SHA-256", &make_key(folder, zone.name, zone.keys[0])) + &digest("SHA-256", key),
        Parent::WrongBeside => changed(6, &"5A".repeat(32)) + &digest("SHA-256", key),
        Parent::Nothing => String::new(),
    }
}

fn edited(text: &str, edit: &Edit, zone: &str) -> String {
    let origin = zone;
    let full = |name: &str| if name == "@" { origin.to_owned() } else { format!("{name}.{origin}") };
    let lines = text.lines().filter_map(|line| {
        // NAME TTL IN TYPE DATA...; the data of a signature begins with the type that it covers.
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let (name, kind) = (*words.first()?, *words.get(3)?);
        let covered = if kind == "RRSIG" { words[4] } else { "" };
        match *edit {
            Edit::Remove(gone) => (kind != gone && covered != gone).then(|| line.to_owned()),
            Edit::Strip(at, over) => (covered != over || name != full(at)).then(|| line.to_owned()),
            Edit::Damage(at, over) if covered == over && (at == "*" || name == full(at)) => {
                let turned = if words[12].starts_with('A') { "B" } else { "A" };
                let signature = format!("{turned}{}", &words[12][1..]);
                words[12] = &signature;
                Some(words.join(" "))
            }
            Edit::Signer(signer) if !covered.is_empty() => {
                words[11] = signer;
                Some(words.join(" "))
            }
            Edit::Replace(from, to) => Some(line.replace(from, to)),
            Edit::Damage(..) | Edit::Signer(_) => Some(line.to_owned()),
        }
    });
    lines.map(|line| line + "\n").collect()
}
