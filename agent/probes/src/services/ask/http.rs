//! Services behind HTTP (RFC 9112): one request each, from the table [`REQUESTS`].

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence, behind};
use super::peer::Peer;

/// One request, and how its answer is read.
#[derive(Debug)]
pub(super) struct Request {
    /// Name of the service, as in the table of services.
    pub(super) service: &'static str,
    /// Request line without the version, as a reader is told.
    pub(super) asked: &'static str,
    /// Body of a request that has one.
    body: &'static str,
    /// Stands in the answer to somebody who is served.
    open: &'static str,
    /// Stands in the answer to somebody who must log in, beside the codes 401 and 403; empty when the codes suffice.
    required: &'static str,
    /// A code that is given to somebody who is served too, beside those of success; zero for none.
    served: u16,
    /// Stands before the version; empty when none is told.
    version: &'static str,
}

impl Request {
    const fn get(service: &'static str, asked: &'static str, open: &'static str, version: &'static str) -> Self {
        Self { service, asked, body: "", open, required: "", served: 0, version }
    }
}

/// Requests that read and change nothing; each is refused by a server that wants to know who asks.
pub(super) const REQUESTS: &[Request] = &[
    Request::get("elasticsearch", "GET /", "\"cluster_name\"", "\"number\""),
    Request::get("couchdb", "GET /_all_dbs", "CouchDB/", "CouchDB/"),
    Request::get("influxdb", "GET /query?q=SHOW%20DATABASES", "\"results\"", "X-Influxdb-Version:"),
    Request::get("solr", "GET /solr/admin/info/system?wt=json", "solr-spec-version", "\"solr-spec-version\":"),
    Request::get("prometheus", "GET /api/v1/status/buildinfo", "\"goVersion\"", "\"version\":"),
    Request::get("node-exporter", "GET /metrics", "# HELP", ""),
    Request {
        service: "etcd",
        asked: "POST /v3/kv/range",
        body: "{\"key\":\"AA==\"}",
        open: "\"cluster_id\"",
        required: "user name is empty",
        served: 0,
        version: "",
    },
    Request::get("consul", "GET /v1/agent/self", "\"Config\"", "\"Version\":"),
    Request::get("docker", "GET /version", "\"ApiVersion\"", "\"Version\":"),
    Request::get("kubernetes", "GET /pods", "PodList", ""),
    Request::get("jupyter", "GET /api/status", "\"kernels\"", ""),
    Request::get("ollama", "GET /api/tags", "\"models\"", ""),
    Request::get("lm-studio", "GET /v1/models", "\"data\"", ""),
    Request::get("localai", "GET /v1/models", "\"data\"", ""),
    Request::get("vllm", "GET /v1/models", "\"data\"", ""),
    Request::get("llama.cpp", "GET /v1/models", "\"data\"", ""),
    Request::get("comfyui", "GET /system_stats", "\"comfyui_version\"", "\"comfyui_version\":"),
    // Its pages may not be installed; who may not print is refused before that is seen.
    Request { served: 404, ..Request::get("cups", "GET /", "CUPS/", "CUPS/") },
    Request {
        service: "webmin",
        asked: "GET /",
        body: "",
        open: "Webmin",
        required: "session_login",
        served: 0,
        version: "MiniServ/",
    },
    Request::get("cockpit", "GET /cockpit/login", "csrf-token", ""),
];

/// What any web server is asked.
pub(super) const WEB: &str = "HEAD /";
/// Codes with which a server turns strangers away (RFC 9110 sections 15.5.2 and 15.5.4).
const REFUSALS: [u16; 2] = [401, 403];
/// What servers of TLS answer to plain HTTP.
const TLS_MARKS: [&str; 4] = ["HTTPS port", "HTTPS server", "SSL-enabled server port", "running in SSL mode"];

/// Puts the request of a service.
pub(super) async fn ask(peer: &Peer, request: &Request) -> Outcome {
    let is_there = |answer: &str, mark: &str| !mark.is_empty() && answer.contains(mark);
    let is_told = |answer: &str| is_there(answer, request.open) && is_version_there(answer, request.version);
    let (code, answer) = exchange(peer, request.asked, request.body, is_told).await?;
    let version = Some(request.version).filter(|mark| !mark.is_empty()).and_then(|mark| behind(&answer, mark));
    let heard = if REFUSALS.contains(&code) || is_there(&answer, request.required) {
        Heard::required(code.to_string())
    } else if ((200..300).contains(&code) || code == request.served) && is_there(&answer, request.open) {
        Heard::open(code.to_string())
    } else if (300..400).contains(&code) || (500..600).contains(&code) {
        Heard::untold(Reason::NOT_FOUND, code.to_string())
    } else {
        return Err(Silence::foreign());
    };
    Ok(heard.with_version(version))
}

