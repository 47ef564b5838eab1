//! Commands with the reader's own server in them: what a check writes as `NOME:PORTA` is the server that was looked at,
//! and what it writes as `vostrodominio.it` the domain.

use vedetta_checks::language::Language;
use vedetta_checks::starttls::Starttls;
use vedetta_checks::target::{Endpoint, Target};

use super::texts::pick;

/// A text in which the words for the server and its port, or for the domain, are those of the target; of the host itself
/// the text as it is.
pub(super) fn filled(text: &str, target: &Target, language: Language) -> String {
    match target {
        Target::Host | Target::Ports(_) => text.to_owned(),
        Target::Domain(name) => text.replace(pick(language, "vostrodominio.it", "yourdomain.it"), name.as_str()),
        Target::Endpoint(endpoint) => with_server(text, endpoint, language),
    }
}

/// A text with a server in it.
fn with_server(text: &str, endpoint: &Endpoint, language: Language) -> String {
    let (name, port) = (pick(language, "NOME", "NAME"), pick(language, "PORTA", "PORT"));
    let (host, number) = (host(endpoint), endpoint.port.to_string());
    let connection = format!("-connect {host}:{number}");
    let text = text
        .replace(&format!("-connect {name}:{port} -starttls"), &format!("{connection} -starttls"))
        .replace(&format!("-connect {name}:{port}"), &format!("{connection}{}", starttls(endpoint)))
        .replace(&format!("{name}:{port}"), &format!("{host}:{number}"))
        .replace(
            &format!("-p {port} {name}"),
            &format!("{}-p {number} {}", nmap_family(endpoint), bare_host(endpoint)),
        );
    let page = if endpoint.port == 443 { String::new() } else { format!(":{number}") };
    let text = text.replace(&format!("https://{name}/"), &format!("https://{name}{page}/"));
    let is_part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
    let mut filled = String::with_capacity(text.len());
    let server_name = endpoint.expected_name();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(name) {
        filled.push_str(before);
        let stands_alone = !is_part(filled.chars().next_back()) && !is_part(after.chars().next());
        filled.push_str(if stands_alone { &server_name } else { name });
        rest = after;
    }
    filled + rest
}

/// The commands that show whether a target was mended: ours, then those that anybody has.
pub(super) fn verify(target: &Target, language: Language, active: bool) -> Vec<String> {
    let active = if active { " --active" } else { "" };
    let own = |category: &str| format!("vedetta-agent check --category {category} --target '{target}'{active}");
    match target {
        Target::Host => vec!["vedetta-agent check".to_owned()],
        Target::Ports(_) => vec![own("services")],
        Target::Domain(name) => vec![own("dns"), own("mail"), format!("dig +dnssec {name} SOA")],
        Target::Endpoint(endpoint) => {
            let line = |text: &str| filled(text, target, language);
            let connection =
                pick(language, "-connect NOME:PORTA -servername NOME", "-connect NAME:PORT -servername NAME");
            let ports = pick(language, "-p PORTA NOME", "-p PORT NAME");
            let mut all = vec![
                own("tls"),
                line(&format!("openssl s_client {connection} </dev/null")),
                line(&format!("nmap --script ssl-enum-ciphers {ports}")),
            ];
            if endpoint.starttls.is_none() {
                all.insert(1, own("web"));
                let (name, port) = (endpoint.expected_name(), endpoint.port);
                let place =
                    endpoint.fixed_address().map_or_else(String::new, |at| format!("--resolve {name}:{port}:{at} "));
                all.push(format!("curl -sSI {place}https://{name}:{port}/"));
            }
            all
        }
    }
}

/// Where to connect: the fixed address, else the server as given.
fn host(endpoint: &Endpoint) -> String {
    match endpoint.address {
        Some(address) if address.is_ipv6() => format!("[{address}]"),
        Some(address) => address.to_string(),
        None => endpoint.server.to_string(),
    }
}

/// The server as `nmap` wants it: without brackets.
fn bare_host(endpoint: &Endpoint) -> String {
    host(endpoint).trim_matches(['[', ']']).to_owned()
}

/// The option that `nmap` needs before an IPv6 address.
fn nmap_family(endpoint: &Endpoint) -> &'static str {
    if host(endpoint).starts_with('[') { "-6 " } else { "" }
}

/// The option of `openssl s_client` for what is spoken before TLS; it has none for remote desktops.
fn starttls(endpoint: &Endpoint) -> String {
    match endpoint.starttls {
        None | Some(Starttls::Rdp) => String::new(),
        Some(protocol) => format!(" -starttls {}", protocol.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_server_that_was_looked_at() {
        for (text, target, expected) in [
            ("`nmap -p PORTA NOME`", "tls://www.example.it:443", "`nmap -p 443 www.example.it`"),
            ("nmap -p PORTA NOME", "tls://www.example.it:443?address=2001:db8::1", "nmap -6 -p 443 2001:db8::1"),
            ("nmap -p PORTA NOME", "tls://[2001:db8::1]:443", "nmap -6 -p 443 2001:db8::1"),
            (
                "openssl s_client -connect NOME:PORTA -servername NOME",
                "tls://www.example.it:8443?address=192.0.2.1",
                "openssl s_client -connect 192.0.2.1:8443 -servername www.example.it",
            ),
            (
                "openssl s_client -connect NOME:PORTA -tls1_2",
                "tls://mail.example.it:25?starttls=smtp",
                "openssl s_client -connect mail.example.it:25 -starttls smtp -tls1_2",
            ),
            (
                "openssl s_client -connect NOME:PORTA -starttls smtp",
                "tls://mail.example.it:25?starttls=smtp",
                "openssl s_client -connect mail.example.it:25 -starttls smtp",
            ),
            (
                "/etc/letsencrypt/live/NOME/privkey.pem",
                "tls://x.example.it:443",
                "/etc/letsencrypt/live/x.example.it/privkey.pem",
            ),
            ("curl -sI https://NOME/", "tls://x.example.it:8443", "curl -sI https://x.example.it:8443/"),
            ("curl -sI https://NOME/", "tls://x.example.it:443", "curl -sI https://x.example.it/"),
            ("COGNOME e NOMEA", "tls://x.example.it:443", "COGNOME e NOMEA"),
            ("sudo passwd NOME", "host", "sudo passwd NOME"),
            (
                "`_dmarc.vostrodominio.it. IN TXT \"v=DMARC1; rua=mailto:dmarc@vostrodominio.it\"`",
                "dns:comune.example.it",
                "`_dmarc.comune.example.it. IN TXT \"v=DMARC1; rua=mailto:dmarc@comune.example.it\"`",
            ),
            ("dig +short MX vostrodominio.it", "host", "dig +short MX vostrodominio.it"),
        ] {
            assert_eq!(filled(text, &target.parse().unwrap(), Language::It), expected);
        }
    }

    #[test]
    fn a_domain_is_named_in_english_too() {
        let target = "dns:comune.example.it".parse().unwrap();
        assert_eq!(filled("dig yourdomain.it NS", &target, Language::En), "dig comune.example.it NS");
    }

    #[test]
    fn a_mend_is_verified_with_our_command_and_with_one_that_anybody_has() {
        let target = "tls://mail.example.it:25?starttls=smtp".parse().unwrap();
        assert_eq!(
            verify(&target, Language::It, false),
            [
                "vedetta-agent check --category tls --target 'tls://mail.example.it:25?starttls=smtp'",
                "openssl s_client -connect mail.example.it:25 -starttls smtp -servername mail.example.it </dev/null",
                "nmap --script ssl-enum-ciphers -p 25 mail.example.it",
            ]
        );
    }
}
