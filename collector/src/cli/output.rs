//! How results are shown: text for people, JSON for programs.

use std::fmt::Display;
use std::io::Write as _;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;
use vedetta_checks::language::{Language, Localised};
use vedetta_checks::rome::ROME;

/// Form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Language of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Italian.
    It,
    /// English.
    En,
}

/// Where and how results are shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct Output {
    /// Forma del risultato
    #[arg(
        long,
        global = true,
        value_name = "text|json",
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true
    )]
    format: Format,
    /// Lingua del risultato
    #[arg(
        long,
        global = true,
        value_name = "it|en",
        default_value = "it",
        hide_possible_values = true,
        hide_default_value = true
    )]
    lang: Lang,
}

impl Output {
    /// Text in Italian.
    #[cfg(test)]
    pub(crate) const fn italian() -> Self {
        Self { format: Format::Text, lang: Lang::It }
    }

    /// Shows a result: as JSON, or with the text that the function makes of it.
    pub(crate) fn show<T: Serialize>(&self, value: &T, text: impl FnOnce(&Self) -> String) -> anyhow::Result<()> {
        match self.format {
            Format::Json => self.line(&serde_json::to_string_pretty(value)?),
            Format::Text => self.line(&text(self)),
        }
    }

    /// Writes text to standard output. A reader that went away is no error.
    pub(crate) fn line(&self, text: &impl Display) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{}", text.to_string().trim_end()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            outcome => Ok(outcome?),
        }
    }

    /// The text in the reader's language.
    pub(crate) const fn say<'a>(&self, italian: &'a str, english: &'a str) -> &'a str {
        match self.lang {
            Lang::It => italian,
            Lang::En => english,
        }
    }

    /// A text of a pack in the reader's language.
    pub(crate) fn of<'a>(&self, text: &'a Localised) -> &'a str {
        text.get(match self.lang {
            Lang::It => Language::It,
            Lang::En => Language::En,
        })
    }

    /// A moment as people read it, Europe/Rome.
    pub(crate) fn when(&self, time: Timestamp) -> String {
        let format = self.say("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M");
        time.to_zoned(ROME.clone()).strftime(format).to_string()
    }

    /// A number with one decimal, as people read it.
    pub(crate) fn number(&self, value: f64) -> String {
        let text = format!("{value:.1}");
        match self.lang {
            Lang::It => text.replace('.', ","),
            Lang::En => text,
        }
    }
}

/// Rows under a heading, each column as wide as its widest cell.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<_> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut heading.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}
