//! Trying a chat request again, where that may help.

use std::time::Duration;

use crate::client::error::{ChatError, ChatErrorType};

/// Attempts in all.
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt, doubled before each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// A service that asks for more patience than this is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Runs `attempt` until it succeeds, at most three times, and returns its last result.
///
/// # Errors
///
/// The last attempt's error; one that would come again, such as a refused request, is returned at once.
pub(crate) async fn with_retries<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, ChatError>
where
    F: Future<Output = Result<T, ChatError>>,
{
    let mut attempts = 1;
    loop {
        let error = match attempt().await {
            Ok(output) => return Ok(output),
            Err(error) => error,
        };
        match wait_after(attempts, error.error_type(), error.retry_after()) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(error),
        }
        attempts += 1;
    }
}

/// Returns how long to wait after this many failed attempts, `None` where no further one is made.
fn wait_after(attempts: u32, error_type: ChatErrorType, retry_after: Option<Duration>) -> Option<Duration> {
    let may_help = match error_type {
        ChatErrorType::RateLimited
        | ChatErrorType::ServerError
        | ChatErrorType::Disconnected
        | ChatErrorType::Malformed => true,
        // What took too long once has used up the reader's patience, and a refusal or a missing server stays one.
        ChatErrorType::TimedOut | ChatErrorType::Refused | ChatErrorType::Unreachable => false,
    };
    let wait = retry_after.unwrap_or(FIRST_WAIT * 2_u32.pow(attempts - 1));
    (may_help && attempts < ATTEMPTS && wait <= LONGEST_WAIT).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end() {
        let wait = |attempts| wait_after(attempts, ChatErrorType::ServerError, None);
        assert_eq!(wait(1), Some(Duration::from_millis(250)));
        assert_eq!(wait(2), Some(Duration::from_millis(500)));
        assert_eq!(wait(3), None);
    }

    #[test]
    fn the_service_s_own_wait_is_kept_while_it_is_bearable() {
        let wait = |seconds| wait_after(1, ChatErrorType::RateLimited, Some(Duration::from_secs(seconds)));
        assert_eq!(wait(2), Some(Duration::from_secs(2)));
        assert_eq!(wait(60), None);
    }

    #[test]
    fn a_refused_request_is_not_sent_again() {
        assert_eq!(wait_after(1, ChatErrorType::Refused, None), None);
    }
}
