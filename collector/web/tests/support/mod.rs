//! A collector's state in a temporary folder, with made-up organisations, and a browser that keeps its cookie.
#![allow(dead_code, unused_imports, reason = "each test program uses its own part")]
#![allow(clippy::expect_used, reason = "a broken test setup has nobody to tell")]

mod browser;
mod content;

pub(crate) use browser::Browser;
pub(crate) use content::*;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vedetta_core::actor::{Actor, Scope};
use vedetta_core::agent::Fingerprint;
use vedetta_core::aggregate::Aggregate;
use vedetta_core::asset::{Asset, AssetKey, AssetKind, AssetState};
use vedetta_core::changes::Changes;
use vedetta_core::ids::{AssetId, OrganisationId, UserId};
use vedetta_core::organisation::{Contact, Organisation, OrganisationGraph, OrganisationKind, Perimeter};
use vedetta_core::person::{LoginLink, Role, RoleGrant, User};
use vedetta_core::posture::{RollUp, RollUpKey};
use vedetta_core::store::Store as _;
use vedetta_store::{Embedded, Options};
use vedetta_web::{EnrolmentCodes, NewCode, NoChance, Packages, PassphraseError, Passphrases, PublicAddress, WebState};

/// The moment at which every test runs.
pub(crate) const NOW: &str = "2026-11-21T21:00:00Z";

pub(crate) struct World {
    pub(crate) store: Embedded,
    pub(crate) router: axum::Router,
    pub(crate) province: OrganisationId,
    pub(crate) one: OrganisationId,
    pub(crate) two: OrganisationId,
    /// The host of the first Comune.
    pub(crate) host: AssetKey,
    /// The folder of packages, empty at first.
    pub(crate) packages: tempfile::TempDir,
    users: HashMap<&'static str, UserId>,
    _folder: tempfile::TempDir,
}

