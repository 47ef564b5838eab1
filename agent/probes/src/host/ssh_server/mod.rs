//! What the SSH server allows everybody: the server itself is asked (`sshd -T`) where that is possible, else its files.
//!
//! The server must be asked as root, and does not answer where its keys or its folder in `/run` are missing, as before its
//! first start. Then its files tell, with the defaults of sshd_config(5).

mod algorithms;
mod settings;

use std::io::Read as _;
use std::time::Duration;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::algorithms::Version;
use self::settings::Settings;
use super::LookedAt;
use super::facts::SshServerFacts;
use super::pam;
use crate::files::Root;
use crate::program::{self, Program};

/// Where the program lies.
const PROGRAMS: &[&str] = &["/usr/sbin/sshd", "/usr/lib/openssh/sshd", "/usr/local/sbin/sshd"];
/// Largest program that is searched for its version, in bytes.
const PROGRAM_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Where some distributions keep a policy on cryptography in place of OpenSSH's own choice.
const CRYPTO_POLICY: &str = "/etc/crypto-policies/back-ends/opensshserver.config";
/// Longest time for the server to print its settings, and most bytes.
const ANSWER_SECONDS_MAX: u64 = 5;
const ANSWER_BYTES_MAX: u64 = 256 * 1024;
/// Attempts per connection where nothing is set.
const MAX_AUTH_TRIES: i64 = 6;
/// Modules of PAM that ask for more than a password.
const SECOND_FACTORS: &[&str] =
    &["pam_google_authenticator", "pam_oath", "pam_duo", "pam_u2f", "pam_yubico", "pam_privacyidea", "pam_radius_auth"];

pub(super) fn facts(host: &LookedAt) -> SshServerFacts {
    let program = match host.root.first_present(PROGRAMS.iter().copied()) {
        Ok(Some(program)) => program,
        Ok(None) => {
            let absent = Unknown::new(Reason::NOT_FOUND, "no SSH server is installed");
            return unknown_settings(Fact::Known(false), &absent);
        }
        Err(error) => return unknown_settings(Fact::Unknown(error.to_unknown()), &error.to_unknown()),
    };
    let of_files = Settings::of_files(&host.root);
    let has_exceptions = match &of_files {
        Ok(settings) => Fact::Known(settings.has_exceptions(default_of)),
        Err(error) => Fact::Unknown(error.to_unknown()),
    };
    if let Some(settings) = effective(host) {
        let version = None; // Not needed: the server fills its own choice in.
        return known_settings(&host.root, &settings, version, "effective", has_exceptions);
    }
    match of_files {
        Ok(settings) => known_settings(&host.root, &settings, version(&host.root, program), "files", has_exceptions),
        Err(error) => unknown_settings(Fact::Known(true), &error.to_unknown()),
    }
}

/// Reads any text as the main file: nothing may panic.
pub(super) fn fuzz(root: &Root, text: &str) {
    let settings = Settings::fuzz(root, text);
    drop(known_settings(
        root,
        &settings,
        algorithms::version_in(text.as_bytes()),
        "files",
        Fact::Known(settings.has_exceptions(default_of)),
    ));
}

/// What the server itself says; none when it cannot be asked or does not answer.
fn effective(host: &LookedAt) -> Option<Settings> {
    if !host.is_live || !super::system::is_root() {
        return None;
    }
    let program = Program {
        name: "sshd",
        folders: &["/usr/sbin"],
        arguments: &["-T"],
        time_max: Duration::from_secs(ANSWER_SECONDS_MAX),
        bytes_max: ANSWER_BYTES_MAX,
    };
    let out = program::run(&program).and_then(|output| output.succeeded(&program)).ok()?;
    Some(Settings::of_server(&out))
}

