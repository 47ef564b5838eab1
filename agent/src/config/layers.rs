//! Default, file, environment and flag, laid over one another.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{ConfigError, FILE_BYTES_MAX, SETTINGS, file};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    Default,
    /// A line of the file.
    File {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File { file, line } => write!(formatter, "{}:{line}", file.display()),
            Self::Environment(name) => write!(formatter, "environment {name}"),
            Self::Flag(name) => write!(formatter, "flag {name}"),
        }
    }
}

/// The outcome of the layers: for each setting its texts and their source.
#[derive(Debug, Clone)]
pub struct Layers(BTreeMap<&'static str, (Vec<String>, Source)>);

impl Layers {
    /// The defaults alone.
    #[must_use]
    pub fn defaults() -> Self {
        let texts = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        Self(SETTINGS.iter().map(|setting| (setting.key, (texts(setting.default), Source::Default))).collect())
    }

    /// Lays the file over what is there. A missing file is an error only when a person named it.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, and the line when there is one.
    pub fn with_file(mut self, path: &Path, named: bool) -> Result<Self, ConfigError> {
        let read = |source| ConfigError::Read { file: path.to_path_buf(), source };
        let mut text = String::new();
        match std::fs::File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => return Ok(self),
            Err(error) => return Err(read(error)),
            Ok(opened) => {
                opened.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(read)?;
            }
        }
        if text.len() as u64 > FILE_BYTES_MAX {
            let why = format!("the file is longer than {FILE_BYTES_MAX} bytes");
            return Err(ConfigError::File { file: path.to_path_buf(), line: 1, why });
        }
        for (key, (texts, line)) in file::parse(path, &text)? {
            self.0.insert(key, (texts, Source::File { file: path.to_path_buf(), line }));
        }
        Ok(self)
    }

    /// Lays environment variables over what is there; those without our prefix are passed over.
    ///
    /// # Errors
    /// [`ConfigError::Variable`] for a variable with our prefix that names no setting.
    pub fn with_environment(
        mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        for (name, value) in variables {
            let is_other = name.starts_with(COLLECTOR_PREFIX) || NOT_SETTINGS.contains(&name.as_str());
            if !name.starts_with("VEDETTA_") || is_other {
                continue;
            }
            let setting = SETTINGS
                .iter()
                .find(|setting| variable_of(setting.key) == name)
                .ok_or_else(|| ConfigError::Variable(name.clone()))?;
            let texts = value.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect();
            self.0.insert(setting.key, (texts, Source::Environment(name)));
        }
        Ok(self)
    }

    /// Lays one flag over what is there, when it was given.
    #[must_use]
    pub fn with_flag(mut self, key: &'static str, flag: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.0.insert(key, (vec![value], Source::Flag(flag)));
        }
        self
    }

    /// Every setting with its texts and source, in the order of [`SETTINGS`].
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &[String], &Source)> {
        SETTINGS.iter().filter_map(|setting| {
            self.0.get(setting.key).map(|(texts, source)| (setting.key, texts.as_slice(), source))
        })
    }

    pub(super) fn one<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let (texts, source) = self.get(key);
        match texts {
            [text] => parse(text).map_err(|why| wrong(key, text, source, why)),
            several => Err(wrong(key, &several.join(","), source, "exactly one value is needed".to_owned())),
        }
    }

    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        match self.get(key).0 {
            [] => Ok(None),
            [text] if text.is_empty() => Ok(None),
            _one_or_more => self.one(key, parse).map(Some),
        }
    }

    pub(super) fn list<T, E: fmt::Display>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<T>, ConfigError> {
        let (texts, source) = self.get(key);
        texts.iter().map(|text| parse(text).map_err(|why| wrong(key, text, source, why.to_string()))).collect()
    }

    fn get(&self, key: &'static str) -> (&[String], &Source) {
        self.0.get(key).map_or((&[], &Source::Default), |(texts, source)| (texts.as_slice(), source))
    }
}

/// Variables of the collector, which may run on the same host.
const COLLECTOR_PREFIX: &str = "VEDETTA_COLLECTOR_";
/// Variables with our prefix that the command line itself reads.
const NOT_SETTINGS: &[&str] = &["VEDETTA_CONFIG"];

/// The environment variable of a setting.
pub(super) fn variable_of(key: &str) -> String {
    format!("VEDETTA_{}", key.to_ascii_uppercase().replace('.', "_"))
}

fn wrong(key: &'static str, value: &str, source: &Source, why: String) -> ConfigError {
    ConfigError::Value { key, value: value.to_owned(), source_of: source.clone(), why }
}
