//! Services that are there for everybody, so that being open is no finding.

use crate::daemons::{Daemons, done, told};
use crate::place::{OUTSIDE, alone};
use crate::truth::{Stranger, compare, expect, look, port};

#[test]
fn what_serves_everybody_by_its_purpose_is_not_called_open() {
    alone("names::what_serves_everybody_by_its_purpose_is_not_called_open", || {
        let mut daemons = Daemons::new();
        let hosts = daemons.write("hosts", "");
        daemons.start(
            &[
                "dnsmasq",
                "--no-daemon",
                "--user=root",
                "--no-resolv",
                "--conf-file=/dev/null",
                "--pid-file",
                &format!("--hostsdir={hosts}"),
            ],
            &["53/tcp", "53/udp"],
        );
        let accounts = daemons.write("accounts", "chiunque:{PLAIN}segreto\n");
        let folder = daemons.name("");
        let site = |port: &str, more: &str| {
            format!("server {{ listen 0.0.0.0:{port}; location / {{ {more} return 200 ciao; }} }}\n")
        };
        let locked = format!("auth_basic prova; auth_basic_user_file {accounts}; try_files /x =404;")
            .replace("return 200 ciao;", "");
        let web = format!(
            "daemon off; user root; pid {folder}/nginx.pid; worker_processes 2; error_log stderr; events {{}}\n\
             http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;\n\
             uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n{}server {{ listen 0.0.0.0:7701; location / {{ {locked} }} }} }}\n",
            site("80", "")
        );
        let web = daemons.write("nginx.conf", &web);
        daemons.start(&["nginx", "-c", &web], &["80/tcp", "7701/tcp"]);
        done(&["mkdir", "-p", "/run/sshd"]);
        let mail = daemons.write("dovecot.conf", &format!(
            "base_dir = {folder}/dovecot\nprotocols = imap\nlisten = 0.0.0.0\nssl = no\nlog_path = /dev/stderr\nmail_location = maildir:{folder}\npassdb {{\n driver = static\n args = password=segreto\n}}\n\
             service imap-login {{\n inet_listener imaps {{\n port = 0\n }}\n}}\n"
        ));
        daemons.start(&["dovecot", "-F", "-c", &mail], &["143/tcp"]);
        let get = |port: &str| told(&["curl", "--silent", "--head", &format!("http://{OUTSIDE}:{port}/")]);
        let greeting = crate::daemons::said(143, "");
        compare(&[
            expect("dns", "53/udp", Stranger::Untold, Stranger::Untold),
            expect("nginx", "80/tcp", Stranger::Untold, Stranger::Untold),
            expect(
                "nginx",
                "7701/tcp",
                Stranger::TurnedAway,
                Stranger::told(&get("7701"), "200 OK", "401 Unauthorized"),
            ),
            expect("imap", "143/tcp", Stranger::TurnedAway, Stranger::told(&greeting, "PREAUTH", "* OK")),
        ]);
        let said = look();
        let services = said["services"].as_array().unwrap();
        let name_server = services.iter().find(|service| port(service) == "53/udp").unwrap();
        let version = told(&["dig", "+short", "+time=2", &format!("@{OUTSIDE}"), "version.bind", "CH", "TXT"]);
        assert!(version.contains(name_server["version"].as_str().unwrap()), "{version}: {name_server}");
    });
}
