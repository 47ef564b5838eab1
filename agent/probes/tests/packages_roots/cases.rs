//! Small made hosts, with what must be said of each.

pub(crate) const MAIN: &str = "Origin: Debian\nLabel: Debian\nSuite: oldstable\nCodename: bookworm\nVersion: 12.15\nDate: Fri, 20 Nov 2026 10:00:00 UTC\n";
pub(crate) const SECURITY: &str = "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\nCodename: bookworm-security\n\
    Version: 12\nDate: Fri, 20 Nov 2026 10:00:00 UTC\nValid-Until: Fri, 27 Nov 2026 10:00:00 UTC\n";
pub(crate) const BACKPORTS: &str = "Origin: Debian Backports\nLabel: Debian Backports\nSuite: oldstable-backports\nCodename: bookworm-backports\n\
    NotAutomatic: yes\nButAutomaticUpgrades: yes\nDate: Fri, 20 Nov 2026 10:00:00 UTC\n";
pub(crate) const EXPERIMENTAL: &str = "Origin: Debian\nLabel: Debian\nSuite: experimental\nCodename: rc-buggy\nNotAutomatic: yes\n\
    Date: Fri, 20 Nov 2026 10:00:00 UTC\n";

/// How a list is packed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Packing {
    Plain,
    Lz4,
    Gzip,
    Xz,
    Zstd,
    Bzip2,
    Lzma,
}

/// One source of a root: suite, release file, offered packages as `name version architecture|further fields`, packing.
pub(crate) struct Pocket {
    pub(crate) suite: &'static str,
    pub(crate) release: &'static str,
    pub(crate) offers: &'static [&'static str],
    pub(crate) packing: Packing,
}

/// One root, with what must be said of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// `name version architecture|further fields`, and the words of `Status`.
    pub(crate) installed: &'static [(&'static str, &'static str)],
    pub(crate) pockets: &'static [Pocket],
    pub(crate) preferences: &'static str,
    /// Settings of apt, by name.
    pub(crate) settings: &'static [(&'static str, &'static str)],
    /// `pending`, `none`, or the reason why that is unknown.
    pub(crate) state: &'static str,
    /// Names of pending packages with a security update.
    pub(crate) security: &'static [&'static str],
}

pub(crate) const fn pocket(suite: &'static str, release: &'static str, offers: &'static [&'static str]) -> Pocket {
    Pocket { suite, release, offers, packing: Packing::Plain }
}

