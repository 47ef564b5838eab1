//! How the agent gets onto a computer: the command to copy for each kind of system. Shared by the page that makes an
//! enrolment code and the page of a computer whose agent is old.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use vedetta_core::store::Store;

use crate::app::App;
use crate::failure::Failure;
use crate::packages::{Kind, Package};
use crate::secret::hexadecimal;
use crate::state::PublicAddress;
use crate::texts::Texts;

/// Longest name with its port, in bytes: 253 of a name (RFC 1035, section 2.3.4), a colon, five digits.
const HOST_BYTES_MAX: usize = 259;

/// The ways to install, and what has to be said beside them.
pub(crate) struct Install {
    pub(crate) ways: Vec<Way>,
    /// Where packages are put, when there is none yet.
    pub(crate) folder: Option<String>,
    /// The address in the commands is this collector's own machine: it works nowhere else.
    pub(crate) is_local: bool,
    /// Programs cannot verify the collector's certificate, so the digest alone vouches for the file.
    pub(crate) is_self_signed: bool,
    /// The list of digests and its signature, when they are served.
    pub(crate) sums: Vec<&'static str>,
}

/// The way for one kind of system.
pub(crate) struct Way {
    pub(crate) system: &'static str,
    /// Where the commands are typed.
    pub(crate) place: &'static str,
    /// Gets the package, compares its digest, installs it. Without a served package: installs the file at hand.
    pub(crate) install: String,
    /// The same for 64-bit ARM, when such a package is served.
    pub(crate) install_arm: Option<String>,
    /// What stands before the code in the second command.
    pub(crate) enrol: &'static str,
    /// The packages that the commands get.
    pub(crate) packages: Vec<Line>,
}

/// One package as a reader sees it.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) size: String,
    pub(crate) sha256: String,
}

/// A kind of system: its package, and how it is got and installed.
struct System {
    kind: Kind,
    name: fn(Texts) -> &'static str,
    place: fn(Texts) -> &'static str,
    enrol: &'static str,
    at_hand: &'static str,
    get: fn(&str, &str, bool, Texts) -> String,
}

/// Every kind of system, the most common server first.
const SYSTEMS: &[System] = &[
    System {
        kind: Kind::Deb,
        name: Texts::install_deb,
        place: Texts::install_terminal,
        enrol: "sudo vedetta-agent enrol",
        at_hand: "sudo apt-get install -y ./vedetta-agent_*.deb",
        get: |url, sha256, trusts_digest_alone, _| {
            let blind = if trusts_digest_alone { " --no-check-certificate" } else { "" };
            format!(
                "wget{blind} -O vedetta-agent.deb {url} && echo '{sha256}  vedetta-agent.deb' | sha256sum -c && \
                 sudo apt-get install -y ./vedetta-agent.deb"
            )
        },
    },
    System {
        kind: Kind::Rpm,
        name: Texts::install_rpm,
        place: Texts::install_terminal,
        enrol: "sudo vedetta-agent enrol",
        at_hand: "sudo dnf install -y ./vedetta-agent-*.rpm",
        get: |url, sha256, trusts_digest_alone, _| {
            let blind = if trusts_digest_alone { " -k" } else { "" };
            format!(
                "curl{blind} -fLo vedetta-agent.rpm {url} && echo '{sha256}  vedetta-agent.rpm' | sha256sum -c && \
                 sudo dnf install -y ./vedetta-agent.rpm"
            )
        },
    },
    System {
        kind: Kind::Msi,
        name: Texts::install_msi,
        place: Texts::install_powershell,
        enrol: "& \"$env:ProgramFiles\\Vedetta\\vedetta-agent.exe\" enrol",
        at_hand: "Start-Process msiexec -Wait -ArgumentList \"/i `\"$((Get-Item vedetta-agent-*.msi).FullName)`\" /qn\"",
        get: |url, sha256, trusts_digest_alone, t| {
            let blind = if trusts_digest_alone { " -k" } else { "" };
            format!(
                "$f=\"$env:TEMP\\vedetta-agent.msi\"; curl.exe{blind} -fLo $f {url}; \
                 if ((Get-FileHash $f).Hash -eq '{sha256}') {{ \
                 Start-Process msiexec -Wait -ArgumentList \"/i `\"$f`\" /qn\" }} else {{ '{}' }}",
                t.install_differs()
            )
        },
    },
];

