//! The client before small servers that misbehave on purpose; real name servers stand in `tests/dns`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::transfer::Transfer;
use super::{Asker, Client, Question, Reply, Transport, tcp};
use crate::tls::connect::Deadline;

/// What a server does with one question: how many came before it, and the question.
type Habit = fn(usize, &Message) -> Vec<(Duration, Message)>;

fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a name")
}

fn answered(question: &Message) -> Message {
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.queries = question.queries.clone();
    answer.metadata.authoritative = true;
    let owner = question.queries.first().map(|query| query.name().clone()).unwrap_or_default();
    answer.add_answer(Record::from_rdata(owner, 60, RData::A(A::new(192, 0, 2, 1))));
    answer
}

fn edns_answered(question: &Message) -> Message {
    let mut answer = answered(question);
    answer.set_edns(Edns::new());
    answer
}

fn at_once(message: Message) -> Vec<(Duration, Message)> {
    vec![(Duration::ZERO, message)]
}

/// A server over UDP, and its address.
async fn over_udp(habit: Habit) -> SocketAddr {
    let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port"));
    let address = socket.local_addr().expect("its address");
    tokio::spawn(async move {
        let mut buffer = [0; 4_096];
        let mut before = 0;
        while let Ok((length, asker)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).expect("a question");
            for (delay, answer) in habit(before, &question) {
                let socket = Arc::clone(&socket);
                tokio::spawn(async move {
                    sleep(delay).await;
                    socket.send_to(&answer.to_vec().expect("bytes"), asker).await
                });
            }
            before += 1;
        }
    });
    address
}

/// A server over TCP at an address, and how many connections it took.
async fn over_tcp(address: SocketAddr, habit: Habit) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(address).await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let before = counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let question = tcp::receive(&mut stream).await?.message;
                for (delay, answer) in habit(before, &question) {
                    sleep(delay).await;
                    tcp::send(&mut stream, &answer.to_vec().expect("bytes")).await?;
                }
                // A server that says nothing keeps the connection.
                sleep(Duration::from_secs(10)).await;
                io::Result::Ok(())
            });
        }
    });
    (address, taken)
}

fn question(transport: Transport) -> Question {
    Question { transport, ..Question::to_authority(&name("a.test."), RecordType::A) }
}

async fn ask(server: SocketAddr, transport: Transport) -> (Result<Arc<Reply>, Unknown>, Duration, u64) {
    let (client, asker, started) = (Client::default(), asker(), Instant::now());
    let reply = client.ask(server, &question(transport), &asker).await;
    (reply, started.elapsed(), asker.sent())
}

/// A look with all the time it wants.
fn asker() -> Asker {
    Asker::new(Deadline::start(Duration::from_secs(60)))
}

fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_again_over_tcp() {
    let server = over_udp(|_, question| {
        let mut answer = answered(question);
        answer.answers.clear();
        answer.metadata.truncation = true;
        at_once(answer)
    })
    .await;
    let (_, taken) = over_tcp(server, |_, question| at_once(answered(question))).await;
    let reply = ask(server, Transport::UdpThenTcp).await.0.expect("an answer");
    assert!(reply.over_tcp && reply.message.answers.len() == 1, "{reply:?}");
    let reply = ask(server, Transport::Udp).await.0.expect("an answer");
    assert!(reply.message.metadata.truncation && !reply.over_tcp, "{reply:?}");
    assert_eq!(taken.load(Ordering::Relaxed), 1, "who wants UDP only gets UDP only");
}

#[tokio::test]
async fn a_server_that_answers_over_tcp_alone_is_asked_there() {
    let (server, _) = over_tcp(any_port(), |_, question| at_once(answered(question))).await;
    let (reply, elapsed, _) = ask(server, Transport::UdpThenTcp).await;
    assert!(reply.expect("an answer").over_tcp && elapsed < Duration::from_millis(500), "{elapsed:?}");
    let silence = ask(server, Transport::Udp).await.0.expect_err("no server of UDP");
    assert_eq!(silence.reason, Reason::CLOSED);
}