/// The version of the program; none where a policy of the distribution stands in place of that version's own choice.
fn version(root: &Root, program: &str) -> Option<Version> {
    if !root.is_absent(CRYPTO_POLICY) {
        return None;
    }
    let mut bytes = Vec::new();
    root.open(program).ok()?.take(PROGRAM_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    algorithms::version_in(&bytes)
}

fn known_settings(
    root: &Root,
    settings: &Settings,
    version: Option<Version>,
    source: &str,
    has_exceptions: Fact<bool>,
) -> SshServerFacts {
    let weak = algorithms::weak(root, settings, version);
    let tries = settings.get("maxauthtries").map_or(Ok(MAX_AUTH_TRIES), str::parse);
    SshServerFacts {
        installed: Fact::Known(true),
        permit_root_login: Fact::Known(root_login(settings)),
        password_authentication: Fact::Known(password_is_enough(root, settings)),
        source: Fact::Known(source.to_owned()),
        permit_empty_passwords: Fact::Known(settings.is_on("permitemptypasswords", false)),
        x11_forwarding: Fact::Known(settings.is_on("x11forwarding", false)),
        max_auth_tries: tries
            .map_or_else(|_| Fact::unknown(Reason::CORRUPT, "MaxAuthTries: not a number"), Fact::Known),
        weak_algorithms: weak.map_or_else(
            || {
                Fact::unknown(
                    Reason::NOT_FOUND,
                    "the algorithms that this version of the server offers by itself are not known",
                )
            },
            Fact::Known,
        ),
        has_exceptions,
    }
}

fn unknown_settings(installed: Fact<bool>, unknown: &Unknown) -> SshServerFacts {
    SshServerFacts {
        installed,
        permit_root_login: Fact::Unknown(unknown.clone()),
        password_authentication: Fact::Unknown(unknown.clone()),
        source: Fact::Unknown(unknown.clone()),
        permit_empty_passwords: Fact::Unknown(unknown.clone()),
        x11_forwarding: Fact::Unknown(unknown.clone()),
        max_auth_tries: Fact::Unknown(unknown.clone()),
        weak_algorithms: Fact::Unknown(unknown.clone()),
        has_exceptions: Fact::Unknown(unknown.clone()),
    }
}

/// The server's own choice where nothing is set, sshd_config(5).
fn default_of(keyword: &str) -> &'static str {
    match keyword {
        "permitrootlogin" => "prohibit-password",
        "passwordauthentication" | "kbdinteractiveauthentication" => "yes",
        "permitemptypasswords" | "usepam" | "x11forwarding" => "no",
        "maxauthtries" => "6",
        "authenticationmethods" => "any",
        _algorithms => "",
    }
}

fn root_login(settings: &Settings) -> String {
    let value = settings.get("permitrootlogin").unwrap_or_else(|| default_of("permitrootlogin")).to_ascii_lowercase();
    // The older name of the same.
    if value == "without-password" { "prohibit-password".to_owned() } else { value }
}

/// Whether a password is enough: asked for by the server itself, or by PAM in a dialogue.
fn password_is_enough(root: &Root, settings: &Settings) -> bool {
    let by_server = settings.is_on("passwordauthentication", true);
    let has_dialogue = settings.is_on("kbdinteractiveauthentication", true) && settings.is_on("usepam", false);
    let by_dialogue = has_dialogue && !asks_second_factor(root);
    let methods = settings.get("authenticationmethods").unwrap_or("any");
    let is_enough = |method: &str| match method.split_once(':').map_or(method, |(name, _device)| name) {
        "any" => by_server || by_dialogue,
        "password" => by_server,
        "keyboard-interactive" => by_dialogue,
        _other_or_several => false,
    };
    methods.split_ascii_whitespace().any(is_enough)
}

