//! Services that watch over or steer others.

use crate::daemons::{Daemons, done, told};
use crate::place::{OUTSIDE, alone};
use crate::truth::{Stranger, compare, expect};

#[test]
fn snmp_mqtt_metrics_and_rpcbind_are_told_apart_by_what_strangers_may_do() {
    alone("management::snmp_mqtt_metrics_and_rpcbind_are_told_apart_by_what_strangers_may_do", || {
        let mut daemons = Daemons::new();
        for (port, community) in [("161", "public"), ("7301", "comune")] {
            let text = format!(
                "rocommunity {community}\nsmuxsocket {}:{}\n",
                if port == "161" { "0.0.0.0" } else { "127.0.0.1" },
                if port == "161" { "199" } else { "7399" }
            );
            let configuration = daemons.write(&format!("snmpd-{port}.conf"), &text);
            let command = ["snmpd", "-f", "-Lo", "-C", "-c", &configuration, &format!("udp:0.0.0.0:{port}")];
            daemons.start(&command, &[&format!("{port}/udp")]);
        }
        daemons.write("accounts", "");
        let accounts = daemons.name("accounts");
        done(&["mosquitto_passwd", "-b", &accounts, "chiunque", "segreto"]);
        for (port, lines) in
            [("1883", "allow_anonymous true\n".to_owned()), ("7311", format!("password_file {accounts}\n"))]
        {
            let text = format!("listener {port} 0.0.0.0\nuser root\n{lines}");
            let configuration = daemons.write(&format!("mosquitto-{port}.conf"), &text);
            daemons.start(&["mosquitto", "-c", &configuration], &[&format!("{port}/tcp")]);
        }
        daemons.start(&["rpcbind", "-f", "-w"], &["111/tcp", "111/udp"]);
        daemons.start(&["prometheus-node-exporter", "--web.listen-address=0.0.0.0:9100"], &["9100/tcp"]);

        let get = |port: &str| {
            let said = told(&[
                "snmpget",
                "-v2c",
                "-c",
                "public",
                "-t",
                "1",
                "-r",
                "1",
                &format!("{OUTSIDE}:{port}"),
                "1.3.6.1.2.1.1.1.0",
            ]);
            Stranger::told(&said, "STRING", "Timeout")
        };
        let subscribe = |port: &str| {
            let said = told(&["mosquitto_sub", "-h", OUTSIDE, "-p", port, "-t", "#", "-E", "-d"]);
            Stranger::told(&said, "CONNACK (0)", "CONNACK (5)")
        };
        let programs = Stranger::told(&told(&["rpcinfo", "-p", OUTSIDE]), "portmapper", "failure");
        let metrics = told(&["curl", "--silent", &format!("http://{OUTSIDE}:9100/metrics")]);
        compare(&[
            expect("snmp", "161/udp", Stranger::Served, get("161")),
            expect("snmp", "7301/udp", Stranger::TurnedAway, get("7301")),
            expect("snmp", "199/tcp", Stranger::Untold, Stranger::Untold),
            expect("mqtt", "1883/tcp", Stranger::Served, subscribe("1883")),
            expect("mqtt", "7311/tcp", Stranger::TurnedAway, subscribe("7311")),
            expect("rpcbind", "111/tcp", Stranger::Served, programs),
            expect("rpcbind", "111/udp", Stranger::Served, programs),
            expect(
                "node-exporter",
                "9100/tcp",
                Stranger::Served,
                Stranger::told(&metrics, "node_load1", "Unauthorized"),
            ),
        ]);
    });
}

#[test]
fn a_print_server_is_open_where_it_lets_every_host_in() {
    alone("management::a_print_server_is_open_where_it_lets_every_host_in", || {
        let mut daemons = Daemons::new();
        let pages = daemons.folder("pages", "root");
        daemons.write("pages/index.html", "CUPS\n");
        for (port, rule) in [("631", "Allow all"), ("7321", "Allow 127.0.0.1")] {
            let files: String = ["ServerRoot", "CacheDir", "StateDir", "TempDir", "RequestRoot"]
                .iter()
                .map(|word| format!("{word} {}\n", daemons.folder(&format!("{word}-{port}"), "root")))
                .collect();
            let logs: String =
                ["AccessLog", "ErrorLog", "PageLog"].iter().map(|word| format!("{word} stderr\n")).collect();
            let files =
                daemons.write(&format!("cups-files-{port}.conf"), &format!("{files}{logs}DocumentRoot {pages}\n"));
            let text = format!(
                "Listen 0.0.0.0:{port}\nBrowsing Off\n<Location />\n  Order allow,deny\n  {rule}\n</Location>\n"
            );
            let configuration = daemons.write(&format!("cupsd-{port}.conf"), &text);
            daemons.start(&["cupsd", "-f", "-c", &configuration, "-s", &files], &[&format!("{port}/tcp")]);
        }
        let get = |port: &str| {
            let said = told(&["curl", "--silent", "--head", &format!("http://{OUTSIDE}:{port}/")]);
            Stranger::told(&said, "200 OK", "403 Forbidden")
        };
        compare(&[
            expect("cups", "631/tcp", Stranger::Served, get("631")),
            expect("cups", "7321/tcp", Stranger::TurnedAway, get("7321")),
        ]);
    });
}
