//! What WCAG 2.1 AA asks of the markup and a program can see: headings, labels, captions, ids, language.

mod support;

use std::collections::BTreeSet;

use support::World;

/// What stands between `open` and the next `close`, for every `open`.
fn between<'p>(page: &'p str, open: &str, close: &str) -> Vec<&'p str> {
    page.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next())
}

async fn pages() -> Vec<(String, String)> {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let one = world.one.to_string();
    let fields = [("titolo", "Prova"), ("comune", one.as_str()), ("quando", "2026-11-21T20:00")];
    let incident = browser.post("/incidenti", &fields).await.location().to_owned();
    let mut paths = vec![format!("/comuni/{one}"), format!("/comuni/{one}/beni/{}", world.host.asset), incident];
    let fixed = ["/", "/incidenti", "/incidenti/nuovo", "/frase", "/aiuto", "/privacy", "/accessibilita", "/niente"];
    paths.extend(fixed.map(str::to_owned));
    let mut shown = Vec::new();
    for path in paths {
        shown.push((path.clone(), browser.get(&path).await.body));
    }
    let code = browser.post(&format!("/comuni/{one}/codici"), &[]).await.body;
    shown.push(("a new code".to_owned(), code));
    shown.push(("the login".to_owned(), world.browser().get("/accesso").await.body));
    let link = world.link("comune").await;
    shown.push(("a login link".to_owned(), world.browser().get(&link).await.body));
    shown
}

#[tokio::test]
async fn headings_start_at_one_and_skip_no_level() {
    for (path, page) in pages().await {
        let levels: Vec<u32> = between(&page, "<h", ">").iter().filter_map(|tag| tag.get(..1)?.parse().ok()).collect();
        assert_eq!(levels.first(), Some(&1), "{path}");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{path}: {levels:?}");
        }
    }
}

#[tokio::test]
async fn every_field_that_people_fill_in_has_its_label() {
    let mut fields = 0;
    for (path, page) in pages().await {
        let labels: BTreeSet<_> =
            between(&page, "<label", ">").iter().filter_map(|tag| attribute(tag, "for")).collect();
        for kind in ["<input", "<select", "<textarea"] {
            for tag in between(&page, kind, ">").iter().filter(|tag| attribute(tag, "type") != Some("hidden")) {
                let id = attribute(tag, "id").unwrap_or_default();
                assert!(labels.contains(id), "{path}: {tag}");
                fields += 1;
            }
        }
    }
    assert!(fields > 10, "{fields}");
}

#[tokio::test]
async fn every_table_has_a_caption_and_every_heading_cell_its_scope() {
    let mut tables = 0;
    for (path, page) in pages().await {
        for table in between(&page, "<table", "</table>") {
            assert!(table.contains("<caption>"), "{path}");
            assert!(
                between(table, "<th", ">").iter().all(|tag| tag.starts_with("ead") || tag.contains("scope=")),
                "{path}"
            );
            tables += 1;
        }
    }
    assert!(tables > 5, "{tables}");
}

#[tokio::test]
async fn ids_stand_once_and_what_refers_to_them_finds_them() {
    for (path, page) in pages().await {
        let all = between(&page, " id=\"", "\"");
        let ids: BTreeSet<_> = all.iter().copied().collect();
        assert_eq!(all.len(), ids.len(), "{path}: {all:?}");
        let named = [" aria-describedby=\"", " aria-labelledby=\"", " href=\"#"].map(|name| between(&page, name, "\""));
        for id in named.iter().flatten().flat_map(|value| value.split(' ')) {
            assert!(ids.contains(id), "{path}: {id}");
        }
    }
}

#[tokio::test]
async fn pictures_say_what_they_are_or_that_they_say_nothing() {
    for (path, page) in pages().await {
        assert!(between(&page, "<img", ">").iter().all(|tag| attribute(tag, "alt").is_some()), "{path}");
        for tag in between(&page, "<svg", ">") {
            assert!(tag.contains("aria-hidden=\"true\"") || tag.contains("aria-labelledby="), "{path}: {tag}");
        }
    }
}
