//! Whether an event of a streamed response is content: text, reasoning, a tool call, an image.
//!
//! One rule covers the formats of all providers: an event is content if a field has a value that is not empty and that is not
//! about the answer, the connection or the event itself.

use serde::Serialize;
use serde_json::Value;

use super::picker::{Picked, pick_event};

/// Fields that are not content, whatever their value. Lower-case letters and digits alone: `finishReason` and `finish_reason`
/// are the same field.
#[rustfmt::skip]
const NOT_CONTENT: &[&str] = &[
    // The event, and its place in the answer.
    "type", "object", "event", "eventtype", "kind", "index", "contentindex", "outputindex", "summaryindex", "contentblockindex",
    "part",
    "itemid", "outputid", "callid", "toolcallid", "sequencenumber", "obfuscation", "p",
    // The answer, and the model that gives it.
    "id", "responseid", "generationid", "messageid", "requestid", "created", "createdat", "timestamp", "model", "modelname",
    "modelversion", "modelid", "provider", "role", "status", "systemfingerprint", "servicetier", "conversation", "annotations",
    "encryptedcontent", "signature", "thoughtsignature", "container", "metadata", "metrics", "headers", "responsemetadata",
    // The end of the answer.
    "finishreason", "finishreasons", "stopreason", "stopsequence", "stopdetails", "donereason", "done", "isfinished", "contextmanagement",
    "avglogprobs", "logprobs", "totalduration", "loadduration", "promptevalduration", "evalduration", "promptevalcount", "evalcount",
    "context", "error",
    // Its usage, and the checks of the prompt.
    "usage", "usagemetadata", "capturedusage", "tokenusage", "xgroq", "promptfeedback", "promptfilterresults", "contentfilterresults",
    "contentfilteroffsets", "safetyratings", "citationmetadata", "groundingmetadata", "citations", "amazonbedrockinvocationmetrics",
];

/// Events that are not content, whatever is in them: they start or end an answer, repeat its settings, or keep the connection
/// open. Written as the fields above.
#[rustfmt::skip]
const OTHER_EVENTS: &[&str] = &[
    "start", "started", "streamstart", "messagestart", "responsestart", "responsecreated", "responseinprogress", "responsequeued",
    "created", "inprogress", "queued", "ping", "keepalive", "heartbeat", "comment", "open", "connected", "ready",
    "responsecompleted", "responsefailed", "responseincomplete", "completed", "failed", "incomplete",
    "end", "ended", "stop", "stopped", "done", "finish", "finished", "final", "finalresponse", "complete",
    "streamend", "messageend", "messagestop", "messagedelta", "contentend", "contentblockstop", "contentblockend",
    "usage", "metadata", "error",
];

/// Fields that name the event which an object is.
const EVENT_NAMES: &[&str] = &["type", "event_type", "event", "kind"];

/// Returns whether an item of a stream is content, for all that its serialised form says.
pub(crate) fn is_content<T: Serialize + ?Sized>(item: &T) -> bool {
    let Picked { variant, value } = pick_event(item);
    let only_field = value.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.keys().next());
    let is_other = variant.is_some_and(is_other_event) || only_field.is_some_and(|field| is_other_event(field));
    !is_other && has_content(&value)
}

fn has_content(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(has_content),
        Value::Object(fields) => {
            let event = EVENT_NAMES.iter().find_map(|key| fields.get(*key)?.as_str());
            // The crate `rig` names the kind of an item where others have the item itself.
            let is_kind = |key: &str, value: &Value| key == "item" && value.is_string();
            let has_some =
                |(key, value): (&String, &Value)| !is_field_of_event(key) && !is_kind(key, value) && has_content(value);
            !event.is_some_and(is_other_event) && fields.iter().any(has_some)
        }
    }
}

fn is_field_of_event(key: &str) -> bool {
    NOT_CONTENT.contains(&&*normalized(key))
}

fn is_other_event(name: &str) -> bool {
    OTHER_EVENTS.contains(&&*normalized(name))
}

fn normalized(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
