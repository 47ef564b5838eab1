//! Zones, questions and what they come to, as data.

use super::tree::{Edit, Parent, Zone};

const SITE: &str = "@ A 192.0.2.1\nwww A 192.0.2.2\nmail A 192.0.2.3\n@ MX 10 mail\n";
const WILD: &str = "@ A 192.0.2.1\n* A 192.0.2.2\n* TXT \"anything\"\na.empty A 192.0.2.3\n";
const TYPES: &str = "@ A 192.0.2.1\n@ MX 10 MAIL.Types.TREE.\nMAIL AAAA 2001:db8::1\nsrv SRV 0 0 80 WWW.Types.Tree.\n\
    naptr NAPTR 1 1 \"U\" \"E2U+sip\" \"!^.*$!sip:a@b!\" Some.Where.\ncaa CAA 0 issue \"Authority.Example\"\n\
    caa CAA 128 issuewild \";\"\ntlsa TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\
    ptr PTR Host.Types.Tree.\nhinfo HINFO \"Some CPU\" \"Some OS\"\nrp RP Person.Types.Tree. Text.Types.Tree.\n\
    afsdb AFSDB 1 Cell.Types.Tree.\nloc LOC 45 0 0 N 9 0 0 E 100m\nsshfp SSHFP 4 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\
    kx KX 1 Key.Types.Tree.\nrt RT 1 Route.Types.Tree.\ntxt TXT \"one\" \"two\" \"\"\nhttps HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1\n\
    unknown TYPE4711 \\# 3 AbCdEf\nDNAMES DNAME Ecdsa.Tree.\n";
const CSK: &[&str] = &["ECDSAP256SHA256", "-f", "KSK"];
const SHA256: Parent = Parent::Digests(&["SHA-256"]);

const fn zone(name: &'static str) -> Zone {
    Zone { name, records: SITE, keys: &[CSK], signing: &[], parent: SHA256, edits: &[] }
}

const fn keyed(name: &'static str, keys: &'static [&'static [&'static str]]) -> Zone {
    Zone { keys, ..zone(name) }
}

