//! What the `tls` probe may say. The shape is a contract with outsiders: it changes only by adding.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::facts;

facts! {
    /// What one TLS endpoint shows to anybody who connects.
    pub struct TlsFacts {
        /// Address and port that was connected to, as `192.0.2.1:443` or `[2001:db8::1]:443`.
        pub address: String,
        /// Name or address that the certificate is expected to carry.
        pub server_name: String,
        /// Protocol that is spoken before TLS begins: `smtp`, `imap`, `postgres` ...; empty where TLS begins at once.
        pub starttls_protocol: Fact<String>,
        /// Whether the service turns to TLS on request, and how; unknown (`does_not_apply`) where TLS begins at once.
        pub starttls: Fact<StarttlsFacts>,
        /// Accepted cipher suites by version, as sorted ids: `0xC02F`, SSLv2's with six digits. Empty when the version is not accepted.
        pub protocols: ProtocolFacts,
        /// Accepted cipher suites of any version by their IANA names, sorted, each once; SSLv2's as `SSL_CK_RC4_128_WITH_MD5`.
        pub suites: Fact<Vec<String>>,
        /// Whether each version is accepted with at least one suite.
        pub accepts: AcceptedFacts,
        /// Suites in the order of the server's preference, by version; unknown where the client's order counts.
        pub server_order: ProtocolFacts,
        /// Whether the server's order counts, by version; unknown with fewer than two suites.
        pub server_preference: PreferenceFacts,
        /// Accepted key exchange groups of TLS 1.2 and 1.3 by their IANA names, the preferred first: `X25519MLKEM768`, `x25519`, `secp256r1`, `ffdhe2048`.
        pub groups: Fact<Vec<String>>,
        /// Size of the smallest finite-field Diffie-Hellman group in use below TLS 1.3, in bits.
        pub dh_bits: Fact<i64>,
        /// Name of the published group that the smallest one is: `rfc7919_ffdhe2048`, `rfc3526_modp2048`, `rfc2409_oakley2` ..., else empty.
        pub dh_known_prime: Fact<String>,
        /// How many of the suites keep past traffic secret when the key is lost: `all`, `some` or `none`.
        pub forward_secrecy: Fact<String>,
        /// Signature algorithms that the server used in handshakes, by their IANA names: `rsa_pkcs1_sha256`, `rsa_pkcs1_sha1`.
        pub signature_algorithms: Fact<Vec<String>>,
        /// Application protocols that the server takes, the preferred first: `h2`, `http/1.1`; empty when it takes none.
        pub alpn: Fact<Vec<String>>,
        /// Whether the server compresses records (CRIME).
        pub compression: Fact<bool>,
        /// Whether the server signals secure renegotiation (RFC 5746); unknown with TLS 1.3 only, which has none.
        pub secure_renegotiation: Fact<bool>,
        /// Whether the server renegotiates when the client asks.
        pub client_renegotiation: Fact<bool>,
        /// Whether the server refuses a downgraded client that says so (RFC 7507); unknown with one version only.
        pub fallback_scsv: Fact<bool>,
        /// Whether the master secret is bound to the handshake (RFC 7627); unknown with TLS 1.3 only, where it always is.
        pub extended_master_secret: Fact<bool>,
        /// Whether the server gives tickets for resumption.
        pub session_tickets: Fact<bool>,
        /// Whether a session can be resumed, by ticket or id.
        pub resumption: Fact<bool>,
        /// Whether the server takes data before the handshake ends (0-RTT of TLS 1.3).
        pub early_data: Fact<bool>,
        /// Whether the server sends the revocation state of its certificate along (OCSP stapling).
        pub ocsp_stapled: Fact<bool>,
        /// Whether the server asks its clients for a certificate.
        pub client_certificate: Fact<bool>,
        /// How the server answers a client that sends no server name: `same`, `other_certificate` or `refused`.
        pub without_server_name: Fact<String>,
        /// Tolerances that the server lacks: `long_hello`, `supported_versions`, `grease`, `extensions`, `version_gap`.
        pub intolerances: Fact<Vec<String>>,
        /// Known weaknesses by name; unknown when it could not be told or was not allowed to be tried.
        pub vulnerabilities: VulnerabilityFacts,
        /// One entry for each certificate that the server has for the name, by kind of key.
        pub certificates: Fact<Vec<CertificateSetFacts>>,
        /// How the server stands to published policies, one entry each.
        pub profiles: Vec<ProfileFacts>,
        /// Newest version that is accepted: `1.3`, `1.2`, `1.1`, `1.0`, `SSLv3` or `SSLv2`.
        pub version: Fact<String>,
        /// Cipher suite that a current client agrees on, by its IANA name.
        pub suite: Fact<String>,
        /// The server's own certificate as a current client gets it.
        pub leaf: Fact<CertificateFacts>,
        /// Every certificate that a current client gets, in the order sent.
        pub chain: Fact<Vec<CertificateFacts>>,
        /// Whether the certificates lead to a trusted root and all hold at the time of observation; says nothing of the name.
        pub trusted: Fact<bool>,
        /// Why it is trusted or not, as a word: `trusted`, `expired`, `not_yet_valid`, `issuer_expired`, `self_signed`, `untrusted_root`, `incomplete_chain`, `bad_signature`, `unsupported_signature`, `wrong_purpose`, `name_constraint_violation`, `revoked`, `malformed` or `invalid`. A certificate that is expired and has another defect shows the other one; the dates stand in `leaf`.
        pub trust: Fact<String>,
        /// Whether the server's own certificate is valid for the expected name.
        pub name_matches: Fact<bool>,
        /// Connections that were opened for this look.
        pub connections: i64,
    }

    /// The turn from clear text to TLS.
    pub struct StarttlsFacts {
        /// Protocol that is spoken before: `smtp`, `imap`, `postgres` ...
        pub protocol: String,
        /// Whether the service offers to turn to TLS.
        pub offered: Fact<bool>,
        /// Whether a command that stands after the request in clear text is carried out under TLS; asked only where active tests are allowed.
        pub injectable: Fact<bool>,
    }

    /// Suites by version.
    pub struct ProtocolFacts {
        /// SSL 2.0 (RFC 6176 forbids it).
        pub sslv2 as "SSLv2": Fact<Vec<String>>,
        /// SSL 3.0 (RFC 7568 forbids it).
        pub sslv3 as "SSLv3": Fact<Vec<String>>,
        /// TLS 1.0 (RFC 8996 forbids it).
        pub tls_1_0 as "TLSv1.0": Fact<Vec<String>>,
        /// TLS 1.1 (RFC 8996 forbids it).
        pub tls_1_1 as "TLSv1.1": Fact<Vec<String>>,
        /// TLS 1.2 (RFC 5246).
        pub tls_1_2 as "TLSv1.2": Fact<Vec<String>>,
        /// TLS 1.3 (RFC 8446).
        pub tls_1_3 as "TLSv1.3": Fact<Vec<String>>,
    }

    /// Yes or no by version, under names that rules can use.
    pub struct AcceptedFacts {
        /// SSL 2.0 is accepted.
        pub sslv2: Fact<bool>,
        /// SSL 3.0 is accepted.
        pub sslv3: Fact<bool>,
        /// TLS 1.0 is accepted.
        pub tls_1_0: Fact<bool>,
        /// TLS 1.1 is accepted.
        pub tls_1_1: Fact<bool>,
        /// TLS 1.2 is accepted.
        pub tls_1_2: Fact<bool>,
        /// TLS 1.3 is accepted.
        pub tls_1_3: Fact<bool>,
    }

    /// Whose order counts, by version.
    pub struct PreferenceFacts {
        /// With SSL 2.0 the client chooses.
        pub sslv2 as "SSLv2": Fact<bool>,
        /// With SSL 3.0.
        pub sslv3 as "SSLv3": Fact<bool>,
        /// With TLS 1.0.
        pub tls_1_0 as "TLSv1.0": Fact<bool>,
        /// With TLS 1.1.
        pub tls_1_1 as "TLSv1.1": Fact<bool>,
        /// With TLS 1.2.
        pub tls_1_2 as "TLSv1.2": Fact<bool>,
        /// With TLS 1.3.
        pub tls_1_3 as "TLSv1.3": Fact<bool>,
    }

    /// Weaknesses by the names that the field gave them.
    pub struct VulnerabilityFacts {
        /// Heartbleed, CVE-2014-0160: memory of the server is sent to anybody. Asked only where active tests are allowed.
        pub heartbleed: Fact<bool>,
        /// Early `ChangeCipherSpec`, CVE-2014-0224. Asked only where active tests are allowed.
        pub ccs: Fact<bool>,
        /// ROBOT: the server tells valid from invalid RSA padding (Bleichenbacher). Asked only where active tests are allowed.
        pub robot: Fact<bool>,
        /// Ticketbleed, CVE-2016-9244. Asked only where active tests are allowed.
        pub ticketbleed: Fact<bool>,
        /// POODLE: SSL 3.0 with CBC suites, CVE-2014-3566.
        pub poodle: Fact<bool>,
        /// DROWN: SSL 2.0 is accepted, CVE-2016-0800.
        pub drown: Fact<bool>,
        /// FREAK: RSA export suites, CVE-2015-0204.
        pub freak: Fact<bool>,
        /// LOGJAM: Diffie-Hellman of at most 1024 bits or export suites, CVE-2015-4000.
        pub logjam: Fact<bool>,
        /// SWEET32: ciphers with 64-bit blocks, CVE-2016-2183.
        pub sweet32: Fact<bool>,
        /// CBC suites in TLS 1.0 or SSL 3.0, CVE-2011-3389.
        pub beast: Fact<bool>,
        /// CBC suites in TLS 1.0 to 1.2, CVE-2013-0169; that a server takes encrypt-then-MAC does not count, since browsers never offer it.
        pub lucky13: Fact<bool>,
        /// CRIME: records are compressed, CVE-2012-4929.
        pub crime: Fact<bool>,
        /// RC4 suites (RFC 7465 forbids them).
        pub rc4: Fact<bool>,
        /// Export suites of at most 56 bits.
        pub export: Fact<bool>,
        /// Suites with single DES.
        pub des: Fact<bool>,
        /// Suites without encryption.
        pub null: Fact<bool>,
        /// Suites without authentication of the server.
        pub anonymous: Fact<bool>,
        /// Renegotiation by the client without RFC 5746, CVE-2009-3555.
        pub insecure_renegotiation: Fact<bool>,
    }

    /// One certificate of the server with what came along.
    pub struct CertificateSetFacts {
        /// Kind of key of the server's own certificate: `rsa`, `ecdsa`, `ed25519`, `ed448`, `dsa` or `other`.
        pub key_type: Fact<String>,
        /// Every certificate in the order sent.
        pub chain: Vec<CertificateFacts>,
        /// What is wrong, as sorted words: `expired`, `not_yet_valid`, `expires_within_14_days`, `validity_over_398_days`, `self_signed`, `untrusted_root`, `name_mismatch`, `no_subject_alt_name`, `weak_signature_sha1`, `weak_signature_md5`, `weak_key_rsa_512`, `weak_key_rsa_1024`, `eku_without_server_auth`, `leaf_is_ca`, `must_staple_without_staple`, `revoked`, `incomplete_chain`, `chain_order`, `root_in_chain`, `name_constraint_violation`, `issuer_expired`; further words for rarer defects.
        pub problems: Fact<Vec<String>>,
        /// Whether the certificates lead to a trusted root and all hold at the time of observation; says nothing of the name.
        pub trusted: Fact<bool>,
        /// Why it is trusted or not, as a word; see `trust` of the whole.
        pub trust: Fact<String>,
        /// Whether it is valid for the expected name.
        pub name_matches: Fact<bool>,
        /// Whether it asks for the revocation state to be sent along (RFC 7633).
        pub must_staple: Fact<bool>,
        /// Revocation state by the staple or a list on disk: `good`, `revoked`, `unknown` or `not_checked`.
        pub revocation: Fact<String>,
        /// Signed certificate timestamps inside the certificate (RFC 6962).
        pub timestamps: Fact<i64>,
    }

    /// One certificate as sent. A field that cannot be read from it is unknown with its reason.
    pub struct CertificateFacts {
        /// Subject as a distinguished name: `C=IT, O=Comune di Esempio, CN=www.example.it`.
        pub subject: Fact<String>,
        /// Issuer as a distinguished name.
        pub issuer: Fact<String>,
        /// Names and addresses that it is valid for (subject alternative names), sorted.
        pub names: Fact<Vec<String>>,
        /// Serial number in lower-case hexadecimal, two digits a byte.
        pub serial: Fact<String>,
        /// First moment of validity.
        pub not_before: Fact<Timestamp>,
        /// Last moment of validity; a certificate without an end (RFC 5280 section 4.1.2.5) shows the last moment of year 9999.
        pub not_after: Fact<Timestamp>,
        /// Kind of public key: `rsa`, `ecdsa`, `ed25519`, `ed448`, `dsa` or `other`.
        pub key_kind: Fact<String>,
        /// Size of the public key, in bits.
        pub key_bits: Fact<i64>,
        /// Signature algorithm, as a word: `sha256_rsa`, `sha384_ecdsa`, `sha1_rsa`, `md5_rsa`, `rsa_pss`, `ed25519` ..., or the dotted object identifier.
        pub signature_algorithm: Fact<String>,
        /// Whether it may issue certificates (basic constraints).
        pub is_ca: Fact<bool>,
        /// Whether it names itself as its issuer.
        pub self_signed: Fact<bool>,
        /// SHA-256 of the whole certificate in lower-case hexadecimal.
        pub sha256: Fact<String>,
    }

    /// How the server stands to one published policy.
    pub struct ProfileFacts {
        /// Id of the policy: `agid-2020`, `mozilla-6.0-intermediate`, `ncsc-nl-2025-05` ...
        pub id: String,
        /// Date of the policy's text, as `2025-05-31` or as exact as it is known: `2025-05`.
        pub date: String,
        /// Worst level that was met, in the policy's own words: `good`, `sufficient`, `phase_out`, `insufficient`; `conforms` or `deviates` where a policy has but two.
        pub level: Fact<String>,
        /// Whether everything that was seen is allowed by the policy.
        pub conforms: Fact<bool>,
        /// What deviates, as `word: value`: `version: TLSv1.0`, `suite: TLS_RSA_WITH_RC4_128_SHA`.
        pub deviations: Vec<String>,
        /// The deviations in one line for a reader, at most 240 bytes: the first of each word, and how many more there are.
        pub summary: String,
    }
}
