//! Directories of people.

use crate::daemons::{Daemons, done, told};
use crate::place::{OUTSIDE, alone};
use crate::truth::{Stranger, compare, expect};

#[test]
fn a_directory_is_open_where_strangers_read_an_entry() {
    alone("directories::a_directory_is_open_where_strangers_read_an_entry", || {
        let mut daemons = Daemons::new();
        let entries = daemons.write(
            "entries.ldif",
            "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: prova\n",
        );
        for (port, rule) in
            [("389", "access to * by * read"), ("7601", "access to dn.base=\"\" by * read\naccess to * by users read")]
        {
            let folder = daemons.folder(&format!("ldap-{port}"), "root");
            let text = format!(
                "include /etc/ldap/schema/core.schema\npidfile {folder}/pid\nargsfile {folder}/args\nmodulepath /usr/lib/ldap\n\
                 moduleload back_mdb\n{rule}\ndatabase mdb\nsuffix \"dc=example,dc=org\"\ndirectory {folder}\n"
            );
            let configuration = daemons.write(&format!("slapd-{port}.conf"), &text);
            done(&["slapadd", "-f", &configuration, "-l", &entries]);
            let address = format!("ldap://0.0.0.0:{port}");
            daemons.start(&["slapd", "-f", &configuration, "-h", &address, "-d", "0"], &[&format!("{port}/tcp")]);
        }
        let search = |port: &str| {
            let address = format!("ldap://{OUTSIDE}:{port}");
            let said = told(&["ldapsearch", "-x", "-H", &address, "-b", "dc=example,dc=org", "-z", "1", "dn"]);
            Stranger::told(&said, "dn: dc=example", "No such object")
        };
        compare(&[
            expect("ldap", "389/tcp", Stranger::Served, search("389")),
            expect("ldap", "7601/tcp", Stranger::TurnedAway, search("7601")),
        ]);
    });
}
