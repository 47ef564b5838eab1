//! Databases with and without a password.

use crate::daemons::{Daemons, allow, done, said, told};
use crate::place::{OUTSIDE, alone};
use crate::truth::{Stranger, compare, expect};

/// Folders of the servers of PostgreSQL, one a version; Debian keeps them out of every PATH.
const POSTGRES: &str = "/usr/lib/postgresql";

#[test]
fn redis_and_memcached_are_told_apart_by_what_strangers_may_do() {
    alone("databases::redis_and_memcached_are_told_apart_by_what_strangers_may_do", || {
        let mut daemons = Daemons::new();
        let folder = daemons.name("");
        let nobody = daemons.write("redis.acl", "user default off\n");
        for (port, more) in [
            ("6379", &["--bind", "0.0.0.0", "--protected-mode", "no"][..]),
            ("7001", &["--bind", "0.0.0.0", "--protected-mode", "no", "--requirepass", "segreto"]),
            ("7002", &["--bind", "0.0.0.0", "--protected-mode", "yes"]),
            ("7003", &["--bind", "0.0.0.0", "--protected-mode", "no", "--aclfile", &nobody]),
            ("7004", &["--bind", "127.0.0.1"]),
        ] {
            let command = [&["redis-server", "--save", "", "--dir", &folder, "--port", port], more].concat();
            daemons.start(&command, &[&format!("{port}/tcp")]);
        }
        let accounts = daemons.write("memcached.accounts", "chiunque:segreto\n");
        daemons.start(&["memcached", "-u", "memcache", "-l", "0.0.0.0", "-U", "11211"], &["11211/tcp", "11211/udp"]);
        daemons.start(&["memcached", "-u", "memcache", "-l", "0.0.0.0", "-p", "7011", "-Y", &accounts], &["7011/tcp"]);

        let ping = |host: &str, port: &str| {
            let said = told(&["redis-cli", "-h", host, "-p", port, "ping"]);
            let turned_away = if said.contains("DENIED") { "DENIED" } else { "NOAUTH" };
            Stranger::told(&said, "PONG", turned_away)
        };
        let version = |port| Stranger::told(&said(port, "version\r\n"), "VERSION", "unauthenticated");
        compare(&[
            expect("redis", "6379/tcp", Stranger::Served, ping(OUTSIDE, "6379")),
            expect("redis", "7001/tcp", Stranger::TurnedAway, ping(OUTSIDE, "7001")),
            expect("redis", "7002/tcp", Stranger::TurnedAway, ping(OUTSIDE, "7002")),
            expect("redis", "7003/tcp", Stranger::TurnedAway, ping(OUTSIDE, "7003")),
            expect("redis", "7004/tcp", Stranger::Served, ping("127.0.0.1", "7004")),
            expect("memcached", "11211/tcp", Stranger::Served, version(11_211)),
            expect("memcached", "11211/udp", Stranger::Served, version(11_211)),
            expect("memcached", "7011/tcp", Stranger::TurnedAway, version(7_011)),
        ]);
    });
}

#[test]
fn postgresql_is_open_where_it_trusts_and_closed_where_it_lists_nobody_or_asks_a_password() {
    let name = "databases::postgresql_is_open_where_it_trusts_and_closed_where_it_lists_nobody_or_asks_a_password";
    alone(name, || {
        let mut daemons = Daemons::new();
        let first = daemons.folder("postgres", "postgres");
        let password = daemons.write("password", "segreto\n");
        let versions = std::fs::read_dir(POSTGRES).expect("the server of PostgreSQL (run `make setup-test`)");
        let programs =
            versions.map(|version| version.unwrap().path().join("bin")).find(|bin| bin.join("initdb").is_file());
        let programs = programs.expect("initdb (run `make setup-test`)");
        let initdb = programs.join("initdb").to_str().unwrap().to_owned();
        done(&["runuser", "-u", "postgres", "--", &initdb, "-D", &first, "-A", "trust", "--pwfile", &password, "-N"]);
        done(&[
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            &format!("{first}/server.key"),
            "-out",
            &format!("{first}/server.crt"),
        ]);
        done(&["chown", "postgres", &format!("{first}/server.key"), &format!("{first}/server.crt")]);
        for (port, line) in [
            ("5432", "host all all all trust"),
            ("7101", "host all all all scram-sha-256"),
            ("7102", "host all all 127.0.0.1/32 trust"),
            ("7103", "hostssl all all all trust"),
            ("7104", "host all all all md5"),
        ] {
            let folder = daemons.name(&format!("postgres-{port}"));
            done(&["cp", "-a", &first, &folder]);
            std::fs::write(format!("{folder}/pg_hba.conf"), format!("{line}\n")).unwrap();
            let server = programs.join("postgres").to_str().unwrap().to_owned();
            let command = [
                "runuser",
                "-u",
                "postgres",
                "--",
                &server,
                "-D",
                &folder,
                "-p",
                port,
                "-k",
                &folder,
                "-c",
                "listen_addresses=0.0.0.0",
                "-c",
                "ssl=on",
                "-F",
            ];
            daemons.start(&command, &[&format!("{port}/tcp")]);
        }
        let begin = |port: &str| {
            let said = told(&["psql", "-h", OUTSIDE, "-p", port, "-U", "postgres", "-w", "-c", "select 1"]);
            Stranger::told(&said, "1 row", "error")
        };
        compare(&[
            expect("postgresql", "5432/tcp", Stranger::Served, begin("5432")),
            expect("postgresql", "7101/tcp", Stranger::TurnedAway, begin("7101")),
            expect("postgresql", "7102/tcp", Stranger::TurnedAway, begin("7102")),
            expect("postgresql", "7103/tcp", Stranger::Served, begin("7103")),
            expect("postgresql", "7104/tcp", Stranger::TurnedAway, begin("7104")),
        ]);
    });
}

