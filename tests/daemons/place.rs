//! A network, a list of processes and a `/run` of a test's own, in which daemons may be their own users.

use std::process::Command;

use vedetta_tests::program::{ask, printed, run};

/// Set inside, so that the test runs there instead of starting itself once more.
const INSIDE: &str = "DAEMONS_ARE_ALONE";
/// The address at which others would meet the daemons (RFC 5737, for documentation).
pub(crate) const OUTSIDE: &str = "192.0.2.10";
/// The same in IPv6 (RFC 3849).
pub(crate) const OUTSIDE_IPV6: &str = "2001:db8::10";

/// Runs a test where nothing else runs, and where everything that it starts ends with it. `name` is the test's own: the
/// test starts itself again inside.
///
/// Root needs no more than that; anybody else needs a range of subordinate users (subuid(5)), since daemons give up root.
#[expect(clippy::print_stdout, reason = "what the test prints inside is what it prints")]
pub(crate) fn alone(name: &str, test: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        prepare();
        return test();
    }
    let mut command = Command::new("unshare");
    if printed(Command::new("id").arg("-u")).trim() != "0" {
        command.args(["--user", "--map-root-user", "--map-auto"]);
    }
    command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", name, "--nocapture"]).env(INSIDE, "1");
    let answer = ask(&mut command);
    assert!(answer.code == 0 && answer.out.contains("1 passed"), "{name}: {}{}", answer.out, answer.err);
    print!("{}", answer.out);
}

fn prepare() {
    run(Command::new("mount").args(["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"]));
    // Screens of their own for those who log in: a container may have none.
    run(Command::new("mount").args(["-t", "devpts", "-o", "ptmxmode=666", "devpts", "/dev/pts"]));
    run(Command::new("ip").args(["link", "set", "lo", "up"]));
    run(Command::new("ip").args(["address", "add", &format!("{OUTSIDE}/24"), "dev", "lo"]));
    run(Command::new("ip").args(["-6", "address", "add", &format!("{OUTSIDE_IPV6}/64"), "dev", "lo", "nodad"]));
}
