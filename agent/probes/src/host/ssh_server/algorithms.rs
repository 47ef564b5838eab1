//! Algorithms of SSH that are no longer safe: RFC 8758 (arcfour), RFC 9142 (key exchanges with SHA-1), RFC 8332 and the
//! notes to OpenSSH 7.0, 8.2 and 8.8 (DSA, signatures with SHA-1); block chaining after CVE-2008-5161; codes with MD5 or cut
//! to 96 bits. Whole HMAC-SHA1 is not one: collisions of SHA-1 do not break it.

use super::super::patterns::fits;
use super::settings::Settings;
use crate::files::Root;

/// One kind of algorithms: its keyword, and the names that are weak.
struct Kind {
    keyword: &'static str,
    weak: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind {
        keyword: "ciphers",
        weak: &[
            "3des-cbc",
            "aes128-cbc",
            "aes192-cbc",
            "aes256-cbc",
            "arcfour",
            "arcfour128",
            "arcfour256",
            "blowfish-cbc",
            "cast128-cbc",
            "rijndael-cbc@lysator.liu.se",
        ],
    },
    Kind {
        keyword: "macs",
        weak: &[
            "hmac-md5",
            "hmac-md5-96",
            "hmac-md5-96-etm@openssh.com",
            "hmac-md5-etm@openssh.com",
            "hmac-ripemd160",
            "hmac-ripemd160-etm@openssh.com",
            "hmac-ripemd160@openssh.com",
            "hmac-sha1-96",
            "hmac-sha1-96-etm@openssh.com",
        ],
    },
    Kind {
        keyword: "kexalgorithms",
        weak: &["diffie-hellman-group-exchange-sha1", "diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1"],
    },
    Kind { keyword: "hostkeyalgorithms", weak: &["ssh-dss", "ssh-rsa"] },
];

/// Version of OpenSSH: 9, 2.
pub(super) type Version = (u32, u32);
/// The oldest version whose own choice is known here.
const VERSION_MIN: Version = (7, 0);
/// Since then the server offers no key exchange with SHA-1 by itself.
const NO_GROUP14_SHA1: Version = (8, 2);
/// Since then no host key signs with SHA-1 by itself.
const NO_SSH_RSA: Version = (8, 8);
/// The server's keys where its configuration names none.
const HOST_KEYS: &[&str] =
    &["/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key"];
/// Largest public key, in bytes.
const KEY_BYTES_MAX: u64 = 16 * 1024;

/// The weak algorithms on offer, by kind and name; none when the server's own choice matters and its version is not known.
pub(super) fn weak(root: &Root, settings: &Settings, version: Option<Version>) -> Option<Vec<String>> {
    let keys = key_kinds(root, settings);
    let mut found = Vec::new();
    for kind in KINDS {
        let of_kind = of_kind(kind, settings.get(kind.keyword), version)?;
        // A kind of key that the server does not have is not offered.
        let has_key = |name: &&&str| {
            kind.keyword != "hostkeyalgorithms" || keys.as_ref().is_none_or(|keys| keys.iter().any(|key| key == **name))
        };
        found.extend(of_kind.iter().filter(has_key).map(|name| (*name).to_owned()));
    }
    Some(found)
}

fn of_kind(kind: &Kind, value: Option<&str>, version: Option<Version>) -> Option<Vec<&'static str>> {
    let Some(value) = value else { return by_default(kind, version) };
    let named = |list: &str| {
        let names: Vec<&str> = list.split(',').map(str::trim).collect();
        let is_named = |weak: &&&'static str| names.iter().any(|name| fits(name, weak));
        kind.weak.iter().filter(is_named).copied().collect::<Vec<_>>()
    };
    let by_default = || by_default(kind, version);
    if let Some(list) = value.strip_prefix(['+', '^']) {
        let (named, by_default) = (named(list), by_default()?);
        return Some(kind.weak.iter().filter(|own| named.contains(own) || by_default.contains(own)).copied().collect());
    }
    if let Some(list) = value.strip_prefix('-') {
        let (named, by_default) = (named(list), by_default()?);
        return Some(by_default.into_iter().filter(|own| !named.contains(own)).collect());
    }
    Some(named(value))
}

/// What is weak in the server's own choice.
fn by_default(kind: &Kind, version: Option<Version>) -> Option<Vec<&'static str>> {
    let version = version.filter(|version| *version >= VERSION_MIN)?;
    Some(match kind.keyword {
        "kexalgorithms" if version < NO_GROUP14_SHA1 => vec!["diffie-hellman-group14-sha1"],
        "hostkeyalgorithms" if version < NO_SSH_RSA => vec!["ssh-rsa"],
        _other => Vec::new(),
    })
}

