//! nginx with one server.

use std::fmt::Write as _;
use std::process::Command;

use crate::program::free_port;
use crate::rig::Server;
use crate::rig::keys::Key;

/// Starts nginx on one port with these keys and further lines of its `server` block.
pub fn server(keys: &[&Key], lines: &str) -> Server {
    on_ports(&[free_port()], keys, lines)
}

/// The same on several ports; the value names the first.
pub fn on_ports(ports: &[u16], keys: &[&Key], lines: &str) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let mut block = String::new();
    for port in ports {
        writeln!(block, "listen 127.0.0.1:{port} ssl http2 backlog=4096;").unwrap();
    }
    for key in keys {
        writeln!(block, "ssl_certificate {};", key.certificate.display()).unwrap();
        writeln!(block, "ssl_certificate_key {};", key.key.display()).unwrap();
    }
    // One process, which a kill ends whole.
    let configuration = format!(
        "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log;\n\
         events {{ worker_connections 2048; }}\n\
         http {{\n\
         access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;\n\
         uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;\n\
         server {{\n{block}{lines}\nlocation / {{ return 200 'ok'; }}\n}}\n}}\n"
    );
    let file = folder.path().join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let mut command = Command::new("nginx");
    command.env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()));
    command.arg("-p").arg(folder.path()).arg("-e").arg(folder.path().join("error.log")).arg("-c").arg(file);
    Server::start(command, folder, ports[0])
}
