//! Content management systems, by what an ordinary page and its head betray. Nothing is asked for beyond the page.
//!
//! A name comes from what its own software writes. A version comes only from where that software writes its own; it is
//! never guessed from the age of a library, and says nothing of weaknesses: makers mend older versions too.

use jiff::Timestamp;
use jiff::civil::Date;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::CmsFacts;
use super::head::Head;
use super::html;

/// The shipped table; its source and day stand in its first lines.
const SUPPORT: &str = include_str!("cms_support.csv");

/// One system: its word, names by which a generator field begins, traces in a page, and places before a version.
struct System {
    name: &'static str,
    generators: &'static [&'static str],
    traces: &'static [&'static str],
    before_version: &'static [&'static str],
}

/// Every system, by name.
const SYSTEMS: [System; 7] = [
    System {
        name: "drupal",
        generators: &["drupal "],
        traces: &[
            "data-drupal-selector=",
            "drupal-settings-json",
            "jquery.extend(drupal.settings",
            "/sites/default/files/",
        ],
        before_version: &[],
    },
    System {
        name: "joomla",
        generators: &["joomla!"],
        traces: &["joomla-script-options", "/media/jui/js/", "/media/system/js/core"],
        before_version: &[],
    },
    System {
        name: "liferay",
        generators: &["liferay"],
        traces: &["liferay.themedisplay", "/o/frontend-js-web/"],
        before_version: &[],
    },
    System {
        name: "magnolia",
        generators: &["magnolia"],
        traces: &["/.magnolia/", "/.resources/"],
        before_version: &[],
    },
    System {
        name: "plone",
        generators: &["plone"],
        traces: &["++plone++", "/portal_css/", "data-portal-url=", "++resource++plone"],
        before_version: &[],
    },
    System {
        name: "typo3",
        generators: &["typo3"],
        traces: &["/typo3temp/", "/typo3conf/", "this website is powered by typo3"],
        before_version: &[],
    },
    System {
        name: "wordpress",
        generators: &["wordpress"],
        traces: &["/wp-content/", "/wp-includes/"],
        // Files of WordPress itself, whose number is its own; those of its libraries carry other numbers.
        before_version: &[
            "/wp-includes/js/wp-emoji-release.min.js?ver=",
            "/wp-includes/css/dist/block-library/style.min.css?ver=",
            "/wp-includes/css/dist/block-library/style.css?ver=",
            "/wp-includes/js/wp-embed.min.js?ver=",
        ],
    },
];

/// Templates of the Italian public administration and their traces.
const TEMPLATES: [(&str, &str); 3] = [
    ("bootstrap_italia", "bootstrap-italia"),
    ("design_comuni_plone", "design-comuni-plone-theme"),
    ("design_comuni_wordpress", "/themes/design-comuni-wordpress-theme"),
];

/// Longest version that is kept, in bytes.
const VERSION_BYTES_MAX: usize = 20;

/// Every system that the page betrays, by name.
pub(crate) fn read(head: &Head, page: &str, now: Timestamp) -> Vec<CmsFacts> {
    let page = lowered(page);
    let generators = generators(head, &page);
    let found = SYSTEMS.iter().filter_map(|system| {
        let generator = generators.iter().find(|text| system.generators.iter().any(|name| text.starts_with(name)));
        let is_seen = generator.is_some()
            || system.traces.iter().any(|trace| page.contains(trace))
            || has_own_field(head, system.name);
        is_seen.then(|| {
            let version = generator
                .and_then(|text| version_in(text))
                .or_else(|| system.before_version.iter().find_map(|place| version_behind(&page, place)));
            facts(system.name, version, now)
        })
    });
    found.collect()
}

/// Public templates that the page is built with, by name.
pub(crate) fn templates(page: &str) -> Vec<String> {
    let page = lowered(page);
    let found = TEMPLATES.iter().filter(|(_, trace)| page.contains(trace));
    found.map(|(name, _)| (*name).to_owned()).collect()
}

/// A page in lower case, with the slashes of its scripts unescaped.
fn lowered(page: &str) -> String {
    page.to_ascii_lowercase().replace("\\/", "/")
}

fn facts(name: &str, version: Option<String>, now: Timestamp) -> CmsFacts {
    let not_told = || Fact::unknown(Reason::NOT_FOUND, "the page does not tell the version");
    let last = version.as_deref().and_then(|version| last_moment(name, version));
    let supported = match (&version, last) {
        (None, _) => not_told().map(|_: String| false),
        (Some(_), Some(last)) => Fact::Known(now <= last),
        (Some(version), None) => Fact::unknown(Reason::NOT_LISTED, format!("{name} {version}")),
    };
    CmsFacts {
        name: name.to_owned(),
        shows_version: version.is_some(),
        version: version.map_or_else(not_told, Fact::Known),
        is_listed: last.is_some(),
        supported,
    }
}

/// What the head and the page say of what made them, in lower case.
fn generators(head: &Head, page: &str) -> Vec<String> {
    let in_head = head.all("x-generator").chain(head.all("liferay-portal")).map(str::to_ascii_lowercase);
    let metas = html::tags(page).filter(|tag| tag.name == "meta" && tag.is("name", "generator"));
    let in_page = metas.filter_map(|tag| tag.attribute("content").map(|text| text.trim().to_owned()));
    in_head.chain(in_page).collect()
}