/// Asks a web server. It serves strangers by its purpose, unless it wants to know of everybody who they are; what stands
/// behind its pages has log-ins of its own.
pub(super) async fn ask_web(peer: &Peer) -> Outcome {
    let (code, answer) = exchange(peer, WEB, "", |answer| answer.contains("\r\n\r\n")).await?;
    let heard = match code {
        401 | 407 => Heard::required(code.to_string()),
        _ => Heard::untold(Reason::DOES_NOT_APPLY, format!("{code}: serves pages by its purpose")),
    };
    // `Server: nginx/1.22.1`, behind the first slash.
    let server = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("server").then_some(value)
    });
    Ok(heard.with_version(server.and_then(|server| behind(server, "/"))))
}

/// The code and the text of an answer, read until it tells enough or ends.
async fn exchange(
    peer: &Peer,
    asked: &str,
    body: &str,
    is_enough: impl Fn(&str) -> bool,
) -> Result<(u16, String), Silence> {
    let mut conversation = peer.connect().await?;
    let mut question = format!(
        "{asked} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Vedetta\r\nAccept: */*\r\nConnection: close\r\n",
        peer.name()
    );
    if !body.is_empty() {
        question.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    question.push_str("\r\n");
    question.push_str(body);
    conversation.send(question.as_bytes()).await?;
    let is_enough = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        code(&text).is_none_or(|code| !(200..300).contains(&code) && text.contains("\r\n\r\n"))
            && bytes.contains(&b'\n')
            || is_enough(&text)
            || is_whole(&text)
    };
    let answer = String::from_utf8_lossy(&conversation.gather(is_enough).await?).into_owned();
    let code = code(&answer).ok_or(Silence::foreign())?;
    if code == 400 && TLS_MARKS.iter().any(|mark| answer.contains(mark)) {
        return Err(Silence::encrypted());
    }
    Ok((code, answer))
}

/// The code in the first line.
fn code(answer: &str) -> Option<u16> {
    let rest = answer.strip_prefix("HTTP/1.")?.get(1..)?.strip_prefix(' ')?;
    rest.get(..3)?.parse().ok()
}

/// Whether as much came as the answer said that would come.
fn is_whole(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

/// Whether the version, if one is told, has come whole.
fn is_version_there(answer: &str, mark: &str) -> bool {
    mark.is_empty()
        || behind(answer, mark).is_some_and(|rest| rest.trim_start_matches([':', ' ', '"']).contains(['"', '\r']))
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    async fn authentication(service: &str, answer: &str) -> Option<Authentication> {
        let request = REQUESTS.iter().find(|request| request.service == service).expect("a known service");
        ask(&Peer::recorded(answer.as_bytes()), request).await.ok().map(|heard| heard.authentication)
    }

    #[tokio::test]
    async fn code_and_mark_tell_who_is_served() {
        for (service, answer, expected) in [
            ("docker", "HTTP/1.1 200 OK\r\n\r\n{\"ApiVersion\":\"1.41\"}", Some(Authentication::Open)),
            ("docker", "HTTP/1.1 200 OK\r\n\r\nhello", None),
            ("docker", "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", None),
            ("elasticsearch", "HTTP/1.1 401 Unauthorized\r\n\r\n", Some(Authentication::Required)),
            (
                "etcd",
                "HTTP/1.1 400 Bad Request\r\n\r\n{\"error\":\"etcdserver: user name is empty\"}",
                Some(Authentication::Required),
            ),
            ("webmin", "HTTP/1.0 200 Ok\r\n\r\n<form action=session_login.cgi>Webmin", Some(Authentication::Required)),
            ("ollama", "HTTP/1.1 200 OK\r\n\r\n{\"models\":[]}", Some(Authentication::Open)),
            ("ollama", "SSH-2.0-OpenSSH\r\n", None),
        ] {
            assert_eq!(authentication(service, answer).await, expected, "{service}: {answer}");
        }
    }
}
