//! The `certificates` probe on folders that stand for a host.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use rcgen::{CertificateParams, date_time_ymd};
use tempfile::TempDir;
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::ProbeName;
use vedetta_probes::ProbeContext;

use crate::authority::{Authority, key, now};

/// A host: its folder, and the authority under which its certificates are.
struct Host {
    folder: TempDir,
    authority: Authority,
}

impl Host {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), authority: Authority::new() }
    }

    fn file(&self, path: &str, content: &str) -> &Self {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, content).expect("a file");
        self
    }

    /// A certificate with its intermediate and a key beside it with these permissions.
    fn pair(&self, path: &str, mode: u32, change: impl FnOnce(&mut CertificateParams)) -> &Self {
        let chain: Vec<String> = self.authority.chain(change).iter().map(|one| pem(one)).collect();
        self.file(path, &chain.concat()).key(&format!("{path}.key"), mode)
    }

    fn key(&self, path: &str, mode: u32) -> &Self {
        self.file(path, &key().serialize_pem());
        fs::set_permissions(self.folder.path().join(path), Permissions::from_mode(mode)).expect("permissions");
        self
    }

    fn facts(&self) -> Record {
        let mut context = ProbeContext::new(now(), Duration::from_secs(30));
        context.root = self.folder.path().to_owned();
        context.extra_roots = vec![self.authority.root.der().clone()];
        let name = ProbeName::parse("certificates").expect("a word");
        let runtime = tokio::runtime::Runtime::new().expect("a run-time");
        runtime.block_on(vedetta_probes::observe(name, Target::Host, context)).expect("an observation").facts
    }

    /// One line a file: path, programs, problems, whether others may read the key.
    fn lines(&self) -> Vec<String> {
        let facts = self.facts();
        let Some(Value::List(files)) = facts.get("files") else { panic!("{:?}", facts.get("files")) };
        let line = |file: &Value| {
            let Value::Record(file) = file else { panic!("{file:?}") };
            let field = |name| shown(file.get(name).expect("a field"));
            let [path, used_by, problems, open] = ["path", "used_by", "problems", "key_readable_by_others"].map(field);
            format!("{path} | {used_by} | {problems} | {open}")
        };
        files.items().iter().map(line).collect()
    }

    fn servers(&self) -> String {
        shown(self.facts().get("servers").expect("a field"))
    }
}

fn pem(der: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in base64(der).as_bytes().chunks(64) {
        let line = std::str::from_utf8(line).expect("text");
        writeln!(text, "{line}").expect("text");
    }
    text + "-----END CERTIFICATE-----\n"
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().chain([0, 0].iter()).take(3).fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        for place in 0..4 {
            let letter = LETTERS[number >> (18 - 6 * place) & 63];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Time(moment) => moment.to_string(),
        Value::List(list) => list.items().iter().map(shown).collect::<Vec<_>>().join(" "),
        Value::Record(_) => "a record".to_owned(),
        Value::Unknown(why) => format!("unknown: {}", why.reason),
    }
}

#[test]
fn a_host_without_servers_has_no_files() {
    let host = Host::new();
    assert_eq!((host.servers().as_str(), host.lines()), ("", Vec::new()));
}

#[test]
fn certificates_of_nginx_are_found_through_its_inclusions() {
    let host = Host::new();
    host.pair("etc/ssl/a.pem", 0o640, |_| {})
        .pair("etc/nginx/tls/b.pem", 0o644, |leaf| leaf.not_after = date_time_ymd(2026, 2, 1))
        .pair("etc/ssl/unused.pem", 0o600, |_| {})
        .file("etc/nginx/nginx.conf", "http { include /etc/nginx/sites-enabled/*; include 'conf.d/*.conf'; }")
        .file(
            "etc/nginx/sites-available/a",
            "server { listen 443 ssl; # ssl_certificate /etc/ssl/unused.pem;\n ssl_certificate \"/etc/ssl/a.pem\";\n \
             location / { proxy_ssl_certificate /etc/ssl/unused.pem; }\n ssl_certificate_key /etc/ssl/a.pem.key; }",
        )
        .file("etc/nginx/conf.d/b.conf", "server { ssl_certificate_key tls/b.pem.key; ssl_certificate tls/b.pem; }")
        .file("etc/nginx/conf.d/c.conf", "server { ssl_certificate /etc/ssl/$ssl_server_name.pem; }")
        .file("etc/nginx/conf.d/c.conf.bak", "server { ssl_certificate /etc/ssl/unused.pem; }");
    let enabled = host.folder.path().join("etc/nginx/sites-enabled");
    fs::create_dir_all(&enabled).expect("a folder");
    symlink("/etc/nginx/sites-available/a", enabled.join("a")).expect("a link");
    assert_eq!(host.servers(), "nginx");
    assert_eq!(host.lines(), ["/etc/nginx/tls/b.pem | nginx | expired | true", "/etc/ssl/a.pem | nginx |  | false"],);
}

#[test]
fn certificates_of_apache_have_their_chain_in_a_file_of_its_own() {
    let host = Host::new();
    let chain = host.authority.chain(|_| {});
    host.file("etc/ssl/leaf.pem", &pem(&chain[0]))
        .file("etc/ssl/middle.pem", &pem(&chain[1]))
        .key("etc/ssl/leaf.key", 0o600)
        .file("etc/apache2/apache2.conf", "ServerRoot \"/etc/apache2\"\nIncludeOptional sites-enabled/*.conf\n")
        .file(
            "etc/apache2/sites-enabled/a.conf",
            "<VirtualHost *:443>\nSSLEngine on\nsslcertificatefile /etc/ssl/leaf.pem\nSSLCertificateKeyFile \\\n  \
             /etc/ssl/leaf.key\nSSLCertificateChainFile /etc/ssl/middle.pem\n</VirtualHost>\n",
        );
    assert_eq!(
        (host.servers().as_str(), host.lines()),
        ("apache", vec!["/etc/ssl/leaf.pem | apache |  | false".to_owned()])
    );
}

