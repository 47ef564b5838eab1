//! The admin socket and its verbs over a real store.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use super::server::{AdminSocket, may_use};
use super::verbs::incident::{AddEntry, Close, List, ListRequest, OneRequest, Open, OpenRequest, Show, TextRequest};
use super::verbs::organisation::{List as ListOrganisations, Seed};
use super::verbs::store::VerifyAudit;
use super::verbs::user::{Add, AddRequest, Link, LinkRequest};
use super::{SOCKET_NAME, Verb as _, client};
use crate::stop::pair;
use crate::testing::Collector;

const COMUNE: &str = "Comune di prova";

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_private_and_answers_its_own_user() {
    let collector = Collector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(SOCKET_NAME);
    let socket = AdminSocket::open(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let (_stopper, stop) = pair();
    let context = collector.context();
    tokio::spawn(socket.serve(Arc::clone(&context.shared), Arc::clone(&context.facts), stop));

    let seeded = client::call::<Seed>(folder.path(), ()).await.unwrap();
    assert!(seeded.added > 59, "{}", seeded.added);
    assert_eq!(client::call::<Seed>(folder.path(), ()).await.unwrap().added, 0);
    let all = client::call::<ListOrganisations>(folder.path(), ()).await.unwrap();
    assert_eq!(all.len(), seeded.added + 1);
    let request = TextRequest { incident: "unknown".to_owned(), text: "x".to_owned() };
    let refused = client::call::<AddEntry>(folder.path(), request).await.unwrap_err();
    assert_eq!(refused.to_string(), "l'incidente `unknown` non esiste");
    let client::ClientError::Failed(words) = refused else { panic!("{refused}") };
    assert_eq!(words.en, "there is no incident `unknown`");
}

#[test]
fn only_root_and_the_owner_may_use_the_socket() {
    for (uid, owner, expected) in [(0, 1000, true), (1000, 1000, true), (1001, 1000, false), (1001, 0, false)] {
        assert_eq!(may_use(uid, owner), expected, "{uid} {owner}");
    }
}

#[tokio::test]
async fn a_missing_collector_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = client::call::<Seed>(folder.path(), ()).await.unwrap_err().to_string();
    assert!(error.contains(SOCKET_NAME) && error.contains("serve"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_opened_continued_and_closed_without_a_finding() {
    let collector = Collector::start().await;
    let context = collector.context();
    let request = OpenRequest {
        organisation: COMUNE.to_owned(),
        title: "Posta ferma".to_owned(),
        noticed_at: None,
        finding: None,
    };
    let incident = Open::run(&context, request).await.unwrap().incident;
    for text in ["chiamato il fornitore", "riavviato", "funziona"] {
        let request = TextRequest { incident: incident.clone(), text: text.to_owned() };
        AddEntry::run(&context, request).await.unwrap();
    }
    let close = TextRequest { incident: incident.clone(), text: "ripristinato".to_owned() };
    Close::run(&context, close.clone()).await.unwrap();
    assert!(Close::run(&context, close).await.is_err(), "closed twice");
    let shown = Show::run(&context, OneRequest { incident }).await.unwrap();
    assert_eq!(shown.timeline.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1, 2, 3]);
    let gdpr = shown.duties.iter().find(|duty| duty.id.starts_with("gdpr.33")).expect("the 72 h line");
    let hours = gdpr.due_at.unwrap().duration_since(shown.incident.noticed_at).as_hours();
    assert_eq!((gdpr.stance.as_str(), hours), ("to_assess", 72));
    assert_eq!(shown.incident.closed.map(|(_, reason)| reason), Some("ripristinato".to_owned()));
    let open = ListRequest { organisation: Some(COMUNE.to_owned()), only_open: true };
    assert!(List::run(&context, open).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_console_does_stands_in_the_audit_and_the_audit_is_whole() {
    let collector = Collector::start().await;
    let context = collector.context();
    let request = AddRequest { login: "prova".to_owned(), role: "admin".to_owned(), organisation: None };
    Add::run(&context, request).await.unwrap();
    let link = Link::run(&context, LinkRequest { login: "prova".to_owned(), valid_for: 60 }).await.unwrap();
    assert!(link.url.starts_with("https://localhost:1/accesso/"), "{}", link.url);
    let verified = VerifyAudit::run(&context, ()).await.unwrap();
    assert_eq!((verified.records, verified.broken_at), (3, None));
}
