//! What the software probe can see.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// Installed software: how much, from where, what is no longer mended, what nobody declared. Inventories stay on the
    /// host; no user name and no personal path is among the facts.
    pub struct SoftwareFacts {
        /// How many packages each manager has installed.
        pub managers: Vec<ManagerFacts>,
        /// Run-times, servers and applications, with their versions.
        pub products: Fact<Vec<ProductFacts>>,
        /// Whether these are all: unknown when some packages could not be read.
        pub products_are_whole: Fact<bool>,
        /// Content management systems found by their files.
        pub cms: Fact<Vec<CmsFacts>>,
        /// Whether these are all: unknown when some folder could not be looked into.
        pub cms_is_whole: Fact<bool>,
        /// Whether the organisation has declared which software is allowed.
        pub is_declared: bool,
        /// Software that is not from the distribution and not declared, by name; unknown when nothing is declared.
        pub unauthorised: Fact<Vec<String>>,
        /// Artificial intelligence that runs on this host, outside the organisation's knowledge or within it: counts and
        /// product names, never persons.
        pub ai: AiFacts,
    }

    /// One package manager.
    pub struct ManagerFacts {
        /// `dpkg`, `rpm`, `snap`, `flatpak`; `other` for one that is not read.
        pub name: String,
        /// How many packages it has installed.
        pub count: Fact<i64>,
        /// How many of them come from none of the distribution's own sources.
        pub foreign_count: Fact<i64>,
    }

    /// One product with its version.
    pub struct ProductFacts {
        /// Its name: `php`, `nodejs`, `postgresql`.
        pub name: String,
        /// Version.
        pub version: Fact<String>,
        /// Who brought it: `distribution`, `foreign_package`, `package` (nothing tells whose), `snap`, `flatpak`, `files`.
        pub origin: String,
        /// Where it lies, home folders as `~`; empty for a package.
        pub path: String,
        /// Release line: `8.2`.
        pub line: Fact<String>,
        /// Last day on which its authors mend it; for a package of the distribution, the distribution does.
        pub end: Fact<Timestamp>,
        /// Whether such a day is known: the authors of some lines name none as long as they mend them.
        pub end_named: bool,
        /// Whether that day has passed and nobody else mends it.
        pub ended: Fact<bool>,
    }

    /// One content management system.
    pub struct CmsFacts {
        /// `drupal`, `joomla`, `mediawiki`, `moodle`, `nextcloud`, `plone`, `prestashop`, `roundcube`, `typo3`, `wordpress`.
        pub name: String,
        /// Version of its core, by its files.
        pub version: Fact<String>,
        /// Its folder, home folders as `~`.
        pub path: String,
        /// Release line: `6.4`.
        pub line: Fact<String>,
        /// Last day on which its authors mend it.
        pub end: Fact<Timestamp>,
        /// Whether that day has passed.
        pub ended: Fact<bool>,
        /// Its extensions, by their files.
        pub extensions: Fact<Vec<ExtensionFacts>>,
        /// Files that should not lie within reach of the web server: `wp-config.php.bak`, `.git`, `installation`; a name that
        /// a person chose as its kind: `*.sql`.
        pub exposed_files: Fact<Vec<String>>,
    }

    /// One extension of a content management system.
    pub struct ExtensionFacts {
        /// Its name, as the name of its folder.
        pub name: String,
        /// `plugin`, `theme`, `module`, `component`.
        pub kind: String,
        /// Version that its files name.
        pub version: Fact<String>,
    }

    /// Artificial intelligence on this host.
    pub struct AiFacts {
        /// Programs that serve language models on this host: `ollama`, `lm-studio`, `localai`, `vllm`, each once.
        pub servers: Fact<Vec<String>>,
        /// How many of those are installed or running.
        pub server_count: Fact<i64>,
        /// Applications of artificial intelligence that are installed for the whole machine, each once.
        pub applications: Fact<Vec<String>>,
        /// How many.
        pub application_count: Fact<i64>,
        /// Whether these are all: unknown when some place could not be read.
        pub is_whole: Fact<bool>,
        /// How many model servers other hosts can reach, by their bound address.
        pub reachable_server_count: Fact<i64>,
    }
}
