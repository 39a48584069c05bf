//! Error responses that are sent in place of an answer to a request.

use std::io::Write as _;
use std::net::Shutdown;

use tokio::net::TcpStream;

/// An error response that is sent in place of that to a request.
#[derive(Clone, Copy)]
pub(super) struct Rejection {
    pub(super) status: &'static str,
    pub(super) text: &'static str,
}

pub(super) const LATE: Rejection =
    Rejection { status: "408 Request Timeout", text: "The request did not arrive in time." };

impl Rejection {
    pub(super) fn response(self) -> String {
        let Self { status, text } = self;
        let length = text.len() + 1;
        format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n\
            content-length: {length}\r\n\r\n{text}\n"
        )
    }
}

/// Sends an error response in plain text, best effort, and closes the connection.
pub(super) fn reject(stream: TcpStream, rejection: Rejection) {
    let Ok(mut stream) = stream.into_std() else { return };
    // Nothing was sent on this connection before, so the send buffer has room for the response.
    let _ = stream.write_all(rejection.response().as_bytes());
    // Closing a socket with unread input sends a reset. The shutdown sends the end of the response before it.
    let _ = stream.shutdown(Shutdown::Write);
}
