//! A root of one test's own: an overlay above a root of `tests/setup/lifecycle.sh`, with its own mounts and processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use vedetta_tests::program::{Answer, Program, ask};
use vedetta_tests::wait;

/// Where `tests/setup/lifecycle.sh` keeps the roots.
const BASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.setup/lifecycle-roots");
/// Longest life of a root, in seconds: should the test be killed, its root ends by itself.
const LIFE_SECONDS: u32 = 1_200;
/// Longest run of one command in a root, in seconds.
const COMMAND_SECONDS: u32 = 180;
/// Environment of every command in a root: that of a login, and nothing of the machine's.
const ENVIRONMENT: &[&str] = &[
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LC_ALL=C.UTF-8",
    "DEBIAN_FRONTEND=noninteractive",
];
/// Lays the root above its base. A machine whose disk is an overlay itself cannot stack another: there the root is copied.
const LAY: &str = r#"
    # The layer's own folder becomes `/`, which others must be able to enter.
    chmod 0755 "$2/upper" "$2/root"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root" 2>/dev/null ||
        cp -a --reflink=auto "$1/." "$2/root"
"#;
/// Stays as the first process of a root, which takes all others along when it ends; it says its number outside.
const HOLD: &str = r#"
    read -r outer rest </proc/self/stat
    mount -t proc proc "$2/root/proc"
    mount --rbind /dev "$2/root/dev"
    mount -t tmpfs -o mode=0755 tmpfs "$2/root/run"
    mount -t tmpfs -o mode=1777 tmpfs "$2/root/tmp"
    mkdir -p "$2/root/run/lock"
    echo "held by $outer"
    exec sleep "$3"
"#;

/// A root; it ends with the test, and so does everything in it.
pub(crate) struct Root {
    /// The release that it is of: `bookworm`.
    pub(crate) name: String,
    // Ends before its folder goes.
    _holder: Program,
    first_process: u32,
    folder: Folder,
    /// What comes before a command that is to run inside.
    entry: Vec<String>,
    /// The root as it is seen from outside.
    view: PathBuf,
}

/// A root's folder beside the bases: an overlay wants one file system.
pub(crate) struct Folder {
    base: PathBuf,
    own: TempDir,
}

impl Folder {
    /// Its name, which no other folder has.
    pub(crate) fn name(&self) -> String {
        self.own.path().file_name().unwrap().to_string_lossy().into_owned()
    }

    /// A new folder for a root above this base.
    pub(crate) fn new(name: &str) -> Self {
        let base = fs::canonicalize(BASES).unwrap_or_default().join(name);
        assert!(base.is_dir(), "the root {name} is missing: run `sh tests/setup/lifecycle.sh`");
        let own = tempfile::Builder::new().prefix(".run-").tempdir_in(base.parent().unwrap()).unwrap();
        for part in ["upper", "work", "root"] {
            fs::create_dir(own.path().join(part)).unwrap();
        }
        Self { base, own }
    }

    /// Starts the first process of a root: `unshare` with these options and a script. The script gets the base, this folder,
    /// the seconds to live and another text; [`LAY`] comes before it, and it says `held by` and its number, the answer.
    pub(crate) fn hold(&self, options: &[&str], script: &str, more: &str) -> (Program, u32) {
        let mut command = Command::new("unshare");
        command.args(options).args(["--propagation", "private", "sh", "-euc", &format!("{LAY}{script}"), "sh"]);
        command.arg(&self.base).arg(self.own.path()).arg(LIFE_SECONDS.to_string()).arg(more);
        let mut holder = Program::start(command, self.own.path());
        let name = self.base.display();
        let first_process = wait::until(&format!("{name} is mounted"), || {
            assert!(holder.runs(), "{name} cannot be mounted: {}", holder.said());
            holder.said().lines().find_map(|line| line.strip_prefix("held by ")?.parse().ok())
        });
        (holder, first_process)
    }
}

