//! What an agent looks at is decided on its host: no assignment of a collector widens it.

use std::net::Ipv4Addr;

use vedetta_tests::agent::Agent;
use vedetta_tests::collector::Collector;
use vedetta_tests::name_server::NameServer;
use vedetta_tests::network::{Capture, alone, route_into_nothing};

/// An address for documentation (RFC 5737), which is nobody's.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

fn assign(collector: &Collector, agent: &Agent, target: &str) {
    collector.tell(&["asset", "target", "add", &agent.id(), target]);
}

fn refused(agent: &Agent) -> Vec<String> {
    let status = agent.status();
    let refused = status["agent"]["refused_targets"].as_array().unwrap();
    refused.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_assigned_endpoint_that_the_host_does_not_allow_gets_no_packet_and_is_shown_as_refused() {
    alone("allow::an_assigned_endpoint_that_the_host_does_not_allow_gets_no_packet_and_is_shown_as_refused", || {
        route_into_nothing("198.51.100.0/24");
        let capture = Capture::start();
        let mut collector = Collector::start();
        let agent = collector.enrolled("", &[]);
        let target = format!("tls://{ELSEWHERE}:443");
        assign(&collector, &agent, &target);
        agent.report().with_code(0);
        agent.report().with_code(0);
        assert_eq!(capture.packets_to(ELSEWHERE), 0);
        let [said] = refused(&agent).try_into().unwrap();
        assert!(said.starts_with(&format!("the target {target} is not allowed on this host, no packet was sent")));
        assert!(said.contains(&format!("add \"{ELSEWHERE}\" to [targets] allow")), "{said}");
        agent.ask(&["status"]).says("Bersaglio rifiutato");

        // The same assignment, after the host's own administrator allowed it: now packets leave.
        agent.configure("targets.allow = [\"198.51.100.7\"]");
        agent.report().with_code(0);
        assert_ne!(capture.packets_to(ELSEWHERE), 0);
        assert_eq!(refused(&agent), Vec::<String>::new());
        assert_eq!(collector.result("tls.certificate.expiry", &target)["verdict"], "error");
        let kept = collector.stop_and_read();
        assert_eq!(kept.audited("grant.refused_by_host").len(), 1);
        assert_eq!(kept.audited("grant.allowed_by_host").len(), 1);
    });
}

#[test]
fn for_an_assigned_domain_that_the_host_does_not_allow_not_even_a_name_is_asked() {
    alone("allow::for_an_assigned_domain_that_the_host_does_not_allow_not_even_a_name_is_asked", || {
        let server = NameServer::start("example.test", "@ TXT \"v=spf1 -all\"");
        let capture = Capture::start();
        let mut collector = Collector::start();
        let resolver = format!("probes.resolver = \"127.0.0.1:{}\"", server.port);
        let agent = collector.enrolled(&resolver, &[]);
        for target in ["example.test", "tls://www.example.test:443"] {
            assign(&collector, &agent, target);
        }
        agent.report().with_code(0);
        agent.report().with_code(0);
        assert_eq!(capture.datagrams_to(server.port), 0);
        assert_eq!(refused(&agent).len(), 2);

        agent.configure(&format!("{resolver}\ntargets.allow = [\"example.test\"]"));
        agent.report().with_code(0);
        assert_ne!(capture.datagrams_to(server.port), 0);
        assert_eq!(refused(&agent).len(), 1, "a name beneath an allowed one is another name");
        assert_eq!(collector.result("mail.spf.present", "dns:example.test")["verdict"], "pass");
        assert_eq!(collector.stop_and_read().audited("grant.refused_by_host").len(), 2);
    });
}

#[test]
fn names_confirmed_at_enrolment_and_the_hosts_own_addresses_need_no_configuration() {
    let collector = Collector::start();
    let agent = collector.enrolled("", &["tls://127.0.0.1:1"]);
    assert_eq!(refused(&agent), Vec::<String>::new());
    assert_eq!(collector.result("tls.certificate.expiry", "tls://127.0.0.1:1")["reason"], "closed");
}
