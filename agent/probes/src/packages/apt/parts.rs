//! Which files of its `.d` folders apt reads, and in which order.

use crate::files::{FileError, Root};

/// The paths of the files of a folder that apt reads, in its order; none when there is no such folder. `endings` are
/// those it allows, with an empty one for names without any.
///
/// # Errors
/// [`FileError`] of a folder that is there and cannot be read.
pub(super) fn parts(root: &Root, folder: &str, endings: &[&str]) -> Result<Vec<String>, FileError> {
    let folder = folder.trim_end_matches('/');
    let names = match root.names(folder) {
        Err(error) if !error.is_not_found() => return Err(error),
        names => names.unwrap_or_default(),
    };
    let read = names.iter().filter(|name| is_read(name, endings));
    Ok(read.map(|name| format!("{folder}/{name}")).collect())
}

fn is_read(name: &str, endings: &[&str]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.');
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    endings.contains(&ending) && !name.starts_with('.') && !name.ends_with('.') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_apt_leaves_out_are_left_out() {
        for (name, expected) in [
            ("nodejs", true),
            ("10-x.pref", true),
            ("a.b.pref", true),
            ("x.disabled", false),
            ("x.pref.dpkg-old", false),
            (".x", false),
            ("x~", false),
            ("x.", false),
        ] {
            assert_eq!(is_read(name, &["", "pref"]), expected, "{name}");
        }
        assert!(!is_read("x", &["list", "sources"]));
    }
}
