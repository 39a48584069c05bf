//! Error responses with the messages and JSON of the real service, so that clients handle them as real ones.

use axum::http::{HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderValue};
use serde_json::json;

/// The reason why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotJson { reason: String },
    MissingParameter { parameter: &'static str },
    InvalidParameter { parameter: &'static str, reason: String },
    UnknownModel { model: String },
    UnknownUrl { method: String, path: String },
    RateLimited { retry_after_seconds: u64 },
    ServerError,
}

/// Handles unknown paths and methods with status 404.
pub(crate) async fn unknown_url(method: Method, uri: Uri) -> Refusal {
    Refusal::UnknownUrl { method: method.to_string(), path: uri.path().to_owned() }
}

struct Body {
    status: StatusCode,
    message: String,
    kind: &'static str,
    parameter: Option<&'static str>,
    code: Option<&'static str>,
}

impl Refusal {
    fn body(&self) -> Body {
        let invalid = Body {
            status: StatusCode::BAD_REQUEST,
            message: String::new(),
            kind: "invalid_request_error",
            parameter: None,
            code: None,
        };
        match self {
            Self::NotJson { reason } => {
                let message = format!("We could not parse the JSON body of your request: {reason}");
                Body { message, ..invalid }
            }
            Self::MissingParameter { parameter } => Body {
                message: format!("Missing required parameter: '{parameter}'."),
                parameter: Some(parameter),
                code: Some("missing_required_parameter"),
                ..invalid
            },
            Self::InvalidParameter { parameter, reason } => Body {
                message: format!("Invalid '{parameter}': {reason}"),
                parameter: Some(parameter),
                code: Some("invalid_value"),
                ..invalid
            },
            Self::UnknownModel { model } => Body {
                status: StatusCode::NOT_FOUND,
                message: format!("The model `{model}` does not exist or you do not have access to it."),
                parameter: Some("model"),
                code: Some("model_not_found"),
                ..invalid
            },
            Self::UnknownUrl { method, path } => Body {
                status: StatusCode::NOT_FOUND,
                message: format!("Unknown request URL: {method} {path}."),
                code: Some("unknown_url"),
                ..invalid
            },
            Self::RateLimited { retry_after_seconds } => Body {
                status: StatusCode::TOO_MANY_REQUESTS,
                message: format!("Rate limit reached. Please try again in {retry_after_seconds}s."),
                kind: "requests",
                code: Some("rate_limit_exceeded"),
                ..invalid
            },
            Self::ServerError => Body {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                message: "The server had an error while processing your request. Sorry about that!".to_owned(),
                kind: "server_error",
                ..invalid
            },
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Body { status, message, kind, parameter, code } = self.body();
        let error = json!({"error": {"message": message, "type": kind, "param": parameter, "code": code}});
        let headers: Option<[(HeaderName, HeaderValue); 1]> = match self {
            Self::RateLimited { retry_after_seconds } => Some([(header::RETRY_AFTER, retry_after_seconds.into())]),
            _ => None,
        };
        match headers {
            Some(headers) => (status, headers, Json(error)).into_response(),
            None => (status, Json(error)).into_response(),
        }
    }
}
