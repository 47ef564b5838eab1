mod exchange;

use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::limits::PROTOCOL_GREATEST;

use super::*;

const EPOCH: [u8; 16] = [7; 16];

fn conversation(last_sequence: u64, acknowledged: u64) -> Conversation {
    Conversation::new(&agent::Hello {
        spool_epoch: EPOCH.to_vec(),
        last_sequence,
        acknowledged,
        ..agent::Hello::default()
    })
}

fn welcome(cursor: u64) -> agent::Welcome {
    agent::Welcome { protocol: PROTOCOL_GREATEST, spool_epoch: EPOCH.to_vec(), cursor, ..agent::Welcome::default() }
}

fn welcomed(acknowledged: u64, whole_state: bool, is_behind: bool) -> Reaction {
    Reaction::Welcomed { acknowledged, whole_state, is_behind, received_at: 0, newest_agent: None }
}

fn ack(sequence: u64) -> Message {
    Message::Ack(agent::Ack { sequence, send_whole_state: false })
}

#[test]
fn nothing_is_sent_before_the_welcome() {
    let mut talk = conversation(9, 0);
    assert_eq!(talk.room(), 0);
    assert_eq!(talk.heard(ack(1)), Err(ProtocolError::BeforeWelcome("an acknowledgement")));
    talk.heard(Message::Welcome(welcome(0))).unwrap();
    assert_eq!(talk.room(), BATCHES_IN_FLIGHT_MAX);
}

#[test]
fn at_most_the_window_is_unacknowledged() {
    let mut talk = conversation(9, 0);
    talk.heard(Message::Welcome(welcome(0))).unwrap();
    for sequence in 1..=BATCHES_IN_FLIGHT_MAX as u64 {
        talk.sent(sequence);
    }
    assert_eq!(talk.room(), 0);
    let heard = talk.heard(ack(2)).unwrap();
    assert_eq!(heard, Reaction::Acknowledged { sequence: 2, batches: 2, whole_state: false });
    assert_eq!((talk.room(), talk.has_said_everything()), (2, false));
}

#[test]
fn the_session_is_done_when_all_is_sent_and_acknowledged() {
    let mut talk = conversation(1, 0);
    talk.heard(Message::Welcome(welcome(0))).unwrap();
    assert!(!talk.has_said_everything());
    talk.sent(1);
    talk.heard(ack(1)).unwrap();
    assert!(talk.has_said_everything());
}

#[test]
fn what_the_collector_already_holds_is_not_sent_again() {
    let mut talk = conversation(5, 2);
    let heard = talk.heard(Message::Welcome(welcome(4))).unwrap();
    assert_eq!(heard, welcomed(4, false, false));
    assert_eq!(talk.sent_up_to(), 4);
}

#[test]
fn a_collector_that_lost_what_it_acknowledged_gets_the_whole_state() {
    let unknown = agent::Welcome { spool_epoch: Vec::new(), ..welcome(0) };
    for message in [unknown, welcome(1)] {
        let heard = conversation(5, 3).heard(Message::Welcome(message)).unwrap();
        assert_eq!(heard, welcomed(3, false, true));
    }
}

#[test]
fn a_collector_that_only_asks_for_the_whole_state_is_not_behind() {
    let asks = agent::Welcome { send_whole_state: true, ..welcome(3) };
    assert_eq!(conversation(5, 3).heard(Message::Welcome(asks)).unwrap(), welcomed(3, true, false));
}

#[test]
fn a_new_epoch_without_acknowledgements_owes_nothing() {
    let unknown = agent::Welcome { spool_epoch: Vec::new(), ..welcome(0) };
    let heard = conversation(5, 0).heard(Message::Welcome(unknown)).unwrap();
    assert_eq!(heard, welcomed(0, false, false));
}

#[test]
fn a_cursor_beyond_the_spool_means_that_the_spool_is_an_old_copy() {
    assert_eq!(conversation(5, 3).heard(Message::Welcome(welcome(6))), Ok(Reaction::KnowsMore));
}

#[test]
fn the_whole_state_is_queued_once_a_session() {
    let mut talk = conversation(1, 0);
    talk.heard(Message::Welcome(welcome(0))).unwrap();
    talk.sent(1);
    talk.whole_state_queued();
    let asks = Message::Ack(agent::Ack { sequence: 1, send_whole_state: true });
    assert_eq!(talk.heard(asks), Ok(Reaction::Acknowledged { sequence: 1, batches: 1, whole_state: false }));
}

#[test]
fn out_of_turn_messages_end_the_session() {
    let mut talk = conversation(1, 0);
    let wrong = agent::Welcome { protocol: PROTOCOL_GREATEST + 1, ..welcome(0) };
    assert_eq!(talk.heard(Message::Welcome(wrong)), Err(ProtocolError::Version(PROTOCOL_GREATEST + 1)));
    talk.heard(Message::Welcome(welcome(0))).unwrap();
    assert_eq!(talk.heard(Message::Welcome(welcome(0))), Err(ProtocolError::SecondWelcome));
    assert_eq!(talk.heard(ack(1)), Err(ProtocolError::NotSent { acknowledged: 1, sent: 0 }));
}

#[test]
fn after_a_pause_everything_unacknowledged_is_sent_again() {
    let mut talk = conversation(3, 0);
    talk.heard(Message::Welcome(welcome(0))).unwrap();
    talk.sent(1);
    talk.sent(2);
    talk.heard(ack(1)).unwrap();
    let busy = Message::Busy(agent::Busy { retry_after_milliseconds: u64::MAX });
    assert_eq!(talk.heard(busy), Ok(Reaction::Busy(Duration::from_secs(3600))));
    talk.send_again();
    assert_eq!((talk.sent_up_to(), talk.room()), (1, BATCHES_IN_FLIGHT_MAX));
}

#[test]
fn the_delay_grows_is_bounded_and_differs_between_agents() {
    let longest = Duration::from_secs(600);
    let mut backoff = Backoff::default();
    let delays: Vec<u64> = (0..9).map(|_| backoff.failed(1.0, longest).as_secs()).collect();
    assert_eq!(delays, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
    backoff.succeeded();
    assert_eq!(backoff.failed(0.0, longest), Duration::from_millis(2500));
}

#[test]
fn the_newest_version_is_taken_from_the_welcome_and_anything_else_is_ignored() {
    for (told, expected) in [("0.2.0", Some("0.2.0")), ("", None), ("latest", None), ("0.2.0\u{1b}[2J", None)] {
        let welcome = agent::Welcome { newest_agent: told.to_owned(), ..welcome(0) };
        let Ok(Reaction::Welcomed { newest_agent, .. }) = conversation(0, 0).heard(Message::Welcome(welcome)) else {
            panic!("{told}: not welcomed")
        };
        assert_eq!(newest_agent.as_deref(), expected);
    }
}
