//! Delegations and zones without signatures.

use super::super::place::Place::{
    A, A4, B, B4, BesideA, C, Fails, NoAuthority, NoEdns, Nobody, OpenResolver, Private, Refuses, Silent, Slow,
    TcpOnly, UdpOnly,
};
use super::super::zone::{Glue, Zone, named, server, zone};

const SITE: &str = "@ A {Web}\nwww A {Web}";

/// Who serves a zone, and how.
pub const SERVERS: &[Zone] = &[
    zone("good.test", SITE).facts(&[
        ("exists", "true"),
        ("a", "[\"192.31.196.80\"]"),
        ("ns", "[\"ns1.good.test\",\"ns2.good.test\"]"),
        ("zone", "\"good.test\""),
        ("parent", "\"test\""),
        ("name_server_networks", "4"),
        ("wildcard", "false"),
        ("dnssec.status", "\"unsigned\""),
        ("issuers", "[]"),
    ]),
    zone("single.test", SITE).at(&[server("ns1", A)]).says(&["single_server", "single_network"]),
    zone("oneaddress.test", SITE).at(&[server("ns1", A4), server("ns2", A4)]).says(&["single_address", "no_ipv6"]),
    zone("onenetwork.test", SITE).at(&[server("ns1", A4), server("ns2", BesideA)]).says(&["single_network", "no_ipv6"]),
    zone("noipv6.test", SITE).at(&[server("ns1", A4), server("ns2", B4)]).says(&["no_ipv6"]),
    zone("deadns.test", SITE).at(&[server("ns1", A), server("ns2", Silent)]).says(&["no_answer"]),
    zone("closedns.test", SITE).at(&[server("ns1", A), server("ns2", Nobody)]).says(&["no_answer"]),
    // With every server dead nobody can say that its names have no other addresses.
    zone("alldead.test", SITE).at(&[server("ns1", Silent), server("ns2", Nobody)]).says(&["no_answer", "all_dead"]),
    zone("refused.test", SITE).at(&[server("ns1", A), server("ns2", Refuses)]).says(&["refused", "lame"]),
    zone("fails.test", SITE).at(&[server("ns1", A), server("ns2", Fails)]).says(&["server_failure", "lame"]),
    zone("lame.test", SITE).at(&[server("ns1", A), server("ns2", NoAuthority)]).says(&["lame"]),
    zone("slow.test", SITE).at(&[server("ns1", A), server("ns2", Slow)]).says(&["slow"]),
    zone("udponly.test", SITE).at(&[server("ns1", A), server("ns2", UdpOnly)]).says(&["no_tcp"]),
    zone("tcponly.test", SITE).at(&[server("ns1", A), server("ns2", TcpOnly)]).says(&["no_udp"]),
    zone("noedns.test", SITE).at(&[server("ns1", A), server("ns2", NoEdns)]).says(&["no_edns"]),
    zone("private.test", SITE)
        .at(&[server("ns1", A), server("ns2", B), server("ns3", Private)])
        .says(&["private_address"]),
    zone("nsalias.test", SITE).at(&[server("ns1", A), named("alias.hosts.test.")]).says(&["is_alias"]),
    zone("noaddress.test", SITE)
        .at(&[server("ns1", A), server("ns2", B), named("nothing.hosts.test.")])
        .says(&["no_address", "dangling_ns"]),
    zone("parentmore.test", SITE)
        .at(&[server("ns1", A), server("ns2", B), server("ns3", C).in_parent_only()])
        .says(&["missing_in_zone"]),
    zone("zonemore.test", SITE)
        .at(&[server("ns1", A), server("ns2", B), server("ns3", C).in_zone_only()])
        .says(&["missing_in_parent"]),
    zone("noglue.test", SITE).at(&[server("ns1", A), server("ns2", B).glue(Glue::Missing)]).says(&["glue_missing"]),
    zone("otherglue.test", SITE)
        .at(&[server("ns1", A), server("ns2", B).glue(Glue::At(BesideA))])
        .says(&["glue_mismatch"]),
    zone("child.good.test", SITE)
        .at(&[server("ns1", C)])
        .says(&["single_server", "no_ipv6"])
        .facts(&[("parent", "\"good.test\""), ("name_server_networks", "1")]),
    zone("openresolver.test", SITE)
        .at(&[server("ns1", A), server("ns2", OpenResolver)])
        .with(&["--active"])
        .says(&["open_recursion"]),
    zone("quietresolver.test", SITE).at(&[server("ns1", A), server("ns2", OpenResolver)]),
    zone("opentransfer.test", SITE).open_transfer().with(&["--active"]).says(&["open_transfer"]),
    zone("quiettransfer.test", SITE).open_transfer(),
];

