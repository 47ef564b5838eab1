//! No name of a person leaves a host: not in a path, an account, a rule of the configuration, a certificate's address or the
//! name of a program. The names are made up so that nothing else can hold them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use vedetta_tests::agent::Agent;
use vedetta_tests::browser::Browser;
use vedetta_tests::collector::Collector;
use vedetta_tests::network::alone;
use vedetta_tests::program::{Program, free_port, run, until_listening};

/// What must be found nowhere, in lower case: the parts of the names that are seeded.
const NAMES: &[&str] = &["zelindo", "quercia", "ermelinda"];
/// The account of the person.
const LOGIN: &str = "zelindo.quercia";
/// Most pages that are opened.
const PAGES_MAX: usize = 300;

/// A folder that stands for a host on which a person left traces everywhere.
struct SeededRoot(tempfile::TempDir);

impl SeededRoot {
    fn new() -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        root.accounts();
        root.sites();
        root.programs();
        root
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn accounts(&self) {
        self.write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n");
        self.write("etc/hostname", "pc-protocollo\n");
        let person =
            |name: &str, uid: u32, home: &str| format!("{name}:x:{uid}:{uid}:Zelindo Quercia:{home}:/bin/bash\n");
        let passwd = format!(
            "root:x:0:0:root:/root:/bin/bash\n{}{}{}",
            person(LOGIN, 1000, "/home/zelindo.quercia"),
            person("ermelinda", 1001, "/srv/persone/ermelinda"),
            person("zelindo-root", 0, "/home/zelindo.quercia"),
        );
        self.write("etc/passwd", &passwd);
        let shadow = "root:*:19000:0:99999:7:::\nzelindo.quercia::19000:0:99999:7:::\nermelinda:!:19000::::::\n\
            zelindo-root:$1$x$x:19000::::::\n";
        let shadow = self.write("etc/shadow", shadow);
        fs::set_permissions(shadow, fs::Permissions::from_mode(0o640)).unwrap();
        self.write("etc/group", "sudo:x:27:zelindo.quercia\ndocker:x:999:ermelinda\n");
        self.write(
            "etc/sudoers",
            "root ALL=(ALL) ALL\nzelindo.quercia ALL=(ALL) NOPASSWD: ALL\n#includedir /etc/sudoers.d\n",
        );
        self.write("etc/sudoers.d/zelindo.quercia", "ermelinda ALL=(ALL) NOPASSWD: /home/ermelinda/x\n");
        let sshd = "PermitRootLogin yes\nPasswordAuthentication yes\nAllowUsers zelindo.quercia\n\
            Match User zelindo.quercia\n  PermitEmptyPasswords yes\n  ChrootDirectory /home/zelindo.quercia\n";
        self.write("etc/ssh/sshd_config", sshd);
        self.write("home/zelindo.quercia/.ssh/authorized_keys", "ssh-ed25519 AAAA zelindo.quercia@comune.example.it\n");
        self.write("root/.ssh/authorized_keys", "ssh-rsa AAAA ermelinda@casa\n");
        self.write("var/spool/cron/crontabs/zelindo.quercia", "0 2 * * * tar czf /media/zelindo/copia.tgz /home\n");
    }

    fn sites(&self) {
        let site = "home/zelindo.quercia/public_html";
        let nginx = "http { server { listen 443 ssl; root /home/zelindo.quercia/public_html;\n\
            ssl_certificate /home/zelindo.quercia/tls/zelindo.quercia.crt;\n\
            ssl_certificate_key /home/zelindo.quercia/tls/zelindo.quercia.key; } }\n";
        self.write("etc/nginx/nginx.conf", nginx);
        for wordpress in [site, "srv/persone/ermelinda/blog", "var/www/zelindo.quercia"] {
            self.write(&format!("{wordpress}/wp-load.php"), "<?php\n");
            self.write(&format!("{wordpress}/wp-includes/version.php"), "<?php\n$wp_version = '5.2.1';\n");
            self.write(&format!("{wordpress}/zelindo.quercia.sql"), "-- dump\n");
            self.write(&format!("{wordpress}/wp-config.php.bak"), "<?php\n");
            let plugin = "<?php\n/*\nPlugin Name: Blog di Zelindo Quercia\nVersion: 1.0\nAuthor: Zelindo Quercia\n*/\n";
            self.write(&format!("{wordpress}/wp-content/plugins/zelindo.quercia/zelindo.quercia.php"), plugin);
        }
        let tls = self.path().join("home/zelindo.quercia/tls");
        fs::create_dir_all(&tls).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]);
        openssl.args(["-subj", "/CN=www.example.test/emailAddress=zelindo.quercia@example.test"]);
        openssl.args(["-addext", "subjectAltName=DNS:www.example.test,email:ermelinda@example.test"]);
        openssl.arg("-keyout").arg(tls.join("zelindo.quercia.key")).arg("-out").arg(tls.join("zelindo.quercia.crt"));
        run(&mut openssl);
    }

    fn programs(&self) {
        let package = |name: &str| {
            format!(
                "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\nMaintainer: Zelindo Quercia\n\n"
            )
        };
        self.write("var/lib/dpkg/status", &format!("{}{}", package("dpkg"), package("teamviewer")));
        self.write("opt/zelindo.quercia/programma", "");
        let prefix = "opt/ermelinda/node-v16.20.2";
        self.write(&format!("{prefix}/bin/node"), "");
        let unit = "[Service]\nUser=zelindo.quercia\nExecStart=/home/zelindo.quercia/bin/servizio\n";
        self.write("etc/systemd/system/servizio.service", unit);
        self.write("home/zelindo.quercia/.ollama/models/x", "");
        fs::create_dir_all(self.path().join("run/user/1000")).unwrap();
        symlink("/home/zelindo.quercia/bin", self.path().join("opt/collegamento")).unwrap();
    }
}

