//! The catalogue is whole, and no template speaks beside it.

use std::path::{Path, PathBuf};

use vedetta_checks::language::Language;
use vedetta_core::workstation::WorkstationCount;

use super::{Texts, frame, help, incident, install, login, posture};

#[test]
fn every_text_says_something_in_both_languages() {
    let all = [frame::ALL, help::ALL, incident::ALL, install::ALL, login::ALL, posture::ALL].concat();
    assert!(all.len() > 100);
    for (name, it, en) in all {
        assert!(!it.trim().is_empty() && !en.trim().is_empty(), "{name}");
    }
}

#[test]
fn no_template_holds_words_of_its_own() {
    let templates = templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(templates.len() >= 10, "{templates:?}");
    for path in templates {
        let text = std::fs::read_to_string(&path).expect("a template");
        let words: Vec<_> = visible_words(&text);
        assert!(words.is_empty(), "{}: {words:?}", path.display());
    }
}

#[test]
fn a_word_in_a_template_is_found() {
    assert_eq!(visible_words("<p>{{ t.x() }} <b class=\"y\">Ciao</b></p>"), vec!["Ciao"]);
    assert_eq!(visible_words("<img alt=\"Torre\" src=\"x\">"), vec!["Torre"]);
}

/// Words that a reader would meet: outside tags and template expressions, and in attributes that are read aloud.
fn visible_words(template: &str) -> Vec<String> {
    let plain = without(&without(&without(template, "{#", "#}"), "{%", "%}"), "{{", "}}");
    let mut words = Vec::new();
    for attribute in ["alt=\"", "title=\"", "aria-label=\"", "placeholder=\""] {
        for after in plain.split(attribute).skip(1) {
            words.extend(words_of(after.split('"').next().unwrap_or_default()));
        }
    }
    let outside = without(&without(&plain, "<", ">"), "&", ";");
    words.extend(words_of(&outside));
    words
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    /// The product's name, and names that are the same in both languages.
    const SAME: &[&str] = &["Vedetta", "Italiano", "English"];
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| word.chars().any(char::is_alphabetic) && !SAME.contains(word))
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

fn without(text: &str, open: &str, close: &str) -> String {
    let mut parts = text.split(open);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push(' ');
        kept.push_str(part.split_once(close).map_or("", |(_, after)| after));
    }
    kept
}

fn templates(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(templates(&path));
        } else if path.extension().is_some_and(|extension| extension == "html") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_count_says_how_many_of_how_many_and_who_could_not_see() {
    let count = |failing, warning, passing, not_seen| WorkstationCount {
        failing,
        warning,
        passing,
        not_seen,
        newest: jiff::civil::date(2026, 11, 22),
    };
    let it = Texts::new(Language::It);
    assert_eq!(it.workstations(&count(2, 0, 0, 0)), "2 di 2 postazioni");
    assert_eq!(it.workstations(&count(0, 0, 3, 0)), "0 di 3 postazioni");
    assert_eq!(it.workstations(&count(0, 2, 3, 1)), "2 di 5 postazioni con un avviso; 1 senza risposta");
    assert_eq!(
        Texts::new(Language::En).workstations(&count(1, 1, 0, 0)),
        "1 of 2 workstations; 1 of 2 workstations with a warning"
    );
}