/// What stands in a zone.
pub const CONTENT: &[Zone] = &[
    zone("serial.test", SITE)
        .second_start("ns1 postmaster 2026112299 14400 3600 1209600 3600")
        .says(&["serial_differs"]),
    zone("drift.test", SITE).second("@ A {Mail}\nwww A {Web}").says(&["answers_differ"]),
    zone("serversdiffer.test", SITE)
        .second("@ A {Web}\nwww A {Web}\n@ NS ns.hosts.test.")
        .says(&["name_servers_differ", "missing_in_parent"]),
    zone("primary.test", SITE)
        .start("web.hosts.test. postmaster 1 14400 3600 1209600 3600")
        .says(&["primary_not_a_server"]),
    zone("timers.test", SITE).start("ns1 postmaster 1 60 120 3600 604800").says(&[
        "refresh_out_of_range",
        "retry_out_of_range",
        "expire_out_of_range",
        "minimum_out_of_range",
    ]),
    zone("contact.test", SITE).start("ns1 . 1 14400 3600 1209600 3600").says(&["contact_invalid"]),
    zone("aliasloop.test", "@ A {Web}\nwww CNAME one\none CNAME www").says(&["alias_loop"]),
    zone("wild.test", "@ A {Web}\n* A {Web}").facts(&[("wildcard", "true")]),
    zone("danglingcname.test", "@ A {Web}\nwww CNAME gone.hosts.test.").says(&["dangling_cname"]).facts(&[
        ("dangling.0.name", "\"www.danglingcname.test\""),
        ("dangling.0.kind", "\"cname\""),
        ("dangling.0.takeover", "false"),
    ]),
    zone("takeover.test", "@ A {Web}\nwww CNAME shop.nobody-registered-this.test.").says(&["dangling_cname"]).facts(&[
        ("dangling.0.target", "\"shop.nobody-registered-this.test\""),
        ("dangling.0.kind", "\"cname\""),
        ("dangling.0.takeover", "true"),
    ]),
    zone("service.test", "@ A {Web}\nwww CNAME gone-away.azurewebsites.net.")
        .says(&["dangling_cname"])
        .facts(&[("dangling.0.kind", "\"cname\""), ("dangling.0.takeover", "true")]),
    zone("danglingns.test", SITE)
        .at(&[server("ns1", A), server("ns2", B), named("ns.nobody-registered-this.test.")])
        .says(&["no_address", "dangling_ns"])
        .facts(&[("dangling.0.kind", "\"ns\""), ("dangling.0.takeover", "true")]),
    zone("danglingmx.test", "@ A {Web}\n@ MX 10 mail.nobody-registered-this.test.")
        .says(&["dangling_mx"])
        .facts(&[("dangling.0.kind", "\"mx\""), ("dangling.0.takeover", "true")]),
    zone("caa.test", "@ A {Web}\n@ CAA 0 issue \"authority.test\"\n@ CAA 0 issuewild \";\"")
        .facts(&[("issuers", "[\"authority.test\"]"), ("caa_found_at", "\"caa.test\"")]),
    zone("child.caa.test", SITE)
        .at(&[server("ns1", C)])
        .says(&["single_server", "no_ipv6"])
        .facts(&[("issuers", "[\"authority.test\"]"), ("caa_found_at", "\"caa.test\"")]),
    zone("pointers.test", "@ A {Web}\nwww A {Web}").facts(&[
        ("ptr.0.address", "\"192.31.196.80\""),
        ("ptr.0.names", "[\"web.hosts.test\"]"),
        ("ptr.0.confirmed", "true"),
    ]),
];
