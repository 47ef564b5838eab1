//! Services that hand out files.

use crate::daemons::{Daemons, done, told};
use crate::place::{OUTSIDE, alone};
use crate::truth::{Stranger, compare, expect};

#[test]
fn ftp_tftp_rsync_and_samba_are_told_apart_by_what_strangers_may_do() {
    alone("files::ftp_tftp_rsync_and_samba_are_told_apart_by_what_strangers_may_do", || {
        let mut daemons = Daemons::new();
        let (empty, files) = (daemons.folder("empty", "root"), daemons.folder("files", "root"));
        for (port, who) in [("21", "anonymous_enable=YES\n"), ("7401", "anonymous_enable=NO\nlocal_enable=YES\n")] {
            let text = format!(
                "listen=YES\nlisten_port={port}\nbackground=NO\nsecure_chroot_dir={empty}\nanon_root={files}\n{who}"
            );
            let configuration = daemons.write(&format!("vsftpd-{port}.conf"), &text);
            daemons.start(&["vsftpd", &configuration], &[&format!("{port}/tcp")]);
        }
        daemons.start(
            &["in.tftpd", "--foreground", "--listen", "--address", "0.0.0.0:69", "--secure", &files],
            &["69/udp"],
        );
        let secrets = daemons.write("rsync.secrets", "chiunque:segreto\n");
        crate::daemons::allow(std::path::Path::new(&secrets), "600");
        for (port, lines) in
            [("873", String::new()), ("7411", format!("auth users = chiunque\nsecrets file = {secrets}\n"))]
        {
            let text = format!("port = {port}\nuse chroot = no\n[modulo]\npath = {files}\n{lines}");
            let configuration = daemons.write(&format!("rsyncd-{port}.conf"), &text);
            daemons.start(&["rsync", "--daemon", "--no-detach", "--config", &configuration], &[&format!("{port}/tcp")]);
        }
        let folder = daemons.folder("samba", "root");
        let samba = format!(
            "[global]\nserver min protocol = SMB2\nlog file = {folder}/log\ndisable netbios = yes\nsmb ports = 445\n\
             private dir = {folder}\nlock directory = {folder}\nstate directory = {folder}\ncache directory = {folder}\n\
             pid directory = {folder}\nncalrpc dir = {folder}/ncalrpc\n"
        );
        let samba = daemons.write("smb.conf", &samba);
        daemons.start(&["smbd", "--foreground", "--no-process-group", "-s", &samba], &["445/tcp"]);

        let log_in = |port: &str| {
            let said = told(&[
                "curl",
                "--silent",
                "--show-error",
                "--verbose",
                "--max-time",
                "15",
                &format!("ftp://{OUTSIDE}:{port}/"),
            ]);
            Stranger::told(&said, "230 Login successful", "530 Login incorrect")
        };
        let copy = |port: &str| {
            // With a password that is not his a client is refused where one is wanted, and not asked for it at a terminal.
            let address = format!("rsync://{OUTSIDE}:{port}/modulo/");
            let said = told(&["env", "RSYNC_PASSWORD=altra", "rsync", "--list-only", &address]);
            Stranger::told(&said, "drwx", "auth failed")
        };
        let read = told(&["tftp", "-m", "octet", OUTSIDE, "-c", "get", "non-esiste", "/dev/null"]);
        compare(&[
            expect("ftp", "21/tcp", Stranger::Served, log_in("21")),
            expect("ftp", "7401/tcp", Stranger::TurnedAway, log_in("7401")),
            expect("tftp", "69/udp", Stranger::Served, Stranger::told(&read, "File not found", "timed out")),
            expect("rsync", "873/tcp", Stranger::Served, copy("873")),
            expect("rsync", "7411/tcp", Stranger::TurnedAway, copy("7411")),
            expect("samba", "445/tcp", Stranger::Untold, Stranger::Untold),
        ]);
    });
}

#[test]
fn exports_for_every_host_are_open() {
    alone("files::exports_for_every_host_are_open", || {
        let mut daemons = Daemons::new();
        daemons.start(&["rpcbind", "-f", "-w"], &["111/tcp"]);
        let files = daemons.folder("files", "root");
        let table = daemons.write("etab", &format!("{files}\t*(ro,sync,no_subtree_check,fsid=0)\n"));
        done(&["mount", "-t", "tmpfs", "tmpfs", "/var/lib/nfs"]);
        done(&["cp", &table, "/var/lib/nfs/etab"]);
        done(&["touch", "/var/lib/nfs/rmtab"]);
        daemons.start(&["rpc.mountd", "-F", "-p", "7421"], &["7421/tcp", "7421/udp"]);
        let exports = told(&["showmount", "--exports", "--no-headers", OUTSIDE]);
        let exports = Stranger::told(&exports, "files *", "nobody");
        compare(&[
            expect("mountd", "7421/tcp", Stranger::Served, exports),
            expect("mountd", "7421/udp", Stranger::Served, exports),
        ]);
    });
}
