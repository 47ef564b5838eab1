//! ONC RPC (RFC 5531): the programs that rpcbind lists (RFC 1833), and the folders that mountd exports (RFC 1813 appendix I).

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence};
use super::peer::Peer;

/// Number of the question.
const REQUEST: u32 = 0x7665_6465;
/// The mark of the last, and here only, part of a message over TCP (section 11).
const LAST_PART: u32 = 1 << 31;
/// Longest answer over TCP that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 60 * 1024;
/// Most entries of a list.
const ENTRIES_MAX: usize = 4_096;

/// Names of all hosts in a list of exports.
const EVERYBODY: &[&[u8]] = &[b"*", b"0.0.0.0/0", b"0.0.0.0/0.0.0.0", b"::/0", b"(everyone)"];

/// What is asked of which program.
#[derive(Debug, Clone, Copy)]
struct Procedure {
    program: u32,
    version: u32,
    number: u32,
    read: fn(Words<'_>) -> Option<Heard>,
}

/// `PMAPPROC_DUMP`.
const PROGRAMS: Procedure = Procedure { program: 100_000, version: 2, number: 4, read: programs };
/// `MOUNTPROC3_EXPORT`.
const EXPORTS: Procedure = Procedure { program: 100_005, version: 3, number: 5, read: exports };

/// Asks rpcbind over TCP.
pub(super) async fn ask_programs(peer: &Peer) -> Outcome {
    stream(peer, PROGRAMS).await
}

/// Asks rpcbind over UDP.
pub(super) async fn ask_programs_datagram(peer: &Peer) -> Outcome {
    datagram(peer, PROGRAMS).await
}

/// Asks mountd over TCP.
pub(super) async fn ask_exports(peer: &Peer) -> Outcome {
    stream(peer, EXPORTS).await
}

/// Asks mountd over UDP.
pub(super) async fn ask_exports_datagram(peer: &Peer) -> Outcome {
    datagram(peer, EXPORTS).await
}

/// Asks, and once more in the version that the program speaks when it is another one: mountd has a socket for each.
async fn stream(peer: &Peer, procedure: Procedure) -> Outcome {
    match stream_once(peer, procedure).await? {
        Reply::Read(heard) => Ok(heard),
        Reply::Speaks(version) => match stream_once(peer, Procedure { version, ..procedure }).await? {
            Reply::Read(heard) => Ok(heard),
            Reply::Speaks(_) => Err(Silence::foreign()),
        },
    }
}

async fn stream_once(peer: &Peer, procedure: Procedure) -> Result<Reply, Silence> {
    let question = question(procedure);
    let mark = LAST_PART | u32::try_from(question.len()).unwrap_or_default();
    let mut conversation = peer.connect().await?;
    conversation.send(&[&mark.to_be_bytes(), question.as_slice()].concat()).await?;
    let mark = u32::from_be_bytes(conversation.array().await?);
    let size = usize::try_from(mark & !LAST_PART).ok().filter(|size| *size <= ANSWER_BYTES_MAX);
    let answer = conversation.exact(size.ok_or(Silence::foreign())?).await?;
    read(&answer, procedure).ok_or(Silence::foreign())
}

async fn datagram(peer: &Peer, procedure: Procedure) -> Outcome {
    match datagram_once(peer, procedure).await? {
        Reply::Read(heard) => Ok(heard),
        Reply::Speaks(version) => match datagram_once(peer, Procedure { version, ..procedure }).await? {
            Reply::Read(heard) => Ok(heard),
            Reply::Speaks(_) => Err(Silence::foreign()),
        },
    }
}

async fn datagram_once(peer: &Peer, procedure: Procedure) -> Result<Reply, Silence> {
    let question = question(procedure);
    peer.exchange(&[&question, &question], |answer| read(answer, procedure)).await
}

/// What comes back.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    /// An answer.
    Read(Heard),
    /// Another version of the program is spoken there (`PROG_MISMATCH`): its highest one.
    Speaks(u32),
}

/// Accepted and done, and accepted in another version (section 9).
const SUCCESS: u32 = 0;
const MISMATCH: u32 = 2;

