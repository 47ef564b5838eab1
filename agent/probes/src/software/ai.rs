//! Artificial intelligence on this host: model servers and applications that are installed for the whole machine.
//!
//! Product names and counts, never persons: nothing below a home is looked at, no command line, no user of a process. What
//! somebody installed in his own home is none of this probe's business (Statuto dei lavoratori, articles 4 and 8).

use std::collections::BTreeSet;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::AiFacts;
use super::folder::{self, Missed};
use super::inventory::{Inventory, Manager, count};
use super::pattern::fits;
use super::table;
use crate::files::Root;
use crate::services::facts::ListeningSocket;

/// The shipped table; its source stands in its first lines.
const TABLE: &str = include_str!("ai_products.csv");
/// Folders of systemd's units.
const UNITS: &[&str] =
    &["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system", "/usr/local/lib/systemd/system"];
/// Folders of libraries of Python that are installed for the whole machine.
const PYTHON: &[&str] = &[
    "/usr/lib/python3/dist-packages",
    "/usr/lib/python#/site-packages",
    "/usr/lib64/python#/site-packages",
    "/usr/local/lib/python#/dist-packages",
    "/usr/local/lib/python#/site-packages",
    "/opt/*/lib/python#/site-packages",
];
/// Folders of libraries of Node.js that are installed for the whole machine.
const NPM: &[&str] = &["/usr/lib/node_modules", "/usr/local/lib/node_modules"];
/// Where Docker and Podman write down the names of their images.
const IMAGES: &[&str] =
    &["/var/lib/docker/image/*/repositories.json", "/var/lib/containers/storage/overlay-images/images.json"];
/// The stores that those lists lie in; a store that cannot be entered may hold any image.
const STORES: &[&str] = &["/var/lib/docker/image", "/var/lib/containers/storage/overlay-images"];
/// Largest list of images, in bytes.
const IMAGES_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Programs that listen in place of a container.
const FORWARDERS: &[&str] = &["docker-proxy", "rootlessport", "conmon", "slirp4netns", "pasta"];

/// What a product is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Server,
    Application,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
struct Mark {
    product: &'static str,
    role: Role,
    kind: &'static str,
    mark: &'static str,
}

/// What runs on the host, asked only where it can tell something.
pub(super) trait Running {
    /// Names of the programs that run: of their files, and those that the kernel shortens. What could not be seen is noted.
    fn programs(&self, missed: &Missed) -> Vec<String>;

    /// The sockets that wait for others, with their owners.
    ///
    /// # Errors
    /// Why they cannot be listed.
    fn sockets(&self) -> Result<Vec<ListeningSocket>, Unknown>;
}

/// Looks for every product of the table.
pub(super) fn read(root: &Root, inventory: &Inventory, host: &dyn Running) -> AiFacts {
    let marks: Vec<Mark> = marks().collect();
    let missed = Missed::default();
    let images = images(root, &missed);
    let libraries = Libraries::read(root, &missed);
    let mut servers = BTreeSet::new();
    let mut applications = BTreeSet::new();
    let mut from_images = BTreeSet::new();
    for mark in &marks {
        let is_image = mark.kind == "image" && images.contains(&format!("\"{}", mark.mark));
        if is_image {
            from_images.insert(mark.product);
        }
        if is_image || is_installed(root, mark, inventory, &libraries, &missed) {
            let set = if mark.role == Role::Server { &mut servers } else { &mut applications };
            set.insert(mark.product);
        }
    }
    let programs = host.programs(&missed);
    // What could not be read may hold one.
    let doubt = inventory.unread().cloned().or(missed.first());
    let may_run = marks.iter().any(|mark| mark.kind == "process" && programs.iter().any(|name| fits(mark.mark, name)));
    // Listing sockets with their owners costs more than all the rest: it is done only where a server may answer.
    let sockets = if may_run || !servers.is_empty() { Some(host.sockets()) } else { None };
    let (running, reachable_server_count) = match &sockets {
        // One that could not be seen may be reached all the same.
        None => (BTreeSet::new(), doubt.as_ref().map_or(Fact::Known(0), |why| Fact::Unknown(why.clone()))),
        Some(Err(why)) => (BTreeSet::new(), Fact::Unknown(why.clone())),
        Some(Ok(sockets)) => {
            let running = running(&marks, sockets, &from_images);
            let reachable = reachable(&servers, &running, sockets);
            (running, reachable)
        }
    };
    servers.extend(running.iter().map(|(product, _)| *product));
    let named = |set: BTreeSet<&str>| -> Fact<Vec<String>> {
        match (&doubt, set.is_empty()) {
            (Some(why), true) => Fact::Unknown(why.clone()),
            (Some(_) | None, _) => Fact::Known(set.into_iter().map(str::to_owned).collect()),
        }
    };
    let (servers, applications) = (named(servers), named(applications));
    AiFacts {
        server_count: servers.clone().map(|names| count(names.len())),
        application_count: applications.clone().map(|names| count(names.len())),
        servers,
        applications,
        is_whole: super::whole(doubt.as_ref()),
        reachable_server_count,
    }
}

