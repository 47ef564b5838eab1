//! Signed zones, most of them broken.

use super::super::place::Place::C;
use super::super::zone::{Key, ParentSays, Status, Tampering, Zone, server, zone};

const SITE: &str = "@ A {Web}\nwww A {Web}\nmail A {Mail}\n@ TXT \"text\"";
const DAY: i64 = 86_400;

/// Every signed zone.
pub const ZONES: &[Zone] = &[
    zone("ecdsa.test", SITE).signed(Key::EcdsaP256).facts(&[
        ("dnssec.algorithm", "13"),
        ("dnssec.algorithm_name", "\"ECDSAP256SHA256\""),
        ("dnssec.denial", "\"nsec\""),
    ]),
    zone("ecdsa384.test", SITE).signed(Key::EcdsaP384),
    zone("rsa.test", SITE).signed(Key::RsaSha256Of2048).facts(&[("dnssec.keys.0.bits", "2048")]),
    zone("rsa512.test", SITE).signed(Key::RsaSha512Of2048),
    zone("ed25519.test", SITE).signed(Key::Ed25519),
    zone("ed448.test", SITE).signed(Key::Ed448),
    zone("rsasha1.test", SITE).signed(Key::RsaSha1Of2048).says(&["weak_algorithm"]),
    zone("shortkey.test", SITE).signed(Key::RsaSha256Of1024).says(&["short_key"]),
    zone("sha1digest.test", SITE).signed(Key::EcdsaP256).parent(ParentSays::Sha1).says(&["sha1_digest"]),
    zone("sha384digest.test", SITE).signed(Key::EcdsaP256).parent(ParentSays::Sha384),
    zone("nsec3.test", SITE)
        .signed(Key::EcdsaP256)
        .nsec3(0, "-")
        .facts(&[("dnssec.denial", "\"nsec3\""), ("dnssec.nsec3_iterations", "0")]),
    zone("nsec3iter.test", SITE)
        .signed(Key::EcdsaP256)
        .nsec3(100, "-")
        .says(&["nsec3_iterations"])
        .facts(&[("dnssec.nsec3_iterations", "100")]),
    zone("wildsigned.test", "@ A {Web}\n* A {Web}").signed(Key::EcdsaP256).facts(&[("wildcard", "true")]),
    zone("wildnsec3.test", "@ A {Web}\n* A {Web}").signed(Key::EcdsaP256).nsec3(0, "-").facts(&[("wildcard", "true")]),
    zone("alias.test", "@ A {Web}\nwww CNAME www.ecdsa.test.").signed(Key::EcdsaP256),
    zone("soon.test", SITE).signed(Key::EcdsaP256).valid(-DAY, 2 * DAY).says(&["expires_soon"]),
    zone("nods.test", SITE).signed(Key::EcdsaP256).parent(ParentSays::Nothing).status(Status::NoDs).says(&["no_ds"]),
    zone("unknownalgorithm.test", SITE)
        .signed(Key::EcdsaP256)
        .parent(ParentSays::UnknownAlgorithm)
        .status(Status::Insecure)
        .says(&["unsupported_algorithm"]),
    zone("expired.test", SITE).signed(Key::EcdsaP256).valid(-30 * DAY, -DAY).bogus("signature_expired"),
    zone("notyet.test", SITE).signed(Key::EcdsaP256).valid(DAY, 30 * DAY).bogus("signature_not_yet_valid"),
    zone("nokeysig.test", SITE)
        .signed(Key::EcdsaP256)
        .tampered(&[Tampering::StripSignatures("DNSKEY")])
        .bogus("signature_missing"),
    zone("nosig.test", SITE)
        .signed(Key::RsaSha256Of2048)
        .tampered(&[Tampering::Remove("RRSIG")])
        .bogus("signature_missing"),
    zone("badsig.test", SITE)
        .signed(Key::RsaSha256Of2048)
        .tampered(&[Tampering::DamageSignatures("DNSKEY")])
        .bogus("signature_invalid"),
    zone("badsigecdsa.test", SITE)
        .signed(Key::EcdsaP256)
        .tampered(&[Tampering::DamageSignatures("DNSKEY"), Tampering::DamageSignatures("SOA")])
        .bogus("signature_invalid"),
    zone("badstart.test", SITE)
        .signed(Key::Ed25519)
        .tampered(&[Tampering::DamageSignatures("SOA")])
        .bogus("signature_invalid"),
    zone("signer.test", SITE).signed(Key::EcdsaP256).tampered(&[Tampering::Signer("test.")]).bogus("wrong_signer"),
    zone("nokeys.test", SITE).signed(Key::EcdsaP256).tampered(&[Tampering::Remove("DNSKEY")]).bogus("keys_missing"),
    zone("otherkey.test", SITE).signed(Key::EcdsaP256).parent(ParentSays::OtherKey).bogus("key_mismatch"),
    zone("wrongdigest.test", SITE).signed(Key::EcdsaP256).parent(ParentSays::WrongDigest).bogus("digest_mismatch"),
    zone("wrongalgorithm.test", SITE)
        .signed(Key::EcdsaP256)
        .parent(ParentSays::WrongAlgorithm)
        .bogus("algorithm_mismatch"),
    zone("below.expired.test", SITE).at(&[server("ns1", C)]).signed(Key::EcdsaP256).bogus("signature_expired"),
    zone("nosigname.test", SITE)
        .signed(Key::EcdsaP256)
        .tampered(&[Tampering::StripSignatureAt("www", "A")])
        .says(&["signature_missing"]),
    zone("badname.test", SITE)
        .signed(Key::EcdsaP256)
        .tampered(&[Tampering::DamageSignatureAt("www", "A")])
        .says(&["signature_invalid"]),
    zone("nonsec.test", SITE).signed(Key::EcdsaP256).tampered(&[Tampering::Remove("NSEC")]).bogus("denial_missing"),
    zone("nonsec3.test", SITE)
        .signed(Key::EcdsaP256)
        .nsec3(0, "-")
        .tampered(&[Tampering::Remove("NSEC3")])
        .bogus("denial_missing"),
    zone("badnsec.test", SITE)
        .signed(Key::EcdsaP256)
        .tampered(&[Tampering::DamageSignatures("NSEC")])
        .bogus("denial_invalid"),
];
