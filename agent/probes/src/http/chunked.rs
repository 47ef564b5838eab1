//! A body in chunks (RFC 9112 section 7.1), read piece by piece.

/// Longest line with the size of a chunk, in bytes; extensions of honest servers stay far below.
const SIZE_LINE_BYTES_MAX: usize = 1024;

/// Where the reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// In the line that holds the size.
    Size(Vec<u8>),
    /// In the data, with so many bytes to come.
    Data(usize),
    /// In the line end after the data.
    AfterData,
    /// The last chunk came.
    End,
    /// It is no chunked body.
    Broken,
}

/// Turns chunks into a body.
#[derive(Debug, Clone)]
pub(crate) struct ChunkReader {
    state: State,
}

impl ChunkReader {
    /// At the beginning of the body.
    pub(crate) const fn new() -> Self {
        Self { state: State::Size(Vec::new()) }
    }

    /// Whether the last chunk came, or nothing more can be read.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::End | State::Broken)
    }

    /// Whether the body ended as it should.
    pub(crate) fn is_whole(&self) -> bool {
        self.state == State::End
    }

    /// Reads on; the data goes to `body`.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], body: &mut Vec<u8>) {
        while !bytes.is_empty() && !self.is_done() {
            if let State::Data(left) = &mut self.state {
                let part = bytes.get(..*left).unwrap_or(bytes);
                body.extend_from_slice(part);
                *left -= part.len();
                bytes = bytes.get(part.len()..).unwrap_or_default();
                if *left == 0 {
                    self.state = State::AfterData;
                }
                continue;
            }
            let Some((byte, rest)) = bytes.split_first() else { return };
            bytes = rest;
            self.step(*byte);
        }
    }

    fn step(&mut self, byte: u8) {
        let next = match &mut self.state {
            State::Size(line) if byte == b'\n' => after_size(line),
            State::Size(line) if line.len() < SIZE_LINE_BYTES_MAX => {
                line.push(byte);
                return;
            }
            State::AfterData if byte == b'\n' => State::Size(Vec::new()),
            State::AfterData if byte == b'\r' => return,
            State::Size(_) | State::AfterData => State::Broken,
            State::Data(_) | State::End | State::Broken => return,
        };
        self.state = next;
    }
}

fn after_size(line: &[u8]) -> State {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let size = std::str::from_utf8(digits).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok());
    match size {
        Some(0) => State::End,
        Some(size) => State::Data(size),
        None => State::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], step: usize) -> (String, bool, bool) {
        let (mut reader, mut body) = (ChunkReader::new(), Vec::new());
        for part in bytes.chunks(step) {
            reader.feed(part, &mut body);
        }
        (String::from_utf8_lossy(&body).into_owned(), reader.is_done(), reader.is_whole())
    }

    #[test]
    fn chunks_become_one_body_however_they_arrive() {
        let bytes = b"4\r\nVede\r\n3;name=value\r\ntta\r\n0\r\nTrailer: x\r\n\r\n";
        for step in [1, 2, 3, bytes.len()] {
            assert_eq!(read(bytes, step), ("Vedetta".to_owned(), true, true), "{step}");
        }
    }

    #[test]
    fn what_is_no_chunk_ends_the_body() {
        let long = [b'1'; SIZE_LINE_BYTES_MAX + 1];
        let bytes: [&[u8]; 4] = [b"zz\r\nabc", b"\r\n", b"1\r\nabc", &long];
        for bytes in bytes {
            let (_, done, whole) = read(bytes, 8);
            assert!(done && !whole, "{bytes:?}");
        }
    }

    #[test]
    fn a_size_beyond_reason_only_waits_for_more() {
        assert_eq!(read(b"ffffffffffffff\r\nab", 4), ("ab".to_owned(), false, false));
    }
}
