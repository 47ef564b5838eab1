//! Probe `http`: what a site shows to any visitor, in clear text and over HTTPS.
//!
//! It asks for the page at `/` both ways and follows redirects as a browser without JavaScript would, on the target's
//! own name only (with and without `www.`, where both are the same machine); then for `security.txt`, and for the page once more to see whether it is
//! compressed. Every request is an ordinary GET with the operator's name in it; the reach is passive.
//!
//! Certificates are not judged here: pages behind bad ones are read too. The class of CERT-AGID needs that judgement
//! and takes it from the probe `tls`. A server that has only TLS 1.1 or older is not read: its facts are unknown with
//! the reason `handshake_refused`, and the redirect in clear text is still told.
//!
//! Read in this order: [`facts`] (what it may say), `visitor` (who asks), `places` (of whom), `walk` (redirects), `page`, `told`; each
//! field of a head has a file of its own. [`head`] is the reader of what servers send, public for the fuzzer.

mod banners;
mod cert_agid;
mod chunked;
mod cms;
mod cookies;
mod csp;
pub mod facts;
pub mod head;
mod hsts;
mod html;
mod mixed;
mod page;
mod places;
mod protection;
pub(crate) mod response;
mod security_txt;
mod told;
mod url;
mod visitor;
mod walk;

use std::time::Duration;

use tokio::time::Instant;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Endpoint, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::tls::connect::Deadline;
use crate::{Observing, Probe, ProbeContext};
use cert_agid::Channel;
use facts::{HttpFacts, SecurityTxtFacts};
use head::Head;
use url::Scheme;
use visitor::{Packing, Visitor};
use walk::{End, Walk, walk};

/// Name of the probe in packs.
pub const NAME: ProbeName = ProbeName::from_static("http");
/// Longest time for a whole look.
const DEADLINE: Duration = Duration::from_secs(20);
/// Share of that time after which the look at TLS ends too, so that what was seen is still told.
const LOOK_SHARE: f32 = 0.95;
/// Port of HTTPS; where it is closed, the site has none.
const HTTPS_PORT: u16 = 443;
/// Port of HTTP.
const HTTP_PORT: u16 = 80;
/// Ports of mail, directories, databases and the like, which are not asked for pages: their logs would show an attack.
const OTHER_PORTS: [u16; 22] =
    [21, 22, 25, 53, 110, 119, 143, 389, 465, 563, 587, 636, 853, 990, 993, 995, 3306, 3389, 4190, 5222, 5269, 5432];

/// The probe; see the module.
#[derive(Debug, Clone, Copy)]
pub struct HttpProbe;

impl Probe for HttpProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Redirects, protective fields, cookies, security.txt, software and CERT-AGID class of a site.",
            target: TargetKind::Endpoint,
            reach: Reach::Passive,
            deadline: DEADLINE,
            observation: ProbeSpec::schema_of::<HttpFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let Target::Endpoint(endpoint) = target else {
                return Err(ProbeError::new("choose the target", Reason::DOES_NOT_APPLY, target.to_string()));
            };
            let facts = look(endpoint, context).await?;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