#[test]
fn certificates_of_mail_servers_are_found() {
    let host = Host::new();
    host.pair("etc/ssl/mail.pem", 0o600, |_| {})
        .pair("etc/ssl/chain.pem", 0o604, |_| {})
        .file(
            "etc/postfix/main.cf",
            "# smtpd_tls_cert_file = /etc/ssl/unused.pem\nssl = /etc/ssl\nsmtpd_tls_cert_file=$ssl/mail.pem\n\
             smtpd_tls_key_file = ${ssl}/mail.pem.key\nsmtpd_tls_chain_files =\n  /etc/ssl/chain.pem.key,\n  /etc/ssl/chain.pem\n",
        )
        .file("etc/dovecot/dovecot.conf", "!include conf.d/*.conf\n!include_try local.conf\n")
        .file("etc/dovecot/conf.d/10-ssl.conf", "ssl = required\nssl_cert = </etc/ssl/mail.pem\nssl_key = < /etc/ssl/mail.pem.key\n");
    assert_eq!(host.servers(), "dovecot postfix");
    assert_eq!(
        host.lines(),
        ["/etc/ssl/chain.pem | postfix |  | true", "/etc/ssl/mail.pem | dovecot postfix |  | false"],
    );
}

#[test]
fn certificates_of_haproxy_stand_in_folders_with_their_keys() {
    let host = Host::new();
    host.pair("etc/haproxy/certs/a.pem", 0o600, |_| {})
        .pair("etc/haproxy/b.pem", 0o600, |leaf| leaf.subject_alt_names.clear())
        .file(
            "etc/haproxy/haproxy.cfg",
            "global\n  crt-base /etc/haproxy\nfrontend web\n  bind :443 ssl crt certs crt b.pem alpn h2 # crt none.pem\n\
             backend b\n  server s 192.0.2.1:443 ssl crt client.pem\n",
        );
    assert_eq!(
        host.lines(),
        ["/etc/haproxy/b.pem | haproxy | no_subject_alt_name | false", "/etc/haproxy/certs/a.pem | haproxy |  | false"],
    );
}

#[test]
fn one_file_of_two_programs_is_told_once() {
    let host = Host::new();
    host.pair("etc/letsencrypt/archive/site/fullchain1.pem", 0o600, |_| {})
        .key("etc/letsencrypt/archive/site/privkey1.pem", 0o600)
        .file("etc/letsencrypt/live/README", "read me")
        .file("etc/nginx/nginx.conf", "http { server { ssl_certificate /etc/letsencrypt/live/site/fullchain.pem; } }");
    let live = host.folder.path().join("etc/letsencrypt/live/site");
    fs::create_dir_all(&live).expect("a folder");
    for name in ["fullchain", "privkey"] {
        symlink(Path::new("../../archive/site").join(format!("{name}1.pem")), live.join(format!("{name}.pem")))
            .expect("a link");
    }
    assert_eq!(host.lines(), ["/etc/letsencrypt/live/site/fullchain.pem | certbot nginx |  | false"]);
}

#[test]
fn a_certificate_that_is_not_there_or_damaged_is_told_with_the_reason() {
    let host = Host::new();
    host.file("home/person/cert.pem", "no certificate").file(
        "etc/nginx/nginx.conf",
        "http { server { ssl_certificate /home/person/cert.pem; } server { ssl_certificate gone.pem; } }",
    );
    assert_eq!(
        host.lines(),
        [
            "/etc/nginx/gone.pem | nginx | unknown: not_found | unknown: not_found",
            "~/*.pem | nginx | unknown: corrupt | unknown: not_found",
        ],
    );
}

#[test]
fn defects_that_only_a_file_shows_are_told_without_a_name() {
    let host = Host::new();
    let alone = host.authority.chain(|leaf| leaf.not_after = date_time_ymd(2026, 3, 5));
    let private = Authority::new();
    let foreign: Vec<String> = private.chain(|_| {}).iter().map(|one| pem(one)).collect();
    host.file("a.pem", &pem(&alone[0]))
        .file("b.pem", &foreign.concat())
        .file("etc/nginx/nginx.conf", "http { server { ssl_certificate /a.pem; } server { ssl_certificate /b.pem; } }");
    assert_eq!(
        host.lines(),
        [
            "/a.pem | nginx | expires_within_14_days incomplete_chain | unknown: not_found",
            "/b.pem | nginx | untrusted_root | unknown: not_found",
        ],
    );
}

#[test]
fn inclusions_in_a_circle_end() {
    let host = Host::new();
    host.file("etc/nginx/nginx.conf", "http { include /etc/nginx/*.conf; }")
        .file("etc/nginx/a.conf", "include /etc/nginx/*.conf;")
        .file("etc/apache2/apache2.conf", "Include /etc/apache2\n");
    assert_eq!(host.servers(), "apache nginx");
    let unread = shown(host.facts().get("unread").expect("a field"));
    assert!(unread.contains("more than 500 files"), "{unread}");
    assert_eq!(shown(host.facts().get("files").expect("a field")), "unknown: too_large");
}
