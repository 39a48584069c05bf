//! Errors of a chat request.

use std::time::Duration;

use http::{StatusCode, header};
use serde_json::Value;
use tokio::time::error::Elapsed;
use tta_runtime::LabelValue;

/// The most characters of a body that an error quotes.
const MAX_EXCERPT_CHARS: usize = 200;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChatError {
    #[error("{url} cannot be reached")]
    Unreachable { url: String, source: reqwest::Error },
    #[error("no complete answer within {limit:?}")]
    TimedOut { limit: Duration, source: Elapsed },
    #[error("the connection closed before the end of the answer")]
    Disconnected { source: reqwest::Error },
    #[error("the stream ended before its last event")]
    CutShort,
    #[error("status {status}: {excerpt}")]
    Status { status: StatusCode, excerpt: String, retry_after: Option<Duration> },
    #[error("not a chat completion: {excerpt}")]
    Malformed { excerpt: String, source: serde_json::Error },
}

/// The types of errors in metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
pub(crate) enum ChatErrorType {
    Unreachable,
    TimedOut,
    Disconnected,
    RateLimited,
    ServerError,
    Refused,
    Malformed,
}

impl ChatError {
    pub(crate) fn error_type(&self) -> ChatErrorType {
        match self {
            Self::Unreachable { .. } => ChatErrorType::Unreachable,
            Self::TimedOut { .. } => ChatErrorType::TimedOut,
            Self::Disconnected { .. } | Self::CutShort => ChatErrorType::Disconnected,
            Self::Status { status: StatusCode::TOO_MANY_REQUESTS, .. } => ChatErrorType::RateLimited,
            Self::Status { status, .. } if status.is_server_error() => ChatErrorType::ServerError,
            Self::Status { .. } => ChatErrorType::Refused,
            Self::Malformed { .. } => ChatErrorType::Malformed,
        }
    }

    /// Returns whether the same request may succeed when it is retried.
    pub(crate) fn is_transient(&self) -> bool {
        match self.error_type() {
            ChatErrorType::RateLimited
            | ChatErrorType::ServerError
            | ChatErrorType::Disconnected
            | ChatErrorType::Malformed => true,
            // After a timeout, nobody waits for a second answer; a refused request or a missing server stays so.
            ChatErrorType::TimedOut | ChatErrorType::Refused | ChatErrorType::Unreachable => false,
        }
    }

    /// Returns the wait that the service asks for in `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(super) fn of_sending(url: String, source: reqwest::Error) -> Self {
        let source = source.without_url();
        if source.is_connect() { Self::Unreachable { url, source } } else { Self::Disconnected { source } }
    }

    pub(super) async fn of_status(response: reqwest::Response) -> Self {
        let status = response.status();
        let retry_after =
            response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.bytes().await.unwrap_or_default();
        // The message alone is more readable than the JSON that contains it.
        let message = serde_json::from_slice::<Value>(&body).ok();
        let message = message.as_ref().and_then(|body| body["error"]["message"].as_str());
        let excerpt = excerpt(message.map_or(&body, str::as_bytes));
        Self::Status { status, excerpt, retry_after: retry_after.map(Duration::from_secs) }
    }

    pub(super) fn malformed(bytes: &[u8], source: serde_json::Error) -> Self {
        Self::Malformed { excerpt: excerpt(bytes), source }
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut excerpt: String = text.chars().take(MAX_EXCERPT_CHARS).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    excerpt
}
