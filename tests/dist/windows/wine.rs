//! A Windows of one test's own: wine in the root of `tests/setup/wine.sh`, with its own mounts, processes and disk C.
//!
//! The network is the machine's, of which only loopback is used. No display is there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use vedetta_tests::program::{Answer, Program};
use vedetta_tests::wait;

/// The root that `tests/setup/wine.sh` keeps; no test writes there.
const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.setup/wine");
/// Longest life of a Windows, in seconds: should the test be killed, it ends by itself.
const LIFE_SECONDS: u32 = 1_800;
/// Longest run of one program, in seconds. The first one makes the disk C.
const PROGRAM_SECONDS: u32 = 300;
/// The environment of every program. Nothing of wine is told, and what asks for a browser or .NET is left out.
const ENVIRONMENT: &[&str] = &[
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LC_ALL=C.UTF-8",
    "WINEPREFIX=/root/disk",
    "WINEDEBUG=-all",
    "WINEDLLOVERRIDES=mscoree=d;mshtml=d;winemenubuilder.exe=d",
];
/// Mounts the root and stays as its first process, which takes all others along when it ends; it says its number outside.
const HOLDER: &str = r#"
    read -r outer rest </proc/self/stat
    mount --bind "$1" "$2/root"
    mount -o remount,bind,ro "$2/root"
    mount -t proc proc "$2/root/proc"
    mount --rbind /dev "$2/root/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$2/root/tmp"
    mount --bind "$2/home" "$2/root/root"
    echo "held by $outer"
    exec sleep "$3"
"#;

/// A Windows; it ends with the test, and so does everything in it.
pub(crate) struct Windows {
    // With the folder of what the command line says.
    person: Option<(Program, TempDir)>,
    // Ends before its folder goes.
    _holder: Program,
    first_process: u32,
    folder: TempDir,
}

impl Windows {
    /// A new one, as wine makes it.
    pub(crate) fn new() -> Self {
        let base = fs::canonicalize(BASE).expect("the root of wine is missing: run `sh tests/setup/wine.sh`");
        let folder = tempfile::Builder::new().prefix(".wine-").tempdir_in(base.parent().unwrap()).unwrap();
        for part in ["root", "home"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-euc", HOLDER]);
        command.arg("sh").arg(&base).arg(folder.path()).arg(LIFE_SECONDS.to_string());
        let mut holder = Program::start(command, folder.path());
        let first_process = wait::until("the root of wine is mounted", || {
            assert!(holder.runs(), "the root of wine cannot be mounted: {}", holder.said());
            holder.said().lines().find_map(|line| line.strip_prefix("held by ")?.parse().ok())
        });
        let mut windows = Self { person: None, _holder: holder, first_process, folder };
        windows.run(&["wineboot", "--init"]);
        assert_eq!(windows.ask_root(&["wineserver", "--wait"]).code, 0);
        windows.sit_down();
        windows
    }

    /// Ends everything in it at once and starts it again, as a power cut does.
    pub(crate) fn restart(&mut self) {
        self.person = None;
        assert_eq!(self.ask_root(&["wineserver", "--kill"]).code, 0);
        self.run(&["wineboot"]);
        self.sit_down();
    }

    /// wine ends its services with the last program that a person started: this one waits for a word that never comes.
    fn sit_down(&mut self) {
        let command = self.beside(&["sh", "-c", "sleep \"$1\" | wine cmd", "sh", &LIFE_SECONDS.to_string()]);
        let place = tempfile::tempdir_in(self.folder.path()).unwrap();
        let (person, _) = self.person.insert((Program::start(command, place.path()), place));
        wait::until("a person is at the Windows", || person.said().contains("Microsoft").then_some(()));
    }

    /// A file or folder of the disk C, seen from outside: `ProgramData/Vedetta`.
    pub(crate) fn disk(&self, path: &str) -> PathBuf {
        self.folder.path().join("home/disk/drive_c").join(path)
    }

    /// Copies a file to a path of the disk C.
    pub(crate) fn bring(&self, file: &Path, path: &str) {
        let to = self.disk(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, &to).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Runs a program of Windows to its end, whatever it ends with: the first word is the program, as Windows finds it.
    pub(crate) fn ask(&self, words: &[&str]) -> Answer {
        self.ask_root(&[&["/usr/bin/wine"], words].concat())
    }

    /// Starts a program of Windows that goes on; it ends when dropped.
    pub(crate) fn start(&self, words: &[&str]) -> Program {
        Program::start(self.beside(&[&["/usr/bin/wine"], words].concat()), self.folder.path())
    }

    /// Runs a program of the root itself to its end; the disk C is `/root/disk/drive_c` for it.
    pub(crate) fn ask_root(&self, words: &[&str]) -> Answer {
        let inside = self.beside(words);
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after=5", &PROGRAM_SECONDS.to_string()])
            .arg(inside.get_program())
            .args(inside.get_args());
        // Into files: what wine starts beside the program would hold a pipe open for as long as it runs.
        let files = ["out", "err"].map(|name| self.folder.path().join(name));
        let [out, err] = files.each_ref().map(|file| File::create(file).unwrap());
        let status = command.stdin(Stdio::null()).stdout(out).stderr(err).status().unwrap();
        let [out, err] = files.map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned());
        Answer { code: status.code().unwrap_or_else(|| panic!("{words:?}: {status}")), out, err }
    }

    /// A program of the root, ready to be started.
    fn beside(&self, words: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.first_process.to_string(), "--mount", "--pid", "--", "chroot"]);
        command.arg(self.folder.path().join("root")).args(["/usr/bin/env", "-i"]).args(ENVIRONMENT).args(words);
        command
    }

    /// Runs a program that has to succeed; a failure is shown whole.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> String {
        self.ask(words).with_code(0).out
    }
}
