//! The reader's end: one word from standard input, the facts of that part to standard output, and the end.
//!
//! Standard input and output are the connection, as systemd hands it over (`Accept=yes`). Nothing but the word is taken.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vedetta_probes::ProbeContext;
use vedetta_probes::privileged::{Part, look};

use super::form::{self, REQUEST_BYTES_MAX};
use crate::platform;

/// Longest wait for the word.
const WORD_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest wait for the agent to take the answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

/// Why the reader told nothing.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Standard input is no socket.
    #[error("the reader is started by systemd for a connection to its socket, not by hand: {0}")]
    NoSocket(#[source] io::Error),
    /// No word came, or no known one.
    #[error("no word of the list came within {} s: {why}", WORD_TIME_MAX.as_secs())]
    Word {
        /// What came instead.
        why: String,
    },
    /// The configuration could have been written by somebody else.
    #[error("{file} must belong to root and be writable by nobody else, or the reader does not go by it", file = .0.display())]
    Configuration(PathBuf),
    /// The answer was not taken.
    #[error("the answer was not taken: {0}")]
    Answer(#[source] io::Error),
    /// No run-time.
    #[error("cannot start: {0}")]
    Start(#[source] io::Error),
}

/// Answers the one question on standard input. `configuration` is the file that `context` was made by.
///
/// # Errors
/// [`ServeError`]: nothing was told.
pub fn serve(context: ProbeContext, configuration: &Path) -> Result<(), ServeError> {
    let own = |of: io::Result<OwnedFd>| of.map(UnixStream::from).map_err(ServeError::NoSocket);
    let input = own(io::stdin().as_fd().try_clone_to_owned())?;
    let mut output = own(io::stdout().as_fd().try_clone_to_owned())?;
    only_of_root(configuration)?;
    let part = word(input)?;
    let catalogue = vedetta_probes::catalogue();
    let deadline = catalogue.get(&part.probe()).map_or(context.deadline, |spec| spec.deadline);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Start)?;
    let seen = runtime.block_on(look(part, ProbeContext { deadline, ..context }));
    // A look that overran its time is not waited for.
    runtime.shutdown_background();
    output.set_write_timeout(Some(ANSWER_TIME_MAX)).map_err(ServeError::Answer)?;
    output.write_all(&form::write(&seen)).map_err(ServeError::Answer)
}

/// The word on the connection: bounded in length and time.
fn word(mut input: UnixStream) -> Result<Part, ServeError> {
    let end = Instant::now() + WORD_TIME_MAX;
    let mut said = Vec::new();
    while !said.ends_with(b"\n") && (said.len() as u64) < REQUEST_BYTES_MAX {
        let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        input.set_read_timeout(Some(left)).map_err(ServeError::NoSocket)?;
        let mut byte = [0];
        match input.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => said.extend(byte),
            Err(error) => return Err(ServeError::Word { why: error.to_string() }),
        }
    }
    let text = String::from_utf8_lossy(&said);
    let known = || Part::ALL.map(Part::word).join(", ");
    text.strip_suffix('\n')
        .and_then(Part::of_word)
        .ok_or_else(|| ServeError::Word { why: format!("{text:?} is none of {}", known()) })
}

/// What is declared of the host is believed with the rights of root: only root may have written it.
fn only_of_root(configuration: &Path) -> Result<(), ServeError> {
    match platform::is_trusted(configuration) {
        Ok(false) => Err(ServeError::Configuration(configuration.to_path_buf())),
        // Without one nothing is declared.
        Ok(true) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reader takes from a connection on which some bytes are said.
    fn said(bytes: &[u8]) -> Result<Part, ServeError> {
        let (mut agent, reader) = UnixStream::pair().unwrap();
        agent.write_all(bytes).unwrap();
        agent.shutdown(std::net::Shutdown::Write).unwrap();
        word(reader)
    }

    #[test]
    fn only_words_of_the_list_are_taken() {
        for part in Part::ALL {
            let line = format!("{}\n", part.word());
            assert_eq!(said(line.as_bytes()).unwrap(), part);
        }
        for other in ["", "\n", "host", "Host\n", "host \n", "tls\n", "/etc/shadow\n", "host\u{0}\n"] {
            assert!(matches!(said(other.as_bytes()), Err(ServeError::Word { .. })), "{other:?}");
        }
        assert!(said(&[b'a'; 4096]).is_err());
    }

    #[test]
    fn a_configuration_that_others_may_write_is_not_gone_by() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("agent.toml");
        assert!(only_of_root(&file).is_ok(), "none");
        std::fs::write(&file, "").unwrap();
        for (mode, allowed) in [(0o644, true), (0o664, false), (0o646, false)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(only_of_root(&file).is_ok(), allowed, "{mode:o}");
        }
    }
}
