//! Running a program of the system, where nothing else can tell a fact: `rpm`, `dnf`, `sshd -T`, `nft`.
//!
//! No shell, no standard input, a fixed environment, the lowest priority. A program that takes too long or says too much is
//! killed with everything that it started; what it leaves running when it ends is killed too. [`run`] blocks: a probe calls
//! it where it may block.

use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

pub(crate) use crate::platform::SYSTEM_FOLDERS;
use crate::platform::{ENVIRONMENT, Group, PROGRAM_FOLDER, is_program, set_apart, signal};

/// Most bytes kept of standard error; more is read and thrown away.
const ERROR_BYTES_MAX: u64 = 4_096;
/// Shortest and longest pause between two looks at whether the program has ended.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));
/// Longest wait for the rest of the output after the program has ended and its group was killed.
const REST_MAX: Duration = Duration::from_secs(1);

/// A program of the system, and what it may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program<'a> {
    /// Its file name: `dnf`.
    pub name: &'a str,
    /// Folders in which it is looked for, the first one first; absolute.
    pub folders: &'a [&'a str],
    /// Its arguments, each as one word: no shell reads them.
    pub arguments: &'a [&'a str],
    /// Longest time for it to end; then it is killed.
    pub time_max: Duration,
    /// Most bytes of standard output; with more it is killed.
    pub bytes_max: u64,
}

/// What a program said before it ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// Its exit code.
    pub code: i32,
    /// Its whole standard output; bytes that are no UTF-8 become U+FFFD.
    pub out: String,
    /// The beginning of its standard error, at most 4 KiB.
    pub err: String,
}

impl Output {
    /// Its standard output when it ended with code 0.
    ///
    /// # Errors
    /// `program_failed` with the code and the first line of its standard error.
    pub(crate) fn succeeded(self, program: &Program<'_>) -> Result<String, Unknown> {
        if self.code == 0 { Ok(self.out) } else { Err(self.to_unknown(program)) }
    }

    /// Why nothing was learnt: its exit code and the first line of its standard error.
    pub(crate) fn to_unknown(&self, program: &Program<'_>) -> Unknown {
        let line = self.err.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        Unknown::new(Reason::PROGRAM_FAILED, format!("{} ended with code {}: {line}", program.name, self.code))
    }
}

/// Whether the program is on this host.
pub(crate) fn find(name: &str, folders: &[&str]) -> Option<PathBuf> {
    let mut paths = folders.iter().map(|folder| PathBuf::from(folder).join(name));
    paths.find(|path| path.metadata().is_ok_and(|metadata| is_program(&metadata)))
}

/// Runs a program of the system to its end.
///
/// # Errors
/// `no_program` when no folder holds it, `program_failed` when it cannot be started or was ended by a signal, `timeout` and
/// `too_large` when it went beyond its limits. An exit code other than 0 is no error here: see [`Output::succeeded`].
pub(crate) fn run(program: &Program<'_>) -> Result<Output, Unknown> {
    let Some(path) = find(program.name, program.folders) else {
        let detail = format!("{} is in none of {}", program.name, program.folders.join(", "));
        return Err(Unknown::new(Reason::NO_PROGRAM, detail));
    };
    let failed = |what: &str, error: io::Error| {
        Unknown::new(Reason::PROGRAM_FAILED, format!("{what} {}: {error}", path.display()))
    };
    let end = Instant::now() + program.time_max;
    let child = set_apart(&mut Command::new(&path))
        .args(program.arguments)
        .env_clear()
        .envs(ENVIRONMENT.iter().copied())
        .current_dir(PROGRAM_FOLDER)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed("start", error))?;
    let mut running = Running::new(child, program.bytes_max).map_err(|error| failed("read from", error))?;
    running.until_ended(program, end)?;
    let status = running.end().map_err(|error| failed("wait for", error))?;
    running.rest(program)?;
    let Some(code) = status.code() else {
        let signal = signal(status).unwrap_or_default();
        let detail = format!("{} was ended by signal {signal}", program.name);
        return Err(Unknown::new(Reason::PROGRAM_FAILED, detail));
    };
    let [out, err] = std::mem::take(&mut running.said);
    let text = |bytes: Option<Vec<u8>>| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    Ok(Output { code, out: text(out), err: text(err) })
}

