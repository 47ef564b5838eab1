//! Copies of one real release, each bent in one way: what is pending is still what apt says inside, and where apt's own
//! "nothing" cannot be believed, the reason is said.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use jiff::SignedDuration;
use vedetta_tests::program::run;

use crate::archive::build;
use crate::debian::Debian;
use crate::seen::probe;

const RELEASE: &str = "bookworm";
/// How long a list of Debian's security archive counts: its `Valid-Until` is a week after its `Date`.
const VALID: SignedDuration = SignedDuration::from_hours(7 * 24);

#[test]
fn a_held_package_stays_pending_and_is_marked() {
    let root = Debian::copy(RELEASE);
    root.run(&["apt-mark", "hold", "openssl"]);
    let seen = probe(root.path(), root.now());
    assert_eq!(seen.state(), "pending", "{}", seen.sentence());
    assert_eq!(seen.pending(), root.upgradable());
    assert_eq!(seen.flagged("held"), names(&["openssl"]));
    assert_eq!(seen.package("openssl")["security"], true);
    assert_eq!(seen.0["held_security_count"], 1);
    assert!(!root.would_upgrade().iter().any(|row| row.starts_with("openssl ")), "apt itself would leave it");
}

#[test]
fn a_security_pocket_that_is_pinned_out_is_a_doubt_and_never_nothing() {
    let root = Debian::copy(RELEASE);
    root.write("etc/apt/preferences.d/99-out", "Package: *\nPin: release n=bookworm-security\nPin-Priority: -1\n");
    assert_eq!(root.upgradable(), BTreeSet::new(), "apt says nothing");
    let seen = probe(root.path(), root.now());
    seen.doubts("pinned_out", "bookworm-security");
    assert!(seen.0["pinned_out"].as_array().unwrap().iter().any(|name| name == "openssl"), "{}", seen.0["pinned_out"]);
}

#[test]
fn one_package_that_is_pinned_to_its_version_is_named() {
    let root = Debian::copy(RELEASE);
    let installed = root.run(&["dpkg-query", "-W", "-f", "${Version}", "openssl"]);
    let pin = format!("Package: openssl\nPin: version {installed}\nPin-Priority: 1001\n");
    root.write("etc/apt/preferences", &pin);
    let seen = probe(root.path(), root.now());
    assert_eq!(seen.pending(), root.upgradable());
    assert!(!root.upgradable().iter().any(|row| row.starts_with("openssl ")), "apt itself would leave it");
    assert_eq!(seen.0["pinned_out"], serde_json::json!(["openssl"]));
}

#[test]
fn without_lists_nothing_is_known() {
    let root = Debian::copy(RELEASE);
    let now = root.now();
    fs::remove_dir_all(root.join("var/lib/apt/lists")).unwrap();
    fs::create_dir_all(root.join("var/lib/apt/lists/partial")).unwrap();
    assert_eq!(root.upgradable(), BTreeSet::new(), "apt says nothing");
    probe(root.path(), now).doubts("no_lists", "bookworm");
}

