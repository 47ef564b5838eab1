use super::*;

const FIB_TRIE: &str = "Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.9
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
";
const IF_INET6: &str = "20010db8000000000000000000000009 02 40 00 80     eth0\n";
const HOSTS: &str =
    "127.0.0.1 localhost # loopback\n192.0.2.9 Server.Example.it server\n198.51.100.7 other.example.it\n";

fn host() -> HostAllow {
    let mut addresses = parse_fib_trie(FIB_TRIE);
    addresses.extend(parse_if_inet6(IF_INET6));
    let own = OwnHost { addresses, hosts_file: parse_hosts(HOSTS), name: "server".to_owned() };
    let entries: Vec<AllowEntry> =
        ["mail.example.it", "203.0.113.0/24", "198.51.100.80"].iter().map(|text| text.parse().unwrap()).collect();
    HostAllow::new(own, &[DomainName::parse("www.example.it").unwrap()], &entries)
}

#[test]
fn the_host_and_what_its_person_named_are_allowed() {
    for target in [
        "host",
        "tls://127.0.0.1:8443?sni=localhost",
        "tls://[::1]:8443",
        "tls://192.0.2.9:443",
        "tls://[2001:db8::9]:443",
        "tls://www.example.it:443",
        "tls://mail.example.it:465",
        "dns:mail.example.it",
        "tls://203.0.113.77:443?sni=unrelated.example.it",
        "tls://198.51.100.80:443",
        "tls://www.example.it:443?address=192.0.2.9",
        "tls://unrelated.example.it:443?address=127.0.0.1",
    ] {
        let parsed: Target = target.parse().unwrap();
        assert_eq!(allowed(&parsed, &host()).map(|allowed| allowed.filed().to_string()), Ok(target.to_owned()));
    }
}

#[test]
fn everything_else_is_refused_and_named() {
    for (target, missing) in [
        ("tls://192.0.2.255:443", "192.0.2.255"),
        ("tls://10.0.0.1:443", "10.0.0.1"),
        ("tls://[::ffff:10.0.0.1]:443", "::ffff:10.0.0.1"),
        ("tls://sub.www.example.it:443", "sub.www.example.it"),
        ("tls://example.it:443", "example.it"),
        ("tls://www.example.it:443?address=10.0.0.1", "10.0.0.1"),
        ("tls://10.0.0.1:443?sni=www.example.it", "10.0.0.1"),
        ("tls://other.example.it:443", "other.example.it"),
        ("dns:example.it", "example.it"),
    ] {
        let parsed: Target = target.parse().unwrap();
        assert_eq!(allowed(&parsed, &host()).map_err(|refusal| refusal.missing), Err(missing.to_owned()), "{target}");
    }
}

#[test]
fn an_own_name_is_looked_at_under_the_address_that_allowed_it() {
    let target: Target = "tls://server.example.it:443".parse().unwrap();
    let allowed = allowed(&target, &host()).unwrap();
    assert_eq!(allowed.filed(), &target);
    assert_eq!(allowed.look_at().to_string(), "tls://server.example.it:443?address=192.0.2.9");
}

#[test]
fn an_entry_is_an_exact_name_an_address_or_a_network() {
    for text in ["*.example.it", "10.0.0.0/33", "", "256.1.1.1", "https://example.it"] {
        assert!(text.parse::<AllowEntry>().is_err(), "{text}");
    }
}