/// Which of the two streams a thread has read to its end.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Out,
    Err,
}

/// What one stream said; nothing when it said more than it may.
type Said = (Stream, Option<Vec<u8>>);

/// A started program. Dropped, it is killed with its group: no way out of this module leaves it running.
struct Running {
    child: Child,
    group: Group,
    streams: Receiver<Said>,
    /// Standard output and standard error, as far as they have ended.
    said: [Option<Vec<u8>>; 2],
    ended: bool,
}

impl Running {
    fn new(mut child: Child, bytes_max: u64) -> io::Result<Self> {
        let group = Group::of(&child);
        let (sender, streams) = mpsc::channel();
        let pipes = (child.stdout.take(), child.stderr.take());
        let running = Self { child, group, streams, said: [None, None], ended: false };
        if let (Some(out), Some(err)) = pipes {
            read_in_background(Stream::Out, out, bytes_max, sender.clone())?;
            read_in_background(Stream::Err, err, ERROR_BYTES_MAX, sender)?;
        }
        Ok(running)
    }

    fn until_ended(&mut self, program: &Program<'_>, end: Instant) -> Result<(), Unknown> {
        let mut pause = PAUSES.0;
        while !self.group.has_ended(&mut self.child) {
            if Instant::now() >= end {
                let detail = format!("{} took longer than {} s", program.name, program.time_max.as_secs_f32());
                return Err(Unknown::new(Reason::TIMEOUT, detail));
            }
            match self.streams.recv_timeout(pause) {
                Ok(said) => self.keep(said, program)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::sleep(pause),
            }
            pause = PAUSES.1.min(pause * 2);
        }
        Ok(())
    }

    fn keep(&mut self, (stream, bytes): Said, program: &Program<'_>) -> Result<(), Unknown> {
        let Some(bytes) = bytes else {
            let detail = format!("{} said more than {} bytes", program.name, program.bytes_max);
            return Err(Unknown::new(Reason::TOO_LARGE, detail));
        };
        let [out, err] = &mut self.said;
        match stream {
            Stream::Out => *out = Some(bytes),
            Stream::Err => *err = Some(bytes),
        }
        Ok(())
    }

    /// Kills what is left of the group and reaps the program.
    fn end(&mut self) -> io::Result<ExitStatus> {
        if !self.ended {
            self.group.kill(&mut self.child);
        }
        self.ended = true;
        self.child.wait()
    }

    /// What the streams hold after the end. Without their end, the output may be cut: that is no answer.
    fn rest(&mut self, program: &Program<'_>) -> Result<(), Unknown> {
        while self.said.iter().any(Option::is_none) {
            let Ok(said) = self.streams.recv_timeout(REST_MAX) else {
                let detail = format!("{} left its output open", program.name);
                return Err(Unknown::new(Reason::PROGRAM_FAILED, detail));
            };
            self.keep(said, program)?;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            let _killed = self.end();
        }
    }
}