/// The kinds of the server's keys, by their public halves; none when one of them cannot be read.
fn key_kinds(root: &Root, settings: &Settings) -> Option<Vec<String>> {
    let read = |path: &str| root.read_text(&format!("{path}.pub"), KEY_BYTES_MAX);
    let kind = |text: String| text.split_ascii_whitespace().next().map(str::to_owned);
    if !settings.host_keys.is_empty() {
        return settings.host_keys.iter().map(|path| read(path).ok().and_then(kind)).collect();
    }
    // By itself the server takes those of its usual keys that are there.
    let kinds: Vec<String> = HOST_KEYS.iter().filter_map(|path| read(path).ok().and_then(kind)).collect();
    (!kinds.is_empty()).then_some(kinds)
}

/// The version that a program of OpenSSH holds: `OpenSSH_9.2p1`.
pub(super) fn version_in(program: &[u8]) -> Option<Version> {
    const NAME: &[u8] = b"OpenSSH_";
    program.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME).find_map(|(position, _)| {
        let text: String = program.iter().skip(position + NAME.len()).take(8).map(|byte| char::from(*byte)).collect();
        let (major, rest) = text.split_once('.')?;
        // A pattern for versions of others has no `p`.
        let (minor, _portable) = rest.split_once('p')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    fn look(config: &str, version: Option<Version>, keys: &[(&str, &str)]) -> Option<String> {
        let mut files = vec![("/etc/ssh/sshd_config", config)];
        files.extend(keys);
        let (_folder, host) = made_root::folder(&files);
        let settings = Settings::of_files(&host.root).expect("readable");
        weak(&host.root, &settings, version).map(|names| names.join(" "))
    }

    #[test]
    fn lists_are_taken_as_given_added_to_the_default_or_taken_from_it() {
        const BULLSEYE: Option<Version> = Some((8, 4));
        const BOOKWORM: Option<Version> = Some((9, 2));
        for (config, version, expected) in [
            ("", BOOKWORM, Some("")),
            ("", BULLSEYE, Some("ssh-rsa")),
            ("", Some((7, 9)), Some("diffie-hellman-group14-sha1 ssh-rsa")),
            ("", None, None),
            ("", Some((6, 6)), None),
            ("Ciphers aes256-ctr,aes128-cbc,3des-cbc", BOOKWORM, Some("3des-cbc aes128-cbc")),
            ("Ciphers +aes128-cbc", BOOKWORM, Some("aes128-cbc")),
            ("Ciphers ^3des-cbc", BOOKWORM, Some("3des-cbc")),
            ("Ciphers -*-cbc", BOOKWORM, Some("")),
            ("MACs hmac-sha1,hmac-sha1-etm@openssh.com", BOOKWORM, Some("")),
            ("MACs hmac-sha2-256,hmac-md5,hmac-sha1-96", BOOKWORM, Some("hmac-md5 hmac-sha1-96")),
            ("KexAlgorithms +diffie-hellman-group1-sha1", BOOKWORM, Some("diffie-hellman-group1-sha1")),
            ("KexAlgorithms -diffie-hellman-group14-sha1\nHostKeyAlgorithms -ssh-rsa*", Some((7, 9)), Some("")),
            ("HostKeyAlgorithms +ssh-dss", BULLSEYE, Some("ssh-dss ssh-rsa")),
            ("Ciphers a\nMACs a\nKexAlgorithms a\nHostKeyAlgorithms ssh-rsa", None, Some("ssh-rsa")),
            ("Ciphers aes128-ctr\nCiphers aes128-cbc", BOOKWORM, Some("")),
        ] {
            assert_eq!(look(config, version, &[]).as_deref(), expected, "{config} {version:?}");
        }
    }

    #[test]
    fn a_key_that_the_server_does_not_have_is_not_on_offer() {
        let rsa = ("/etc/ssh/ssh_host_rsa_key.pub", "ssh-rsa AAAA");
        let ed25519 = ("/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA");
        for (config, keys, expected) in [
            ("", &[rsa, ed25519][..], "ssh-rsa"),
            ("", &[ed25519], ""),
            ("HostKey /etc/ssh/ssh_host_ed25519_key", &[rsa, ed25519], ""),
            ("HostKey /etc/ssh/other", &[rsa, ed25519], "ssh-rsa"),
        ] {
            assert_eq!(look(config, Some((8, 4)), keys).as_deref(), Some(expected), "{config} {keys:?}");
        }
    }

    #[test]
    fn the_version_stands_in_the_program_beside_patterns_for_others() {
        let program = b"\0OpenSSH_2.*,OpenSSH_3.0*\0OpenSSH_6.6.1*\0OpenSSH_9.2p1 Debian-2\0";
        assert_eq!(version_in(program), Some((9, 2)));
        assert_eq!(version_in(b"OpenSSH_10.0p2"), Some((10, 0)));
        assert_eq!(version_in(b"OpenSSH_"), None);
    }
}