fn marks() -> impl Iterator<Item = Mark> {
    table::rows(TABLE).filter_map(|row| match row.as_slice() {
        [product, role, kind, mark] => {
            let role = if *role == "server" { Role::Server } else { Role::Application };
            Some(Mark { product, role, kind, mark })
        }
        _ => None,
    })
}

fn is_installed(root: &Root, mark: &Mark, inventory: &Inventory, libraries: &Libraries, missed: &Missed) -> bool {
    let has_package = |managers: &[Manager]| {
        inventory.packages().any(|package| managers.contains(&package.manager) && fits(mark.mark, &package.name))
    };
    match mark.kind {
        "package" => has_package(&[Manager::Dpkg, Manager::Rpm]),
        "snap" => has_package(&[Manager::Snap]),
        "flatpak" => has_package(&[Manager::Flatpak]),
        "file" => !folder::expand(root, mark.mark, missed).is_empty(),
        "python" => libraries.python.contains(mark.mark),
        "npm" => libraries.npm.contains(mark.mark),
        "unit" => UNITS.iter().any(|folder| folder::is_there(root, &format!("{folder}/{}", mark.mark), missed)),
        _running_only => false,
    }
}

/// Libraries that are installed for the whole machine, by the names of their folders.
struct Libraries {
    python: BTreeSet<String>,
    npm: BTreeSet<String>,
}

impl Libraries {
    fn read(root: &Root, missed: &Missed) -> Self {
        let python = PYTHON.iter().flat_map(|pattern| folder::expand(root, pattern, missed));
        let mut npm = BTreeSet::new();
        for within in NPM {
            for name in folder::names(root, within, missed) {
                if name.starts_with('@') {
                    let scoped = folder::names(root, &format!("{within}/{name}"), missed);
                    npm.extend(scoped.into_iter().map(|inner| format!("{name}/{inner}")));
                }
                npm.insert(name);
            }
        }
        Self { python: python.flat_map(|path| folder::names(root, &path, missed)).collect(), npm }
    }
}

/// The lists of images as text; why one could not be read is noted.
fn images(root: &Root, missed: &Missed) -> String {
    let mut text = String::new();
    for error in STORES.iter().filter_map(|store| folder::entries(root, store).err()) {
        missed.note_error(&error);
    }
    for path in IMAGES.iter().flat_map(|pattern| folder::expand(root, pattern, missed)) {
        match root.read_text(&path, IMAGES_BYTES_MAX) {
            // Podman writes the registry of every image, Docker leaves its own out.
            Ok(list) => text.push_str(&list.replace("\"docker.io/", "\"")),
            Err(error) => missed.note_error(&error),
        }
    }
    text
}

/// Model servers that listen, each with whether other hosts can reach it by its bound address.
fn running(
    marks: &[Mark],
    sockets: &[ListeningSocket],
    from_images: &BTreeSet<&'static str>,
) -> BTreeSet<(&'static str, bool)> {
    let mut running = BTreeSet::new();
    for socket in sockets.iter().filter(|socket| socket.protocol == "tcp") {
        for owner in socket.owners.known().into_iter().flatten() {
            let program = owner.executable.rsplit('/').next().unwrap_or_default();
            let is_forwarded = FORWARDERS.contains(&program);
            let fitting = marks.iter().filter(|mark| match mark.kind {
                "process" => fits(mark.mark, program),
                "port" => is_forwarded && from_images.contains(mark.product) && mark.mark.parse() == Ok(socket.port),
                _other => false,
            });
            running.extend(fitting.map(|mark| (mark.product, socket.scope != "loopback")));
        }
    }
    running
}