fn has_own_field(head: &Head, name: &str) -> bool {
    let begins = |prefix: &str| head.fields.iter().any(|(field, _)| field.starts_with(prefix));
    match name {
        "drupal" => begins("x-drupal-"),
        "liferay" => begins("liferay-portal"),
        "magnolia" => begins("x-magnolia-"),
        "wordpress" => head.all("link").any(|link| link.contains("https://api.w.org/")),
        _ => false,
    }
}

/// The first number behind the name: `wordpress 6.4.2`, `drupal 10 (https://...)`.
fn version_in(generator: &str) -> Option<String> {
    let words =
        generator.split(|character: char| character.is_whitespace() || matches!(character, '/' | '(' | ';' | ','));
    words.skip(1).find_map(version)
}

fn version_behind(page: &str, place: &str) -> Option<String> {
    page.match_indices(place).find_map(|(at, found)| version(page.get(at + found.len()..)?))
}

/// The version at the beginning of a text: numbers with dots between them. A long number is a stamp, no version.
fn version(text: &str) -> Option<String> {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let number = text.get(..end)?.trim_end_matches('.');
    let main = number.split('.').next()?;
    let is_version = !main.is_empty() && main.len() <= 3 && number.len() <= VERSION_BYTES_MAX;
    // A word that goes on after the number is no version either: `2nd`.
    let goes_on = text.get(end..).is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_alphabetic()));
    (is_version && !goes_on).then(|| number.to_owned())
}

/// The last moment at which the main version is mended; none when the table does not tell.
fn last_moment(name: &str, version: &str) -> Option<Timestamp> {
    let main = version.split('.').next()?;
    let mut rows = SUPPORT.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(','));
    let day = rows.find_map(|mut fields| {
        let is_wanted = fields.next() == Some(name) && fields.next() == Some(main);
        is_wanted.then(|| fields.next()).flatten()
    })?;
    let date: Date = day.parse().ok()?;
    date.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|moment| moment.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;

    fn found(fields: &str, page: &str) -> String {
        let head = head::parse(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).expect("a head");
        let now = "2026-01-01T00:00:00Z".parse().expect("a moment");
        let shown = |cms: CmsFacts| {
            let version = cms.version.known().cloned().unwrap_or_else(|| "?".to_owned());
            let supported = cms.supported.known().map_or("?", |yes| if *yes { "supported" } else { "ended" });
            format!("{} {version} {supported}", cms.name)
        };
        read(&head, page, now).into_iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn systems_are_known_by_what_they_write() {
        for (fields, page, expected) in [
            ("", "<meta name=\"generator\" content=\"WordPress 6.4.2\" />", "wordpress 6.4.2 ?"),
            ("", "<link href='/wp-content/themes/x/style.css?ver=1.0'>", "wordpress ? ?"),
            (
                "",
                r#"<script>{"src":"https:\/\/www.example.it\/wp-includes\/js\/wp-emoji-release.min.js?ver=5.8.1"}</script>"#,
                "wordpress 5.8.1 ?",
            ),
            ("", "<link href='/wp-includes/css/dist/block-library/style.min.css?ver=1700000000'>", "wordpress ? ?"),
            ("", "<link href='/wp-includes/js/jquery/jquery.min.js?ver=3.7.1'>", "wordpress ? ?"),
            ("X-Generator: Drupal 9 (https://www.drupal.org)\r\n", "", "drupal 9 ended"),
            ("", "<meta name=Generator content='Drupal 11 (https://www.drupal.org)'>", "drupal 11 ?"),
            ("", "<meta name=generator content='Joomla! - Open Source Content Management'>", "joomla ? ?"),
            ("", "<meta name=generator content='Joomla! 1.5 - Open Source Content Management'>", "joomla 1.5 ?"),
            ("", "<meta name=generator content='Plone 6 - https://plone.org'>", "plone 6 supported"),
            ("", "<meta name=generator content='TYPO3 4.5 CMS'>", "typo3 4.5 ?"),
            ("", "<link href=/typo3temp/assets/a.css>", "typo3 ? ?"),
            ("Liferay-Portal: Liferay Community Edition Portal 7.4.3.112 CE GA112\r\n", "", "liferay 7.4.3.112 ?"),
            ("X-Magnolia-Registration: Registered\r\n", "", "magnolia ? ?"),
            ("", "<p>We moved from WordPress to something else</p>", ""),
        ] {
            assert_eq!(found(fields, page), expected, "{fields}{page}");
        }
    }

    #[test]
    fn a_main_version_is_supported_until_its_last_day() {
        let at = |moment: &str| {
            last_moment("joomla", "4.4.14").map(|last| moment.parse::<Timestamp>().expect("a moment") <= last)
        };
        assert_eq!((at("2025-10-17T12:00:00Z"), at("2025-10-18T00:00:00Z")), (Some(true), Some(false)));
    }

    #[test]
    fn every_row_of_the_table_can_be_used() {
        for row in SUPPORT.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = row.split(',').collect();
            assert_eq!(fields.len(), 3, "{row}");
            assert!(SYSTEMS.iter().any(|system| system.name == fields[0]), "{row}");
            assert!(last_moment(fields[0], fields[1]).is_some(), "{row}");
        }
    }

    #[test]
    fn public_templates_are_known() {
        let page = "<link href='/wp-content/themes/design-comuni-wordpress-theme/assets/bootstrap-italia/css/x.css'>";
        assert_eq!(templates(page), ["bootstrap_italia", "design_comuni_wordpress"]);
    }
}
