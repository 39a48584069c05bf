//! A session while it is open: its duration is counted when it ends.

use super::fault::Fault;
use super::session::Session;
use crate::clock::Monotonic;
use crate::context::frame::with_current;
use crate::label;
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::{Id, genai};

/// One side of a session that is open; see [`Session::open_as_client`].
///
/// Its end counts the duration: [`fail`](Self::fail), or the drop of a session that went well.
#[derive(Debug)]
#[must_use = "the session ends when it is dropped"]
pub struct OpenSession {
    recorder: &'static Recorder,
    duration: Id,
    start: Monotonic,
    protocol_version: Option<String>,
    transport: &'static str,
    error_type: &'static str,
}

impl OpenSession {
    /// Sets the version of the protocol that both sides agreed on, which is known once the session is open.
    pub fn with_protocol_version(mut self, version: impl Into<String>) -> Self {
        self.protocol_version = Some(version.into());
        self
    }

    /// Ends the session by an error, such as a transport that closed: `error.type` of its duration.
    pub fn fail(mut self, fault: &Fault) {
        self.error_type = fault.error_type();
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        // The version comes from the other side: the cap on labels holds for it.
        let version = self.protocol_version.as_deref();
        let version = version.map_or("", |version| label::capped(genai::MCP_PROTOCOL_VERSION, version));
        let labels = [version, self.transport, self.error_type];
        let duration = self.recorder.clock.now().0.saturating_sub(self.start.0);
        self.recorder.add(self.duration, &labels, duration);
    }
}

impl Session {
    /// Begins a session with the server: `mcp.client.session.duration` counts the time until the returned value is dropped.
    ///
    /// The duration has the session's transport and version of the protocol, in the views that have the conventions' names.
    ///
    /// ```
    /// use tta_runtime::mcp::{Fault, Session, Transport};
    ///
    /// let session = Session::named("weather").with_transport(Transport::Pipe);
    /// let open = session.open_as_client().with_protocol_version("2025-11-25");
    /// open.fail(&Fault::other("closed", "the server went away"));
    /// ```
    pub fn open_as_client(&self) -> OpenSession {
        self.open(Id::McpClientSessionDuration)
    }

    /// Begins a session with a client: `mcp.server.session.duration`, as [`open_as_client`](Self::open_as_client) for its side.
    pub fn open_as_server(&self) -> OpenSession {
        self.open(Id::McpServerSessionDuration)
    }

    fn open(&self, duration: Id) -> OpenSession {
        let recorder = with_current(|frame| frame.recorder).unwrap_or(&GLOBAL);
        OpenSession {
            recorder,
            duration,
            start: recorder.clock.now(),
            protocol_version: self.protocol_version().map(str::to_owned),
            transport: self.transport(),
            error_type: "",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fault, Session};
    use crate::View;
    use crate::mcp::Transport;
    use crate::testing::Recording;

    #[test]
    fn a_session_that_ends_is_counted_once_with_the_error_that_ended_it() {
        let recording = Recording::new();
        recording.run(|| {
            let session = Session::named("weather").with_transport(Transport::Pipe).with_protocol_version("1");
            let (well, badly) = (session.open_as_client(), session.open_as_server().with_protocol_version("2"));
            recording.advance(Duration::from_secs(90));
            drop(well);
            badly.fail(&Fault::other("closed", "it went away"));
        });
        let text = recording.view(View::Otel);
        let read: Vec<_> = text.lines().filter(|line| line.contains("session_duration_seconds_sum")).collect();
        assert_eq!(
            read,
            [
                r#"mcp_client_session_duration_seconds_sum{mcp_protocol_version="1",network_transport="pipe"} 90"#,
                r#"mcp_server_session_duration_seconds_sum{mcp_protocol_version="2",network_transport="pipe",error_type="closed"} 90"#,
            ]
        );
        assert_eq!(
            text.lines().filter(|line| line.contains("session_duration_seconds_count") && line.ends_with(" 1")).count(),
            2
        );
    }
}
