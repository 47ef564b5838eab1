//! The facts of an endpoint of which nothing was seen yet: every one unknown, for the same reason.

use vedetta_checks::fact::{Fact, Unknown};

use super::facts::{AcceptedFacts, PreferenceFacts, ProtocolFacts, TlsFacts, VulnerabilityFacts};

/// Nothing seen, because of `why`.
pub(crate) fn unseen(address: String, server_name: String, why: &Unknown) -> TlsFacts {
    TlsFacts {
        address,
        server_name,
        starttls_protocol: unknown(why),
        starttls: unknown(why),
        protocols: protocols(why),
        suites: unknown(why),
        accepts: accepts(why),
        server_order: protocols(why),
        server_preference: preference(why),
        groups: unknown(why),
        dh_bits: unknown(why),
        dh_known_prime: unknown(why),
        forward_secrecy: unknown(why),
        signature_algorithms: unknown(why),
        alpn: unknown(why),
        compression: unknown(why),
        secure_renegotiation: unknown(why),
        client_renegotiation: unknown(why),
        fallback_scsv: unknown(why),
        extended_master_secret: unknown(why),
        session_tickets: unknown(why),
        resumption: unknown(why),
        early_data: unknown(why),
        ocsp_stapled: unknown(why),
        client_certificate: unknown(why),
        without_server_name: unknown(why),
        intolerances: unknown(why),
        vulnerabilities: vulnerabilities(why),
        certificates: unknown(why),
        profiles: Vec::new(),
        version: unknown(why),
        suite: unknown(why),
        leaf: unknown(why),
        chain: unknown(why),
        trusted: unknown(why),
        trust: unknown(why),
        name_matches: unknown(why),
        connections: 0,
    }
}

fn unknown<T>(why: &Unknown) -> Fact<T> {
    Fact::Unknown(why.clone())
}

fn protocols(why: &Unknown) -> ProtocolFacts {
    ProtocolFacts {
        sslv2: unknown(why),
        sslv3: unknown(why),
        tls_1_0: unknown(why),
        tls_1_1: unknown(why),
        tls_1_2: unknown(why),
        tls_1_3: unknown(why),
    }
}

fn accepts(why: &Unknown) -> AcceptedFacts {
    AcceptedFacts {
        sslv2: unknown(why),
        sslv3: unknown(why),
        tls_1_0: unknown(why),
        tls_1_1: unknown(why),
        tls_1_2: unknown(why),
        tls_1_3: unknown(why),
    }
}

fn preference(why: &Unknown) -> PreferenceFacts {
    PreferenceFacts {
        sslv2: unknown(why),
        sslv3: unknown(why),
        tls_1_0: unknown(why),
        tls_1_1: unknown(why),
        tls_1_2: unknown(why),
        tls_1_3: unknown(why),
    }
}

fn vulnerabilities(why: &Unknown) -> VulnerabilityFacts {
    VulnerabilityFacts {
        heartbleed: unknown(why),
        ccs: unknown(why),
        robot: unknown(why),
        ticketbleed: unknown(why),
        poodle: unknown(why),
        drown: unknown(why),
        freak: unknown(why),
        logjam: unknown(why),
        sweet32: unknown(why),
        beast: unknown(why),
        lucky13: unknown(why),
        crime: unknown(why),
        rc4: unknown(why),
        export: unknown(why),
        des: unknown(why),
        null: unknown(why),
        anonymous: unknown(why),
        insecure_renegotiation: unknown(why),
    }
}
