//! Services through which one works on the host.

use crate::daemons::{Daemons, done, told};
use crate::place::{OUTSIDE, alone};
use crate::truth::{Stranger, compare, expect};

#[test]
fn telnet_vnc_x11_and_rdp_are_told_apart_by_what_strangers_may_do() {
    alone("screens::telnet_vnc_x11_and_rdp_are_told_apart_by_what_strangers_may_do", || {
        let mut daemons = Daemons::new();
        // On a port that nobody knows the greeting tells what inetd holds the socket for.
        let telnet = "stream tcp nowait root /usr/sbin/telnetd telnetd";
        let inetd = daemons.write("inetd.conf", &format!("23 {telnet}\n7501 {telnet}\n"));
        daemons.start(&["inetd", "-i", &inetd], &["23/tcp", "7501/tcp"]);
        daemons.start(
            &["Xtigervnc", ":91", "-rfbport", "5901", "-nolock", "-nolisten", "local", "-SecurityTypes", "None"],
            &["5901/tcp"],
        );
        daemons.start(
            &[
                "Xtigervnc",
                ":92",
                "-rfbport",
                "7511",
                "-nolock",
                "-nolisten",
                "local",
                "-SecurityTypes",
                "TLSPlain,Plain",
                "-PlainUsers",
                "root",
            ],
            &["7511/tcp"],
        );
        let cookies = daemons.write("cookies", "");
        done(&["xauth", "-f", &cookies, "add", ":94", ".", "00112233445566778899aabbccddeeff"]);
        daemons.start(
            &["Xvfb", ":93", "-listen", "tcp", "-noreset", "-nolock", "-nolisten", "local", "-ac"],
            &["6093/tcp"],
        );
        daemons.start(
            &["Xvfb", ":94", "-listen", "tcp", "-noreset", "-nolock", "-nolisten", "local", "-auth", &cookies],
            &["6094/tcp"],
        );
        daemons.start(&["Xvfb", ":95", "-listen", "tcp", "-noreset", "-nolock", "-nolisten", "local"], &["6095/tcp"]);
        done(&["mkdir", "-p", "/run/xrdp"]);
        daemons.start(&["xrdp", "--nodaemon"], &["3389/tcp"]);

        let prompt = |port: &str| {
            let said = told(&["curl", "--silent", "--max-time", "3", &format!("telnet://{OUTSIDE}:{port}")]);
            Stranger::told(&said, "# ", "login: ")
        };
        let vnc = |port: &str| {
            let said = told(&["nmap", "-n", "-Pn", "-p", port, "--script", "+vnc-info", OUTSIDE]);
            Stranger::told(&said, "None (1)", "VeNCrypt (19)")
        };
        let screen = |display: &str| {
            let said = told(&["env", "XAUTHORITY=/dev/null", "xdpyinfo", "-display", &format!("{OUTSIDE}:{display}")]);
            Stranger::told(&said, "vendor string", "unable to open display")
        };
        compare(&[
            expect("telnet", "23/tcp", Stranger::TurnedAway, prompt("23")),
            expect("telnet", "7501/tcp", Stranger::TurnedAway, prompt("7501")),
            expect("vnc", "5901/tcp", Stranger::Served, vnc("5901")),
            expect("vnc", "7511/tcp", Stranger::TurnedAway, vnc("7511")),
            expect("x11", "6093/tcp", Stranger::Served, screen("93")),
            expect("x11", "6094/tcp", Stranger::TurnedAway, screen("94")),
            // It lets its own host in, and nobody else: a client on the host cannot prove that.
            expect("x11", "6095/tcp", Stranger::TurnedAway, Stranger::TurnedAway),
            // There is no session without a log-in, so no client can be told otherwise.
            expect("rdp", "3389/tcp", Stranger::TurnedAway, Stranger::TurnedAway),
        ]);
    });
}
