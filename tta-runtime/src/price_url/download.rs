//! One download of prices, with limits on its time and its size.

use std::error::Error;
use std::io::Read;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use reqwest::header::{ETAG, HeaderValue, IF_NONE_MATCH};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};

/// The limits of a download.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The largest file.
    bytes: u64,
    /// The time for connecting, for the head, and for each part of the body.
    silence: Duration,
    /// The time for all of it: a server that sends a byte now and then is never silent.
    whole: Duration,
}

/// The limits of the reader; LiteLLM's file has some 2 MB.
pub(super) const LIMITS: Limits =
    Limits { bytes: 32 * 1024 * 1024, silence: Duration::from_secs(10), whole: Duration::from_secs(30) };

/// A download that succeeded.
pub(super) enum Download {
    New { body: Vec<u8>, etag: Option<HeaderValue> },
    Unchanged,
}

/// Downloads the file, unless it still has the version `known`.
///
/// # Errors
///
/// Returns the reason of the failure, without the URL.
pub(super) fn download(url: &Url, known: Option<&HeaderValue>, limits: Limits) -> Result<Download, String> {
    let Limits { bytes, silence, whole } = limits;
    let start = Instant::now();
    let client = Client::builder().timeout(silence).redirect(Policy::none()).build().map_err(reason)?;
    let request = client.get(url.clone()).header("accept", "application/json");
    let request = known.into_iter().fold(request, |request, etag| request.header(IF_NONE_MATCH, etag));
    let response = request.send().map_err(reason)?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if known.is_some() => return Ok(Download::Unchanged),
        status if status.is_redirection() && status != StatusCode::NOT_MODIFIED => {
            return Err(format!("the server answered {status}; write the address that it leads to"));
        }
        status => return Err(format!("the server answered {status}")),
    }
    let etag = response.headers().get(ETAG).cloned();
    let too_large = || format!("the file has more than {bytes} bytes");
    if response.content_length().is_some_and(|length| length > bytes) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let mut rest = response.take(bytes + 1);
    let mut part = vec![0; 64 * 1024];
    loop {
        if start.elapsed() > whole {
            return Err(format!("the file was not complete within {whole:?}"));
        }
        let length = rest.read(&mut part).map_err(|error| format!("the file is incomplete: {}", chain(&error)))?;
        let Some(read) = part.get(..length).filter(|read| !read.is_empty()) else { break };
        body.extend_from_slice(read);
    }
    if body.len() as u64 > bytes {
        return Err(too_large());
    }
    Ok(Download::New { body, etag })
}

/// Returns an error with its sources, without the URL.
fn reason(error: reqwest::Error) -> String {
    chain(&error.without_url())
}

/// Returns an error with its sources.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.extend([": ", &error.to_string()]);
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::thread;
    use std::time::Duration;

    use reqwest::Url;

    use super::{Download, LIMITS, Limits, download};

    /// Downloads from a server that answers one request; a write fails once the client gave up.
    fn from_server(limits: Limits, answer: impl FnOnce(&mut TcpStream) -> std::io::Result<()> + Send) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://user:word@{}/secret?token=secret", listener.local_addr().unwrap());
        thread::scope(|scope| {
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let head = BufReader::new(stream.try_clone().unwrap()).lines();
                head.map_while(Result::ok).find(String::is_empty);
                let _ = answer(&mut stream);
            });
            match download(&Url::parse(&url).unwrap(), None, limits) {
                Ok(Download::New { body, .. }) => format!("{} bytes", body.len()),
                Ok(Download::Unchanged) => "unchanged".into(),
                Err(reason) => reason,
            }
        })
    }

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";

    #[test]
    fn a_file_has_at_most_as_many_bytes_as_it_may_whether_or_not_the_server_says_how_many() {
        let limits = Limits { bytes: 100_000, ..LIMITS };
        let of = |bytes: usize| {
            from_server(limits, move |stream| {
                stream.write_all(HEAD)?;
                stream.write_all(&vec![b' '; bytes])
            })
        };
        assert_eq!(of(100_000), "100000 bytes");
        assert_eq!(of(100_001), "the file has more than 100000 bytes");
        let claimed =
            from_server(limits, |stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n"));
        assert_eq!(claimed, "the file has more than 100000 bytes");
    }

    #[test]
    fn a_server_that_drips_or_is_silent_is_left() {
        let limits = Limits { silence: Duration::from_secs(5), whole: Duration::from_millis(200), ..LIMITS };
        let dripped = from_server(limits, |stream| {
            stream.write_all(HEAD)?;
            loop {
                stream.write_all(b" ")?;
                // Not so fast that the client never waits.
                thread::yield_now();
            }
        });
        assert_eq!(dripped, "the file was not complete within 200ms");
        let limits = Limits { silence: Duration::from_millis(200), ..LIMITS };
        let silent = from_server(limits, |stream| {
            stream.write_all(HEAD)?;
            // Until the client closes the connection.
            stream.set_read_timeout(Some(Duration::from_secs(60)))?;
            std::io::Read::read(stream, &mut [0]).map(drop)
        });
        assert_eq!(silent, "the file is incomplete: error decoding response body: operation timed out");
    }

    #[test]
    fn an_answer_without_a_file_says_why_and_shows_no_secret() {
        let of = |head: &'static str| from_server(LIMITS, move |stream| stream.write_all(head.as_bytes()));
        let answers = [
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/secret\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 6\r\n\r\nsecret",
            "HTTP/1.1 304 Not Modified\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
            "secret",
        ];
        let expected = [
            "the server answered 302 Found; write the address that it leads to",
            "the server answered 500 Internal Server Error",
            "the server answered 304 Not Modified",
            "the file is incomplete: request or response body error: error reading a body from connection: end of file before message length reached",
            "error sending request: client error (SendRequest): invalid HTTP version parsed",
        ];
        assert_eq!(answers.map(of), expected);
    }
}