/// A call without credentials (section 9).
fn question(procedure: Procedure) -> Vec<u8> {
    let call = [REQUEST, 0, 2, procedure.program, procedure.version, procedure.number, 0, 0, 0, 0];
    call.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Reads the head of an answer; a refusal is one too.
fn read(answer: &[u8], procedure: Procedure) -> Option<Reply> {
    let mut words = Words(answer);
    if (words.next()?, words.next()?) != (REQUEST, 1) {
        return None;
    }
    if words.next()? != 0 {
        return Some(Reply::Read(Heard::required("call denied")));
    }
    let _kind_of_verifier = words.next()?;
    words.opaque()?;
    match words.next()? {
        SUCCESS => (procedure.read)(words).map(Reply::Read),
        MISMATCH => words.next().and_then(|_lowest| words.next()).map(Reply::Speaks),
        _ => None,
    }
}

/// Four words for each program, and a one before each.
fn programs(mut words: Words<'_>) -> Option<Heard> {
    let mut count = 0;
    while words.next()? == 1 && count < ENTRIES_MAX {
        for _ in 0..4 {
            words.next()?;
        }
        count += 1;
    }
    Some(Heard::open(format!("{count} programs listed")))
}

/// Folders, and for each the hosts that may mount it; no host means everybody. Neither is kept.
fn exports(mut words: Words<'_>) -> Option<Heard> {
    let (mut count, mut open) = (0, 0);
    while words.next()? == 1 && count < ENTRIES_MAX {
        let _folder = words.opaque()?;
        let (mut hosts, mut is_for_all) = (0, false);
        while words.next()? == 1 && hosts < ENTRIES_MAX {
            is_for_all |= EVERYBODY.contains(&words.opaque()?);
            hosts += 1;
        }
        open += usize::from(is_for_all || hosts == 0);
        count += 1;
    }
    let answer = format!("{open} of {count} exports for every host");
    Some(match (open, count) {
        (0, 0) => Heard::untold(Reason::NOT_FOUND, "no exports"),
        (0, _) => Heard::required(answer),
        _ => Heard::open(answer),
    })
}

/// Words of four bytes (RFC 4506).
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<u32> {
        let (word, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*word))
    }

    /// Bytes with their length before them and filled up to a whole word.
    fn opaque(&mut self) -> Option<&'a [u8]> {
        let size = usize::try_from(self.next()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(size)?;
        self.0 = rest.get(size.next_multiple_of(4) - size..)?;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn an_export_without_hosts_or_with_a_star_is_for_everybody() {
        let head = bytes(&[REQUEST, 1, 0, 0, 0, 0]);
        let folder = [bytes(&[1, 4]), b"/srv".to_vec()].concat();
        let host = |name: &[u8]| [bytes(&[1, 4]), name.to_vec()].concat();
        let all = [bytes(&[1, 1]), b"*\0\0\0".to_vec()].concat();
        for (hosts, expected) in
            [(Vec::new(), Authentication::Open), (all, Authentication::Open), (host(b"host"), Authentication::Required)]
        {
            let answer = [head.clone(), folder.clone(), hosts, bytes(&[0, 0])].concat();
            let Some(Reply::Read(heard)) = read(&answer, EXPORTS) else { panic!("no answer") };
            assert_eq!(heard.authentication, expected);
        }
        assert_eq!(read(&head, EXPORTS), None, "cut off");
    }

    #[test]
    fn a_list_of_programs_is_counted_and_a_denial_is_one() {
        let answer = bytes(&[REQUEST, 1, 0, 0, 0, 0, 1, 100_000, 4, 6, 111, 1, 100_000, 4, 17, 111, 0]);
        assert_eq!(read(&answer, PROGRAMS), Some(Reply::Read(Heard::open("2 programs listed"))));
        let denied = bytes(&[REQUEST, 1, 1, 1, 5]);
        assert_eq!(read(&denied, PROGRAMS), Some(Reply::Read(Heard::required("call denied"))));
        let mismatch = bytes(&[REQUEST, 1, 0, 0, 0, 2, 1, 1]);
        assert_eq!(read(&mismatch, EXPORTS), Some(Reply::Speaks(1)));
    }
}