fn asks_second_factor(root: &Root) -> bool {
    let modules = pam::Stack::read(root, &["sshd"], "auth").unwrap_or_default();
    modules.lines.iter().any(|line| SECOND_FACTORS.contains(&line.module.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    const PROGRAM: (&str, &str) = ("/usr/sbin/sshd", "OpenSSH_2.*\0OpenSSH_9.2p1 Debian\0");
    const MAIN: &str = "/etc/ssh/sshd_config";

    fn look(main: &str, parts: &[(&str, &str)]) -> SshServerFacts {
        let mut files = vec![PROGRAM, (MAIN, main)];
        files.extend(parts);
        let (_folder, host) = made_root::folder(&files);
        facts(&host)
    }

    #[test]
    fn the_first_value_counts_and_includes_are_read_in_place() {
        const A: &str = "/etc/ssh/sshd_config.d/a.conf";
        const B: &str = "/etc/ssh/sshd_config.d/b.conf";
        let include = "Include /etc/ssh/sshd_config.d/*.conf\n";
        for (main, parts, root_login, password, exceptions) in [
            (String::new(), &[][..], "prohibit-password", true, false),
            ("#PermitRootLogin yes\n".to_owned(), &[], "prohibit-password", true, false),
            ("permitrootlogin=YES # why\nPermitRootLogin no\n".to_owned(), &[], "yes", true, false),
            ("PermitRootLogin without-password".to_owned(), &[], "prohibit-password", true, false),
            ("PasswordAuthentication \"no\"".to_owned(), &[], "prohibit-password", false, false),
            (format!("{include}PermitRootLogin no"), &[(A, "PermitRootLogin yes")], "yes", true, false),
            (format!("PermitRootLogin no\n{include}"), &[(A, "PermitRootLogin yes")], "no", true, false),
            (
                include.to_owned(),
                &[("/etc/ssh/sshd_config.d/a.off", "PermitRootLogin yes")],
                "prohibit-password",
                true,
                false,
            ),
            (include.to_owned(), &[(B, "PermitRootLogin yes"), (A, "PermitRootLogin no")], "no", true, false),
            ("Match User x\nPermitRootLogin yes".to_owned(), &[], "prohibit-password", true, true),
            ("PermitRootLogin yes\nMatch User x\nPermitRootLogin yes".to_owned(), &[], "yes", true, false),
            ("Match User x\nBanner none\nMatch all\nPermitRootLogin yes".to_owned(), &[], "yes", true, false),
            (
                format!("{include}PermitRootLogin no"),
                &[(A, "Match User x\nPasswordAuthentication no")],
                "no",
                true,
                true,
            ),
            ("Include sshd_config.d/?.conf".to_owned(), &[(A, "PermitRootLogin no")], "no", true, false),
        ] {
            let facts = look(&main, parts);
            assert_eq!(facts.permit_root_login.known().map(String::as_str), Some(root_login), "{main}");
            assert_eq!(facts.password_authentication, Fact::Known(password), "{main}");
            assert_eq!(facts.has_exceptions, Fact::Known(exceptions), "{main}");
            assert_eq!(facts.source, Fact::Known("files".to_owned()));
        }
    }

    #[test]
    fn a_password_is_enough_through_the_dialogue_of_pam_too() {
        const OTP: (&str, &str) = ("/etc/pam.d/sshd", "auth required pam_google_authenticator.so\n");
        for (main, parts, expected) in [
            ("PasswordAuthentication no\nUsePAM yes\n", &[][..], true),
            ("PasswordAuthentication no\nUsePAM yes\n", &[OTP], false),
            ("PasswordAuthentication no\n", &[], false),
            ("PasswordAuthentication no\nUsePAM yes\nChallengeResponseAuthentication no\n", &[], false),
            ("AuthenticationMethods publickey,password\n", &[], false),
            ("AuthenticationMethods publickey,password password\n", &[], true),
            ("AuthenticationMethods keyboard-interactive:pam\nUsePAM yes\n", &[], true),
        ] {
            assert_eq!(look(main, parts).password_authentication, Fact::Known(expected), "{main}");
        }
    }

    #[test]
    fn switches_and_numbers_have_the_servers_defaults() {
        let facts = look("", &[]);
        assert_eq!(facts.permit_empty_passwords, Fact::Known(false));
        assert_eq!((facts.x11_forwarding, facts.max_auth_tries), (Fact::Known(false), Fact::Known(6)));
        assert_eq!(facts.weak_algorithms, Fact::Known(Vec::new()));
        let facts = look("PermitEmptyPasswords yes\nX11Forwarding yes\nMaxAuthTries 3\nCiphers 3des-cbc\n", &[]);
        assert_eq!(facts.permit_empty_passwords, Fact::Known(true));
        assert_eq!((facts.x11_forwarding, facts.max_auth_tries), (Fact::Known(true), Fact::Known(3)));
        assert_eq!(facts.weak_algorithms, Fact::Known(vec!["3des-cbc".to_owned()]));
    }

    #[test]
    fn a_policy_of_the_distribution_stands_in_place_of_the_versions_own_choice() {
        let policy = (CRYPTO_POLICY, "CRYPTO_POLICY='-oCiphers=aes256-cbc'");
        assert!(matches!(look("", &[policy]).weak_algorithms, Fact::Unknown(_)));
    }

    #[test]
    fn files_that_include_each_other_end_as_unknown() {
        let facts =
            look("Include sshd_config.d/*.conf", &[("/etc/ssh/sshd_config.d/a.conf", "Include sshd_config.d/*.conf")]);
        assert!(matches!(facts.permit_root_login, Fact::Unknown(_)));
    }

    #[test]
    fn without_a_server_nothing_is_said_of_its_settings() {
        let (_folder, host) = made_root::folder(&[]);
        let facts = facts(&host);
        assert_eq!(facts.installed, Fact::Known(false));
        assert!(matches!(facts.permit_root_login, Fact::Unknown(unknown) if unknown.reason == Reason::NOT_FOUND));
    }
}
