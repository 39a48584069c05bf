//! The events of spans that are log records too.

use opentelemetry::trace::Event;

use crate::schema::genai;

/// Returns whether a collector of logs gets the event as a record.
pub(crate) fn is_log_record(event: &Event) -> bool {
    [genai::OPERATION_DETAILS, genai::EVALUATION_RESULT].contains(&&*event.name)
}
