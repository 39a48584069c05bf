//! The same work, observed by this library and by its peers: a workflow that calls a tool twenty times.

use std::borrow::Cow;
use std::hint::black_box;

use fastrace::future::FutureExt as _;
use fastrace::prelude::{Span, SpanContext, SpanRecord};
use futures_executor::block_on;
use opentelemetry::trace::{FutureExt as _, SpanKind, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;
use tta_runtime::primitive;

/// The calls of a workflow.
const CALLS: u64 = 20;

/// The spans of a workflow: one for each call, and its own.
pub(super) const SPANS: u64 = CALLS + 1;

/// The inputs of a call, of which eleven attributes are made.
pub(super) struct Order<'a> {
    customer: &'a str,
    region: &'a str,
    items: u64,
    price: f64,
    is_gift: bool,
}

/// Returns the inputs of the call with this number.
fn order(n: u64) -> Order<'static> {
    Order { customer: "customer-7421", region: "eu-west", items: n, price: 19.5, is_gift: n.is_multiple_of(2) }
}

/// Defines how one library observes the work: a module with the functions `plain` and `attributed`, which run a workflow.
macro_rules! subject {
    ($name:ident, $workflow:item, $plain:item, $attributed:item) => {
        pub(super) mod $name {
            use super::*;

            $plain
            $attributed
            $workflow

            pub(in super::super) fn plain(n: u64) {
                let work = async |n| {
                    for call in 0..CALLS {
                        drop(black_box(tool(n + call).await));
                    }
                };
                block_on(workflow(n, work));
            }

            pub(in super::super) fn attributed(n: u64) {
                let work = async |n| {
                    for call in 0..CALLS {
                        drop(black_box(ordering(order(n + call)).await));
                    }
                };
                block_on(workflow(n, work));
            }
        }
    };
}

subject!(
    bare,
    #[inline(never)]
    async fn workflow(n: u64, work: impl AsyncFnOnce(u64)) {
        work(n).await;
    },
    #[inline(never)]
    #[expect(clippy::unused_async, reason = "what the others are measured against")]
    async fn tool(n: u64) -> Result<u64, String> {
        Ok(black_box(n) + 1)
    },
    #[inline(never)]
    #[expect(clippy::unused_async, reason = "what the others are measured against")]
    async fn ordering(order: Order<'_>) -> Result<u64, String> {
        Ok(black_box(&order).items + 1)
    }
);

subject!(
    ours,
    #[inline(never)]
    #[primitive(type = "workflow", action = "execute")]
    async fn workflow(n: u64, work: impl AsyncFnOnce(u64)) {
        work(n).await;
    },
    #[inline(never)]
    #[primitive(type = "tool", action = "call")]
    async fn tool(n: u64) -> Result<u64, String> {
        Ok(black_box(n) + 1)
    },
    #[inline(never)]
    #[primitive(type = "tool", action = "call", attributes(
        "customer.id" = order.customer, "customer.region" = order.region, "order.channel" = "web",
        "order.currency" = "EUR", "order.items" = order.items, "order.weight" = order.items, "order.attempt" = 1,
        "order.price" = order.price, "order.discount" = 0.5, "order.is_gift" = order.is_gift, "order.is_new" = true,
    ))]
    async fn ordering(order: Order<'_>) -> Result<u64, String> {
        Ok(black_box(&order).items + 1)
    }
);

subject!(
    stack,
    #[inline(never)]
    #[tracing::instrument(skip_all)]
    #[autometrics::autometrics(track_concurrency)]
    async fn workflow(n: u64, work: impl AsyncFnOnce(u64)) {
        work(n).await;
    },
    #[inline(never)]
    #[tracing::instrument(skip_all)]
    #[autometrics::autometrics(track_concurrency)]
    async fn tool(n: u64) -> Result<u64, String> {
        Ok(black_box(n) + 1)
    },
    #[inline(never)]
    #[tracing::instrument(skip_all, fields(
        customer.id = order.customer, customer.region = order.region, order.channel = "web", order.currency = "EUR",
        order.items = order.items, order.weight = order.items, order.attempt = 1, order.price = order.price,
        order.discount = 0.5, order.is_gift = order.is_gift, order.is_new = true,
    ))]
    #[autometrics::autometrics(track_concurrency)]
    async fn ordering(order: Order<'_>) -> Result<u64, String> {
        Ok(black_box(&order).items + 1)
    }
);

subject!(
    fastraced,
    #[inline(never)]
    async fn workflow(n: u64, work: impl AsyncFnOnce(u64)) {
        let root = Span::root("workflow", SpanContext::random());
        work(n).in_span(root).await;
    },
    #[inline(never)]
    #[fastrace::trace]
    async fn tool(n: u64) -> Result<u64, String> {
        Ok(black_box(n) + 1)
    },
    #[inline(never)]
    async fn ordering(order: Order<'_>) -> Result<u64, String> {
        let span = Span::enter_with_local_parent("ordering");
        let span = span.with_properties(|| {
            let known: [(&'static str, Cow<'static, str>); 11] = [
                ("customer.id", order.customer.to_owned().into()),
                ("customer.region", order.region.to_owned().into()),
                ("order.channel", "web".into()),
                ("order.currency", "EUR".into()),
                ("order.items", order.items.to_string().into()),
                ("order.weight", order.items.to_string().into()),
                ("order.attempt", "1".into()),
                ("order.price", order.price.to_string().into()),
                ("order.discount", "0.5".into()),
                ("order.is_gift", if order.is_gift { "true" } else { "false" }.into()),
                ("order.is_new", "true".into()),
            ];
            known
        });
        async { Ok(black_box(&order).items + 1) }.in_span(span).await
    }
);