pub(crate) fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) fn secret() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    bytes
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let packages = tempfile::tempdir().expect("a folder");
        let (store, _) = Embedded::open(folder.path(), Options::default()).expect("a store");
        let state = WebState {
            store: store.clone(),
            clock: Arc::new(now),
            chance: Arc::new(|| Ok(secret())),
            passphrases: Arc::new(Plain),
            enrolment: Arc::new(Codes),
            packages: Arc::new(Packages::of(packages.path().to_owned())),
            address: PublicAddress { url: Some("https://vedetta.example.org".to_owned()), is_self_signed: true },
        };
        let router = vedetta_web::router(state).expect("a router");
        let [province, one, two] = [1, 2, 3].map(|number| OrganisationId::new(id(number)));
        let host = AssetKey { organisation: one, asset: AssetId::new(id(20)) };
        let mut world =
            Self { store, router, province, one, two, host, packages, users: HashMap::new(), _folder: folder };
        world.fill().await;
        world
    }

    async fn fill(&mut self) {
        let mut changes = Changes::audited("test.seed", "world");
        changes.put(organisation(self.province, OrganisationKind::Provincia, "Provincia di Prova", &[]));
        let mut one = organisation(self.one, OrganisationKind::Comune, "Comune di Prova Uno", &[self.province]);
        one.contacts = vec![Contact {
            role: "referente".to_owned(),
            name: "Ufficio informatica".to_owned(),
            reach: "0000 000000".to_owned(),
        }];
        one.perimeter = Perimeter { servers: Some(1), workstations: Some(0), ..Perimeter::default() };
        changes.put(one);
        changes.put(organisation(self.two, OrganisationKind::Comune, "Comune di Prova Due", &[self.province]));
        let accounts = [
            ("admin", Role::Admin, self.province),
            ("operator", Role::Operator, self.province),
            ("facilitator", Role::Facilitator, self.one),
            ("comune", Role::Comune, self.one),
            ("responder", Role::Responder, self.one),
            ("auditor", Role::Auditor, self.one),
            ("other", Role::Comune, self.two),
        ];
        for (number, (login, role, at)) in (40..).zip(accounts) {
            let user = UserId::new(id(number));
            self.users.insert(login, user);
            changes.put(User {
                id: user,
                login: login.to_owned(),
                passphrase_hash: Some(hashed(&format!("frase di {login}"))),
                roles: vec![RoleGrant { role, at }],
                closed_at: None,
            });
        }
        changes.put(Asset {
            key: self.host,
            name: HOSTILE_NAME.to_owned(),
            kind: AssetKind::Host,
            supplier: None,
            state: AssetState::Active,
            added_at: now(),
        });
        for (day, score) in [("2026-11-19", 5_500), ("2026-11-20", 6_125)] {
            changes.put(RollUp {
                key: RollUpKey { organisation: self.one, day: day.parse().expect("a day") },
                score: Some(score),
                coverage: 8_000,
                open_findings: 4,
                rules: [0; 32],
            });
        }
        let (current, findings) = results(self.host, now());
        current.into_iter().for_each(|result| changes.put(result));
        findings.into_iter().for_each(|finding| changes.put(finding));
        self.commit(changes).await;
    }

    pub(crate) async fn commit(&self, changes: Changes) {
        let actor = Actor::Person(Scope::of_console(0, &OrganisationGraph::default()));
        self.store.commit(&actor, now(), changes).await.expect("committed");
    }

    /// A host of an organisation with one result of each check, seen at a moment.
    pub(crate) async fn add_host(&self, at: OrganisationId, name: &str, number: u128, seen: Timestamp) -> AssetKey {
        let key = AssetKey { organisation: at, asset: AssetId::new(id(number)) };
        let mut changes = Changes::audited("test.host", name);
        let (name, kind, state) = (name.to_owned(), AssetKind::Host, AssetState::Active);
        changes.put(Asset { key, name, kind, supplier: None, state, added_at: seen });
        let (current, findings) = results_from(key, seen, number * 1_000);
        current.into_iter().for_each(|result| changes.put(result));
        findings.into_iter().for_each(|finding| changes.put(finding));
        self.commit(changes).await;
        key
    }

    pub(crate) async fn put<A: Aggregate>(&self, value: A) {
        let mut changes = Changes::audited("test.put", A::NAME);
        changes.put(value);
        self.commit(changes).await;
    }

    /// A one-time link for somebody: its path.
    pub(crate) async fn link(&self, login: &str) -> String {
        self.link_until(login, now().checked_add(SignedDuration::from_hours(1)).expect("a time")).await
    }

    pub(crate) async fn link_until(&self, login: &str, expires_at: Timestamp) -> String {
        let secret = secret();
        let user = self.users[login];
        self.put(LoginLink { secret: vedetta_web::secret_fingerprint(&secret), user, expires_at }).await;
        vedetta_web::login_path(&secret)
    }

    /// A browser that nobody is logged in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser in which somebody logged in by a one-time link.
    pub(crate) async fn login(&self, login: &str) -> Browser {
        let path = self.link(login).await;
        let mut browser = self.browser();
        let answer = browser.post(&path, &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser.learn_form_secret().await;
        browser
    }
}

fn organisation(id: OrganisationId, kind: OrganisationKind, name: &str, parents: &[OrganisationId]) -> Organisation {
    Organisation {
        id,
        kind,
        name: name.to_owned(),
        istat_code: None,
        cadastral_code: None,
        ipa_code: None,
        parents: parents.iter().copied().collect::<BTreeSet<_>>(),
        perimeter: Perimeter::default(),
        contacts: Vec::new(),
        is_demonstration: false,
    }
}

/// Stands for Argon2id, which the collector brings: quick, and as one-way as a test needs.
struct Plain;

fn hashed(passphrase: &str) -> String {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(passphrase.bytes()).for_each(|(place, byte)| *place = byte);
    format!("$argon2id$test${:?}", vedetta_web::secret_fingerprint(&bytes))
}

impl Passphrases for Plain {
    fn hash(&self, passphrase: &str) -> Result<String, PassphraseError> {
        Ok(hashed(passphrase))
    }

    fn verify(&self, passphrase: &str, hash: Option<&str>) -> bool {
        hash == Some(hashed(passphrase).as_str())
    }
}

struct Codes;

impl EnrolmentCodes for Codes {
    fn make(&self) -> Result<NewCode, NoChance> {
        Ok(NewCode { text: "VEDETTA-PROVA".to_owned(), secret: Fingerprint(secret()) })
    }
}
