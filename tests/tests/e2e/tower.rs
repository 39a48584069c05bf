//! HTTP services as primitives: one trace from a client to a server, over a real connection.

use expect_test::expect;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service, ServiceExt, service_fn};
use tta_runtime::testing::Recording;
use tta_runtime::{WorkflowContext, primitive};

#[primitive(type = "tool", action = "call")]
async fn look_up(path: &str) -> Result<(), String> {
    if path == "/down" { Err("down".to_owned()) } else { Ok(()) }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, hyper::Error> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = match (look_up(request.uri().path()).await, request.uri().path()) {
        (Err(_), _) => StatusCode::SERVICE_UNAVAILABLE,
        (Ok(()), "/missing") => StatusCode::NOT_FOUND,
        (Ok(()), _) => StatusCode::OK,
    };
    Ok(response)
}

/// Sends one request over a separate connection.
async fn send(port: u16, request: Request<Empty<Bytes>>) -> Result<Response<Incoming>, hyper::Error> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    sender.send_request(request).await
}

#[tokio::test]
async fn a_trace_goes_on_from_client_to_server() {
    #[primitive(type = "workflow")]
    async fn ask(port: u16, paths: &[&str]) -> Vec<u16> {
        let mut client = tta_runtime::tower::client("api").layer(service_fn(move |request| send(port, request)));
        let mut statuses = Vec::new();
        for path in paths {
            let request = Request::get(*path).header("host", "localhost").body(Empty::new()).expect("a request");
            let response = client.ready().await.expect("it is ready").call(request).await.expect("an answer");
            statuses.push(response.status().as_u16());
        }
        statuses
    }

    let recording = Recording::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let context = recording.run(WorkflowContext::current);
    let accepting = context.spawn(async move {
        let service = tta_runtime::tower::server("questions").layer(service_fn(answer));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service.clone()));
            WorkflowContext::current().spawn(connection);
        }
    });
    let statuses = recording.scope(ask(port, &["/", "/down", "/missing"])).await;
    accepting.abort();
    assert_eq!(statuses, [200, 503, 404]);
    expect![[r#"
        ask (primitive.workflow.execute)  0 ns  success
        ├─ api (primitive.service.request)  0 ns  success
        │  └─ questions (primitive.service.serve)  0 ns  success
        │     └─ look_up (primitive.tool.call)  0 ns  success
        ├─ api (primitive.service.request)  0 ns  failure  503
        │  └─ questions (primitive.service.serve)  0 ns  failure  503
        │     └─ look_up (primitive.tool.call)  0 ns  failure  String
        └─ api (primitive.service.request)  0 ns  failure  404
           └─ questions (primitive.service.serve)  0 ns  success
              └─ look_up (primitive.tool.call)  0 ns  success
    "#]]
    .assert_eq(&recording.tree());
    let metrics = recording.metrics("tta_primitive_executions_total{primitive_type=\"service\"");
    let counted: String = metrics.split_inclusive('\n').filter(|line| !line.ends_with(" 0\n")).collect();
    expect![[r#"
        tta_primitive_executions_total{primitive_type="service",primitive_name="api",action="request",status="success"} 1
        tta_primitive_executions_total{primitive_type="service",primitive_name="api",action="request",status="failure"} 2
        tta_primitive_executions_total{primitive_type="service",primitive_name="questions",action="serve",status="success"} 2
        tta_primitive_executions_total{primitive_type="service",primitive_name="questions",action="serve",status="failure"} 1
    "#]].assert_eq(&counted);
    expect![[r#"
        tta_primitive_errors_total{primitive_type="service",primitive_name="api",error_type="404"} 1
        tta_primitive_errors_total{primitive_type="service",primitive_name="api",error_type="503"} 1
        tta_primitive_errors_total{primitive_type="service",primitive_name="questions",error_type="503"} 1
    "#]]
    .assert_eq(&recording.metrics("tta_primitive_errors_total{primitive_type=\"service\""));
    expect![[r#"
        tta_connections_total{source="ask",target="api",connection_type="call"} 3
        tta_connections_total{source="questions",target="look_up",connection_type="call"} 3
    "#]]
    .assert_eq(&recording.metrics("tta_connections_total"));
}

#[tokio::test]
async fn a_service_without_a_trace_around_it_begins_one() {
    let recording = Recording::new();
    let received =
        service_fn(async |request: Request<()>| Ok::<_, std::io::Error>(Response::new(request.headers().clone())));
    let mut client = tta_runtime::tower::client("alone").layer(received);
    let response =
        recording.scope(async { client.ready().await.expect("it is ready").call(Request::new(())).await }).await;
    let headers: HeaderMap = response.expect("an answer").into_body();
    let spans = recording.spans();
    let [span] = spans.as_slice() else { panic!("one span, not {spans:?}") };
    let expected = format!("00-{}-{}-01", span.span_context.trace_id(), span.span_context.span_id());
    assert_eq!(headers["traceparent"], expected);
}

#[tokio::test]
async fn a_request_that_is_dropped_is_cancelled() {
    let recording = Recording::new();
    let never = service_fn(async |_: Request<()>| std::future::pending::<Result<Response<()>, std::io::Error>>().await);
    let mut server = tta_runtime::tower::server("never").layer(never);
    let mut call = recording.run(|| Box::pin(server.call(Request::new(()))));
    assert!(futures_util::poll!(&mut call).is_pending());
    drop(call);
    let stats = recording.stats();
    let ended: Vec<_> =
        stats.primitives[0].ended.iter().filter(|(_, n)| **n > 0).map(|(outcome, _)| outcome.as_str()).collect();
    assert_eq!(ended, ["cancelled"]);
}