async fn look(endpoint: &Endpoint, context: &ProbeContext) -> Result<HttpFacts, ProbeError> {
    let begin = Instant::now();
    let visitor = Visitor::new(endpoint, context, Deadline::start(context.deadline))?;
    let url = visitor.own_url(Scheme::Https, "/");
    if endpoint.starttls.is_some() || OTHER_PORTS.contains(&endpoint.port) {
        return Ok(no_site(&url, "the endpoint is for another protocol"));
    }
    // Side by side: a slow answer of one must not take the other's time.
    let (from_https, from_http) =
        tokio::join!(walk(&visitor, url.clone()), walk(&visitor, visitor.own_url(Scheme::Http, "/")));
    let left = ProbeContext {
        deadline: context.deadline.mul_f32(LOOK_SHARE).saturating_sub(begin.elapsed()),
        // The class needs no crafted message.
        active: false,
        ..context.clone()
    };
    let from_https = doubt_no_tls(from_https, endpoint, &left).await;
    if let Some(detail) = other_protocol(&visitor, &from_https).await {
        return Ok(no_site(&url, &detail));
    }
    let (security_txt, compressed, channel) = tokio::join!(
        security_txt(&visitor, &from_https, context),
        compressed(&visitor, &from_https),
        channel(endpoint, &left, &from_https),
    );
    if let Some(error) = nobody(endpoint, context, &from_https, &from_http) {
        return Err(error);
    }
    let mut facts = tell(url.shown(), &from_https, &from_http, context);
    facts.security_txt = security_txt;
    if facts.csp.known().is_some() {
        facts.compressed = compressed;
    }
    let seen = cert_agid::Seen {
        https_open: &facts.https_open,
        http_open: &facts.http_open,
        http_redirects_to_https: &facts.http_redirects_to_https,
        https_redirects_to_http: &facts.https_redirects_to_http,
        channel,
    };
    facts.cert_agid = cert_agid::class(&seen);
    Ok(facts)
}

/// Makes of "this is no TLS" a refusal where the probe `tls` finds a TLS of any age: a server of SSL 2.0 answers today's
/// clients with something that they cannot read.
async fn doubt_no_tls(mut from_https: Walk, endpoint: &Endpoint, context: &ProbeContext) -> Walk {
    let End::Failed(no_page) = &mut from_https.end else { return from_https };
    let is_no_tls = from_https.hops.len() == 1 && no_page.error.reason == Reason::NOT_TLS;
    if is_no_tls && crate::tls::passive_look(endpoint, context).await.is_ok() {
        no_page.error.reason = Reason::HANDSHAKE_REFUSED;
    }
    from_https
}

/// What the endpoint says when it is no HTTP, over TLS or, where there is no TLS, in clear text.
async fn other_protocol(visitor: &Visitor<'_>, from_https: &Walk) -> Option<String> {
    let error = from_https.first().err()?;
    let End::Failed(no_page) = &from_https.end else { return None };
    if no_page.is_other_protocol {
        return Some(error.detail);
    }
    if error.reason != Reason::NOT_TLS {
        return None;
    }
    let clear = url::Url { scheme: Scheme::Http, ..visitor.own_url(Scheme::Https, "/") };
    let answer = visitor.get(&clear, "", Packing::Refused).await.err()?;
    answer.is_other_protocol.then_some(answer.error.detail)
}

/// An endpoint that is no site: nothing of this probe concerns it.
fn no_site(url: &url::Url, detail: &str) -> HttpFacts {
    told::unseen(url.shown(), Fact::Known(false), &Unknown::new(Reason::DOES_NOT_APPLY, detail))
}

/// Why nothing can be told: nobody answers, neither over TLS nor in clear text.
///
/// At a port of its own an endpoint that is closed is down; only at the port of HTTPS, or when a person named the port
/// that goes with it, does the answer in clear text mean that the site lacks HTTPS.
fn nobody(endpoint: &Endpoint, context: &ProbeContext, from_https: &Walk, from_http: &Walk) -> Option<ProbeError> {
    let error = from_https.first().err()?;
    let never_connected = error.stage == "resolve" || error.stage == "connect";
    let belongs_together = endpoint.port == HTTPS_PORT || context.http_port != HTTP_PORT;
    let is_clear_text_seen = from_http.first().is_ok() && belongs_together;
    (never_connected && !is_clear_text_seen).then_some(error)
}

