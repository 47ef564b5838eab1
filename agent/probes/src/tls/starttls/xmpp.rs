//! XMPP (RFC 6120 sections 4.2, 4.3 and 5), for clients and, on the port of servers, between servers.

use vedetta_checks::catalogue::ProbeError;

use super::clear::{Border, Clear, beginning};
use super::reply::LINES_MAX;
use super::{absent, foreign, refused};

/// Port on which servers speak with each other (RFC 6120 section 14.8).
const SERVER_PORT: u16 = 5269;
/// The request for TLS.
const STARTTLS: &[u8] = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// A tag: `<name ...>`, `</name>` or `<name .../>`.
#[derive(Debug, PartialEq, Eq)]
struct Tag {
    /// Name without its prefix.
    name: String,
    /// Whether it ends an element.
    closes: bool,
    /// Whether the element is empty.
    empty: bool,
    /// As it was read.
    text: String,
}

/// Opens a stream to `server` and asks for TLS if it is among the features.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>, server: &str, port: u16) -> Result<(), ProbeError> {
    clear.send(header(server, port).as_bytes()).await?;
    let stream = tag(clear, "the stream", false).await?;
    if stream.name != "stream" || stream.closes {
        return Err(foreign(clear.protocol(), &beginning(stream.text.as_bytes())));
    }
    if !offers_tls(clear, &stream).await? {
        return Err(absent(clear.protocol(), "starttls is not among its features"));
    }
    clear.request(STARTTLS).await?;
    let answer = tag(clear, "the answer to starttls", false).await?;
    match answer.name.as_str() {
        "proceed" if answer.empty => Ok(()),
        "proceed" => tag(clear, "the end of the answer", false).await.map(|_| ()),
        "failure" | "error" | "stream" => Err(refused(clear.protocol(), &said(clear, &answer).await)),
        _ => Err(foreign(clear.protocol(), &beginning(answer.text.as_bytes()))),
    }
}

/// The head of a stream.
pub(super) fn header(server: &str, port: u16) -> String {
    let namespace = if port == SERVER_PORT { "jabber:server" } else { "jabber:client" };
    // A server's name is a host name or an address: nothing in it needs an escape.
    format!(
        "<?xml version='1.0'?><stream:stream to='{server}' version='1.0' xmlns='{namespace}' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    )
}

/// Reads the features of the stream to their end.
async fn offers_tls(clear: &mut Clear<'_>, stream: &Tag) -> Result<bool, ProbeError> {
    if !stream.text.contains(" version=") && !stream.text.contains("\nversion=") {
        // A server from before RFC 3920 has no features at all (RFC 6120 section 4.7.5).
        return Ok(false);
    }
    let features = tag(clear, "its features", false).await?;
    match features.name.as_str() {
        "features" if features.empty => return Ok(false),
        "features" if !features.closes => {}
        "error" | "stream" => return Err(refused(clear.protocol(), &said(clear, &features).await)),
        _ => return Err(foreign(clear.protocol(), &beginning(features.text.as_bytes()))),
    }
    let mut offers = false;
    for _ in 0..LINES_MAX {
        let feature = tag(clear, "its features", true).await?;
        if feature.name == "features" && feature.closes {
            return Ok(offers);
        }
        offers |= feature.name == "starttls";
    }
    Err(clear.too_much("the list of its features"))
}

/// A failure or error with the condition in it, if that came along.
async fn said(clear: &mut Clear<'_>, failure: &Tag) -> String {
    if failure.empty || failure.closes {
        return failure.name.clone();
    }
    match tag(clear, "the condition", true).await {
        Ok(condition) if !condition.closes => format!("{}: {}", failure.name, condition.name),
        Ok(_) | Err(_) => failure.name.clone(),
    }
}

/// Reads one tag; declarations before it are passed over. `text` says whether text may stand before it.
async fn tag(clear: &mut Clear<'_>, what: &str, text: bool) -> Result<Tag, ProbeError> {
    for _ in 0..LINES_MAX {
        let mut scan = Scan::default();
        let read = clear.take(what, |seen| scan.border(seen, text)).await?;
        let read = String::from_utf8_lossy(&read);
        let inner = read.split_once('<').map_or("", |(_, inner)| inner).trim_end_matches('>');
        if inner.starts_with(['?', '!']) {
            continue;
        }
        let (closes, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let name =
            inner.split(|character: char| character.is_whitespace() || character == '/').next().unwrap_or_default();
        let name = name.rsplit(':').next().unwrap_or_default().to_owned();
        return Ok(Tag { name, closes, empty: inner.ends_with('/'), text: read.trim().to_owned() });
    }
    Err(clear.too_much(what))
}

/// Where in a tag the reading stands.
#[derive(Debug, Default)]
struct Scan {
    inside: bool,
    quote: Option<u8>,
}

impl Scan {
    /// Looks for the `>` that ends the first tag; one in quotes does not.
    fn border(&mut self, seen: &[u8], text: bool) -> Border {
        for (index, byte) in seen.iter().enumerate() {
            match (self.inside, self.quote, *byte) {
                (false, _, b'<') => self.inside = true,
                (false, _, byte) if !text && !byte.is_ascii_whitespace() => return Border::Foreign,
                (true, Some(quote), byte) if byte == quote => self.quote = None,
                (true, None, quote @ (b'"' | b'\'')) => self.quote = Some(quote),
                (true, None, b'>') => return Border::At(index + 1),
                _ => {}
            }
        }
        Border::Further
    }
}
