//! A network of a test's own, and programs that live as long as the test.

use std::process::Command;

/// Set inside, so that the test runs there instead of starting itself once more.
const INSIDE: &str = "SERVICES_LIVE_IS_ALONE";

/// A program that is ended with the test.
pub(super) struct Child(std::process::Child);

impl Child {
    pub(super) fn start(command: &mut Command) -> Self {
        let child = command.spawn();
        Self(child.unwrap_or_else(|error| panic!("this test needs {command:?}: {error}")))
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// What a program says; it must succeed.
pub(super) fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// Runs a shell line; it must succeed.
pub(super) fn shell(line: &str) -> String {
    output("sh", &["-ec", line])
}

/// Runs a test where only a loopback exists, with root inside and without root outside. `name` is the test's own path: the
/// test starts itself again inside, through `through` when something stands between.
pub(super) fn alone_through(name: &str, through: &str, test: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    let line = format!("ip link set lo up && exec {through} \"$0\" --exact \"$1\" --nocapture");
    let own = std::env::current_exe().expect("a path");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount", "--", "sh", "-c", &line]).arg(own).arg(name);
    let output = command.env(INSIDE, "1").output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `unshare` (package util-linux): {error}"));
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{name}: {said}");
}

pub(super) fn alone(name: &str, test: impl FnOnce()) {
    alone_through(name, "", test);
}
