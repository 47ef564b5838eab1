//! The rsync daemon (its csprotocol.txt): the list of modules, and whether each wants a log-in.

use vedetta_checks::word::Reason;

use super::heard::{Heard, Outcome, Silence, behind};
use super::peer::{Conversation, Peer};

/// What both sides say first, before the version of the protocol.
const GREETING: &str = "@RSYNCD: ";
/// The version that the client speaks: one in which nothing else is agreed upon.
const OWN_GREETING: &[u8] = b"@RSYNCD: 30.0\n";
/// Most lines of an answer.
const LINES_MAX: usize = 256;
/// Most modules that are tried.
const MODULES_MAX: usize = 6;

/// Asks for the modules and tries each as far as the question whether a log-in is needed. Their names are not kept.
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let mut conversation = greeted(peer).await?;
    conversation.send(b"#list\n").await?;
    let modules = modules(&mut conversation).await?;
    let (mut open, mut closed) = (0, 0);
    for module in modules.iter().take(MODULES_MAX) {
        if is_open(peer, module).await? {
            open += 1;
        } else {
            closed += 1;
        }
    }
    let answer = format!("{open} of {} listed modules without log-in", modules.len());
    Ok(if open > 0 {
        Heard::open(answer)
    } else if closed > 0 && closed == modules.len() {
        Heard::required(answer)
    } else {
        Heard::untold(Reason::NOT_FOUND, answer)
    })
}

async fn greeted(peer: &Peer) -> Result<Conversation, Silence> {
    let mut conversation = peer.connect().await?;
    if !conversation.line().await?.starts_with(GREETING) {
        return Err(Silence::foreign());
    }
    conversation.send(OWN_GREETING).await?;
    Ok(conversation)
}

/// The names in lines like `backup         <tab>a comment`; a message of the day may stand before them.
async fn modules(conversation: &mut Conversation) -> Result<Vec<String>, Silence> {
    let mut modules = Vec::new();
    for _ in 0..LINES_MAX {
        let line = conversation.line().await?;
        if line.starts_with(GREETING) || line.starts_with("@ERROR") {
            return Ok(modules);
        }
        if let Some((name, _)) = line.split_once('\t') {
            modules.push(name.trim_end().to_owned());
        }
    }
    Err(Silence::because(Reason::TOO_LARGE))
}

async fn is_open(peer: &Peer, module: &str) -> Result<bool, Silence> {
    let mut conversation = greeted(peer).await?;
    conversation.send(format!("{module}\n").as_bytes()).await?;
    for _ in 0..LINES_MAX {
        let line = conversation.line().await?;
        if let Some(verdict) = behind(&line, GREETING) {
            return Ok(verdict == "OK");
        }
        if line.starts_with("@ERROR") {
            return Ok(false);
        }
    }
    Err(Silence::because(Reason::TOO_LARGE))
}
