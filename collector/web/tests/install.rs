//! The agent's packages: what the page with the two commands says of them, and who is told that an agent is old.

mod support;

use axum::http::header;
use support::{World, id, now};
use vedetta_core::agent::{Agent, AgentCertificate, AgentState, Fingerprint};
use vedetta_core::asset::AssetKey;
use vedetta_core::ids::AgentId;

/// SHA-256 of `abc` (FIPS 180-2, appendix B.1).
const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn put(world: &World, names: &[&str]) {
    for name in names {
        let written = std::fs::write(world.packages.path().join(name), "abc");
        assert!(written.is_ok(), "{name}: {written:?}");
    }
}

async fn code_page(world: &World) -> String {
    let answer = world.login("comune").await.post(&format!("/comuni/{}/codici", world.one), &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"")
}

fn agent(number: u128, host: AssetKey, version: &str) -> Agent {
    Agent {
        id: AgentId::new(id(number)),
        host,
        state: AgentState::Active,
        current: AgentCertificate { generation: 1, key: Fingerprint([0; 32]), not_after: now() },
        next: None,
        enrolled_at: now(),
        last_seen: Some(now()),
        version: version.to_owned(),
        boot_id: None,
        earlier_boot_ids: Vec::new(),
        clock_skew: 0,
        assignment_revision: 0,
        gap_batches: 0,
        packs: Vec::new(),
    }
}

#[tokio::test]
async fn each_system_has_its_two_commands_with_address_and_digest() {
    let world = World::new().await;
    put(&world, &["vedetta-agent_9.1.0_amd64.deb", "vedetta-agent-9.1.0-1.x86_64.rpm", "vedetta-agent-9.1.0-x64.msi"]);
    let page = code_page(&world).await;
    for name in ["vedetta-agent_9.1.0_amd64.deb", "vedetta-agent-9.1.0-1.x86_64.rpm", "vedetta-agent-9.1.0-x64.msi"] {
        assert!(
            page.contains(&format!("https://vedetta.example.org/packages/{name} "))
                || page.contains(&format!("https://vedetta.example.org/packages/{name};")),
            "{name}: {page}"
        );
    }
    for command in [
        format!("echo '{DIGEST}  vedetta-agent.deb' | sha256sum -c && sudo apt-get install -y ./vedetta-agent.deb"),
        format!("echo '{DIGEST}  vedetta-agent.rpm' | sha256sum -c && sudo dnf install -y ./vedetta-agent.rpm"),
        format!("-eq '{DIGEST}'"),
        "sudo vedetta-agent enrol VEDETTA-PROVA".to_owned(),
        "vedetta-agent.exe\" enrol VEDETTA-PROVA".to_owned(),
    ] {
        assert!(page.contains(&command), "{command}: {page}");
    }
}

#[tokio::test]
async fn the_newest_package_is_offered_and_arm_stands_beside_it() {
    let world = World::new().await;
    put(&world, &["vedetta-agent_9.1.0_amd64.deb", "vedetta-agent_9.10.0_amd64.deb", "vedetta-agent_9.10.0_arm64.deb"]);
    let page = code_page(&world).await;
    assert!(page.contains("vedetta-agent_9.10.0_amd64.deb") && page.contains("vedetta-agent_9.10.0_arm64.deb"));
    assert!(!page.contains("vedetta-agent_9.1.0_amd64.deb"), "{page}");
}

#[tokio::test]
async fn without_packages_the_page_says_where_they_go() {
    let world = World::new().await;
    let page = code_page(&world).await;
    assert!(page.contains(&world.packages.path().display().to_string()), "{page}");
    assert!(page.contains("sudo apt-get install -y ./vedetta-agent_*.deb"), "{page}");
}

#[tokio::test]
async fn a_package_is_given_to_anybody_as_a_file() {
    let world = World::new().await;
    put(&world, &["vedetta-agent_9.1.0_amd64.deb", "SHA256SUMS"]);
    for (name, kind) in [
        ("vedetta-agent_9.1.0_amd64.deb", "application/vnd.debian.binary-package"),
        ("SHA256SUMS", "text/plain; charset=utf-8"),
    ] {
        let answer = world.browser().get(&format!("/packages/{name}")).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "abc"), "{name}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], kind);
        assert_eq!(answer.headers[header::CONTENT_LENGTH], "3");
        assert_eq!(answer.headers[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{name}\""));
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}

#[tokio::test]
async fn no_other_file_can_be_had() {
    let world = World::new().await;
    put(&world, &["other.txt", ".hidden"]);
    let outside = world.packages.path().parent().expect("a parent").join("vedetta-outside.txt");
    let outside = outside.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    for path in
        ["other.txt", ".hidden", "%2e%2e", "%2e%2e%2fother.txt", &format!("..%2f{outside}"), "%2fetc%2fpasswd", "%00"]
    {
        assert_eq!(world.browser().get(&format!("/packages/{path}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_old_agent_is_told_on_the_page_of_its_host_and_counted_for_its_organisation() {
    let world = World::new().await;
    put(&world, &["vedetta-agent_9.1.0_amd64.deb"]);
    let second = world.add_host(world.one, "server-due", 21, now()).await;
    let third = world.add_host(world.one, "server-tre", 22, now()).await;
    let left = Agent { state: AgentState::Left { at: now() }, ..agent(63, third, "0.1.0") };
    for one in [agent(60, world.host, "0.1.0"), agent(61, second, "9.1.0"), agent(62, third, "9.2.0"), left] {
        world.put(one).await;
    }
    let mut browser = world.login("comune").await;
    let place = format!("/comuni/{}", world.one);
    let page = browser.get(&place).await.body;
    assert!(page.contains("Un computer ha una versione vecchia dell&#39;agente: è disponibile la 9.1.0."), "{page}");
    assert!(page.contains("server-due") && page.contains("server-tre"));
    let only_old = browser.get(&format!("{place}?agente=vecchio")).await.body;
    // What is to be done first names every host; the list below it shows the old one alone.
    let list = only_old.split_once("id=\"beni\"").map_or("", |(_, list)| list);
    assert!(list.contains(&world.host.asset.to_string()) && !list.contains("server-due"), "{only_old}");
    let host = browser.get(&format!("{place}/beni/{}", world.host.asset)).await.body;
    assert!(host.contains("versione 0.1.0 dell&#39;agente; è disponibile la 9.1.0"), "{host}");
    assert!(host.contains("vedetta-agent_9.1.0_amd64.deb"), "the command that updates it");
    for new in [second, third] {
        let page = browser.get(&format!("{place}/beni/{}", new.asset)).await.body;
        assert!(!page.contains("è disponibile la"), "{page}");
    }
}
