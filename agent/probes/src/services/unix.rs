//! Unix sockets that listen for other programs of this host, as facts.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::UnixSocket;
use super::netlink::NetlinkError;
use super::owners::Owners;
use super::sock_diag::BoundUnixSocket;

/// Most signs of a path that are kept; the kernel allows 108 bytes (unix(7)).
const PATH_SIGNS_MAX: usize = 120;

/// The sockets with their paths and owners.
pub(super) fn facts(sockets: &Result<Vec<BoundUnixSocket>, NetlinkError>, owners: &Owners) -> Fact<Vec<UnixSocket>> {
    let sockets = match sockets {
        Ok(sockets) => sockets,
        Err(error) => return Fact::Unknown(Unknown::new(Reason::UNREADABLE, error.to_string())),
    };
    let facts = sockets.iter().map(|socket| UnixSocket {
        path: owners.persons().without(&path(&socket.name)),
        kind: socket.kind.to_owned(),
        owners: owners.of(socket.inode),
    });
    let mut facts: Vec<UnixSocket> = facts.collect();
    facts.sort_by(|one, other| one.path.cmp(&other.path));
    Fact::Known(facts)
}

/// The name as people write it: a path, or `@` and a name in the abstract name space; empty when it has none. The folder of
/// a user's session does not tell which user.
fn path(name: &[u8]) -> String {
    let text = |bytes: &[u8]| -> String {
        let text = String::from_utf8_lossy(bytes);
        text.chars().map(|sign| if sign.is_control() { '@' } else { sign }).take(PATH_SIGNS_MAX).collect()
    };
    match name {
        [0, name @ ..] => format!("@{}", without_user(&text(name))),
        // A path ends at the first zero, if it has one.
        path => without_user(&text(path.split(|byte| *byte == 0).next().unwrap_or_default())),
    }
}

/// `/run/user/1000/bus` becomes `/run/user/~/bus`.
fn without_user(path: &str) -> String {
    const FOLDER: &str = "/run/user/";
    let Some((before, rest)) = path.split_once(FOLDER) else { return path.to_owned() };
    let rest = rest.trim_start_matches(|sign: char| sign.is_ascii_digit());
    format!("{before}{FOLDER}~{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_people_write_them_and_without_the_user() {
        for (name, expected) in [
            (&b"/run/docker.sock\0"[..], "/run/docker.sock"),
            (b"\0/tmp/.X11-unix/X0", "@/tmp/.X11-unix/X0"),
            (b"\0a\0b", "@a@b"),
            (b"/run/user/1000/bus", "/run/user/~/bus"),
            (b"/var/run/user/1000/bus", "/var/run/user/~/bus"),
            (b"/run/users/x", "/run/users/x"),
            (b"", ""),
            (b"/tmp/a\nb", "/tmp/a@b"),
        ] {
            assert_eq!(path(name), expected);
        }
    }
}
