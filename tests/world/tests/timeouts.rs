//! The timeouts of other crates: outcomes of functions that return their errors as they are, wrapped, and inside blocks.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::CreateChatCompletionRequestArgs;
use bytes::{Buf, BufMut, Bytes};
use expect_test::{Expect, expect};
use futures_util::StreamExt;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tower::{BoxError, ServiceExt};
use tta_runtime::block::BlockError;
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

const LIMIT: Duration = Duration::from_millis(50);

/// An error of a program around those of its clients.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the request failed")]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Grpc(#[from] tonic::Status),
    #[error(transparent)]
    Model(#[from] OpenAIError),
    #[error("the database failed")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

#[primitive(type = "tool")]
async fn plain<T, E: Error>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    work.await
}

#[primitive(type = "tool")]
async fn boxed<T>(work: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    work.await
}

#[primitive(type = "tool")]
async fn wrapped<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    work.await
}

#[primitive(type = "tool")]
async fn in_block<T>(work: impl Future<Output = Result<T, BoxError>>) -> Result<T, BlockError<BoxError>> {
    Ok(work.await?)
}

/// Checks the outcomes of the calls by function.
async fn check(run: impl AsyncFnOnce(), expected: &Expect) {
    let recording = Recording::new();
    recording.scope(run()).await;
    let mut ended = String::new();
    for line in recording.metrics("tta_primitive_executions_total").lines().filter(|line| !line.ends_with(" 0")) {
        let label = |name: &str| line.split_once(&format!("{name}=\""))?.1.split('"').next();
        if let (Some(name), Some(status), Some((_, calls))) =
            (label("primitive_name"), label("status"), line.rsplit_once(' '))
        {
            writeln!(ended, "{name} {status} {calls}").expect("a string grows");
        }
    }
    expected.assert_eq(&ended);
}

/// A server that takes connections and never answers.
async fn silent() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            taken.push(connection);
        }
    });
    address
}

/// A server that answers every request with the head of a response, and never ends the body.
async fn unending() -> SocketAddr {
    let body = || async {
        let parts =
            futures_util::stream::once(async { Ok::<_, io::Error>("start") }).chain(futures_util::stream::pending());
        axum::body::Body::from_stream(parts)
    };
    serve(axum::Router::new().fallback(body)).await
}

async fn serve(router: axum::Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().timeout(LIMIT).build().expect("a client")
}

