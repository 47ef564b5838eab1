use vedetta_checks::result::{AssetReference, Vantage};
use vedetta_checks::verdict::{Category, Verdict};

use super::*;
use crate::packs::PackSources;
use crate::targets::AllowedTarget;

fn packs() -> PackSet {
    let publishers = std::path::Path::new("/nonexistent");
    let sources = PackSources { folder: None, publishers, state: None, wanted: &[] };
    PackSet::load(&sources, &vedetta_probes::catalogue(), crate::clock::system())
}

fn host() -> Vec<(AssetReference, AllowedTarget, Vantage)> {
    vec![(AssetReference::OwnHost, AllowedTarget::typed_by_a_person(Target::Host), Vantage::Inside)]
}

fn surroundings() -> Surroundings {
    let context = ProbeContext::new(crate::clock::system(), std::time::Duration::from_secs(30));
    Surroundings { context, concurrency: 2, active: false, clock: crate::clock::system, now: None, reader: None }
}

#[test]
fn the_shipped_packs_compile_against_the_shipped_probes() {
    let packs = packs();
    assert_eq!(packs.refused, []);
    assert!(!packs.packs.is_empty());
}

#[test]
fn one_look_serves_every_check_of_a_probe_on_a_target() {
    let looks = plan(&packs(), &host(), PlanFilter::default(), &vedetta_probes::catalogue());
    let probes: std::collections::BTreeSet<&str> = looks.iter().map(|look| look.probe.as_str()).collect();
    assert_eq!(probes.len(), looks.len());
    assert!(looks.iter().any(|look| look.checks.len() > 1));
}

#[test]
fn a_check_without_a_target_is_listed_and_not_looked_at() {
    let packs = packs();
    let listed = unassigned(&packs, &host(), PlanFilter::default());
    assert!(!listed.is_empty());
    let looks = plan(&packs, &host(), PlanFilter::default(), &vedetta_probes::catalogue());
    for unassigned in &listed {
        assert!(!looks.iter().flat_map(|look| &look.checks).any(|check| check.check == unassigned.check));
    }
}

#[test]
fn a_category_takes_only_its_checks() {
    let packs = packs();
    let filter = PlanFilter { category: Some(Category::Patch) };
    let looks = plan(&packs, &host(), filter, &vedetta_probes::catalogue());
    assert!(!looks.is_empty());
    for planned in looks.iter().flat_map(|look| &look.checks) {
        let check = packs.packs[planned.pack].compiled.check(&planned.check).unwrap().check();
        assert_eq!(check.category, Category::Patch);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_planned_check_gets_exactly_one_result_also_when_the_root_is_empty() {
    let packs = packs();
    let looks = plan(&packs, &host(), PlanFilter::default(), &vedetta_probes::catalogue());
    let empty = tempfile::tempdir().unwrap();
    let mut surroundings = surroundings();
    surroundings.context.root = empty.path().to_path_buf();
    let results = look(&looks, &packs, &surroundings).await.results;
    let planned: usize = looks.iter().map(|look| look.checks.len()).sum();
    assert_eq!(results.len(), planned);
    // An empty folder shows nothing of packages: what was not seen must not pass.
    for result in results.iter().filter(|result| result.check.as_str().starts_with("patch.")) {
        assert_ne!(result.verdict, Verdict::Pass, "{}", result.check);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_active_look_without_permission_sends_nothing_and_says_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let target: Target = format!("tls://127.0.0.1:{}", listener.local_addr().unwrap().port()).parse().unwrap();
    let targets = vec![(AssetReference::OwnHost, AllowedTarget::typed_by_a_person(target), Vantage::Inside)];
    let packs = packs();
    let mut looks = plan(&packs, &targets, PlanFilter::default(), &vedetta_probes::catalogue());
    assert!(!looks.is_empty());
    looks.iter_mut().for_each(|look| look.needs_active = true);
    for result in look(&looks, &packs, &surroundings()).await.results {
        assert_eq!(result.verdict.reason().map(|why| why.reason.clone()), Some(Reason::NEEDS_ACTIVE));
    }
    assert_eq!(listener.accept().map_err(|error| error.kind()).err(), Some(std::io::ErrorKind::WouldBlock));
}

/// What the active checks of TLS say without permission when the passive look saw these facts.
fn without_permission(facts: Record) -> BTreeMap<String, (Verdict, Option<String>)> {
    let packs = packs();
    let target: Target = "tls://127.0.0.1:443".parse().unwrap();
    let targets = vec![(AssetReference::OwnHost, AllowedTarget::typed_by_a_person(target.clone()), Vantage::Inside)];
    let looks = plan(&packs, &targets, PlanFilter::default(), &vedetta_probes::catalogue());
    let index = looks.iter().position(|look| look.needs_active && look.probe.as_str() == "tls").unwrap();
    let probe = looks[index].probe.clone();
    let observation = Observation { probe, target, observed_at: crate::clock::system(), facts };
    let at = looks.iter().position(|look| !look.needs_active && look.probe.as_str() == "tls").unwrap();
    let seen = BTreeMap::from([(at, Ok(observation))]);
    let denied = Err(ProbeError::new("choose the target", Reason::NEEDS_ACTIVE, ""));
    let mut results = Vec::new();
    let passive = passive(&looks[index], &looks, &seen);
    judge(&looks[index], &denied, passive, &packs, &Record::new(), &surroundings(), &mut results);
    let told = |result: CheckResult| {
        let reason = result.verdict.reason().map(|why| why.reason.to_string());
        (result.check.to_string(), (result.verdict, reason))
    };
    results.into_iter().map(told).collect()
}

#[test]
fn without_permission_an_active_check_may_still_not_apply() {
    let facts = Record::from([("starttls_protocol".into(), Value::Text(String::new()))]);
    let told = without_permission(facts);
    let (verdict, reason) = &told["tls.starttls.injection"];
    assert!(matches!(verdict, Verdict::NotApplicable(_)), "{verdict:?}");
    assert_eq!(reason.as_deref(), Some("does_not_apply"));
    assert_eq!(told["tls.flaw.heartbleed"].1.as_deref(), Some("needs_active"));
}

#[test]
fn without_permission_the_passive_look_decides_nothing_else() {
    let all = ["sslv2", "sslv3", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3"];
    let accepts: Record = all.into_iter().map(|name| (name.into(), Value::Bool(name == "tls_1_2"))).collect();
    let vulnerabilities = Record::from([("heartbleed".into(), Value::Bool(false))]);
    let facts = Record::from([
        ("server_name".into(), Value::Text("www.example.it".to_owned())),
        ("accepts".into(), Value::Record(accepts)),
        ("vulnerabilities".into(), Value::Record(vulnerabilities)),
    ]);
    let (verdict, reason) = &without_permission(facts)["tls.flaw.heartbleed"];
    assert!(matches!(verdict, Verdict::NotTested(_)), "{verdict:?}");
    assert_eq!(reason.as_deref(), Some("needs_active"));
}
