//! One response, read from an open connection within limits of bytes; time is the caller's.

use std::io::{self, Read};

use tokio::io::{AsyncRead, AsyncReadExt};
use vedetta_checks::word::Reason;

use super::chunked::ChunkReader;
use super::head::{self, HEAD_BYTES_MAX, Head};
use crate::network::io_reason;

/// Longest body that is kept, in bytes; what follows is not read.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Most interim responses (`103 Early Hints`) before the real one.
const INTERIM_MAX: usize = 4;
/// Size of one read, in bytes.
const READ_BYTES: usize = 16 * 1024;

/// A response with as much of its body as was read.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    /// Status and fields.
    pub(crate) head: Head,
    /// The body, without chunks and compression.
    pub(crate) body: Vec<u8>,
    /// Why the body may go on after what was read; none when it is whole.
    pub(crate) cut: Option<Reason>,
}

/// Why no response was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Silence {
    /// As a word.
    pub(crate) reason: Reason,
    /// What was seen exactly.
    pub(crate) detail: String,
    /// Whether the other side spoke, and not HTTP.
    pub(crate) is_other_protocol: bool,
}

impl Silence {
    /// Nothing was read, because of `reason`.
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), is_other_protocol: false }
    }

    fn of_io(error: &io::Error) -> Self {
        // A server that wants a certificate of ours says so only after the handshake of TLS 1.3.
        let is_alert = error.get_ref().is_some_and(|cause| {
            cause.downcast_ref::<rustls::Error>().is_some_and(|cause| matches!(cause, rustls::Error::AlertReceived(_)))
        });
        let reason = if is_alert { Reason::HANDSHAKE_REFUSED } else { io_reason(error) };
        Self::new(reason, error.to_string())
    }
}

/// Reads the head, then hands it with the bytes that came after it.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> Result<(Head, Vec<u8>), Silence> {
    let mut bytes = Vec::new();
    let mut interim = 0;
    let mut looked = 0;
    loop {
        if let Some(end) = head::end(&bytes, looked) {
            let rest = bytes.split_off(end);
            let head = head::parse(&bytes).map_err(|error| no_http(&bytes, &error.to_string()))?;
            // 101 would be another protocol, which we did not ask for.
            if !(100..200).contains(&head.status) || head.status == 101 {
                return Ok((head, rest));
            }
            interim += 1;
            if interim > INTERIM_MAX {
                return Err(Silence::new(Reason::CORRUPT, "only interim responses came"));
            }
            (bytes, looked) = (rest, 0);
            continue;
        }
        if !head::may_be_head(&bytes) {
            return Err(no_http(&bytes, "the answer does not begin as HTTP does"));
        }
        if bytes.len() >= HEAD_BYTES_MAX {
            return Err(Silence::new(Reason::TOO_LARGE, format!("the head has more than {HEAD_BYTES_MAX} bytes")));
        }
        looked = bytes.len();
        match read_some(stream, &mut bytes).await {
            Ok(0) if bytes.trim_ascii_start().is_empty() => {
                return Err(Silence::new(Reason::CLOSED, "the server closed the connection without an answer"));
            }
            // A head that was never ended is read as far as it came.
            Ok(0) => {
                let head = head::parse(&bytes).map_err(|error| no_http(&bytes, &error.to_string()))?;
                return Ok((head, Vec::new()));
            }
            Ok(_) => {}
            Err(error) => return Err(Silence::of_io(&error)),
        }
    }
}

/// A body that is being read; what came stays when the time is up.
#[derive(Debug)]
pub(crate) struct BodyReader {
    body: Vec<u8>,
    chunks: Option<ChunkReader>,
    length: Option<usize>,
    is_whole: bool,
}

impl BodyReader {
    /// A body as its head announces it, with the bytes of it that came along.
    pub(crate) fn new(head: &Head, first: &[u8]) -> Self {
        let is_chunked =
            head.members("transfer-encoding").last().is_some_and(|last| last.eq_ignore_ascii_case("chunked"));
        let chunks = is_chunked.then(ChunkReader::new);
        let is_empty = head.status == 204 || head.status == 304;
        let announced = head.first("content-length").and_then(|length| length.parse().ok());
        let is_trustworthy = !is_chunked && !head.problems.contains(&head::CONFLICTING_LENGTH);
        let length = if is_empty { Some(0) } else { announced.filter(|_| is_trustworthy) };
        let mut reader = Self { body: Vec::new(), chunks, length, is_whole: false };
        reader.take(first);
        reader
    }