#[tokio::test]
async fn a_timeout_of_reqwest_is_a_timeout() {
    let (silent, unending) = (format!("http://{}", silent().await), format!("http://{}", unending().await));
    let refused = format!("http://{}", closed().await);
    let get = |url: &str| client().get(url).send();
    let read = async |url: &str| get(url).await?.text().await;
    check(
        async || {
            plain(get(&silent)).await.expect_err("it times out");
            plain(read(&unending)).await.expect_err("it times out");
            plain(get(&refused)).await.expect_err("it is refused");
            wrapped(async { Ok(get(&silent).await?) }).await.expect_err("it times out");
            wrapped(async { Ok(read(&unending).await?) }).await.expect_err("it times out");
            wrapped(async { Ok(get(&refused).await?) }).await.expect_err("it is refused");
            boxed(async { Ok(get(&silent).await?) }).await.expect_err("it times out");
            boxed(async { get(&silent).await.map_err(|error| io::Error::other(error).into()) })
                .await
                .expect_err("it times out");
            boxed(async { Ok(get(&refused).await?) }).await.expect_err("it is refused");
            in_block(async { Ok(get(&silent).await?) }).await.expect_err("it times out");
            in_block(async { Ok(get(&refused).await?) }).await.expect_err("it is refused");
        },
        &expect![[r#"
            plain failure 1
            plain timeout 2
            boxed failure 1
            boxed timeout 2
            wrapped failure 1
            wrapped timeout 2
            in_block failure 1
            in_block timeout 1
        "#]],
    )
    .await;
}

/// Returns an address at which nobody listens.
async fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.and_then(|listener| listener.local_addr()).expect("a free port")
}

#[tokio::test]
async fn a_timeout_of_async_openai_is_a_timeout() {
    let ask = async |address: SocketAddr| {
        let config = OpenAIConfig::new().with_api_base(format!("http://{address}")).with_api_key("key");
        let model = async_openai::Client::with_config(config).with_http_client(client());
        let request = CreateChatCompletionRequestArgs::default().model("gpt-4o-mini").messages([]).build()?;
        model.chat().create(request).await
    };
    let silent = silent().await;
    check(
        async || {
            plain(ask(silent)).await.expect_err("it times out");
            wrapped(async { Ok(ask(silent).await?) }).await.expect_err("it times out");
            boxed(async { Ok(ask(silent).await?) }).await.expect_err("it times out");
            in_block(async { Ok(ask(silent).await?) }).await.expect_err("it times out");
        },
        &expect![[r#"
            plain timeout 1
            boxed timeout 1
            wrapped timeout 1
            in_block timeout 1
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_timeout_of_hyper_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    // The client sends no head of a request.
    let _client = TcpStream::connect(address).await.expect("it listens");
    let (server, _) = listener.accept().await.expect("a client");
    let service = hyper::service::service_fn(async |_| Ok::<_, io::Error>(http::Response::new(String::new())));
    let mut http = hyper::server::conn::http1::Builder::new();
    let http = http.timer(TokioTimer::new()).header_read_timeout(LIMIT).serve_connection(TokioIo::new(server), service);
    check(
        async || plain(http).await.expect_err("it times out").to_string().clear(),
        &expect![[r#"
        plain timeout 1
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_timeout_of_tower_is_a_timeout() {
    let call = async || {
        let pending = tower::service_fn(|(): ()| std::future::pending::<Result<(), BoxError>>());
        tower::timeout::Timeout::new(pending, LIMIT).oneshot(()).await
    };
    check(
        async || {
            boxed(call()).await.expect_err("it times out");
            boxed(async { call().await.map_err(|error| Failure::Database(error).into()) })
                .await
                .expect_err("it times out");
            wrapped(async { call().await.map_err(Failure::Database) }).await.expect_err("it times out");
            in_block(call()).await.expect_err("it times out");
            boxed(async { Err::<(), _>("no".into()) }).await.expect_err("it fails");
        },
        &expect![[r#"
            boxed failure 1
            boxed timeout 2
            wrapped timeout 1
            in_block timeout 1
        "#]],
    )
    .await;
}

/// Messages of gRPC as they are.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = tonic::Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), tonic::Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = tonic::Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, tonic::Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

async fn unary(channel: Channel) -> Result<Bytes, tonic::Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.map_err(|error| tonic::Status::from_error(error.into()))?;
    let path = http::uri::PathAndQuery::from_static("/service/Method");
    Ok(client.unary(tonic::Request::new(Bytes::new()), path, Raw).await?.into_inner())
}

/// A server that answers with this status of gRPC.
async fn answering(code: tonic::Code) -> Channel {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let router = axum::Router::new()
        .fallback(move || async move { tonic::Status::new(code, "it says so").into_http::<axum::body::Body>() });
    let connections = futures_util::stream::unfold(listener, async |listener| {
        Some((listener.accept().await.map(|(connection, _)| connection), listener))
    });
    let server = tonic::transport::Server::builder().add_routes(router.into()).serve_with_incoming(connections);
    tokio::spawn(server);
    Endpoint::from_shared(format!("http://{address}")).expect("an address").connect_lazy()
}

#[tokio::test]
async fn a_deadline_of_tonic_is_a_timeout() {
    let silent = Endpoint::from_shared(format!("http://{}", silent().await)).expect("an address");
    let impatient = silent.timeout(LIMIT).connect_lazy();
    let (late, missing) = (answering(tonic::Code::DeadlineExceeded).await, answering(tonic::Code::NotFound).await);
    check(
        async || {
            for channel in [&late, &impatient, &missing] {
                plain(unary(channel.clone())).await.expect_err("it fails");
            }
            for channel in [&late, &impatient, &missing] {
                wrapped(async { Ok(unary(channel.clone()).await?) }).await.expect_err("it fails");
                boxed(async { Ok(unary(channel.clone()).await?) }).await.expect_err("it fails");
                in_block(async { Ok(unary(channel.clone()).await?) }).await.expect_err("it fails");
            }
        },
        &expect![[r#"
            plain failure 1
            plain timeout 2
            boxed failure 1
            boxed timeout 2
            wrapped failure 1
            wrapped timeout 2
            in_block failure 1
            in_block timeout 2
        "#]],
    )
    .await;
}

/// A server that stops answering, and is killed at the end.
struct Redis(Child, u16);

impl Redis {
    async fn start() -> Self {
        let port = closed().await.port();
        let quiet = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];
        let server =
            Command::new("redis-server").args(["--port", &port.to_string()]).args(quiet).stdout(Stdio::null()).spawn();
        let server = Self(server.expect("redis-server is installed"), port);
        let start = std::time::Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "redis-server does not start");
            tokio::task::yield_now().await;
        }
        server
    }

    fn stop(&self) {
        let stopped = Command::new("kill").args(["-STOP", &self.0.id().to_string()]).status();
        assert!(stopped.is_ok_and(|status| status.success()), "the server stops");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_timeout_of_redis_is_a_timeout() {
    let server = Redis::start().await;
    let client = redis::Client::open(("127.0.0.1", server.1)).expect("an address");
    let settings = redis::AsyncConnectionConfig::new().set_response_timeout(Some(LIMIT));
    let connection = client.get_multiplexed_async_connection_with_config(&settings).await.expect("it answers");
    let mut blocking = client.get_connection().expect("it answers");
    blocking.set_read_timeout(Some(LIMIT)).expect("it is set");
    server.stop();
    let ask = async || redis::cmd("PING").query_async::<String>(&mut connection.clone()).await;
    check(
        async || {
            plain(ask()).await.expect_err("it times out");
            wrapped(async { ask().await.map_err(|error| Failure::Database(error.into())) })
                .await
                .expect_err("it times out");
            boxed(async { Ok(ask().await?) }).await.expect_err("it times out");
            in_block(async { Ok(ask().await?) }).await.expect_err("it times out");
            boxed(async { Ok(redis::cmd("PING").query::<String>(&mut blocking)?) }).await.expect_err("it times out");
            let nobody = redis::Client::open(("127.0.0.1", closed().await.port())).expect("an address");
            plain(nobody.get_multiplexed_async_connection()).await.map(drop).expect_err("nobody listens");
        },
        &expect![[r#"
            plain failure 1
            plain timeout 1
            boxed timeout 2
            wrapped timeout 1
            in_block timeout 1
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_timeout_of_a_pool_of_sqlx_is_a_timeout() {
    let pool = sqlx::sqlite::SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(LIMIT)
        .connect("sqlite::memory:")
        .await
        .expect("it opens");
    let _only = pool.acquire().await.expect("it is free");
    check(
        async || {
            plain(pool.acquire()).await.map(drop).expect_err("it times out");
            wrapped(async { pool.acquire().await.map(drop).map_err(|error| Failure::Database(error.into())) })
                .await
                .expect_err("it times out");
            boxed(async { pool.acquire().await.map(drop).map_err(Into::into) }).await.expect_err("it times out");
            plain(sqlx::sqlite::SqlitePool::connect("sqlite:///nowhere/at/all"))
                .await
                .map(drop)
                .expect_err("there is no file");
        },
        &expect![[r#"
            plain failure 1
            plain timeout 1
            boxed timeout 1
            wrapped timeout 1
        "#]],
    )
    .await;
}
