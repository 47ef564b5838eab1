use super::*;

fn file(text: &str) -> Result<Layers, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, text).unwrap();
    Layers::defaults().with_file(&path, true)
}

#[test]
fn the_defaults_are_a_configuration() {
    let config = Config::from_layers(&Layers::defaults()).unwrap();
    assert_eq!(config.look_in, Duration::from_secs(900));
    assert!(config.allow.is_empty());
}

#[test]
fn flags_lie_over_the_environment_over_the_file() {
    let layers = file("language = \"en\"\nlog = \"info\"\nstate = \"/a\"\n")
        .unwrap()
        .with_environment([
            ("VEDETTA_LOG".to_owned(), "debug".to_owned()),
            ("VEDETTA_STATE".to_owned(), "/b".to_owned()),
        ])
        .unwrap()
        .with_flag("state", "--state", Some("/c".to_owned()));
    let config = Config::from_layers(&layers).unwrap();
    assert_eq!((config.language, config.log.as_str(), config.state.to_str()), (Language::En, "debug", Some("/c")));
}

#[test]
fn every_error_names_the_place_and_the_key() {
    let cases = [
        ("[targets]\nallow = [\"www.example.it\"]\nalow = []\n", ":3:", "targets.alow"),
        ("colour = 1\n", ":1:", "colour"),
        ("state = [\n", ":1:", "not TOML"),
        ("\n[schedule]\nlook_in = true\n", ":3:", "schedule.look_in"),
    ];
    for (text, place, named) in cases {
        let error = file(text).unwrap_err().to_string();
        assert!(error.contains("agent.toml") && error.contains(place) && error.contains(named), "{text}: {error}");
    }
}

#[test]
fn a_wrong_value_names_its_setting_and_its_source() {
    let cases = [
        ("schedule.look_in", "15"),
        ("schedule.look_in", "99d"),
        ("schedule.concurrency", "0"),
        ("language", "de"),
        ("proxy.url", "http://user:secret@proxy:3128"),
        ("probes.resolver", "dns"),
        ("targets.allow", "10.0.0.0/33"),
    ];
    for (key, value) in cases {
        let variable = layers::variable_of(key);
        let layers = Layers::defaults().with_environment([(variable.clone(), value.to_owned())]).unwrap();
        let error = Config::from_layers(&layers).unwrap_err().to_string();
        assert!(error.contains(key) && error.contains(&variable), "{error}");
    }
}

#[test]
fn a_variable_that_names_no_setting_is_refused() {
    let layers = Layers::defaults().with_environment([("VEDETTA_STAT".to_owned(), "x".to_owned())]);
    assert!(matches!(layers, Err(ConfigError::Variable(name)) if name == "VEDETTA_STAT"));
}

#[test]
fn a_missing_file_is_an_error_only_when_it_was_named() {
    let missing = std::path::Path::new("/nonexistent/agent.toml");
    assert!(Layers::defaults().with_file(missing, false).is_ok());
    assert!(Layers::defaults().with_file(missing, true).is_err());
}

#[test]
fn the_packaged_file_names_every_setting_and_its_examples_are_taken() {
    let packaged = include_str!("../../packaging/agent.toml");
    let layers = file(packaged).unwrap();
    assert!(layers.iter().all(|(_, _, source)| *source == Source::Default), "as it comes it sets nothing");
    let lines = packaged.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|first: char| first.is_ascii_lowercase()) => setting,
        Some(_) | None => line,
    });
    let layers = file(&lines.collect::<Vec<_>>().join("\n")).unwrap();
    for (key, _, source) in layers.iter() {
        assert!(matches!(source, Source::File { .. }), "{key} is not in the packaged file");
    }
    Config::from_layers(&layers).unwrap();
}