    /// Reads until the end of the body or the limit.
    pub(crate) async fn read<S: AsyncRead + Unpin>(&mut self, stream: &mut S) {
        while !self.is_done() {
            let mut bytes = Vec::new();
            match read_some(stream, &mut bytes).await {
                // Without a length the end of the connection is the end of the body.
                Ok(0) => {
                    self.is_whole = self.chunks.is_none() && self.length.is_none();
                    return;
                }
                Ok(_) => self.take(&bytes),
                Err(error) => {
                    // Many servers end TLS without a farewell.
                    let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
                    self.is_whole = is_end && self.chunks.is_none() && self.length.is_none();
                    return;
                }
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match &mut self.chunks {
            Some(chunks) => {
                chunks.feed(bytes, &mut self.body);
                self.is_whole = chunks.is_whole();
            }
            None => {
                self.body.extend_from_slice(bytes);
                if let Some(length) = self.length
                    && self.body.len() >= length
                {
                    self.body.truncate(length);
                    self.is_whole = true;
                }
            }
        }
        if self.body.len() > BODY_BYTES_MAX {
            self.body.truncate(BODY_BYTES_MAX);
            self.is_whole = false;
        }
    }

    fn is_done(&self) -> bool {
        let chunks_done = self.chunks.as_ref().is_some_and(ChunkReader::is_done);
        self.is_whole || chunks_done || self.body.len() >= BODY_BYTES_MAX
    }

    /// The response, unpacked if the server packed it unasked.
    pub(crate) fn into_response(self, head: Head) -> Response {
        let cut = if self.is_whole {
            None
        } else if self.body.len() >= BODY_BYTES_MAX {
            Some(Reason::TOO_LARGE)
        } else {
            Some(Reason::RESET)
        };
        let coding = head.members("content-encoding").last().unwrap_or("identity").to_ascii_lowercase();
        let (body, cut) = match coding.as_str() {
            "identity" => (self.body, cut),
            "gzip" | "x-gzip" => unpacked(&self.body, cut),
            // Not asked for and not read.
            _ => (Vec::new(), Some(Reason::UNREADABLE)),
        };
        Response { head, body, cut }
    }
}

fn unpacked(packed: &[u8], cut: Option<Reason>) -> (Vec<u8>, Option<Reason>) {
    let mut body = Vec::new();
    let limit = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX);
    match flate2::read::MultiGzDecoder::new(packed).take(limit).read_to_end(&mut body) {
        Ok(read) if read >= BODY_BYTES_MAX => (body, Some(Reason::TOO_LARGE)),
        Ok(_) => (body, cut),
        // What was unpacked before the damage is still the page's beginning.
        Err(_) => (body, cut.or(Some(Reason::CORRUPT))),
    }
}

async fn read_some<S: AsyncRead + Unpin>(stream: &mut S, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = [0; READ_BYTES];
    let read = stream.read(&mut buffer).await?;
    bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
    Ok(read)
}

fn no_http(bytes: &[u8], detail: &str) -> Silence {
    let is_empty = bytes.trim_ascii_start().is_empty();
    Silence { reason: Reason::CORRUPT, detail: detail.to_owned(), is_other_protocol: !is_empty }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn respond(mut bytes: &[u8]) -> Result<Response, Silence> {
        let (head, first) = read_head(&mut bytes).await?;
        let mut body = BodyReader::new(&head, &first);
        body.read(&mut bytes).await;
        Ok(body.into_response(head))
    }

    async fn body(bytes: &[u8]) -> (String, Option<Reason>) {
        let response = respond(bytes).await.expect("a response");
        (String::from_utf8_lossy(&response.body).into_owned(), response.cut)
    }

    #[tokio::test]
    async fn a_body_ends_by_its_length_its_chunks_or_the_connection() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nciao and more"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nciao\r\n0\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\nciao",
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nciao",
        ] {
            assert_eq!(body(bytes).await, ("ciao".to_owned(), None), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_told_so() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nciao"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nciao\r\nzz",
        ] {
            assert_eq!(body(bytes).await, ("ciao".to_owned(), Some(Reason::RESET)), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn no_more_is_kept_than_the_limit() {
        let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        bytes.resize(bytes.len() + BODY_BYTES_MAX + 1, b'a');
        let response = respond(&bytes).await.expect("a response");
        assert_eq!((response.body.len(), response.cut), (BODY_BYTES_MAX, Some(Reason::TOO_LARGE)));
    }

    #[tokio::test]
    async fn a_body_packed_unasked_is_unpacked() {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(b"ciao").expect("packed");
        let packed = packer.finish().expect("packed");
        let bytes = [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", packed.as_slice()].concat();
        assert_eq!(body(&bytes).await, ("ciao".to_owned(), None));
    }

    #[tokio::test]
    async fn another_protocol_is_told_from_silence() {
        for (bytes, is_other_protocol) in [(&b"* OK IMAP4rev1 ready\r\n"[..], true), (b"", false), (b"\r\n", false)] {
            let silence = respond(bytes).await.expect_err("no HTTP");
            assert_eq!(silence.is_other_protocol, is_other_protocol, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn an_endless_head_is_too_large() {
        let bytes = [b"HTTP/1.1 200 OK\r\nA: ".to_vec(), vec![b'a'; HEAD_BYTES_MAX]].concat();
        assert_eq!(respond(&bytes).await.expect_err("no end").reason, Reason::TOO_LARGE);
    }
}
