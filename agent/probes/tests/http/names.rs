//! A name server that knows the names of the test, and who was asked for.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record, RecordType};
use tokio::net::UdpSocket;

/// Lifetime of its answers, in seconds.
const LIFETIME: u32 = 60;

/// A running name server.
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// Knows these names; any other does not exist.
    pub(crate) async fn start(names: &'static [(&'static str, Ipv4Addr)]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("its address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((length, client)) = socket.recv_from(&mut buffer).await {
                let question = Message::from_vec(&buffer[..length]).expect("a question");
                let answer = answer(question, names, &heard);
                socket.send_to(&answer, client).await.expect("an answer");
            }
        });
        Self { address, asked }
    }

    /// The names that were asked for, sorted, each once.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().expect("the list").clone();
        asked.sort();
        asked.dedup();
        asked
    }
}

fn answer(question: Message, names: &[(&str, Ipv4Addr)], asked: &Mutex<Vec<String>>) -> Vec<u8> {
    let query = question.queries.first().expect("a question").clone();
    let name = query.name().to_ascii();
    let name = name.trim_end_matches('.');
    asked.lock().expect("the list").push(name.to_owned());
    let mut answer = question.into_response();
    match names.iter().find(|(own, _)| *own == name) {
        Some((_, address)) if query.query_type() == RecordType::A => {
            answer.add_answer(Record::from_rdata(query.name().clone(), LIFETIME, RData::A(A(*address))));
        }
        Some(_) => {}
        None => answer.metadata.response_code = ResponseCode::NXDomain,
    }
    answer.to_vec().expect("an answer")
}