#[test]
fn without_the_list_of_the_security_archive_nothing_is_known() {
    let root = Debian::copy(RELEASE);
    let now = root.now();
    for path in fs::read_dir(root.join("var/lib/apt/lists")).unwrap().map(|entry| entry.unwrap().path()) {
        if path.to_string_lossy().contains("debian-security") {
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(root.upgradable(), BTreeSet::new(), "apt says nothing");
    probe(root.path(), now).doubts("no_lists", "bookworm-security");
}

#[test]
fn lists_past_their_end_are_a_doubt() {
    let root = Debian::copy(RELEASE);
    let day = root.listed().checked_add(VALID).unwrap().strftime("%F").to_string();
    let just_valid = root.listed().checked_add(VALID - SignedDuration::from_mins(1)).unwrap();
    assert_eq!(probe(root.path(), just_valid).state(), "pending");
    let past = root.listed().checked_add(VALID + SignedDuration::from_hours(1)).unwrap();
    let seen = probe(root.path(), past);
    seen.doubts("stale_lists", &day);
    assert_eq!(seen.pending(), root.upgradable(), "what is known is still listed");
}

#[test]
fn lists_in_every_packing_are_read() {
    for (packer, ending) in
        [("lz4 -q --rm -m", "lz4"), ("gzip", "gz"), ("xz -1", "xz"), ("zstd -q --rm", "zst"), ("bzip2 -1", "bz2")]
    {
        let root = Debian::copy(RELEASE);
        let truth = root.upgradable();
        for list in root.lists("_Packages") {
            run(Command::new("sh").args(["-c", &format!("exec {packer} \"$1\""), "sh"]).arg(&list));
        }
        assert!(root.lists("_Packages").is_empty() && !root.lists(&format!("_Packages.{ending}")).is_empty());
        assert_eq!(root.upgradable(), truth, "apt reads {ending}");
        let seen = probe(root.path(), root.now());
        assert_eq!((seen.state(), seen.pending()), ("pending", truth), "{ending}: {}", seen.sentence());
    }
}

#[test]
fn a_list_that_is_cut_is_a_doubt() {
    let root = Debian::copy(RELEASE);
    let list = root.lists("bookworm-security_main_binary-amd64_Packages").remove(0);
    run(Command::new("gzip").arg(&list));
    let packed = format!("{}.gz", list.display());
    let whole = fs::read(&packed).unwrap();
    fs::write(&packed, &whole[..whole.len() / 2]).unwrap();
    let seen = probe(root.path(), root.now());
    seen.doubts("corrupt", "bookworm-security_main_binary-amd64_Packages.gz");
}

#[test]
fn a_package_with_a_missing_dependency_is_a_doubt_that_names_it() {
    let root = Debian::copy(RELEASE);
    build(&root.join("tmp"), "spezzato", "1.0", "amd64", "Depends: pacchetto-che-manca\n");
    let _fails = root.ask(&["dpkg", "--force-depends", "-i", "/tmp/spezzato_1.0_amd64.deb"]);
    let answer = root.ask(&["apt-get", "-s", "dist-upgrade"]);
    assert_eq!(answer.code, 100, "apt refuses: {}", answer.err);
    let seen = probe(root.path(), root.now());
    seen.doubts("broken_packages", "spezzato");
    assert_eq!(seen.pending(), root.upgradable(), "what is known is still listed");
}

#[test]
fn a_half_configured_package_is_a_doubt_that_names_it() {
    let root = Debian::copy(RELEASE);
    build(&root.join("tmp"), "mezzo", "1.0", "amd64", "");
    root.run(&["dpkg", "--unpack", "/tmp/mezzo_1.0_amd64.deb"]);
    let seen = probe(root.path(), root.now());
    seen.doubts("broken_packages", "mezzo");
    assert_eq!(seen.0["broken"], serde_json::json!(["mezzo"]));
}

#[test]
fn an_interrupted_dpkg_is_a_doubt() {
    let root = Debian::copy(RELEASE);
    let status = fs::read_to_string(root.join("var/lib/dpkg/status")).unwrap();
    let stanza = status.split("\n\n").find(|stanza| stanza.starts_with("Package: openssl\n")).unwrap();
    // What dpkg has written down of a change that it did not complete.
    root.write("var/lib/dpkg/updates/0001", &format!("{}\n", stanza.replace("ok installed", "ok half-configured")));
    root.ask(&["apt-get", "-y", "install"]).with_code(100).says("dpkg was interrupted");
    let seen = probe(root.path(), root.now());
    seen.doubts("broken_packages", "dpkg");
    assert_eq!(seen.0["interrupted"], true);
}

#[test]
fn removed_packages_whose_settings_stay_are_not_installed() {
    let root = Debian::copy(RELEASE);
    let with = probe(root.path(), root.now()).0["installed_count"].as_u64().unwrap();
    root.run(&["dpkg", "--remove", "vim-tiny"]);
    assert_eq!(root.run(&["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "vim-tiny"]).trim(), "rc");
    assert_eq!(probe(root.path(), root.now()).0["installed_count"], with - 1);
}

#[test]
fn the_mark_of_a_restart_is_read_with_its_packages() {
    let root = Debian::copy(RELEASE);
    assert_eq!(probe(root.path(), root.now()).0["reboot"]["marked"], false);
    root.write("run/reboot-required", "*** System restart required ***\n");
    root.write("run/reboot-required.pkgs", "linux-image-amd64\nlibc6\nlinux-image-amd64\n");
    let reboot = probe(root.path(), root.now()).0["reboot"].clone();
    let expected = serde_json::json!({"required": true, "marked": true, "packages": ["libc6", "linux-image-amd64"]});
    for field in ["required", "marked", "packages"] {
        assert_eq!(reboot[field], expected[field], "{field}");
    }
}

#[test]
fn without_a_security_source_nothing_is_known() {
    let root = Debian::copy(RELEASE);
    let now = root.now();
    let sources = fs::read_to_string(root.join("etc/apt/sources.list")).unwrap();
    let kept: Vec<&str> = sources.lines().filter(|line| !line.contains("-security")).collect();
    root.write("etc/apt/sources.list", &format!("{}\n", kept.join("\n")));
    assert_eq!(root.upgradable(), BTreeSet::new(), "apt says nothing");
    let seen = probe(root.path(), now);
    seen.doubts("no_security_source", "");
    assert_eq!(seen.0["security_source"], false);
}

#[test]
fn sources_in_the_newer_form_are_read_as_well() {
    let root = Debian::copy(RELEASE);
    let (truth, sources) = (root.upgradable(), fs::read_to_string(root.join("etc/apt/sources.list")).unwrap());
    for (number, line) in sources.lines().filter(|line| line.starts_with("deb ")).enumerate() {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with('[')).collect();
        let [_, address, suite, components @ ..] = words.as_slice() else { panic!("{line}") };
        let text =
            format!("Types: deb\nURIs: {address}\nSuites: {suite}\nComponents: {}\n# end\n", components.join(" "));
        root.write(&format!("etc/apt/sources.list.d/{number}.sources"), &text);
    }
    fs::remove_file(root.join("etc/apt/sources.list")).unwrap();
    assert_eq!(root.upgradable(), truth, "apt reads them");
    let seen = probe(root.path(), root.now());
    assert_eq!((seen.state(), seen.pending()), ("pending", truth), "{}", seen.sentence());
}

#[test]
fn a_disabled_security_source_in_the_newer_form_is_none() {
    let root = Debian::copy(RELEASE);
    let now = root.now();
    root.write(
        "etc/apt/sources.list.d/debian.sources",
        "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm\nComponents: main\n\n\
         Enabled: no\nTypes: deb\nURIs: http://deb.debian.org/debian-security\nSuites: bookworm-security\nComponents: main\n",
    );
    root.write("etc/apt/sources.list", "");
    assert_eq!(root.upgradable(), BTreeSet::new(), "apt says nothing");
    probe(root.path(), now).doubts("no_security_source", "");
}

#[test]
fn absolute_links_stay_inside_the_root() {
    let root = Debian::copy(RELEASE);
    let (now, truth) = (root.now(), root.upgradable());
    fs::rename(root.join("var/lib/apt/lists"), root.join("var/elenchi")).unwrap();
    symlink("/var/elenchi", root.join("var/lib/apt/lists")).unwrap();
    assert_eq!(root.upgradable(), truth, "apt follows it inside");
    let seen = probe(root.path(), now);
    assert_eq!((seen.state(), seen.pending()), ("pending", truth), "{}", seen.sentence());
}

#[test]
fn a_look_changes_nothing_in_the_root() {
    let root = Debian::copy(RELEASE);
    let digest = || {
        let script = "find etc var run -printf '%p %s %m %T@ %C@\\n' | sort; find etc var run -type f -exec sha256sum {} + | sort";
        run(Command::new("sh").args(["-c", script]).current_dir(root.path())).stdout
    };
    let before = digest();
    probe(root.path(), root.now());
    assert!(before == digest(), "a file of the root was changed");
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
