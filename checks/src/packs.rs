//! The packs that are part of the program, so that `check` works before enrolment. One visible list.

use crate::pack::trust::TrustedPack;
use crate::pack::{PackError, PackFiles};

/// Files of one shipped pack: folder name, then path and text of each file.
type Shipped = (&'static str, &'static [(&'static str, &'static str)]);

/// Every shipped pack. A new file or pack is one line here; a test compares the list with the folder.
const SHIPPED: &[Shipped] = &[
    (
        "dns",
        &[
            ("pack.yaml", include_str!("../packs/dns/pack.yaml")),
            ("caa.yaml", include_str!("../packs/dns/caa.yaml")),
            ("delegation.yaml", include_str!("../packs/dns/delegation.yaml")),
            ("dnssec.yaml", include_str!("../packs/dns/dnssec.yaml")),
            ("dnssec_state.yaml", include_str!("../packs/dns/dnssec_state.yaml")),
            ("exposure.yaml", include_str!("../packs/dns/exposure.yaml")),
            ("name_servers.yaml", include_str!("../packs/dns/name_servers.yaml")),
            ("name_servers_reach.yaml", include_str!("../packs/dns/name_servers_reach.yaml")),
            ("records.yaml", include_str!("../packs/dns/records.yaml")),
            ("zone.yaml", include_str!("../packs/dns/zone.yaml")),
        ],
    ),
    (
        "host",
        &[
            ("pack.yaml", include_str!("../packs/host/pack.yaml")),
            ("accounts.yaml", include_str!("../packs/host/accounts.yaml")),
            ("backup.yaml", include_str!("../packs/host/backup.yaml")),
            ("desk.yaml", include_str!("../packs/host/desk.yaml")),
            ("protection.yaml", include_str!("../packs/host/protection.yaml")),
            ("records.yaml", include_str!("../packs/host/records.yaml")),
            ("ssh.yaml", include_str!("../packs/host/ssh.yaml")),
            ("system.yaml", include_str!("../packs/host/system.yaml")),
        ],
    ),
    (
        "mail",
        &[
            ("pack.yaml", include_str!("../packs/mail/pack.yaml")),
            ("dkim.yaml", include_str!("../packs/mail/dkim.yaml")),
            ("dkim_records.yaml", include_str!("../packs/mail/dkim_records.yaml")),
            ("dmarc.yaml", include_str!("../packs/mail/dmarc.yaml")),
            ("dmarc_reach.yaml", include_str!("../packs/mail/dmarc_reach.yaml")),
            ("dmarc_reports.yaml", include_str!("../packs/mail/dmarc_reports.yaml")),
            ("servers.yaml", include_str!("../packs/mail/servers.yaml")),
            ("servers_encryption.yaml", include_str!("../packs/mail/servers_encryption.yaml")),
            ("spf.yaml", include_str!("../packs/mail/spf.yaml")),
            ("spf_strength.yaml", include_str!("../packs/mail/spf_strength.yaml")),
            ("transport.yaml", include_str!("../packs/mail/transport.yaml")),
            ("transport_pins.yaml", include_str!("../packs/mail/transport_pins.yaml")),
        ],
    ),
    (
        "patch",
        &[
            ("pack.yaml", include_str!("../packs/patch/pack.yaml")),
            ("answer.yaml", include_str!("../packs/patch/answer.yaml")),
            ("automatic.yaml", include_str!("../packs/patch/automatic.yaml")),
            ("pending.yaml", include_str!("../packs/patch/pending.yaml")),
            ("release.yaml", include_str!("../packs/patch/release.yaml")),
            ("sources.yaml", include_str!("../packs/patch/sources.yaml")),
            ("vulnerabilities.yaml", include_str!("../packs/patch/vulnerabilities.yaml")),
        ],
    ),
    (
        "services",
        &[
            ("pack.yaml", include_str!("../packs/services/pack.yaml")),
            ("filter.yaml", include_str!("../packs/services/filter.yaml")),
            ("habits.yaml", include_str!("../packs/services/habits.yaml")),
            ("open.yaml", include_str!("../packs/services/open.yaml")),
            ("outside.yaml", include_str!("../packs/services/outside.yaml")),
            ("reachable.yaml", include_str!("../packs/services/reachable.yaml")),
            ("reachable_inside.yaml", include_str!("../packs/services/reachable_inside.yaml")),
        ],
    ),
    (
        "shadow-ai",
        &[
            ("pack.yaml", include_str!("../packs/shadow-ai/pack.yaml")),
            ("models.yaml", include_str!("../packs/shadow-ai/models.yaml")),
        ],
    ),
    (
        "software",
        &[
            ("pack.yaml", include_str!("../packs/software/pack.yaml")),
            ("cms.yaml", include_str!("../packs/software/cms.yaml")),
            ("products.yaml", include_str!("../packs/software/products.yaml")),
        ],
    ),
    (
        "tls",
        &[
            ("pack.yaml", include_str!("../packs/tls/pack.yaml")),
            ("certificate.yaml", include_str!("../packs/tls/certificate.yaml")),
            ("certificate_files.yaml", include_str!("../packs/tls/certificate_files.yaml")),
            ("certificate_state.yaml", include_str!("../packs/tls/certificate_state.yaml")),
            ("certificate_strength.yaml", include_str!("../packs/tls/certificate_strength.yaml")),
            ("ciphers.yaml", include_str!("../packs/tls/ciphers.yaml")),
            ("flaws.yaml", include_str!("../packs/tls/flaws.yaml")),
            ("policy.yaml", include_str!("../packs/tls/policy.yaml")),
            ("protocol.yaml", include_str!("../packs/tls/protocol.yaml")),
            ("starttls.yaml", include_str!("../packs/tls/starttls.yaml")),
            ("versions.yaml", include_str!("../packs/tls/versions.yaml")),
        ],
    ),
    (
        "web",
        &[
            ("pack.yaml", include_str!("../packs/web/pack.yaml")),
            ("cookies.yaml", include_str!("../packs/web/cookies.yaml")),
            ("headers.yaml", include_str!("../packs/web/headers.yaml")),
            ("https.yaml", include_str!("../packs/web/https.yaml")),
            ("https_strength.yaml", include_str!("../packs/web/https_strength.yaml")),
            ("software.yaml", include_str!("../packs/web/software.yaml")),
        ],
    ),
];

/// The files of every shipped pack, by folder name.
#[must_use]
pub fn embedded() -> Vec<(&'static str, PackFiles)> {
    SHIPPED.iter().map(|(folder, files)| (*folder, read(files))).collect()
}

/// Every shipped pack, parsed and trusted because it is part of the program.
///
/// # Errors
/// [`PackError`] when a shipped pack breaks a rule: the tests never let that be built.
pub fn trusted() -> Result<Vec<TrustedPack>, PackError> {
    embedded().iter().map(|(_, files)| TrustedPack::embedded(files)).collect()
}

fn read(files: &[(&str, &str)]) -> PackFiles {
    let mut pack = PackFiles::new();
    for (path, text) in files {
        // A shipped file that breaks a limit is left out; the test over the folder fails.
        let _ = pack.insert(path, text.as_bytes());
    }
    pack
}
