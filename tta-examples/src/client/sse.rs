//! Parses server-sent events from a body that arrives in arbitrary pieces.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

use crate::client::error::ChatError;

/// The data of the last event.
const LAST_EVENT: &[u8] = b"[DONE]";

/// The events of one body.
pub(super) struct Events<S> {
    body: Pin<Box<S>>,
    /// Bytes that have arrived and are not parsed yet.
    buffer: Vec<u8>,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Send> Events<S> {
    pub(super) fn of(body: S) -> Self {
        Self { body: Box::pin(body), buffer: Vec::new() }
    }

    /// Returns the data of each event before `[DONE]`; a body that ends earlier is an error.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Vec<u8>, ChatError>> + Send {
        stream::try_unfold(self, |mut events| async move {
            loop {
                while let Some(line) = take_line(&mut events.buffer) {
                    match data(&line) {
                        Some(LAST_EVENT) => return Ok(None),
                        Some(data) => return Ok(Some((data.to_vec(), events))),
                        None => {}
                    }
                }
                let arrived = events.body.next().await.ok_or(ChatError::CutShort)?;
                events.buffer.extend_from_slice(&arrived.map_err(|source| ChatError::Disconnected { source })?);
            }
        })
    }
}

fn take_line(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = buffer.iter().position(|byte| *byte == b'\n')?;
    Some(buffer.drain(..=end).collect())
}

/// Returns the data of a line, `None` for blank lines, comments and other fields.
fn data(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"data:").map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    async fn read(pieces: &[&'static str]) -> Result<Vec<String>, String> {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        let events: Vec<Vec<u8>> =
            Events::of(stream::iter(pieces)).into_stream().try_collect().await.map_err(|error| error.to_string())?;
        Ok(events.into_iter().map(|event| String::from_utf8(event).expect("text")).collect())
    }

    #[tokio::test]
    async fn events_are_whole_wherever_the_pieces_end() {
        let events = read(&["data: {\"a\"", ": 1}\n", "\n: comment\r\ndata:two\r\n\r\ndata: [DONE]\n\n"]).await;
        assert_eq!(events, Ok(vec!["{\"a\": 1}".to_owned(), "two".to_owned()]));
    }

    #[tokio::test]
    async fn an_end_without_the_last_event_is_an_error() {
        assert_eq!(read(&["data: one\n\n"]).await, Err("the stream ended before its last event".to_owned()));
    }
}
