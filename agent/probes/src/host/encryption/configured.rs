//! Encryption as the files of a host that does not run would set it up: crypttab(5) and fstab(5).

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::super::facts::EncryptionFacts;
use super::devices::every;
use crate::files::Root;

/// Largest table, in bytes.
const TABLE_BYTES_MAX: u64 = 256 * 1024;

/// One line of fstab.
struct Entry {
    source: String,
    place: String,
    kind: String,
}

pub(super) fn facts(root: &Root) -> EncryptionFacts {
    let entries = match table(root, "/etc/fstab") {
        Ok(lines) => lines.into_iter().filter_map(entry).collect::<Vec<_>>(),
        Err(unknown) => {
            return EncryptionFacts {
                root: Fact::Unknown(unknown.clone()),
                home: Fact::Unknown(unknown.clone()),
                swap: Fact::Unknown(unknown),
            };
        }
    };
    let encrypted: Vec<String> = table(root, "/etc/crypttab")
        .unwrap_or_default()
        .into_iter()
        .filter_map(|words| words.into_iter().next().map(|name| format!("/dev/mapper/{name}")))
        .collect();
    let of = |entry: &Entry| {
        if encrypted.contains(&entry.source) { Fact::Known(true) } else { Fact::Unknown(not_running(&entry.place)) }
    };
    let of_place = |place: &str| entries.iter().find(|entry| entry.place == place).map(of);
    let on_root = of_place("/").unwrap_or_else(|| Fact::Unknown(not_running("/")));
    let mut swaps = entries.iter().filter(|entry| entry.kind == "swap").peekable();
    let swap = if swaps.peek().is_none() { Fact::Unknown(not_running("swap")) } else { every(swaps.map(of)) };
    EncryptionFacts { home: of_place("/home").unwrap_or_else(|| on_root.clone()), root: on_root, swap }
}

fn not_running(what: &str) -> Unknown {
    Unknown::new(
        Reason::DOES_NOT_APPLY,
        format!("{what}: a folder is looked at, and its files do not prove encryption"),
    )
}

fn table(root: &Root, path: &str) -> Result<Vec<Vec<String>>, Unknown> {
    let text = root.read_text(path, TABLE_BYTES_MAX).map_err(|error| error.to_unknown())?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(|line| line.split_ascii_whitespace().map(str::to_owned).collect()).collect())
}

fn entry(words: Vec<String>) -> Option<Entry> {
    let mut words = words.into_iter();
    Some(Entry { source: words.next()?, place: words.next()?, kind: words.next()? })
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    #[test]
    fn only_a_device_of_crypttab_is_known_to_be_encrypted() {
        const CRYPTTAB: &str = "# name\nroot_crypt UUID=1 none luks\nswap_crypt /dev/sda3 /dev/urandom swap\n";
        let yes = Some(true);
        for (fstab, expected) in [
            ("/dev/mapper/root_crypt / ext4 defaults 0 1\n/dev/mapper/swap_crypt none swap sw 0 0\n", [yes, yes, yes]),
            ("UUID=2 / ext4 defaults 0 1\n/dev/mapper/root_crypt /home ext4 defaults 0 1\n", [None, yes, None]),
            (
                "/dev/mapper/vg-root / ext4 defaults 0 1\n/dev/mapper/swap_crypt none swap sw\n/swap none swap sw\n",
                [None; 3],
            ),
            ("", [None; 3]),
        ] {
            let (_folder, host) = made_root::folder(&[("/etc/fstab", fstab), ("/etc/crypttab", CRYPTTAB)]);
            let facts = facts(&host.root);
            assert_eq!([facts.root, facts.home, facts.swap].map(|fact| fact.known().copied()), expected, "{fstab}");
        }
    }
}
