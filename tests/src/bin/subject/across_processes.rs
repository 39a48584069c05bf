//! Two processes: one calls the other over HTTP, and both record spans of one trace.

use std::convert::Infallible;

use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tta_runtime::{WorkflowContext, primitive, propagation};

/// Answers one request, in the trace of its headers.
pub(super) fn serve() {
    let telemetry = super::start();
    super::block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        println!("{}", listener.local_addr().expect("it is bound"));
        let (stream, _) = listener.accept().await.expect("a client comes");
        // Not an async closure: the compiler's incremental mode fails when the awaited future changes its kind.
        let service = service_fn(|request: Request<Incoming>| async move {
            let context = propagation::extract(request.headers());
            Ok::<_, Infallible>(context.scope(handle(request)).await)
        });
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    });
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn handle(request: Request<Incoming>) -> Response<Empty<Bytes>> {
    tokio::task::yield_now().await;
    let context = WorkflowContext::current();
    let tenant = context.baggage().get("tenant").cloned().unwrap_or_default();
    Response::builder()
        .header("tenant", tenant)
        .header("path", request.uri().path())
        .body(Empty::new())
        .expect("it is valid")
}

/// Sends one request to the address in the second argument.
pub(super) fn ask() {
    let telemetry = super::start();
    let address = std::env::args().nth(2).expect("an address is given");
    let context = WorkflowContext::new().with_baggage("tenant", "blue");
    let answer = super::block_on(context.scope(request(&address)));
    println!("{} {}", answer["tenant"].to_str().expect("it is text"), answer["path"].to_str().expect("it is text"));
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "tool")]
async fn request(address: &str) -> HeaderMap {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    let mut request =
        Request::get("/question").header("host", address).body(Empty::<Bytes>::new()).expect("it is valid");
    propagation::inject(request.headers_mut());
    let asked = async {
        let response = sender.send_request(request).await.expect("it answers");
        drop(sender);
        response.headers().clone()
    };
    let (headers, _) = tokio::join!(asked, connection);
    headers
}