impl Root {
    /// A new overlay above a root, in which nothing runs yet.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let (holder, first_process) = folder.hold(&["--mount", "--pid", "--fork", "--kill-child"], HOLD, "");
        let mounted = folder.own.path().join("root");
        let target = first_process.to_string();
        let entry = ["nsenter", "--target", &target, "--mount", "--pid", "--", "chroot", mounted.to_str().unwrap()];
        let view = PathBuf::from(format!("/proc/{first_process}/root")).join(mounted.strip_prefix("/").unwrap());
        let entry = entry.map(str::to_owned).to_vec();
        Self { name: name.to_owned(), _holder: holder, first_process, folder, entry, view }
    }

    /// A root whose first process is another than [`HOLD`], and is the root of what it mounted.
    pub(crate) fn held(name: &str, folder: Folder, (holder, first_process): (Program, u32), entry: &[&str]) -> Self {
        let mut whole = vec!["nsenter".to_owned(), "--target".to_owned(), first_process.to_string()];
        whole.extend(entry.iter().map(|&word| word.to_owned()));
        let view = PathBuf::from(format!("/proc/{first_process}/root"));
        Self { name: name.to_owned(), _holder: holder, first_process, folder, entry: whole, view }
    }

    /// A path of the root, to be read from outside.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.view.join(inside.trim_start_matches('/'))
    }

    /// Where the root is mounted, for a program that [`Self::beside`] starts.
    pub(crate) fn mounted(&self) -> PathBuf {
        self.folder.own.path().join("root")
    }

    /// A folder of the test's own outside the root.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.own.path()
    }

    /// Copies a file into the root's `/tmp`; the answer is its path there.
    pub(crate) fn bring(&self, file: &Path) -> String {
        let inside = format!("/tmp/{}", file.file_name().unwrap().to_str().unwrap());
        fs::copy(file, self.path(&inside)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        inside
    }

    /// A command in the root, with these variables beside the usual ones; whoever starts it bounds it in time.
    pub(crate) fn command(&self, variables: &[&str], words: &[&str]) -> Command {
        let mut command = Command::new(&self.entry[0]);
        command.args(&self.entry[1..]).args(["/usr/bin/env", "-i"]);
        command.args(ENVIRONMENT).args(variables).args(words);
        command
    }

    /// A program of the machine that sees the root's mounts and processes.
    pub(crate) fn beside(&self, words: &[&str]) -> Answer {
        let mut command = bounded();
        command.args(["nsenter", "--target", &self.first_process.to_string(), "--mount", "--pid", "--"]).args(words);
        ask(&mut command)
    }

    /// Runs a command in the root, whatever it ends with.
    pub(crate) fn ask(&self, words: &[&str]) -> Answer {
        let mut command = bounded();
        let inside = self.command(&[], words);
        command.arg(inside.get_program()).args(inside.get_args());
        ask(&mut command)
    }

    /// Runs a command in the root that has to succeed; a failure names root, step and output.
    #[track_caller]
    pub(crate) fn run(&self, step: &str, words: &[&str]) -> String {
        let answer = self.ask(words);
        self.holds(answer.code == 0, step, &format!("{words:?} ended with {}", answer.code), &answer);
        answer.out
    }

    /// Runs a command in the root that has to fail and to say why.
    #[track_caller]
    pub(crate) fn refuses(&self, step: &str, words: &[&str], why: &[&str]) -> Answer {
        let answer = self.ask(words);
        self.holds(answer.code != 0, step, &format!("{words:?} succeeded"), &answer);
        for text in why {
            let says = answer.out.contains(text) || answer.err.contains(text);
            self.holds(says, step, &format!("{words:?} does not say `{text}`"), &answer);
        }
        answer
    }

    /// Holds a claim about what a program answered.
    #[track_caller]
    pub(crate) fn holds(&self, claim: bool, step: &str, otherwise: &str, answer: &Answer) {
        assert!(claim, "{}, {step}: {otherwise}\n--- output\n{}\n--- errors\n{}", self.name, answer.out, answer.err);
    }
}

fn bounded() -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", &COMMAND_SECONDS.to_string()]);
    command
}
