//! The two gRPC servers behind the agents' port.

use std::sync::Arc;
use std::time::Duration;

use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use vedetta_core::store::Store;
use vedetta_proto::agent::agents_server::AgentsServer;
use vedetta_proto::agent::enrolment_server::EnrolmentServer;
use vedetta_proto::limits::MESSAGE_BYTES_MAX;

use super::Shared;
use super::agents::AgentsService;
use super::enrolment::EnrolmentService;
use crate::acceptor::agents::Ways;
use crate::acceptor::connection::Connection;
use crate::stop::Stop;

/// Most streams on one connection.
const STREAMS_MAX: u32 = 8;
/// Largest header list, in bytes.
const HEADER_BYTES_MAX: u32 = 8 * 1024;
/// Time between two keep-alive pings.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Longest time for the answer to a ping.
const PING_TIME_MAX: Duration = Duration::from_secs(10);
/// Streams that the peer reset and that were not accepted yet (RUSTSEC-2024-0003: rapid reset).
const RESETS_MAX: usize = 20;
/// Largest enrolment request, in bytes.
const ENROLMENT_BYTES_MAX: usize = 16 * 1024;

/// Serves both ways until the collector stops; ends when the last open session has ended.
///
/// # Errors
/// When a server cannot go on; the collector stops then.
pub async fn serve<S: Store>(shared: Arc<Shared<S>>, ways: Ways, stop: Stop) -> Result<(), tonic::transport::Error> {
    let enrolment =
        EnrolmentServer::new(EnrolmentService(Arc::clone(&shared))).max_decoding_message_size(ENROLMENT_BYTES_MAX);
    let agents = AgentsServer::new(AgentsService(shared)).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let enrolment =
        server().add_service(enrolment).serve_with_incoming_shutdown(incoming(ways.enrolment), stop.clone().wait());
    let agents = server().add_service(agents).serve_with_incoming_shutdown(incoming(ways.agents), stop.wait());
    let (enrolment, agents) = tokio::join!(enrolment, agents);
    enrolment.and(agents)
}

fn server() -> Server {
    Server::builder()
        .max_concurrent_streams(STREAMS_MAX)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .http2_keepalive_interval(Some(PING_EVERY))
        .http2_keepalive_timeout(Some(PING_TIME_MAX))
        .http2_max_pending_accept_reset_streams(Some(RESETS_MAX))
}

fn incoming(
    connections: tokio::sync::mpsc::Receiver<Connection>,
) -> impl tokio_stream::Stream<Item = Result<Connection, std::io::Error>> {
    ReceiverStream::new(connections).map(Ok)
}
