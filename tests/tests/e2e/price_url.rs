//! Prices from a URL: what a server answers, and the prices that are in force after it.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use expect_test::expect;

use crate::child::{Running, subject};

const PATIENCE: Duration = Duration::from_secs(60);

/// A server that tells the head of each request, and answers it with what it is given then.
struct Server {
    address: SocketAddr,
    heads: Receiver<String>,
    answers: Sender<String>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let ((tell, heads), (answers, given)) = (channel(), channel::<String>());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a client connects");
                let lines = BufReader::new(stream.try_clone().expect("it is open")).lines().map_while(Result::ok);
                let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
                if tell.send(head.join("\n")).is_err() {
                    return;
                }
                let Ok(answer) = given.recv() else { return };
                stream.write_all(answer.as_bytes()).expect("the client reads");
            }
        });
        Self { address, heads, answers }
    }

    /// Waits for the next request, and returns the version that it has and its credentials.
    fn request(&self) -> String {
        let head = self.heads.recv_timeout(PATIENCE).expect("the program asks again");
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let first = head.lines().next().unwrap_or_default();
        format!("{first}, {:?}, {:?}", header("authorization"), header("if-none-match"))
    }

    fn answer(&self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
        self.answers.send(text).expect("the server runs");
    }
}

#[test]
fn prices_are_those_of_the_latest_answer_that_is_whole() {
    let ours = |usd: &str| {
        format!(
            r#"{{"our-model": {{"input_cost_per_token": {usd}}}, "b": {{"input_cost_per_token": 0}}, "c": {{"input_cost_per_token": 0}}}}"#
        )
    };
    let server = Server::start();
    let mut program = subject("price_url");
    program.env("TTA_PRICES_URL", format!("http://us:word@{}/path-token?query-token", server.address));
    let mut running = Running::start(program.env("TTA_PRICES_INTERVAL_SECONDS", "1"));
    let mut told = vec![running.line()];
    let answers = [
        ("200 OK", "etag: \"first\"\r\n", ours("1e-6")),
        ("304 Not Modified", "", String::new()),
        ("200 OK", "etag: \"second\"\r\n", ours("2e-6")),
        ("500 Internal Server Error", "", ours("3e-6")),
        ("302 Found", "location: /elsewhere\r\n", ours("3e-6")),
        ("200 OK", "etag: \"garbage\"\r\n", "<html>".to_owned()),
        ("200 OK", "", ours("2.5")),
        ("200 OK", "", r#"{"our-model": {"input_cost_per_token": 3e-6}}"#.to_owned()),
        ("200 OK", "", ours("4e-6")),
    ];
    for (status, headers, body) in answers {
        told.push(server.request());
        // Once it asks again, the answer before is in force.
        running.say("");
        told.push(running.line());
        server.answer(status, headers, &body);
    }
    told.push(server.request());
    running.say("");
    told.push(running.line());
    let said = running.finish().stderr.replace(&server.address.to_string(), "<address>");
    expect![[r#"
        None
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), None
        None "failed"} 0 "new"} 0 "refused"} 0 "unchanged"} 0
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"first\"")
        Some("$0.001") "failed"} 0 "new"} 1 "refused"} 0 "unchanged"} 0
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"first\"")
        Some("$0.001") "failed"} 0 "new"} 1 "refused"} 0 "unchanged"} 1
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"second\"")
        Some("$0.002") "failed"} 0 "new"} 2 "refused"} 0 "unchanged"} 1
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"second\"")
        Some("$0.002") "failed"} 1 "new"} 2 "refused"} 0 "unchanged"} 1
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"second\"")
        Some("$0.002") "failed"} 2 "new"} 2 "refused"} 0 "unchanged"} 1
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"second\"")
        Some("$0.002") "failed"} 2 "new"} 2 "refused"} 1 "unchanged"} 1
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"second\"")
        Some("$0.002") "failed"} 2 "new"} 2 "refused"} 2 "unchanged"} 1
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), Some("\"second\"")
        Some("$0.002") "failed"} 2 "new"} 2 "refused"} 3 "unchanged"} 1
        GET /path-token?query-token HTTP/1.1, Some("Basic dXM6d29yZA=="), None
        Some("$0.004") "failed"} 2 "new"} 3 "refused"} 3 "unchanged"} 1"#]]
    .assert_eq(&told.join("\n"));
    for secret in ["us:", "word", "path-token", "query-token", "dXM6"] {
        assert!(!said.contains(secret), "`{secret}` is in the log: {said}");
    }
    let own: Vec<_> = said.lines().filter(|line| line.contains("tta::telemetry")).map(str::trim).collect();
    expect![[r#"
        WARN tta::telemetry: no new prices; those in force stay unchanged url="http://<address>/…" reason="the server answered 500 Internal Server Error"
        WARN tta::telemetry: no new prices; those in force stay unchanged url="http://<address>/…" reason="the server answered 302 Found; write the address that it leads to"
        WARN tta::telemetry: no new prices; those in force stay unchanged url="http://<address>/…" reason="the price file `http://<address>/…` is malformed: expected value at line 1 column 1"
        WARN tta::telemetry: no new prices; those in force stay unchanged url="http://<address>/…" reason="the price file `http://<address>/…` has an invalid entry: `our-model` has `input_cost_per_token`, which is `2.5`; write US dollars per token, from `0` to `0.01`, such as `2.5e-6` for $2.50 per million"
        WARN tta::telemetry: no new prices; those in force stay unchanged url="http://<address>/…" reason="the price file `http://<address>/…` has 1 models, less than half of the 3 before"
        INFO tta::telemetry: prices are read again url="http://<address>/…""#]].assert_eq(&own.join("\n"));
}