/// Everything that left the agent, that it keeps, that the collector keeps, and that any page or answer shows.
fn searched(collector: &mut Collector, agent: &Agent) {
    for message in agent.sent().iter().chain(&agent.queued()) {
        holds_no_name("a message of the outbox", message.to_string().as_bytes());
    }
    let browser = Browser::of(collector, "prova", "admin");
    let pages = every_page(&browser);
    assert!(pages.len() > 5, "{:?}", pages.iter().map(|(path, _)| path).collect::<Vec<_>>());
    for (path, html) in &pages {
        holds_no_name(path, html.as_bytes());
    }
    let export = collector.json(&["export", "--org", vedetta_tests::collector::COMUNE]);
    assert!(!export["findings"].as_array().unwrap().is_empty(), "something is found on such a host");
    holds_no_name("the export", export.to_string().as_bytes());
    collector.stop();
    for folder in [agent.state(), collector.state()] {
        let files = files_beneath(&folder);
        assert!(!files.is_empty());
        for file in files {
            holds_no_name(&file.display().to_string(), &fs::read(&file).unwrap());
        }
    }
}

#[track_caller]
fn holds_no_name(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    for name in NAMES {
        if let Some(at) = text.find(name) {
            let around: String = text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(400).collect();
            panic!("`{name}` in {place}: {around}");
        }
    }
}

/// Every page that links lead to from the first one, each with its HTML.
fn every_page(browser: &Browser) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = Vec::new();
    let mut waiting = vec!["/".to_owned()];
    while let Some(path) = waiting.pop() {
        if pages.iter().any(|(known, _)| *known == path) || pages.len() >= PAGES_MAX {
            continue;
        }
        let page = browser.open(&path);
        let links = page.html.split("href=\"/").skip(1).filter_map(|rest| rest.split(['"', '#']).next());
        // Leaving would end the walk; files that every collector serves alike hold no result.
        let inside = links.filter(|link| !link.starts_with("static") && !link.contains("esci"));
        waiting.extend(inside.map(|link| format!("/{link}")));
        pages.push((path, page.html));
    }
    pages
}

fn files_beneath(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(files_beneath(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files
}

#[test]
fn no_name_of_a_person_on_a_mounted_host_reaches_wire_store_or_page() {
    let root = SeededRoot::new();
    let mut collector = Collector::start();
    let settings = format!("host.root = {:?}\nhost.software = [\"nessuno\"]", root.path());
    let agent = collector.enrolled(&settings, &[]);
    agent.report().with_code(0);
    searched(&mut collector, &agent);
}

#[test]
fn no_name_of_a_person_on_a_running_host_reaches_wire_store_or_page() {
    alone("persons::no_name_of_a_person_on_a_running_host_reaches_wire_store_or_page", || {
        // A home of the journey's own; the machine's is hidden as long as it runs.
        run(Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/home"]));
        let home = Path::new("/home").join(LOGIN);
        fs::create_dir_all(&home).unwrap();
        let passwd = home.join("passwd");
        let person = |name: &str, uid: u32| format!("{name}:x:{uid}:{uid}::/home/{name}:/bin/sh\n");
        let accounts = [person("root", 0), person(LOGIN, 1000), person("ermelinda", 1001)];
        fs::write(&passwd, accounts.concat()).unwrap();
        run(Command::new("mount").arg("--bind").arg(&passwd).arg("/etc/passwd"));
        // No account has the name that the person gave to a program and a socket.
        let program = home.join("zelindo-server");
        run(Command::new("sh").args(["-c", "cp \"$(command -v openssl)\" \"$0\""]).arg(&program));
        run(Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=ermelinda",
            ])
            .arg("-keyout")
            .arg(home.join("key.pem"))
            .arg("-out")
            .arg(home.join("leaf.pem")));
        let port = free_port();
        let mut command = Command::new(&program);
        command.args(["s_server", "-quiet", "-accept", &format!("*:{port}")]);
        command.arg("-cert").arg(home.join("leaf.pem")).arg("-key").arg(home.join("key.pem"));
        let mut server = Program::start(command, &home);
        until_listening(&mut server, port);
        let socket = home.join("quercia.sock");
        let _on_disk = UnixListener::bind(&socket).unwrap();
        let mut collector = Collector::start();
        let agent = collector.enrolled("host.ports = [\"22/tcp\"]\nhost.software = [\"nessuno\"]", &[]);
        agent.report().with_code(0);
        for probe in ["services", "host", "software", "certificates"] {
            holds_no_name(probe, agent.ask(&["probe", probe]).with_code(0).out.as_bytes());
        }
        searched(&mut collector, &agent);
    });
}