const fn signed(name: &'static str, signing: &'static [&'static str]) -> Zone {
    Zone { signing, ..zone(name) }
}

const fn under(name: &'static str, parent: Parent) -> Zone {
    Zone { parent, ..zone(name) }
}

const fn spoilt(name: &'static str, edits: &'static [Edit]) -> Zone {
    Zone { edits, ..zone(name) }
}

const fn with(zone: Zone, records: &'static str) -> Zone {
    Zone { records, ..zone }
}

/// Every zone.
pub(crate) const ZONES: &[Zone] = &[
    with(zone("."), ""),
    with(zone("tree."), "ns A 127.0.0.1\n"),
    // Algorithms and sizes.
    keyed("rsasha1.tree.", &[&["RSASHA1", "-b", "2048", "-f", "KSK"]]),
    Zone { signing: &["-3", "-"], ..keyed("nsec3rsasha1.tree.", &[&["NSEC3RSASHA1", "-b", "1024", "-f", "KSK"]]) },
    keyed("rsa.tree.", &[&["RSASHA256", "-b", "2048", "-f", "KSK"]]),
    keyed("rsasha512.tree.", &[&["RSASHA512", "-b", "2048", "-f", "KSK"]]),
    keyed("rsa1024.tree.", &[&["RSASHA256", "-b", "1024", "-f", "KSK"]]),
    keyed("rsa4096.tree.", &[&["RSASHA256", "-b", "4096", "-f", "KSK"]]),
    zone("ecdsa.tree."),
    keyed("ecdsa384.tree.", &[&["ECDSAP384SHA384", "-f", "KSK"]]),
    keyed("ed25519.tree.", &[&["ED25519", "-f", "KSK"]]),
    keyed("ed448.tree.", &[&["ED448", "-f", "KSK"]]),
    keyed("split.tree.", &[&["RSASHA256", "-b", "2048", "-f", "KSK"], &["RSASHA256", "-b", "1024"]]),
    keyed(
        "rolling.tree.",
        &[CSK, &["ECDSAP256SHA256"], &["RSASHA256", "-b", "2048", "-f", "KSK"], &["RSASHA256", "-b", "2048"]],
    ),
    keyed("revoked.tree.", &[CSK, &["ECDSAP256SHA256"], &["ECDSAP256SHA256", "-f", "KSK", "revoked"]]),
    with(zone("types.tree."), TYPES),
    // Proofs of absence.
    with(zone("wild.tree."), WILD),
    with(zone("wrap.tree."), "* A 192.0.2.2\n"),
    with(signed("wild3.tree.", &["-3", "-"]), WILD),
    signed("nsec3.tree.", &["-3", "-", "-H", "0"]),
    signed("salted.tree.", &["-3", "aabbccdd", "-H", "10"]),
    signed("often.tree.", &["-3", "-", "-H", "150"]),
    with(signed("optout.tree.", &["-3", "-", "-A"]), SITE),
    Zone { keys: &[], ..zone("plain.optout.tree.") },
    under("nods.optout.tree.", Parent::Nothing),
    zone("signed.optout.tree."),
    with(
        zone("alias.tree."),
        "good CNAME www.ecdsa.tree.\nplain CNAME www.plain.tree.\nbad CNAME www.expired.tree.\n\
        gone CNAME absent.ecdsa.tree.\nold DNAME ecdsa.tree.\n* CNAME www.ecdsa.tree.\n",
    ),
    // Names that lead into other zones, of a signed zone and of an unsigned one; targets that do not exist are in a signed one.
    with(
        zone("leads.tree."),
        "@ A 192.0.2.1\n@ MX 10 mx\nmx CNAME mail.ecdsa.tree.\nshop CNAME www.nsec3.tree.\nold DNAME ecdsa.tree.\n\
        *.wild CNAME www.ecdsa.tree.\ngone CNAME absent.tree.\n",
    ),
    Zone {
        keys: &[],
        ..with(zone("takeover.tree."), "@ A 192.0.2.1\nwww CNAME absent.tree.\nshop CNAME absent.ecdsa.tree.\n")
    },
    // Nothing to prove.
    Zone { keys: &[], ..zone("plain.tree.") },
    under("nods.tree.", Parent::Nothing),
    under("unknownalgorithm.tree.", Parent::Changed(4, "200")),
    under("gost.tree.", Parent::Changed(4, "12")),
    under("unknowndigest.tree.", Parent::Changed(5, "200")),
    zone("below.nods.tree."),
    // Digests.
    under("sha1.tree.", Parent::Digests(&["SHA-1"])),
    under("sha384.tree.", Parent::Digests(&["SHA-384"])),
    under("both.tree.", Parent::Digests(&["SHA-1", "SHA-256"])),
    under("onlysha1fits.tree.", Parent::WrongBesideSha1),
    under("wrongdigest.tree.", Parent::Changed(6, "5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A")),
    under("otherkey.tree.", Parent::OtherKey),
    under("staledigest.tree.", Parent::OtherBeside),
    under("baddigest.tree.", Parent::WrongBeside),
    under("wrongalgorithm.tree.", Parent::Changed(4, "8")),
    // Signatures.
    signed("soon.tree.", &["-s", "now-86400", "-e", "now+172800"]),
    signed("expired.tree.", &["-s", "now-2592000", "-e", "now-86400"]),
    signed("notyet.tree.", &["-s", "now+86400", "-e", "now+2592000"]),
    zone("below.expired.tree."),
    spoilt("nokeys.tree.", &[Edit::Remove("DNSKEY")]),
    spoilt("stripped.tree.", &[Edit::Remove("RRSIG")]),
    spoilt("keysig.tree.", &[Edit::Damage("@", "DNSKEY")]),
    spoilt("signer.tree.", &[Edit::Signer("tree.")]),
    // The resolver hides this one (see `servers`), as some do with zones that nobody could check.
    spoilt("hidden.tree.", &[Edit::Signer("tree.")]),
    spoilt("badapex.tree.", &[Edit::Damage("@", "A")]),
    spoilt("badname.tree.", &[Edit::Damage("www", "A")]),
    spoilt("changed.tree.", &[Edit::Replace("192.0.2.3", "192.0.2.33")]),
    spoilt("nosigname.tree.", &[Edit::Strip("www", "A")]),
    spoilt("nonsec.tree.", &[Edit::Remove("NSEC")]),
    spoilt("badnsec.tree.", &[Edit::Damage("*", "NSEC")]),
    Zone { signing: &["-3", "-"], ..spoilt("nonsec3.tree.", &[Edit::Remove("NSEC3")]) },
    // The proof of a missing type alone, and that of a missing name alone.
    spoilt("badtypes.tree.", &[Edit::Damage("@", "NSEC")]),
    spoilt("badgaps.tree.", &[Edit::Damage("mail", "NSEC")]),
    Zone { keys: &[], ..zone("plain.nonsec.tree.") },
];

/// Name, type, what delv and we say, and our reason.
pub(crate) const QUESTIONS: &[(&str, &str, &str, &str)] = &[
    ("rsasha1.tree", "A", "secure", ""),
    ("nsec3rsasha1.tree", "A", "secure", ""),
    ("absent.nsec3rsasha1.tree", "A", "secure", ""),
    ("rsa.tree", "A", "secure", ""),
    ("rsasha512.tree", "A", "secure", ""),
    ("rsa1024.tree", "A", "secure", ""),
    ("rsa4096.tree", "A", "secure", ""),
    ("ecdsa.tree", "A", "secure", ""),
    ("ecdsa384.tree", "A", "secure", ""),
    ("ed25519.tree", "A", "secure", ""),
    ("ed448.tree", "A", "secure", ""),
    ("absent.ed448.tree", "A", "secure", ""),
    ("split.tree", "A", "secure", ""),
    ("rolling.tree", "A", "secure", ""),
    ("revoked.tree", "A", "secure", ""),
    ("types.tree", "SOA", "secure", ""),
    ("types.tree", "NS", "secure", ""),
    ("types.tree", "MX", "secure", ""),
    ("mail.types.tree", "AAAA", "secure", ""),
    ("srv.types.tree", "SRV", "secure", ""),
    ("naptr.types.tree", "NAPTR", "secure", ""),
    ("caa.types.tree", "CAA", "secure", ""),
    ("tlsa.types.tree", "TLSA", "secure", ""),
    ("ptr.types.tree", "PTR", "secure", ""),
    ("hinfo.types.tree", "HINFO", "secure", ""),
    ("rp.types.tree", "TYPE17", "secure", ""),
    ("afsdb.types.tree", "TYPE18", "secure", ""),
    ("loc.types.tree", "TYPE29", "secure", ""),
    ("sshfp.types.tree", "SSHFP", "secure", ""),
    ("kx.types.tree", "TYPE36", "secure", ""),
    ("rt.types.tree", "TYPE21", "secure", ""),
    ("txt.types.tree", "TXT", "secure", ""),
    ("https.types.tree", "HTTPS", "secure", ""),
    ("unknown.types.tree", "TYPE4711", "secure", ""),
    ("www.dnames.types.tree", "A", "secure", ""),
    ("dnames.types.tree", "DNAME", "secure", ""),
    ("tree", "DS", "secure", ""),
    ("plain.tree", "DS", "secure", ""),
    ("ecdsa.tree", "AAAA", "secure", ""),
    ("absent.ecdsa.tree", "A", "secure", ""),
    ("absent.below.absent.ecdsa.tree", "A", "secure", ""),
    ("absent", "A", "secure", ""),
    ("any.wild.tree", "A", "secure", ""),
    ("any.deep.wild.tree", "A", "secure", ""),
    ("any.wild.tree", "AAAA", "secure", ""),
    ("empty.wild.tree", "A", "secure", ""),
    ("any.empty.wild.tree", "A", "secure", ""),
    ("*.wild.tree", "A", "secure", ""),
    ("x.wrap.tree", "A", "secure", ""),
    ("x.wrap.tree", "TXT", "secure", ""),
    ("any.wild3.tree", "A", "secure", ""),
    ("any.deep.wild3.tree", "TXT", "secure", ""),
    ("any.wild3.tree", "AAAA", "secure", ""),
    ("empty.wild3.tree", "A", "secure", ""),
    ("any.empty.wild3.tree", "A", "secure", ""),
    ("absent.nsec3.tree", "A", "secure", ""),
    ("nsec3.tree", "AAAA", "secure", ""),
    ("absent.salted.tree", "A", "secure", ""),
    ("salted.tree", "AAAA", "secure", ""),
    ("often.tree", "A", "secure", ""),
    ("absent.often.tree", "A", "secure", ""),
    ("absent.optout.tree", "A", "secure", ""),
    ("www.optout.tree", "A", "secure", ""),
    ("www.plain.optout.tree", "A", "unsigned", ""),
    ("www.nods.optout.tree", "A", "unsigned", ""),
    ("www.signed.optout.tree", "A", "secure", ""),
    ("good.alias.tree", "A", "secure", ""),
    ("gone.alias.tree", "A", "secure", ""),
    ("plain.alias.tree", "A", "unsigned", ""),
    ("bad.alias.tree", "A", "bogus", "signature_expired"),
    ("any.alias.tree", "A", "secure", ""),
    ("www.old.alias.tree", "A", "secure", ""),
    ("shop.leads.tree", "A", "secure", ""),
    ("shop.leads.tree", "DS", "secure", ""),
    ("x.wild.leads.tree", "A", "secure", ""),
    ("www.old.leads.tree", "A", "secure", ""),
    ("www.takeover.tree", "A", "unsigned", ""),
    ("plain.tree", "A", "unsigned", ""),
    ("absent.plain.tree", "A", "unsigned", ""),
    ("nods.tree", "A", "unsigned", ""),
    ("below.nods.tree", "A", "unsigned", ""),
    ("unknownalgorithm.tree", "A", "unsigned", ""),
    ("gost.tree", "A", "unsigned", ""),
    ("unknowndigest.tree", "A", "unsigned", ""),
    ("sha1.tree", "A", "secure", ""),
    ("sha384.tree", "A", "secure", ""),
    ("both.tree", "A", "secure", ""),
    ("onlysha1fits.tree", "A", "bogus", "digest_mismatch"),
    ("wrongdigest.tree", "A", "bogus", "digest_mismatch"),
    ("otherkey.tree", "A", "bogus", "key_mismatch"),
    ("wrongalgorithm.tree", "A", "bogus", "algorithm_mismatch"),
    ("soon.tree", "A", "secure", ""),
    ("expired.tree", "A", "bogus", "signature_expired"),
    ("absent.expired.tree", "A", "bogus", "signature_expired"),
    ("notyet.tree", "A", "bogus", "signature_not_yet_valid"),
    ("below.expired.tree", "A", "bogus", "signature_expired"),
    ("nokeys.tree", "A", "bogus", "keys_missing"),
    ("stripped.tree", "A", "bogus", "signature_missing"),
    ("keysig.tree", "A", "bogus", "signature_invalid"),
    ("signer.tree", "A", "bogus", "wrong_signer"),
    ("hidden.tree", "A", "bogus", "wrong_signer"),
    ("badapex.tree", "A", "bogus", "signature_invalid"),
    ("badapex.tree", "MX", "secure", ""),
    ("badname.tree", "A", "secure", ""),
    ("www.badname.tree", "A", "bogus", "signature_invalid"),
    ("mail.changed.tree", "A", "bogus", "signature_invalid"),
    ("www.nosigname.tree", "A", "bogus", "signature_missing"),
    ("nonsec.tree", "A", "secure", ""),
    ("nonsec.tree", "AAAA", "bogus", "denial_missing"),
    ("absent.nonsec.tree", "A", "bogus", "denial_missing"),
    ("plain.nonsec.tree", "A", "bogus", "denial_missing"),
    ("badnsec.tree", "AAAA", "bogus", "denial_invalid"),
    ("absent.badnsec.tree", "A", "bogus", "denial_invalid"),
    ("nonsec3.tree", "AAAA", "bogus", "denial_missing"),
];

/// Domain, status, reason and problems of a look, the problems as `word subject`.
pub(crate) const STATUSES: &[(&str, &str, &str, &[&str])] = &[
    ("ecdsa.tree", "secure", "", &[]),
    ("www.ecdsa.tree", "secure", "", &[]),
    ("ed448.tree", "secure", "", &[]),
    ("wrap.tree", "secure", "", &[]),
    ("nsec3.tree", "secure", "", &[]),
    ("plain.tree", "unsigned", "", &[]),
    ("nods.tree", "no_ds", "", &["no_ds nods.tree DS"]),
    ("unknownalgorithm.tree", "unsigned", "", &["unsupported_algorithm unknownalgorithm.tree DS"]),
    ("soon.tree", "secure", "", &["expires_soon soon.tree SOA"]),
    ("rsasha1.tree", "secure", "", &["weak_algorithm rsasha1.tree DNSKEY"]),
    ("rsa1024.tree", "secure", "", &["short_key rsa1024.tree DNSKEY"]),
    ("split.tree", "secure", "", &["short_key split.tree DNSKEY"]),
    ("revoked.tree", "secure", "", &["revoked_key revoked.tree DNSKEY"]),
    ("sha1.tree", "secure", "", &["sha1_digest sha1.tree DS"]),
    ("salted.tree", "secure", "", &["nsec3_iterations salted.tree NSEC3PARAM", "nsec3_salt salted.tree NSEC3PARAM"]),
    ("expired.tree", "bogus", "signature_expired", &["signature_expired expired.tree DNSKEY"]),
    ("below.expired.tree", "bogus", "signature_expired", &["signature_expired expired.tree DNSKEY"]),
    ("badapex.tree", "bogus", "signature_invalid", &["signature_invalid badapex.tree A"]),
    ("badname.tree", "secure", "", &["signature_invalid www.badname.tree A"]),
    ("changed.tree", "secure", "", &["signature_invalid mail.changed.tree A"]),
    ("nosigname.tree", "secure", "", &["signature_missing www.nosigname.tree A"]),
    ("signer.tree", "bogus", "wrong_signer", &["wrong_signer signer.tree DNSKEY"]),
    ("hidden.tree", "bogus", "wrong_signer", &["wrong_signer hidden.tree DNSKEY"]),
    ("wild.tree", "secure", "", &[]),
    ("wild3.tree", "secure", "", &[]),
    ("optout.tree", "secure", "", &[]),
    ("alias.tree", "secure", "", &[]),
    ("leads.tree", "secure", "", &[]),
    ("shop.leads.tree", "secure", "", &[]),
    ("gone.leads.tree", "secure", "", &[]),
    ("x.wild.leads.tree", "secure", "", &[]),
    ("www.old.leads.tree", "secure", "", &[]),
    ("www.takeover.tree", "unsigned", "", &[]),
    ("shop.takeover.tree", "unsigned", "", &[]),
    ("staledigest.tree", "secure", "", &["key_mismatch staledigest.tree DS"]),
    ("baddigest.tree", "secure", "", &["digest_mismatch baddigest.tree DS"]),
    ("nonsec.tree", "bogus", "denial_missing", &["denial_missing nonsec.tree AAAA"]),
    ("nonsec3.tree", "bogus", "denial_missing", &["denial_missing nonsec3.tree AAAA"]),
    ("badnsec.tree", "bogus", "denial_invalid", &["denial_invalid badnsec.tree AAAA"]),
    ("badtypes.tree", "bogus", "denial_invalid", &["denial_invalid badtypes.tree AAAA"]),
    ("badgaps.tree", "bogus", "denial_invalid", &["denial_invalid vedetta-no-such-name.badgaps.tree A"]),
];