fn tell(url: String, from_https: &Walk, from_http: &Walk, context: &ProbeContext) -> HttpFacts {
    let https_open = told::is_open(from_https, from_http);
    let speaks_http = match (from_https.first(), &https_open) {
        // Nothing is known of what is spoken behind a TLS that was opened and gave no page.
        (Err(error), _) if error.stage == "request" => Fact::Unknown(error.to_unknown()),
        (Err(error), _) if from_http.first().is_err() => Fact::Unknown(error.to_unknown()),
        (Ok(_) | Err(_), _) => Fact::Known(true),
    };
    // Where neither answered, the reason that counts is that of HTTPS.
    let is_in_clear_text = from_https.first().is_err() && from_http.first().is_ok();
    let way_to_page = if is_in_clear_text { from_http } else { from_https };
    let no_page = told::no_page(way_to_page);
    let mut facts = told::unseen(url, speaks_http, &no_page);
    facts.http_open = told::is_open(from_http, from_https);
    facts.from_http = told::way(from_http);
    facts.from_https = told::way(from_https);
    facts.http_redirects_to_https = told::leads_to(from_http, Scheme::Https);
    facts.https_redirects_to_http = told::leads_to(from_https, Scheme::Http);
    facts.mixed_redirect = told::is_mixed([from_http, from_https]);
    facts.page_elsewhere = match &way_to_page.end {
        End::OtherHost => Fact::Known(true),
        End::Page | End::Loop | End::TooMany | End::BadLocation(_) => Fact::Known(false),
        End::Failed(_) => Fact::Unknown(no_page),
    };
    facts.hsts = hsts(&https_open, from_https, from_http);
    facts.https_open = https_open;
    if let Some((url, response)) = way_to_page.page() {
        let heads = way_to_page.hops.iter().filter_map(|hop| hop.response.as_ref()).map(|response| &response.head);
        facts.cookies = Fact::Known(cookies::facts(heads));
        page::tell(&mut facts, url, response, context.now);
    }
    facts
}

fn hsts(https_open: &Fact<bool>, from_https: &Walk, from_http: &Walk) -> Fact<facts::HstsFacts> {
    match (from_https.first(), https_open) {
        (Ok(secure), _) => {
            let clear: Option<&Head> = from_http.first().ok().map(|response| &response.head);
            Fact::Known(hsts::read(&secure.head, clear))
        }
        (Err(_), Fact::Known(_)) => Fact::unknown(Reason::DOES_NOT_APPLY, "the site has no HTTPS"),
        (Err(error), Fact::Unknown(_)) => Fact::Unknown(error.to_unknown()),
    }
}

/// Asks for `security.txt` where the site answers over HTTPS.
async fn security_txt(visitor: &Visitor<'_>, from_https: &Walk, context: &ProbeContext) -> Fact<SecurityTxtFacts> {
    if let Err(error) = from_https.first() {
        return Fact::Unknown(error.to_unknown());
    }
    let way = walk(visitor, visitor.own_url(Scheme::Https, security_txt::PATH)).await;
    match way.page() {
        Some((_, response)) => security_txt::read(response, way.hops.len() > 1, context.now),
        None => Fact::Unknown(told::no_page(&way)),
    }
}

/// Asks for the page once more, as one who takes it compressed.
async fn compressed(visitor: &Visitor<'_>, from_https: &Walk) -> Fact<bool> {
    let Some((url, _)) = from_https.page() else { return Fact::Unknown(told::no_page(from_https)) };
    match visitor.get(url, "", Packing::Wanted).await {
        Ok(response) => Fact::Known(
            response.head.members("content-encoding").any(|coding| !coding.eq_ignore_ascii_case("identity")),
        ),
        Err(no_page) => Fact::Unknown(no_page.error.to_unknown()),
    }
}

/// What the probe `tls` says of the endpoint, where there is TLS at all.
async fn channel(endpoint: &Endpoint, context: &ProbeContext, from_https: &Walk) -> Channel {
    let has_no_tls =
        |error: &ProbeError| error.stage == "resolve" || error.stage == "connect" || error.reason == Reason::NOT_TLS;
    if let Err(error) = from_https.first()
        && has_no_tls(&error)
    {
        return Channel::unseen(&error);
    }
    match crate::tls::passive_look(endpoint, context).await {
        Ok(tls) => Channel::of(&tls),
        Err(error) => Channel::unseen(&error),
    }
}
