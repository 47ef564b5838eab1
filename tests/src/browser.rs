//! A person's browser: curl over real TLS, with a cookie jar, without scripts.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::collector::Collector;
use crate::program::ask;

/// Name of the hidden field that every form of a session carries.
const FORM_FIELD: &str = "modulo";

/// A browser with its cookies.
pub struct Browser {
    jar: TempDir,
    certificate: PathBuf,
    url: String,
}

/// A page as it came.
#[derive(Debug)]
pub struct Page {
    /// HTTP status of the page that redirects ended at.
    pub status: u16,
    /// Its path.
    pub path: String,
    /// Its HTML.
    pub html: String,
}

impl Browser {
    /// A browser that trusts the collector's certificate, and where nobody is logged in.
    pub fn new(collector: &Collector) -> Self {
        let certificate = collector.state().join("people/people.crt");
        Self { jar: tempfile::tempdir().unwrap(), certificate, url: collector.url() }
    }

    /// A browser in which a new person with this role everywhere came in.
    pub fn of(collector: &Collector, login: &str, role: &str) -> Self {
        collector.add_person(login, role);
        Self::come_in(collector, login)
    }

    /// A browser in which a person came in by a one-time link.
    pub fn come_in(collector: &Collector, login: &str) -> Self {
        let browser = Self::new(collector);
        let link = collector.link(login);
        let path = link.strip_prefix(&browser.url).unwrap_or_else(|| panic!("{link}")).to_owned();
        let page = browser.open(&path);
        assert_eq!(page.status, 200, "{}", page.html);
        let inside = browser.submit(&page, &path, &[]);
        assert_eq!(inside.status, 200, "{}", inside.html);
        browser
    }

    /// Opens an address of the collector.
    pub fn open(&self, path: &str) -> Page {
        self.request(path, &[])
    }

    /// Submits a form of a page, with the page's hidden field.
    pub fn submit(&self, page: &Page, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut arguments = vec!["--data-urlencode".to_owned(), format!("{FORM_FIELD}={}", page.form_secret())];
        for (name, value) in fields {
            arguments.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
        }
        self.request(path, &arguments)
    }

    fn request(&self, path: &str, more: &[String]) -> Page {
        let jar = self.jar.path().join("cookies");
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--location", "--max-time", "60"]).arg("--cacert");
        command.arg(&self.certificate).arg("--cookie").arg(&jar).arg("--cookie-jar").arg(&jar);
        command.args(["--write-out", "\n%{http_code} %{url_effective}"]).args(more).arg(format!("{}{path}", self.url));
        let answer = ask(&mut command).with_code(0);
        let (html, last) = answer.out.rsplit_once('\n').unwrap();
        let (status, address) = last.split_once(' ').unwrap();
        let path = address.strip_prefix(&self.url).unwrap_or(address).to_owned();
        Page { status: status.parse().unwrap(), path, html: html.to_owned() }
    }
}

impl Page {
    /// What a person reads: without tags, entities resolved, one space between words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for character in self.html.chars() {
            match character {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                character if !inside => text.push(character),
                _ => {}
            }
        }
        for (entity, character) in [
            ("&#39;", "'"),
            ("&#34;", "\""),
            ("&quot;", "\""),
            ("&#60;", "<"),
            ("&#62;", ">"),
            ("&#38;", "&"),
            ("&amp;", "&"),
        ] {
            text = text.replace(entity, character);
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Holds that a person reads a text there.
    #[track_caller]
    pub fn says(&self, text: &str) {
        assert!(self.text().contains(text), "no `{text}` on {}: {}", self.path, self.text());
    }

    /// Holds that nobody reads a text there.
    #[track_caller]
    pub fn is_silent_about(&self, text: &str) {
        assert!(!self.text().contains(text), "`{text}` on {}: {}", self.path, self.text());
    }

    /// Whether a check stands among what is not in order, on the page of an asset.
    pub fn shows_as_wrong(&self, check: &str) -> bool {
        let articles = self.html.split("<article ").skip(1).filter_map(|rest| rest.split("</article>").next());
        articles.into_iter().any(|article| article.contains(&format!("<code>{check}</code>")))
    }

    /// Whether a check is named on the page at all.
    pub fn names(&self, check: &str) -> bool {
        self.html.contains(&format!("<code>{check}</code>"))
    }

    fn form_secret(&self) -> &str {
        let field = format!("name=\"{FORM_FIELD}\" value=\"");
        self.html.split_once(&field).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
    }
}
