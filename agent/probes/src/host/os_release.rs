//! Which operating system it is, os-release(5).

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use crate::files::{FileError, Root};

/// Largest os-release file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// What os-release says; an absent field is an empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OsRelease {
    /// `ID`: `debian`.
    pub id: String,
    /// `PRETTY_NAME`: `Debian GNU/Linux 12 (bookworm)`.
    pub pretty_name: String,
    /// `VERSION_ID`: `12`.
    pub version_id: String,
    /// `VERSION_CODENAME`: `bookworm`.
    pub version_codename: String,
}

impl OsRelease {
    /// Reads `/etc/os-release`, else `/usr/lib/os-release`, as the manual says.
    ///
    /// # Errors
    /// [`FileError`] of the file in `/etc` when neither can be read.
    pub fn read(root: &Root) -> Result<Self, FileError> {
        root.read_text("/etc/os-release", FILE_BYTES_MAX)
            .or_else(|error| root.read_text("/usr/lib/os-release", FILE_BYTES_MAX).map_err(|_| error))
            .map(|text| Self::parse(&text))
    }

    /// One field as a fact: unknown when os-release does not have it.
    #[must_use]
    pub fn field(&self, name: &str, value: &str) -> Fact<String> {
        if value.is_empty() {
            return Fact::unknown(Reason::NOT_FOUND, format!("/etc/os-release has no {name}"));
        }
        Fact::Known(value.to_owned())
    }

    fn parse(text: &str) -> Self {
        let mut release = Self::default();
        for line in text.lines() {
            let Some((name, value)) = line.trim().split_once('=') else { continue };
            let value = unquote(value);
            match name {
                "ID" => release.id = value,
                "PRETTY_NAME" => release.pretty_name = value,
                "VERSION_ID" => release.version_id = value,
                "VERSION_CODENAME" => release.version_codename = value,
                _other => {}
            }
        }
        release
    }
}

/// A value without its shell quotes and backslashes.
fn unquote(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let mut escaped = false;
    inner
        .unwrap_or(value)
        .chars()
        .filter(|character| {
            escaped = *character == '\\' && !escaped;
            !escaped
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_comments_and_unknown_names_are_understood() {
        let text = "# ID=wrong\nPRETTY_NAME=\"A \\\"B\\\" C\"\nID=debian\nVERSION_ID='12'\nrubbish\nVERSION_CODENAME=bookworm\nX=y\n";
        let expected = OsRelease {
            id: "debian".to_owned(),
            pretty_name: "A \"B\" C".to_owned(),
            version_id: "12".to_owned(),
            version_codename: "bookworm".to_owned(),
        };
        assert_eq!(OsRelease::parse(text), expected);
    }
}
