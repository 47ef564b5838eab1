//! The report as one page to print and hand on: no script, nothing fetched.

use askama::Template;

use super::texts::pick;
use super::{Line, Outline, RenderError};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    outline: &'a Outline,
    sections: Vec<Section<'a>>,
}

/// One list of lines with its title.
struct Section<'a> {
    title: &'static str,
    /// Whether what was seen is the headline and what is expected stands beneath it.
    is_wrong: bool,
    lines: Vec<&'a Line>,
}

impl Page<'_> {
    const fn say(&self, it: &'static str, en: &'static str) -> &'static str {
        pick(self.outline.language, it, en)
    }
}

pub(super) fn render(outline: &Outline) -> Result<String, RenderError> {
    let say = |it, en| pick(outline.language, it, en);
    let sections = vec![
        Section { title: say("Non a posto", "Failed"), is_wrong: true, lines: outline.failed() },
        Section {
            title: say("Da tenere d'occhio", "Warnings"),
            is_wrong: true,
            lines: outline.warned.iter().collect(),
        },
        Section {
            title: say("Non è stato possibile guardare", "Could not be looked at"),
            is_wrong: false,
            lines: outline.not_seen.iter().collect(),
        },
        Section {
            title: say("Non riguarda questo computer", "Does not concern this host"),
            is_wrong: false,
            lines: outline.not_applicable.iter().collect(),
        },
        Section { title: say("A posto", "Passed"), is_wrong: false, lines: outline.passed.iter().collect() },
    ];
    Ok(Page { outline, sections }.render()?)
}
