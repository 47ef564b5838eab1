//! What is mounted where, proc_pid_mountinfo(5).

use crate::files::{FileError, Root};

/// The list of this process.
const LIST: &str = "/proc/self/mountinfo";
/// Largest list, in bytes.
const LIST_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// One mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// Numbers of the device: `8:1`.
    pub device: String,
    /// Where: `/var`.
    pub place: String,
    /// Kind of file system: `ext4`.
    pub kind: String,
    /// What is mounted: `/dev/sda1`, `rpool/root`.
    pub source: String,
}

/// The mounted file systems, in the order in which they were mounted.
///
/// # Errors
/// [`FileError`] when the list cannot be read.
pub(super) fn read(root: &Root) -> Result<Vec<Mount>, FileError> {
    Ok(parsed(&root.read_text(LIST, LIST_BYTES_MAX)?))
}

/// The same from the text of the list.
pub(super) fn parsed(list: &str) -> Vec<Mount> {
    list.lines().filter_map(parse).collect()
}

/// The file system that holds a path: the longest place above it, the last one mounted there.
pub(super) fn holding<'a>(mounts: &'a [Mount], path: &str) -> Option<&'a Mount> {
    mounts.iter().filter(|mount| is_above(&mount.place, path)).max_by_key(|mount| mount.place.len())
}

fn is_above(place: &str, path: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || place == "/")
}

fn parse(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(2);
    let mut after = after.split(' ');
    let device = before.next()?.to_owned();
    let place = unescaped(before.nth(1)?);
    Some(Mount { device, place, kind: after.next()?.to_owned(), source: unescaped(after.next()?) })
}

/// A path with its `\040` and the like turned back into characters.
pub(super) fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let octal =
            part.split_at_checked(3).and_then(|(digits, rest)| Some((u8::from_str_radix(digits, 8).ok()?, rest)));
        match octal {
            Some((byte, rest)) => {
                path.push(char::from(byte));
                path.push_str(rest);
            }
            None => {
                path.push('\\');
                path.push_str(part);
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    const LINES: &str = "22 27 0:21 / /proc rw,relatime - proc proc rw\n\
        27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n\
        28 27 254:1 /sub /var/my\\040data rw master:2 propagate_from:1 - xfs /dev/my\\134disk rw\n\
        29 27 0:40 / /var rw - tmpfs tmpfs rw\n\
        30 27 254:2 / /var rw - ext4 /dev/vdb rw\nbroken line\n";

    #[test]
    fn a_path_lies_on_the_nearest_file_system_mounted_last() {
        let (_folder, host) = made_root::running(&[(LIST, LINES)]);
        let mounts = read(&host.root).expect("readable");
        assert_eq!(mounts.len(), 5);
        for (path, device) in [
            ("/", "254:0"),
            ("/home", "254:0"),
            ("/var", "254:2"),
            ("/variable", "254:0"),
            ("/var/my data/x", "254:1"),
            ("/proc/1", "0:21"),
        ] {
            assert_eq!(holding(&mounts, path).map(|mount| mount.device.as_str()), Some(device), "{path}");
        }
        assert_eq!(mounts[2].source, "/dev/my\\disk");
    }
}