/// The ways to install from this collector, as it was reached by this request.
pub(crate) async fn install<S: Store>(app: &App<S>, t: Texts, headers: &HeaderMap) -> Result<Install, Failure> {
    let packages = Arc::clone(&app.hooks.packages);
    let all = tokio::task::spawn_blocking(move || packages.all()).await.map_err(Failure::broken)?;
    let public = &app.hooks.address;
    let base = base(public, headers)?;
    let is_served = |kind: Kind| all.iter().any(|package| package.name.kind() == kind);
    let sums = [(Kind::Sums, "SHA256SUMS"), (Kind::Signature, "SHA256SUMS.minisig")];
    Ok(Install {
        ways: SYSTEMS.iter().map(|system| way(system, &all, &base, public.is_self_signed, t)).collect(),
        folder: (!SYSTEMS.iter().any(|system| is_served(system.kind)))
            .then(|| app.hooks.packages.folder().display().to_string()),
        is_local: is_local(&base),
        is_self_signed: public.is_self_signed,
        sums: sums.into_iter().filter(|(kind, _)| is_served(*kind)).map(|(_, name)| name).collect(),
    })
}

fn way(system: &System, all: &[Package], base: &str, is_self_signed: bool, t: Texts) -> Way {
    // The newest stands first.
    let newest =
        |is_arm: bool| all.iter().find(|package| package.name.kind() == system.kind && package.name.is_arm() == is_arm);
    let get = |package: &Package| {
        let url = format!("{base}/packages/{}", package.name.as_str());
        (system.get)(&url, &hexadecimal(&package.sha256), is_self_signed, t)
    };
    Way {
        system: (system.name)(t),
        place: (system.place)(t),
        install: newest(false).map_or_else(|| system.at_hand.to_owned(), get),
        install_arm: newest(true).map(get),
        enrol: system.enrol,
        packages: [newest(false), newest(true)].into_iter().flatten().map(|package| line(package, t)).collect(),
    }
}

fn line(package: &Package, t: Texts) -> Line {
    Line {
        name: package.name.as_str().to_owned(),
        version: package.name.version().to_owned(),
        size: t.megabytes(package.size),
        sha256: hexadecimal(&package.sha256),
    }
}

/// The address of this collector as other computers reach it: the configured one, else the one that this very page was
/// reached by. Only what is safe in a command line is taken.
fn base(public: &PublicAddress, headers: &HeaderMap) -> Result<String, Failure> {
    let configured = public.url.as_deref().filter(|url| url.strip_prefix("https://").is_some_and(is_plain));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let reached = host.filter(|host| host.len() <= HOST_BYTES_MAX && !host.contains('/') && is_plain(host));
    configured
        .map(|url| url.trim_end_matches('/').to_owned())
        .or_else(|| reached.map(|host| format!("https://{host}")))
        .ok_or(Failure::Malformed)
}

/// Whether a text is a name or address, with a port or a path, of which no shell makes anything else.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]/".contains(&byte);
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(is_plain)
}

fn is_local(base: &str) -> bool {
    let host = base.trim_start_matches("https://");
    ["localhost", "127.", "[::1]"].iter().any(|own| host.starts_with(own))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn reached_by(host: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(host).unwrap())])
    }

    fn public(url: Option<&str>) -> PublicAddress {
        PublicAddress { url: url.map(str::to_owned), is_self_signed: false }
    }

    #[test]
    fn the_configured_address_wins_over_the_one_that_the_page_was_reached_by() {
        let headers = reached_by("10.0.0.5:8443");
        let configured = base(&public(Some("https://vedetta.example.org/")), &headers);
        assert_eq!(configured, Ok("https://vedetta.example.org".to_owned()));
        assert_eq!(base(&public(None), &headers), Ok("https://10.0.0.5:8443".to_owned()));
    }

    #[test]
    fn an_address_that_a_shell_could_read_as_a_command_is_refused() {
        for host in ["a;reboot", "$(reboot)", "a b", "`x`", "a'b", "a/b", "-o", "a&b"] {
            assert_eq!(base(&public(None), &reached_by(host)), Err(Failure::Malformed), "{host}");
        }
        assert_eq!(base(&public(Some("https://a$(b)")), &reached_by("c")), Ok("https://c".to_owned()));
    }

    #[test]
    fn an_address_of_the_collectors_own_machine_is_told() {
        for (address, expected) in
            [("https://localhost:8443", true), ("https://127.0.0.1", true), ("https://vedetta.example.org", false)]
        {
            assert_eq!(is_local(address), expected, "{address}");
        }
    }
}