/// Words of `Status` of a package that is completely installed.
pub(crate) const OK: &str = "install ok installed";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "everything is up to date",
        installed: &[("a 1.0-1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1.0-1 amd64"]), pocket("bookworm-security", SECURITY, &["b 2 amd64"])],
        preferences: "",
        settings: &[],
        state: "none",
        security: &[],
    },
    Case {
        name: "a plain and a security update",
        installed: &[("a 1.0-1 amd64", OK), ("b 1 all", OK), ("c 1 amd64", "deinstall ok config-files")],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1.0-1+deb12u1 amd64", "c 2 amd64"]),
            pocket("bookworm-security", SECURITY, &["b 1+deb12u1 all"]),
        ],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &["b"],
    },
    Case {
        name: "a security update that a newer plain one supersedes",
        installed: &[("a 1.0 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1.2 amd64"]), pocket("bookworm-security", SECURITY, &["a 1.1 amd64"])],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &["a"],
    },
    Case {
        name: "a package on hold stays pending",
        installed: &[("a 1.0 amd64", "hold ok installed")],
        pockets: &[pocket("bookworm", MAIN, &[]), pocket("bookworm-security", SECURITY, &["a 1.1 amd64"])],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &["a"],
    },
    Case {
        name: "a package of two architectures, and one that becomes independent of them",
        installed: &[
            ("a 1 amd64|Multi-Arch: same", OK),
            ("a 1 i386|Multi-Arch: same", OK),
            ("b 1 amd64", OK),
            ("c 1 all", OK),
        ],
        pockets: &[
            pocket("bookworm", MAIN, &["a 2 amd64|Multi-Arch: same", "b 2 all", "c 2 amd64"]),
            pocket("bookworm-security", SECURITY, &["a 2 i386|Multi-Arch: same"]),
        ],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &["a"],
    },
    Case {
        name: "a source that is not automatic, and one that only keeps up to date",
        installed: &[("a 1 amd64", OK), ("b 1~bpo12+1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1 amd64", "b 0.5 amd64"]),
            pocket("bookworm-backports", BACKPORTS, &["a 2~bpo12+1 amd64", "b 1.1~bpo12+1 amd64"]),
            pocket("experimental", EXPERIMENTAL, &["b 9 amd64"]),
            pocket("bookworm-security", SECURITY, &["x 1 amd64"]),
        ],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &[],
    },
    Case {
        name: "the security pocket is pinned out as a whole",
        installed: &[("a 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1 amd64"]), pocket("bookworm-security", SECURITY, &["a 2 amd64"])],
        preferences: "Package: *\nPin: release n=bookworm-security\nPin-Priority: -10\n",
        settings: &[],
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "the security pocket is pinned below what is installed",
        installed: &[("a 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1 amd64"]), pocket("bookworm-security", SECURITY, &["b 1 amd64"])],
        preferences: "Package: *\nPin: release l=Debian-Security\nPin-Priority: 50\n",
        settings: &[],
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "one package is pinned to its installed version",
        installed: &[("libssl3 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &[]),
            pocket("bookworm-security", SECURITY, &["libssl3 2 amd64", "b 2 amd64"]),
        ],
        preferences: "Package: libssl*\nPin: version 1*\nPin-Priority: 1001\n",
        settings: &[],
        state: "pinned_out",
        security: &["b"],
    },
    Case {
        name: "one package is never to come from the security pocket",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1.5 amd64"]),
            pocket("bookworm-security", SECURITY, &["a 2 amd64", "b 2 amd64"]),
        ],
        preferences: "Explanation: not yet\nPackage: a\nPin: release a=oldstable-security\nPin-Priority: -1\n",
        settings: &[],
        state: "pinned_out",
        security: &["a", "b"],
    },
    Case {
        name: "pins by site, expression, source package and two names at once",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK), ("linux-x 1 amd64", OK), ("d 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 2 amd64", "b 2 amd64", "linux-x 2 amd64", "d 2 amd64"]),
            pocket("bookworm-security", SECURITY, &["x 2 amd64"]),
        ],
        preferences: "Package: a b\nPin: origin deb.example.org\nPin-Priority: -1\n\n\
            Package: /^linux-/\nPin: release o=Debian\nPin-Priority: 1\n\nPackage: src:d\nPin: version 2\nPin-Priority: 99\n",
        settings: &[],
        state: "none",
        security: &[],
    },
    Case {
        name: "the first of two pins wins",
        installed: &[("a 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 2 amd64"]), pocket("bookworm-security", SECURITY, &["x 2 amd64"])],
        preferences: "Package: *\nPin: release n=bookworm\nPin-Priority: 400\n\nPackage: *\nPin: release *\nPin-Priority: -5\n",
        settings: &[],
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "one priority for everything, what is installed included",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1 amd64"]), pocket("bookworm-security", SECURITY, &["a 2 amd64"])],
        preferences: "Package: *\nPin: release *\nPin-Priority: 50\n",
        settings: &[],
        state: "pending",
        security: &["a"],
    },
    Case {
        name: "the release itself is preferred to its security pocket",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1 amd64"]),
            pocket("bookworm-security", SECURITY, &["a 2 amd64", "b 2 amd64"]),
        ],
        preferences: "Package: *\nPin: release a=oldstable\nPin-Priority: 990\n",
        settings: &[],
        state: "pinned_out",
        security: &["b"],
    },
    Case {
        name: "going back to an older version is no update",
        installed: &[("a 2 amd64", OK), ("b 2 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1 amd64", "b 1 amd64"]),
            pocket("bookworm-security", SECURITY, &["b 3 amd64"]),
        ],
        preferences: "Package: a b\nPin: release n=bookworm\nPin-Priority: 1001\n",
        settings: &[],
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "packed lists",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            Pocket { suite: "bookworm", release: MAIN, offers: &["a 2 amd64"], packing: Packing::Gzip },
            Pocket { suite: "bookworm-security", release: SECURITY, offers: &["b 2 amd64"], packing: Packing::Lz4 },
        ],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &["b"],
    },
    Case {
        name: "lists packed with xz and zstd",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            Pocket { suite: "bookworm", release: MAIN, offers: &["a 2 amd64"], packing: Packing::Xz },
            Pocket { suite: "bookworm-security", release: SECURITY, offers: &["b 2 amd64"], packing: Packing::Zstd },
        ],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &["b"],
    },
    Case {
        name: "lists packed with bzip2 and lzma",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            Pocket { suite: "bookworm", release: MAIN, offers: &["a 2 amd64"], packing: Packing::Bzip2 },
            Pocket { suite: "bookworm-security", release: SECURITY, offers: &["b 2 amd64"], packing: Packing::Lzma },
        ],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &["b"],
    },
    Case {
        name: "a dependency that nothing installed fulfils",
        installed: &[("a 1 amd64|Depends: missing (>= 2)", OK), ("b 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 2 amd64"]), pocket("bookworm-security", SECURITY, &["b 2 amd64"])],
        preferences: "",
        settings: &[],
        state: "broken_packages",
        security: &["b"],
    },
    Case {
        name: "dependencies that an alternative, a provider and another architecture fulfil",
        installed: &[
            ("a 1 amd64|Depends: x | b (>= 1), virtual, virtual-versioned (>= 3), c:any", OK),
            ("b 1 amd64|Provides: virtual, virtual-versioned (= 3)", OK),
            ("c 1 i386|Multi-Arch: allowed", OK),
        ],
        pockets: &[pocket("bookworm", MAIN, &["b 0.5 amd64"]), pocket("bookworm-security", SECURITY, &["x 2 amd64"])],
        preferences: "",
        settings: &[],
        state: "none",
        security: &[],
    },
    Case {
        name: "a package that breaks an installed one",
        installed: &[("a 1 amd64|Breaks: b (<< 2)", OK), ("b 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["b 0.5 amd64"]), pocket("bookworm-security", SECURITY, &["x 2 amd64"])],
        preferences: "",
        settings: &[],
        state: "broken_packages",
        security: &[],
    },
    Case {
        name: "a version that is handed out by and by",
        installed: &[("a 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 2 amd64|Phased-Update-Percentage: 10"]),
            pocket("bookworm-security", SECURITY, &["x 2 amd64"]),
        ],
        preferences: "",
        settings: &[],
        state: "pending",
        security: &[],
    },
    Case {
        name: "a version that is kept back by policy until it is this host's turn",
        installed: &[("openssl 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket(
                "bookworm",
                MAIN,
                &[
                    "openssl 3.0.2-0ubuntu1.18 amd64|Phased-Update-Percentage: 84",
                    "b 3.0.2-0ubuntu1.18 amd64|Source: openssl\nPhased-Update-Percentage: 85",
                ],
            ),
            pocket("bookworm-security", SECURITY, &["x 2 amd64"]),
        ],
        preferences: "",
        settings: &[("APT::Get::Phase-Policy", "true"), ("APT::Machine-ID", "0123456789abcdef0123456789abcdef")],
        state: "pending",
        security: &[],
    },
    Case {
        name: "a preferred release",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1 amd64"]),
            pocket("bookworm-security", SECURITY, &["a 2 amd64", "b 2 amd64"]),
        ],
        preferences: "",
        settings: &[("APT::Default-Release", "bookworm")],
        state: "pinned_out",
        security: &["b"],
    },
    Case {
        name: "a preferred release with its pockets",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1 amd64"]),
            pocket("bookworm-security", SECURITY, &["a 2 amd64", "b 2 amd64"]),
        ],
        preferences: "",
        settings: &[("APT::Default-Release", "/^bookworm(|-security)$/")],
        state: "pending",
        security: &["a", "b"],
    },
    Case {
        name: "no security source",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 2 amd64"])],
        preferences: "",
        settings: &[],
        state: "no_security_source",
        security: &[],
    },
    Case {
        name: "a package that is not completely installed",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", "install ok half-configured")],
        pockets: &[pocket("bookworm", MAIN, &["a 2 amd64"]), pocket("bookworm-security", SECURITY, &["b 2 amd64"])],
        preferences: "",
        settings: &[],
        state: "broken_packages",
        security: &["b"],
    },
];