/// The attributes that this library records by itself, set by hand.
fn by_hand(name: &'static str, line: i64, parent: &Context) -> Vec<KeyValue> {
    let cause = parent.span().span_context().span_id();
    vec![
        KeyValue::new("primitive.name", name),
        KeyValue::new("primitive.type", "tool"),
        KeyValue::new("primitive.action", "call"),
        KeyValue::new("code.function.name", "performance::span_subjects::tool"),
        KeyValue::new("code.file.path", file!()),
        KeyValue::new("code.line.number", line),
        KeyValue::new("primitive.parent", "workflow"),
        KeyValue::new("gen_ai.operation.name", "execute_tool"),
        KeyValue::new("gen_ai.tool.name", name),
        KeyValue::new("workflow.id", "0198b2c4-5f0e-7000-8000-0123456789ab".to_owned()),
        KeyValue::new("workflow.name", "workflow"),
        KeyValue::new("causation.id", cause.to_string()),
    ]
}

fn tracer() -> &'static SdkTracer {
    static TRACER: std::sync::OnceLock<SdkTracer> = std::sync::OnceLock::new();
    TRACER.get_or_init(|| PROVIDER.get().expect("it is started").tracer("by hand"))
}

/// Runs a body in a span of the SDK with attributes.
async fn in_span<T>(
    name: &'static str,
    own: impl IntoIterator<Item = KeyValue>,
    body: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    let parent = Context::current();
    let start = std::time::Instant::now();
    let mut attributes = by_hand(name, line!().into(), &parent);
    attributes.extend(own);
    let builder = tracer().span_builder(name).with_kind(SpanKind::Internal).with_attributes(attributes);
    let context = parent.with_span(builder.start_with_context(tracer(), &parent));
    let output = body.with_context(context.clone()).await;
    let span = context.span();
    span.set_attribute(KeyValue::new("execution.duration_ms", start.elapsed().as_secs_f64() * 1e3));
    span.set_attribute(KeyValue::new("execution.status", if output.is_ok() { "success" } else { "failure" }));
    span.end();
    output
}

subject!(
    sdk,
    #[inline(never)]
    async fn workflow(n: u64, work: impl AsyncFnOnce(u64)) {
        let _ = in_span("workflow", [], async {
            work(n).await;
            Ok(())
        })
        .await;
    },
    #[inline(never)]
    async fn tool(n: u64) -> Result<u64, String> {
        in_span("tool", [], async { Ok(black_box(n) + 1) }).await
    },
    #[inline(never)]
    async fn ordering(order: Order<'_>) -> Result<u64, String> {
        let own = [
            KeyValue::new("customer.id", order.customer.to_owned()),
            KeyValue::new("customer.region", order.region.to_owned()),
            KeyValue::new("order.channel", "web"),
            KeyValue::new("order.currency", "EUR"),
            KeyValue::new("order.items", order.items as i64),
            KeyValue::new("order.weight", order.items as i64),
            KeyValue::new("order.attempt", 1),
            KeyValue::new("order.price", order.price),
            KeyValue::new("order.discount", 0.5),
            KeyValue::new("order.is_gift", order.is_gift),
            KeyValue::new("order.is_new", true),
        ];
        in_span("ordering", own, async { Ok(black_box(&order).items + 1) }).await
    }
);

static PROVIDER: std::sync::OnceLock<SdkTracerProvider> = std::sync::OnceLock::new();

/// Starts the SDK of OpenTelemetry with its batch processor and its exporter over OTLP, as the environment configures them.
pub(super) fn start_sdk(sampler: Sampler) {
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build().expect("it is configured");
    let provider = SdkTracerProvider::builder().with_sampler(sampler).with_batch_exporter(exporter).build();
    assert!(PROVIDER.set(provider).is_ok(), "it is started once");
}

/// Starts the SDK, and `tracing` with the layer that makes its spans.
pub(super) fn start_stack(sampler: Sampler) {
    start_sdk(sampler);
    let layer = tracing_opentelemetry::layer().with_tracer(tracer().clone());
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).expect("it is the first");
}

pub(super) fn flush_sdk() {
    PROVIDER.get().expect("it is started").force_flush().expect("the collector is there");
}

/// Starts `fastrace`; its spans end at the reporter.
pub(super) fn start_fastrace() {
    struct Nowhere;
    impl fastrace::collector::Reporter for Nowhere {
        fn report(&mut self, spans: Vec<SpanRecord>) {
            drop(black_box(spans));
        }
    }
    fastrace::set_reporter(Nowhere, fastrace::collector::Config::default());
}
