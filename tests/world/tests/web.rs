//! `/metrics` on the router of an axum program.

use axum::Router;
use reqwest::{Client, Method, Response};
use tokio::net::TcpListener;
use tta_runtime::{metrics_service, primitive};

#[primitive(type = "tool")]
fn work() {}

async fn serve() -> String {
    let router = Router::new()
        .route_service("/metrics", metrics_service())
        .route_service("/guarded", metrics_service().bearer_token("s3cret"))
        .route_service("/closed", metrics_service().bearer_token(" "));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn send(method: Method, url: String, headers: &[(&str, &str)]) -> Response {
    // The client must not decode what it receives.
    let client = Client::builder().no_gzip().build().expect("a client");
    let request = client.request(method, url);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("it is answered")
}

#[tokio::test]
async fn a_router_serves_the_metrics_in_the_format_that_the_client_prefers() {
    work();
    let url = serve().await;
    let text = send(Method::GET, format!("{url}/metrics"), &[]).await;
    assert_eq!(text.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = text.text().await.expect("it is text");
    let counted = r#"tta_primitive_executions_total{primitive_type="tool",primitive_name="work",action="call",status="success"} 1"#;
    assert!(text.lines().any(|line| line == counted), "{text}");
    let wanted = [("accept", "application/openmetrics-text; version=1.0.0"), ("accept-encoding", "gzip")];
    let rich = send(Method::GET, format!("{url}/metrics"), &wanted).await;
    let described =
        ["content-type", "content-encoding"].map(|name| rich.headers()[name].to_str().expect("it is text").to_owned());
    assert_eq!(described, ["application/openmetrics-text; version=1.0.0; charset=utf-8", "gzip"]);
    let head = send(Method::HEAD, format!("{url}/metrics"), &[]).await;
    assert_eq!((head.status().as_u16(), head.text().await.expect("it is empty").len()), (200, 0));
    assert_eq!(send(Method::POST, format!("{url}/metrics"), &[]).await.status(), 405);
}

#[tokio::test]
async fn a_token_guards_the_metrics_of_a_router() {
    let url = serve().await;
    let ask = async |path: &str, token: &str| {
        send(Method::GET, format!("{url}{path}"), &[("authorization", token)]).await.status().as_u16()
    };
    assert_eq!(ask("/guarded", "Bearer s3cret").await, 200);
    assert_eq!(ask("/guarded", "Bearer s3cre").await, 401);
    assert_eq!(ask("/guarded", "").await, 401);
    assert_eq!(ask("/closed", "Bearer ").await, 401);
}
