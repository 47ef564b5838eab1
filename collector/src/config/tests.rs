//! Where settings come from, and which are refused.

use super::*;

#[test]
fn flags_win_over_the_environment_and_it_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.toml");
    std::fs::write(&path, "state = \"/a\"\n[agents]\nlisten = \"127.0.0.1:1\"\n[people]\nlisten = \"127.0.0.1:2\"\n")
        .unwrap();
    let environment =
        [("VEDETTA_COLLECTOR_AGENTS_LISTEN", "127.0.0.1:3"), ("VEDETTA_COLLECTOR_RETENTION_HISTORY_MONTHS", "7")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let layers = Layers::defaults()
        .file(&path)
        .and_then(|layers| layers.environment(environment.into_iter()))
        .and_then(|layers| layers.flags([("state".to_owned(), "/c".to_owned())]))
        .unwrap();
    let config = Config::read(&layers).unwrap();
    assert_eq!(config.state, PathBuf::from("/c"));
    assert_eq!(config.agents_listen.port(), 3);
    assert_eq!((config.people_listen.port(), config.history_months), (2, 7));
    let shown = layers.to_string();
    assert!(shown.contains("from: environment VEDETTA_COLLECTOR_AGENTS_LISTEN"), "{shown}");
}

#[test]
fn what_is_shown_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.toml");
    std::fs::write(&path, Layers::defaults().to_string()).unwrap();
    assert!(Layers::defaults().file(&path).is_ok());
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.toml");
    std::fs::write(&path, "state = \"/a\"\n").unwrap();
    let environment = std::iter::once(("VEDETTA_COLLECTOR_STATE".to_owned(), "/b".to_owned()));
    let layers = Layers::defaults().file(&path).and_then(|layers| layers.environment(environment)).unwrap();
    assert_eq!(Config::read(&layers).unwrap().state, PathBuf::from("/b"));
}

#[test]
fn a_wrong_setting_is_named_with_its_source() {
    for (key, value, expected) in [
        ("agents.listen", "nowhere", "agents.listen"),
        ("agents.adresses", "x:1", "there is no setting `agents.adresses`"),
        ("agents.addresses", "collector.example.it", "NAME:PORT"),
        ("certificates.people", "3 weeks", "not a duration"),
        ("certificates.people", "0d", "not a duration"),
        ("retention.history_months", "0", "from 1 to 1200"),
        ("people.url", "http://x", "https://"),
        ("people.key", "/x", "both"),
    ] {
        let outcome = Layers::defaults()
            .flags([(key.to_owned(), value.to_owned())])
            .and_then(|layers| Config::read(&layers))
            .unwrap_err()
            .to_string();
        assert!(outcome.contains(expected) && outcome.starts_with("command line"), "{key}: {outcome}");
    }
}

#[test]
fn the_packaged_file_names_every_setting_and_its_examples_are_taken() {
    let packaged = include_str!("../../packaging/collector.toml");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.toml");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Layers::defaults().file(&path).unwrap()
    };
    assert_eq!(read(packaged).to_string(), Layers::defaults().to_string(), "as it comes it sets nothing");
    let lines = packaged.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|first: char| first.is_ascii_lowercase()) => setting,
        Some(_) | None => line,
    });
    let layers = read(&lines.collect::<Vec<_>>().join("\n"));
    assert!(!layers.to_string().contains("from: default"), "{layers}");
    Config::read(&layers).unwrap();
}