#[tokio::test]
async fn a_silent_server_costs_many_questions_one_deadline() {
    let server = over_udp(|_, _| Vec::new()).await;
    let (client, asker) = (Arc::new(Client::default()), Arc::new(asker()));
    let started = Instant::now();
    for _round in 0..3 {
        let mut questions = JoinSet::new();
        for number in 0..40 {
            let (client, asker) = (Arc::clone(&client), Arc::clone(&asker));
            questions.spawn(async move {
                let question = Question::to_authority(&name(&format!("n{number}.test.")), RecordType::A);
                client.ask(server, &question, &asker).await.map(|_| ())
            });
        }
        for outcome in questions.join_all().await {
            assert_eq!(outcome.expect_err("silence").reason, Reason::TIMEOUT);
        }
    }
    let elapsed = started.elapsed();
    assert!(elapsed > Duration::from_millis(1_900) && elapsed < Duration::from_millis(2_300), "{elapsed:?}");
    assert!(asker.sent() <= 4, "one question was sent and repeated: {}", asker.sent());
}

#[tokio::test]
async fn a_slow_server_is_waited_for_while_its_host_shows_life() {
    let server = over_udp(|_, question| vec![(Duration::from_secs(3), answered(question))]).await;
    let (_, _) = over_tcp(server, |_, _| Vec::new()).await;
    let (client, asker) = (Client::default(), asker());
    let reply = client.ask(server, &question(Transport::UdpThenTcp), &asker).await.expect("a late answer");
    assert!(reply.elapsed >= Duration::from_secs(3), "{:?}", reply.elapsed);
    assert_eq!(client.measured(server), Some(reply.elapsed));
}

#[tokio::test]
async fn a_slow_server_takes_a_look_no_longer_than_its_patience() {
    let server = over_udp(|_, question| vec![(Duration::from_millis(1_300), answered(question))]).await;
    let (client, asker, started) = (Client::default(), asker(), Instant::now());
    let mut answers = 0;
    for number in 0..8 {
        let question = Question::to_authority(&name(&format!("n{number}.test.")), RecordType::A);
        answers += usize::from(client.ask(server, &question, &asker).await.is_ok());
    }
    let elapsed = started.elapsed();
    assert!(answers == 3 && elapsed < Duration::from_millis(4_800), "{answers} {elapsed:?}");
}

#[tokio::test]
async fn a_lost_packet_is_sent_again() {
    let server = over_udp(|before, question| if before == 0 { Vec::new() } else { at_once(answered(question)) }).await;
    let (reply, elapsed, sent) = ask(server, Transport::Udp).await;
    assert!(reply.is_ok() && sent == 2 && elapsed < Duration::from_millis(700), "{sent} {elapsed:?}");
}

#[tokio::test]
async fn a_server_that_refuses_edns_is_asked_plainly_from_then_on() {
    let server = over_udp(|_, question| {
        let mut answer = answered(question);
        if question.edns.is_some() {
            answer.answers.clear();
            answer.queries.clear();
            answer.metadata.response_code = ResponseCode::FormErr;
        }
        at_once(answer)
    })
    .await;
    let (client, asker) = (Client::default(), asker());
    let reply = client.ask(server, &question(Transport::UdpThenTcp), &asker).await.expect("an answer");
    assert!(reply.code() == ResponseCode::NoError && reply.message.edns.is_none(), "{reply:?}");
    let other = Question::to_authority(&name("b.test."), RecordType::A);
    assert!(client.ask(server, &other, &asker).await.is_ok());
    assert_eq!(asker.sent(), 3);
}

