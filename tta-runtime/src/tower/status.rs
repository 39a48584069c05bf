//! The outcome of a call according to its HTTP response.

use http::{Response, StatusCode};
use opentelemetry::KeyValue;

use crate::call::Call;
use crate::call::classification::CallEnd;
use crate::call::classification::error_name::short_name;
use crate::outcome::Outcome;

/// Records the response's status, and returns the end of the call: a failure from the status `first_failure` on.
pub(super) fn read<R, E>(call: &mut Call, response: &Result<Response<R>, E>, first_failure: u16) -> CallEnd {
    let mut end = CallEnd::new(call.is_recorded());
    match response {
        Ok(response) => {
            let status = response.status();
            call.set(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
            if status.as_u16() >= first_failure {
                end.outcome = Outcome::Failure;
                end.error_type(Some(error_type(status)));
            }
        }
        Err(_) => fail::<E>(&mut end),
    }
    end
}

/// Ends the call with an error of type `E`.
pub(super) fn fail<E>(end: &mut CallEnd) {
    end.outcome = Outcome::Failure;
    end.error_name = short_name::<E>;
}

/// Returns the status as the label `error_type`; rare ones share `4xx` and `5xx`.
fn error_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        408 => "408",
        409 => "409",
        413 => "413",
        422 => "422",
        429 => "429",
        500 => "500",
        501 => "501",
        502 => "502",
        503 => "503",
        504 => "504",
        ..500 => "4xx",
        _ => "5xx",
    }
}