fn reachable(
    servers: &BTreeSet<&'static str>,
    running: &BTreeSet<(&'static str, bool)>,
    sockets: &[ListeningSocket],
) -> Fact<i64> {
    let reachable = running.iter().filter(|(_, is_reachable)| *is_reachable).count();
    // A server whose program has a general name (python) cannot be told from another by its socket.
    let untold = servers.iter().filter(|server| !running.iter().any(|(product, _)| product == *server)).count();
    let is_hidden = |socket: &&ListeningSocket| match &socket.owners {
        Fact::Unknown(_) => true,
        Fact::Known(owners) => owners.iter().any(|owner| {
            let program = owner.executable.rsplit('/').next().unwrap_or_default();
            program.starts_with("python") || FORWARDERS.contains(&program)
        }),
    };
    let hidden = sockets.iter().filter(|socket| socket.scope != "loopback").find(is_hidden);
    match hidden {
        Some(ListeningSocket { owners: Fact::Unknown(why), .. }) if reachable == 0 => Fact::Unknown(why.clone()),
        Some(socket) if reachable == 0 && untold > 0 => {
            let detail = format!("which program answers on port {} cannot be told by its name", socket.port);
            Fact::unknown(Reason::NOT_ASKED, detail)
        }
        Some(_) | None => Fact::Known(count(reachable)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::facts::SocketOwner;

    fn socket(port: i64, scope: &str, program: &str) -> ListeningSocket {
        let unknown = || Fact::unknown(Reason::NOT_FOUND, "not told");
        let owner =
            SocketOwner { pid: 1, executable: program.to_owned(), package: Fact::unknown(Reason::NOT_FOUND, "") };
        ListeningSocket {
            protocol: "tcp".to_owned(),
            address: String::new(),
            port,
            scope: scope.to_owned(),
            v6only: false,
            namespace: "host".to_owned(),
            filtered: unknown(),
            exposed: unknown(),
            interfaces: Vec::new(),
            service: String::new(),
            kind: String::new(),
            owners: Fact::Known(vec![owner]),
        }
    }

    struct Host {
        sockets: Vec<ListeningSocket>,
    }

    impl Running for Host {
        fn programs(&self, _missed: &Missed) -> Vec<String> {
            let owners = self.sockets.iter().filter_map(|socket| socket.owners.known()).flatten();
            owners.filter_map(|owner| owner.executable.rsplit('/').next()).map(str::to_owned).collect()
        }

        fn sockets(&self) -> Result<Vec<ListeningSocket>, Unknown> {
            Ok(self.sockets.clone())
        }
    }

    fn host<const N: usize>(sockets: [ListeningSocket; N]) -> Host {
        Host { sockets: sockets.into() }
    }

    fn root_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let root = Root::new(folder.path());
        (folder, root)
    }

    #[test]
    fn no_mark_leads_into_a_home() {
        for mark in marks().filter(|mark| mark.kind == "file") {
            let outside = ["/usr/", "/opt/", "/etc/", "/var/lib/"].iter().any(|folder| mark.mark.starts_with(folder));
            assert!(outside && !mark.mark.contains(".."), "{}", mark.mark);
        }
        for mark in marks() {
            let kinds = ["package", "snap", "flatpak", "file", "python", "npm", "unit", "image", "process", "port"];
            assert!(kinds.contains(&mark.kind), "{mark:?}");
        }
    }

    #[test]
    fn servers_and_applications_are_told_once_each_and_homes_are_not_looked_at() {
        let (_folder, root) = root_with(&[
            ("usr/local/bin/ollama", ""),
            ("etc/systemd/system/ollama.service", ""),
            ("opt/LM-Studio-0.3.5/lm-studio", ""),
            ("usr/local/lib/node_modules/@anthropic-ai/claude-code/cli.js", ""),
            ("home/anna/.ollama/bin/localai", ""),
            ("home/anna/cursor/cursor", ""),
            ("var/lib/docker/image/overlay2/repositories.json", r#"{"Repositories":{"vllm/vllm-openai":{}}}"#),
        ]);
        let sockets =
            [socket(11434, "any", "/usr/local/bin/ollama"), socket(11435, "loopback", "/usr/local/bin/ollama")];
        let facts = read(&root, &Inventory::default(), &host(sockets));
        let names = |names: &[&str]| Fact::Known(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(facts.servers, names(&["lm-studio", "ollama", "vllm"]));
        assert_eq!(facts.applications, names(&["claude-code"]));
        assert_eq!(facts.server_count, Fact::Known(3));
        assert_eq!(facts.reachable_server_count, Fact::Known(1));
    }

    #[test]
    fn a_store_of_images_that_cannot_be_read_leaves_none_and_whole_unknown() {
        let (folder, root) = root_with(&[("var/lib/docker/x", "")]);
        // A link to itself stands for any folder that cannot be entered: root may enter all others.
        std::os::unix::fs::symlink("image", folder.path().join("var/lib/docker/image")).expect("a link");
        let facts = read(&root, &Inventory::default(), &host([]));
        assert_eq!((facts.servers.known(), facts.is_whole.known()), (None, None));
        assert_eq!(facts.reachable_server_count.known(), None);
        let (_folder, root) = root_with(&[("etc/os-release", "")]);
        let facts = read(&root, &Inventory::default(), &host([]));
        assert_eq!((facts.server_count, facts.is_whole), (Fact::Known(0), Fact::Known(true)));
        assert_eq!(facts.reachable_server_count, Fact::Known(0));
    }

    #[test]
    fn a_published_container_counts_and_a_program_with_a_general_name_is_not_taken_for_none() {
        let (_folder, root) = root_with(&[(
            "var/lib/docker/image/overlay2/repositories.json",
            r#"{"Repositories":{"ollama/ollama":{}}}"#,
        )]);
        let published = [socket(11434, "any", "/usr/bin/docker-proxy")];
        let none = Inventory::default();
        assert_eq!(read(&root, &none, &host(published)).reachable_server_count, Fact::Known(1));
        let (_folder, root) = root_with(&[("opt/vllm/x", "")]);
        let python = [socket(9000, "any", "/usr/bin/python3.11")];
        assert_eq!(read(&root, &none, &host(python)).reachable_server_count.known(), None);
        let other = [socket(22, "any", "/usr/sbin/sshd")];
        assert_eq!(read(&root, &none, &host(other)).reachable_server_count, Fact::Known(0));
    }
}