#[tokio::test]
async fn a_server_that_is_mute_on_edns_is_reached_by_the_plain_repeat() {
    let server =
        over_udp(|_, question| if question.edns.is_some() { Vec::new() } else { at_once(answered(question)) }).await;
    let (reply, elapsed, _) = ask(server, Transport::Udp).await;
    assert!(reply.is_ok() && elapsed < Duration::from_millis(1_700), "{elapsed:?}");
}

#[tokio::test]
async fn a_late_server_that_answers_the_plain_repeat_first_is_heard_in_full() {
    // The first two packets are lost on the way, and what came last is answered first.
    let server = over_udp(|before, question| match before {
        0 | 1 => Vec::new(),
        2 => vec![(Duration::from_millis(100), edns_answered(question))],
        _ => at_once(answered(question)),
    })
    .await;
    let (reply, _, sent) = ask(server, Transport::Udp).await;
    let reply = reply.expect("an answer");
    assert!(reply.message.edns.is_some() && sent == 4, "{sent} {reply:?}");
}

#[tokio::test]
async fn answers_that_belong_to_no_question_are_passed_over() {
    let server = over_udp(|_, question| {
        let mut wrong_number = answered(question);
        wrong_number.metadata.id = question.metadata.id.wrapping_add(1);
        let mut wrong_name = answered(question);
        wrong_name.queries = vec![Query::query(name("b.test."), RecordType::A)];
        let mut wrong_code = wrong_number.clone();
        wrong_code.metadata.response_code = ResponseCode::NXDomain;
        let later = Duration::from_millis(100);
        let mut all = [wrong_number, wrong_name, wrong_code].map(|wrong| (Duration::ZERO, wrong)).to_vec();
        all.push((later, answered(question)));
        all
    })
    .await;
    let reply = ask(server, Transport::Udp).await.0.expect("the right answer");
    assert!(reply.code() == ResponseCode::NoError && reply.elapsed >= Duration::from_millis(100), "{reply:?}");
}

#[tokio::test]
async fn the_same_question_travels_once() {
    let server = over_udp(|_, question| at_once(answered(question))).await;
    let (client, first, second) = (Client::default(), asker(), asker());
    for asker in [&first, &second] {
        client.ask(server, &question(Transport::Udp), asker).await.expect("an answer");
    }
    assert_eq!((first.sent(), second.sent()), (1, 0));
}

#[tokio::test]
async fn what_one_look_has_no_time_for_is_asked_anew_by_the_next() {
    let server = over_udp(|_, question| vec![(Duration::from_millis(300), answered(question))]).await;
    let client = Client::default();
    let hurried = Asker::new(Deadline::start(Duration::from_millis(100)));
    let started = Instant::now();
    let cut = client.ask(server, &question(Transport::Udp), &hurried).await.expect_err("no time");
    assert!(cut.reason == Reason::TIMEOUT && started.elapsed() < Duration::from_millis(250), "{cut:?}");
    assert!(client.ask(server, &question(Transport::Udp), &asker()).await.is_ok());
}

#[tokio::test]
async fn a_zone_that_is_handed_out_is_told_from_one_that_is_not() {
    let whole: Habit = |_, question| {
        let mut answer = answered(question);
        let data = SOA::new(name("ns.test."), name("host.test."), 1, 2, 3, 4, 5);
        answer.answers.insert(0, Record::from_rdata(name("test."), 60, RData::SOA(data)));
        at_once(answer)
    };
    let refusing: Habit = |_, question| {
        let mut answer = answered(question);
        answer.answers.clear();
        answer.metadata.response_code = ResponseCode::Refused;
        at_once(answer)
    };
    for (habit, expected) in
        [(whole, Transfer { is_open: true, records: 2 }), (refusing, Transfer { is_open: false, records: 0 })]
    {
        let (server, _) = over_tcp(any_port(), habit).await;
        let (client, asker) = (Client::default(), asker());
        assert_eq!(client.zone_transfer(server, &name("test."), &asker).await, Fact::Known(expected));
    }
}
