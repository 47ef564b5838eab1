//! A real site on loopback: nginx with a configuration of the test, ended with it.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vedetta_checks::catalogue::Observation;

use crate::authority::{Authority, Leaf};
use crate::closed_port;

/// How often new ports are tried when another program took one in the meantime.
const ATTEMPTS_MAX: usize = 5;
/// Longest wait for nginx to listen.
const START_TIME_MAX: Duration = Duration::from_secs(10);

/// A running site; it is killed when dropped.
pub(crate) struct Site {
    pub(crate) https: u16,
    pub(crate) http: u16,
    process: Child,
    folder: TempDir,
}

impl Site {
    /// A site with a certificate that nobody trusts, and what its two servers do.
    ///
    /// `HTTPS` and `HTTP` in the text stand for the ports that it got, `ROOT` for its folder of files.
    pub(crate) fn start(https: &str, http: &str) -> Self {
        Self::start_with(&Authority::new().leaf(|_| {}), https, http)
    }

    pub(crate) fn start_with(leaf: &Leaf, https: &str, http: &str) -> Self {
        (0..ATTEMPTS_MAX).find_map(|_| Self::attempt(leaf, https, http)).expect("nginx listens: run `make setup-test`")
    }

    /// Puts a file under the site's folder.
    pub(crate) fn file(&self, path: &str, content: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder of the site");
        std::fs::write(path, content).expect("a file of the site");
    }

    /// Looks at the site.
    pub(crate) async fn look(&self) -> Observation {
        crate::look(self.https, self.http).await.expect("a look")
    }

    fn attempt(leaf: &Leaf, https: &str, http: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let root = folder.path();
        let ports = (closed_port(), closed_port());
        std::fs::write(root.join("chain.pem"), [leaf.certificate.as_str(), &leaf.others.concat()].concat())
            .expect("the certificates");
        std::fs::write(root.join("key.pem"), &leaf.key).expect("the key");
        std::fs::write(root.join("nginx.conf"), configuration(root, ports, https, http)).expect("the configuration");
        let process = Command::new("nginx")
            .arg("-p")
            .arg(root)
            .arg("-c")
            .arg(root.join("nginx.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program `nginx` is needed: run `make setup-test`");
        let mut site = Self { https: ports.0, http: ports.1, process, folder };
        site.listens().then_some(site)
    }

    /// Waits until both ports are open; not so when another program took one.
    fn listens(&mut self) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < START_TIME_MAX && self.process.try_wait().expect("its state").is_none() {
            let is_open = |port: u16| TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).is_ok();
            if is_open(self.https) && is_open(self.http) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _status = self.process.wait();
    }
}

fn configuration(root: &Path, (https_port, http_port): (u16, u16), https: &str, http: &str) -> String {
    let root = root.display().to_string();
    let fill = |text: &str| {
        let text = text.replace("HTTPS", &https_port.to_string()).replace("HTTP", &http_port.to_string());
        text.replace("ROOT", &root)
    };
    format!(
        "daemon off; master_process off; pid {root}/nginx.pid; error_log {root}/error.log;
         events {{ worker_connections 64; }}
         http {{
           access_log off; default_type text/html; types {{ text/plain txt; }}
           client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
           uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
           server {{
             listen 127.0.0.1:{https_port} ssl; server_name localhost; root {root};
             ssl_certificate {root}/chain.pem; ssl_certificate_key {root}/key.pem;
             {}
           }}
           server {{ listen 127.0.0.1:{http_port}; server_name localhost; root {root}; {} }}
         }}",
        fill(https),
        fill(http),
    )
}