#[test]
fn mariadb_is_open_only_without_accounts() {
    alone("databases::mariadb_is_open_only_without_accounts", || {
        let mut daemons = Daemons::new();
        let first = daemons.name("mariadb");
        let datadir = format!("--datadir={first}");
        done(&[
            "mariadb-install-db",
            "--no-defaults",
            "--user=root",
            &datadir,
            "--auth-root-authentication-method=normal",
        ]);
        let account = daemons.write("account.sql", "CREATE USER root@'%' IDENTIFIED BY 'segreto';\n");
        for (port, more) in [
            ("3306", "--skip-grant-tables".to_owned()),
            ("7201", format!("--init-file={account}")),
            ("7202", "--skip-name-resolve".to_owned()),
        ] {
            let folder = daemons.name(&format!("mariadb-{port}"));
            done(&["cp", "-a", &first, &folder]);
            allow(std::path::Path::new(&folder), "755");
            let command = [
                "mariadbd",
                "--no-defaults",
                "--user=root",
                &format!("--datadir={folder}"),
                "--port",
                port,
                &format!("--socket={folder}/socket"),
                &format!("--pid-file={folder}/pid"),
                "--bind-address=0.0.0.0",
                &more,
            ];
            daemons.start(&command, &[&format!("{port}/tcp")]);
        }
        let begin = |port: &str| {
            let said =
                told(&["mariadb", "--no-defaults", "-h", OUTSIDE, "-P", port, "-u", "root", "-e", "select 40+2"]);
            Stranger::told(&said, "42", "ERROR")
        };
        compare(&[
            expect("mysql", "3306/tcp", Stranger::Served, begin("3306")),
            expect("mysql", "7201/tcp", Stranger::TurnedAway, begin("7201")),
            expect("mysql", "7202/tcp", Stranger::TurnedAway, begin("7202")),
        ]);
    });
}

#[test]
fn etcd_is_open_only_without_accounts() {
    alone("databases::etcd_is_open_only_without_accounts", || {
        let mut daemons = Daemons::new();
        for (client, peer) in [("2379", "2380"), ("7211", "7212")] {
            let clients = format!("http://0.0.0.0:{client}");
            let peers = format!("http://127.0.0.1:{peer}");
            let command = [
                "etcd",
                "--name",
                client,
                "--data-dir",
                &daemons.name(client),
                "--listen-client-urls",
                &clients,
                "--advertise-client-urls",
                &clients,
                "--listen-peer-urls",
                &peers,
                "--initial-advertise-peer-urls",
                &peers,
                "--initial-cluster",
                &format!("{client}={peers}"),
            ];
            daemons.start(&command, &[&format!("{client}/tcp")]);
        }
        let ask = |port: &str, path: &str, body: &str| {
            told(&[
                "curl",
                "--silent",
                "--max-time",
                "10",
                "--retry",
                "20",
                "--retry-delay",
                "1",
                "--retry-all-errors",
                "--data",
                body,
                &format!("http://{OUTSIDE}:{port}/v3/{path}"),
            ])
        };
        ask("7211", "auth/user/add", "{\"name\":\"root\",\"password\":\"segreto\"}");
        ask("7211", "auth/role/add", "{\"name\":\"root\"}");
        ask("7211", "auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
        ask("7211", "auth/enable", "{}");
        let range =
            |port| Stranger::told(&ask(port, "kv/range", "{\"key\":\"YQ==\"}"), "cluster_id", "user name is empty");
        compare(&[
            expect("etcd", "2379/tcp", Stranger::Served, range("2379")),
            expect("etcd", "7211/tcp", Stranger::TurnedAway, range("7211")),
        ]);
    });
}