fn read_in_background<R: Read + Send + 'static>(
    stream: Stream,
    mut pipe: R,
    bytes_max: u64,
    sender: Sender<Said>,
) -> io::Result<()> {
    let read = move || {
        let mut bytes = Vec::new();
        let whole = pipe.by_ref().take(bytes_max).read_to_end(&mut bytes);
        let beyond = match stream {
            Stream::Out => pipe.read(&mut [0]).unwrap_or(0) > 0,
            Stream::Err => io::copy(&mut pipe, &mut io::sink()).is_err(),
        };
        let bytes = (whole.is_ok() && !beyond).then_some(bytes);
        let _nobody_waits_any_more = sender.send((stream, bytes));
    };
    thread::Builder::new().name("program output".to_owned()).spawn(read).map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SECONDS_MAX: Duration = Duration::from_secs(20);

    fn shell(script: &str, time_max: Duration, bytes_max: u64) -> Result<Output, Unknown> {
        run(&Program { name: "sh", folders: SYSTEM_FOLDERS, arguments: &["-c", script], time_max, bytes_max })
    }

    #[test]
    fn output_errors_and_exit_code_are_told() {
        let output = shell("echo seen; echo wrong >&2; exit 3", SECONDS_MAX, 100).unwrap();
        assert_eq!(output, Output { code: 3, out: "seen\n".to_owned(), err: "wrong\n".to_owned() });
        let program =
            Program { name: "sh", folders: &[], arguments: &[], time_max: Duration::from_secs(1), bytes_max: 1 };
        let unknown = output.succeeded(&program).unwrap_err();
        assert_eq!((unknown.reason, unknown.detail.as_str()), (Reason::PROGRAM_FAILED, "sh ended with code 3: wrong"));
    }

    #[test]
    fn a_missing_program_is_named_with_where_it_was_looked_for() {
        let program = Program {
            name: "no-such-program",
            folders: &["/usr/bin", "/bin"],
            arguments: &[],
            time_max: SECONDS_MAX,
            bytes_max: 100,
        };
        let unknown = run(&program).unwrap_err();
        assert_eq!(unknown, Unknown::new(Reason::NO_PROGRAM, "no-such-program is in none of /usr/bin, /bin"));
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("pid");
        let script = format!("(sleep 600 & echo $! > {}; wait) & wait", mark.display());
        let unknown = shell(&script, Duration::from_millis(500), 100).unwrap_err();
        assert_eq!(unknown.reason, Reason::TIMEOUT);
        assert_gone(&fs::read_to_string(&mark).unwrap());
    }

    #[test]
    fn what_a_program_leaves_running_dies_with_it() {
        let started = Instant::now();
        let output = shell("sleep 600 & echo $!", SECONDS_MAX, 100).unwrap();
        assert_gone(&output.out);
        assert!(started.elapsed() < SECONDS_MAX, "its open output is not waited for");
    }

    #[test]
    fn a_program_that_says_too_much_is_killed() {
        let started = Instant::now();
        let unknown = shell("head -c 100000000 /dev/zero; sleep 600", SECONDS_MAX, 1_000_000).unwrap_err();
        assert_eq!(unknown, Unknown::new(Reason::TOO_LARGE, "sh said more than 1000000 bytes"));
        assert!(started.elapsed() < SECONDS_MAX);
    }

    #[test]
    fn errors_without_end_do_not_stop_a_program() {
        let output = shell("head -c 1000000 /dev/zero >&2; echo done", SECONDS_MAX, 100).unwrap();
        assert_eq!((output.out.as_str(), output.err.len() as u64), ("done\n", ERROR_BYTES_MAX));
    }

    #[test]
    fn a_program_gets_no_environment_no_input_and_the_lowest_priority() {
        let output = shell("cat; env | cut -d= -f1 | sort | tr '\\n' ' '; nice", SECONDS_MAX, 200);
        let out = output.unwrap().out;
        assert_eq!(out, "HOME LC_ALL PATH PWD TERM 19\n", "PWD is set by the shell itself");
    }

    #[test]
    fn a_program_ended_by_a_signal_gave_no_answer() {
        let unknown = shell("kill -9 $$", SECONDS_MAX, 100).unwrap_err();
        assert_eq!(unknown, Unknown::new(Reason::PROGRAM_FAILED, "sh was ended by signal 9"));
    }

    /// A killed process may stay as a zombie until its parent reaps it: that is gone as well.
    #[track_caller]
    fn assert_gone(pid: &str) {
        let status = format!("/proc/{}/status", pid.trim());
        let end = Instant::now() + SECONDS_MAX;
        while fs::read_to_string(&status).is_ok_and(|status| !status.contains("State:\tZ")) {
            assert!(Instant::now() < end, "{pid} still runs");
            thread::sleep(PAUSES.1);
        }
    }
}
