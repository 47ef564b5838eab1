//! The agent's end: one connection, one word, one bounded answer within its time.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use vedetta_checks::catalogue::Observation;
use vedetta_probes::privileged::Part;

use super::Reader;
use super::form::{self, ANSWER_BYTES_MAX, FormError};

/// Time that a reader is given beside that of the probe: to be started, and to hand over its answer.
const BESIDE_THE_LOOK: Duration = Duration::from_secs(5);

/// Why the reader told nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// It was not reached, or broke off.
    #[error("{operation} {socket} failed: {source}", socket = .socket.display())]
    Socket {
        /// What was attempted.
        operation: &'static str,
        /// Where.
        socket: std::path::PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Somebody else than root holds the socket.
    #[error("{socket} belongs to user {user}, not to root", socket = .socket.display())]
    NotRoot {
        /// Where.
        socket: std::path::PathBuf,
        /// Who.
        user: u32,
    },
    /// It took too long.
    #[error("no answer within {0:?}")]
    Late(Duration),
    /// The answer is longer than the limit.
    #[error("the answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// The answer is none.
    #[error(transparent)]
    Form(#[from] FormError),
}

impl Reader {
    /// The facts of one part.
    ///
    /// # Errors
    /// [`AskError`]: the reader told nothing.
    pub(super) async fn ask(&self, part: Part) -> Result<Observation, AskError> {
        let catalogue = vedetta_probes::catalogue();
        let spec = catalogue.get(&part.probe());
        let time = spec.map_or(Duration::ZERO, |spec| spec.deadline) + BESIDE_THE_LOOK;
        let bytes = tokio::time::timeout(time, self.talk(part)).await.map_err(|_elapsed| AskError::Late(time))??;
        let declared = spec.map(|spec| spec.observation.clone()).unwrap_or_default();
        Ok(form::read(&bytes, part, &declared)?)
    }

    async fn talk(&self, part: Part) -> Result<Vec<u8>, AskError> {
        let failed = |operation| move |source| AskError::Socket { operation, socket: self.socket.clone(), source };
        let mut stream = UnixStream::connect(&self.socket).await.map_err(failed("connecting to"))?;
        // Who answers is believed: it must be who may see more than this process.
        let user = stream.peer_cred().map_err(failed("asking who holds"))?.uid();
        if user != 0 {
            return Err(AskError::NotRoot { socket: self.socket.clone(), user });
        }
        let word = format!("{}\n", part.word());
        stream.write_all(word.as_bytes()).await.map_err(failed("writing to"))?;
        let mut bytes = Vec::new();
        stream.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes).await.map_err(failed("reading from"))?;
        if bytes.len() as u64 > ANSWER_BYTES_MAX { Err(AskError::TooLong) } else { Ok(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::net::UnixListener;

    use super::*;

    /// A listener that reads a word and answers some bytes.
    async fn answer(socket: &Path, bytes: &'static [u8]) -> Result<Observation, AskError> {
        let listener = UnixListener::bind(socket).unwrap();
        let reader = Reader::at(socket.to_path_buf());
        let (asked, ()) = tokio::join!(reader.ask(Part::Host), async {
            let (mut caller, _) = listener.accept().await.unwrap();
            let mut word = [0; 5];
            caller.read_exact(&mut word).await.unwrap();
            assert_eq!(&word, b"host\n");
            caller.write_all(bytes).await.unwrap();
        });
        asked
    }

    #[tokio::test]
    async fn a_missing_reader_is_said_and_a_strange_answer_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let nobody = Reader::at(folder.path().join("none")).ask(Part::Host).await.unwrap_err();
        assert!(matches!(nobody, AskError::Socket { operation: "connecting to", .. }), "{nobody}");
        let strange = answer(&folder.path().join("socket"), b"yes").await.unwrap_err();
        let is_root = tempfile::tempdir().is_ok_and(|folder| {
            use std::os::unix::fs::MetadataExt as _;
            std::fs::metadata(folder.path()).is_ok_and(|own| own.uid() == 0)
        });
        match strange {
            AskError::Form(_) => assert!(is_root, "an answer of somebody else than root was read"),
            AskError::NotRoot { .. } => assert!(!is_root),
            other @ (AskError::Socket { .. } | AskError::Late(_) | AskError::TooLong) => panic!("{other}"),
        }
    }
}
