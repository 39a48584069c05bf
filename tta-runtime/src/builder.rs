//! Starting: what is configured, in code and by the environment, and what is opened for it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::Value;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{ShouldSample, SpanExporter};

use crate::clock::{self, nanoseconds};
use crate::configuration;
use crate::configuration::InitError;
use crate::host_log::guarded;
use crate::model::DECODING;
use crate::recorder::{GLOBAL, Redaction};
use crate::schema::Id;
use crate::site::{self, Role};
use crate::snapshot::view::View;
use crate::span::{Console, ExporterSink, RootSampler, Sink, Worker};
use crate::telemetry::{Running, Telemetry};
use crate::{export, model};

/// Starts with what the environment says; see [`builder`].
///
/// # Errors
///
/// As [`Builder::init`].
pub fn init() -> Result<Telemetry, InitError> {
    builder().init()
}

/// Returns a [`Builder`] to configure in code what is to be started.
#[must_use]
pub fn builder() -> Builder {
    Builder::default()
}

/// What is to be started.
///
/// What is not set here comes from the environment:
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | who sends the traces | `unknown_service` |
/// | `OTEL_SDK_DISABLED` | `true`: calls run, nothing is recorded | `false` |
/// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | which traces are recorded | `parentbased_always_on` |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` and its kin | where traces and metrics go (feature `otlp`) | nowhere |
/// | `TTA_METRICS_ADDR` | where `/metrics` is served (feature `exporter`) | `127.0.0.1:9464` |
/// | `TTA_PUSHGATEWAY_URL` | where metrics are pushed when the program stops (feature `push`) | nowhere |
/// | `TTA_PRICES_FILE` | prices that go before the bundled ones, in LiteLLM's format | none |
/// | `TTA_METRICS_VIEW` | under which names `/metrics` shows the numbers: `tta`, `otel`, … ([`View`]) | `tta` |
/// | `TTA_OTLP_METRICS_VIEW` | under which names they go to a collector | `otel` |
/// | `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` | whether prompts, answers and tools' arguments are recorded on spans ([`llm::content`](crate::llm::content)) | `no_content` |
/// | `TTA_CONSOLE_TRACES` | `1`: each finished trace is printed to standard error | off |
#[derive(Default)]
pub struct Builder {
    service_name: Option<String>,
    metrics_addr: Option<SocketAddr>,
    sinks: Vec<Box<dyn Sink>>,
    sampler: Option<RootSampler>,
    registries: Vec<prometheus::Registry>,
    label_sets: Option<usize>,
    redaction: Option<Redaction>,
    metrics_views: Option<Vec<View>>,
    otlp_views: Option<Vec<View>>,
    allowed_hosts: Vec<String>,
    bearer_token: Option<String>,
    #[cfg(feature = "push")]
    pushgateway: Option<String>,
    prices_file: Option<PathBuf>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("service_name", &self.service_name)
            .field("metrics_addr", &self.metrics_addr)
            .field("sinks", &self.sinks)
            .field("sampler", &self.sampler)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets the name under which traces are sent.
    #[must_use]
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.service_name = Some(name.into());
        self
    }

    /// Sets where `/metrics` is served, with the feature `exporter`; port 0 takes a free one.
    ///
    /// An address that is not loopback makes the metrics readable by whoever can reach it.
    #[must_use]
    pub fn metrics_addr(mut self, address: SocketAddr) -> Self {
        self.metrics_addr = Some(address);
        self
    }

    /// Allows requests for `/metrics` that name this host, besides loopback names and the bound address.
    #[must_use]
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// Serves `/metrics` only to requests that bring this bearer token.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.bearer_token = Some(token.into());
        self
    }

    /// Pushes the metrics to the Pushgateway at this address when the program stops: for jobs that end before anybody
    /// has scraped them.
    ///
    /// They take the place of what the group of this `job` (the service's name, or else `tta-primitives`) and `instance`
    /// (the resource's `service.instance.id`, or else the host's name) had there. The group stays until it is replaced
    /// or deleted at the Pushgateway.
    #[cfg(feature = "push")]
    #[must_use]
    pub fn pushgateway(mut self, url: impl Into<String>) -> Self {
        self.pushgateway = Some(url.into());
        self
    }

    /// Adds an exporter of spans; each gets all sampled spans.
    ///
    /// It is called on a thread of its own, outside of any async runtime.
    #[must_use]
    pub fn span_exporter(mut self, exporter: impl SpanExporter + 'static) -> Self {
        self.sinks.push(Box::new(ExporterSink(exporter)));
        self
    }

    /// Sets which traces are recorded.
    ///
    /// The sampler is asked at a trace's first span in this process, also where the parent is remote; the spans below
    /// follow it, so that a trace is recorded whole or not at all. It is told what is known of that span when it starts:
    /// its labels, its `attributes(…)` (such as `server.address`), and the operation, provider and model under their
    /// `gen_ai.*` names.
    #[must_use]
    pub fn sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.sampler = Some(RootSampler::Own(Box::new(sampler)));
        self
    }

    /// Registers the metrics in a registry of the program's too, for programs that serve one already.
    ///
    /// A metric whose name is taken there is left out, with one warning and a count in `tta_telemetry_detached_total`.
    #[must_use]
    pub fn registry(mut self, registry: prometheus::Registry) -> Self {
        self.registries.push(registry);
        self
    }

    /// Sets how many label sets each metric may hold, 1,000 by default; metrics that were recorded before this start
    /// keep the limit that they had.
    #[must_use]
    pub fn label_sets(mut self, limit: usize) -> Self {
        self.label_sets = Some(limit);
        self
    }

    /// Sets under which names `/metrics` and [`metrics_text`](crate::metrics_text) show the numbers, [`View::Tta`] by
    /// default; of several views one follows the other.
    ///
    /// Dotted names are written as OpenTelemetry's exporters translate them, `primitive.execution.duration` in
    /// milliseconds as `primitive_execution_duration_milliseconds`. Where two metrics have one name, the first stands.
    #[must_use]
    pub fn metrics_views(mut self, views: impl IntoIterator<Item = View>) -> Self {
        self.metrics_views = Some(views.into_iter().collect());
        self
    }

    /// Sets under which names the numbers go to a collector, [`View::Otel`] by default, with the feature `otlp`.
    #[must_use]
    pub fn otlp_metrics_views(mut self, views: impl IntoIterator<Item = View>) -> Self {
        self.otlp_views = Some(views.into_iter().collect());
        self
    }

    /// Changes texts before they are recorded on spans: the messages of errors, and the content of messages where that is
    /// recorded at all ([`llm::content`](crate::llm::content)).
    #[must_use]
    pub fn redact(mut self, redaction: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.redaction = Some(Box::new(redaction));
        self
    }

    /// Reads prices from a file in the format of LiteLLM's `model_prices_and_context_window.json`; its models go before
    /// the bundled ones. [`Telemetry::reload_prices`] reads it again.
    #[must_use]
    pub fn prices_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.prices_file = Some(path.into());
        self
    }

    /// Starts.
    ///
    /// A process starts once: a second start changes nothing, logs a warning and is counted; its handle is detached.
    ///
    /// # Errors
    ///
    /// A variable of the environment that cannot be used, a price file that cannot be used, an address that
    /// cannot be bound, an exporter that cannot be
    /// made, a thread that the operating system refuses. Nothing is left open then, and a later start is a first one.
    pub fn init(self) -> Result<Telemetry, InitError> {
        let read = &configuration::process;
        if configuration::is_disabled(read) {
            GLOBAL.disable();
            return Ok(Telemetry::detached());
        }
        static STARTED: AtomicBool = AtomicBool::new(false);
        if STARTED.swap(true, Ordering::SeqCst) {
            GLOBAL.add(Id::TelemetryDetached, &["init"], 1);
            guarded(|| tracing::warn!(target: "tta::telemetry", "started already: this second start changes nothing"));
            return Ok(Telemetry::detached());
        }
        self.start(read).inspect_err(|_| STARTED.store(false, Ordering::SeqCst))
    }

    fn start(mut self, read: configuration::ReadVariable<'_>) -> Result<Telemetry, InitError> {
        let metrics_views = match self.metrics_views.take() {
            Some(views) => Some(views),
            None => configuration::metrics_views(read)?,
        };
        let capture = configuration::capture(read)?;
        let sampler = match self.sampler.take() {
            Some(sampler) => sampler,
            None => configuration::sampler(read)?,
        };
        let prices_file = self.prices_file.take().or_else(|| configuration::prices_file(read));
        let prices_file = prices_file.map(|path| model::read_file(&path)).transpose()?;
        // What can be refused comes before what cannot be taken back: spans are recorded from their first opening on.
        #[cfg(feature = "otlp")]
        let metrics = {
            let views = match self.otlp_views.take() {
                Some(views) => views,
                None => configuration::otlp_views(read)?.unwrap_or_else(|| vec![View::Otel]),
            };
            crate::export::otlp::prepare_metrics(resource(self.service_name.as_deref()), views, read)?
        };
        #[cfg(feature = "push")]
        let push = crate::export::push::PushTarget::prepare(
            self.pushgateway.as_deref(),
            &resource(self.service_name.as_deref()),
            read,
        )?;
        let sinks = self.sinks(read)?;
        #[cfg(feature = "exporter")]
        let server = self.serve(read)?;
        if let Some(file) = prices_file {
            model::install_file(file);
        }
        if let Some(capture) = capture {
            let _ = GLOBAL.content_capture.set(capture);
        }
        if let Some(views) = metrics_views {
            export::show(views);
        }
        if let Some(limit) = self.label_sets {
            GLOBAL.limit_label_sets(limit);
        }
        if let Some(redaction) = self.redaction {
            let _ = GLOBAL.redaction.set(redaction);
        }
        for name in self.registries.iter().flat_map(|registry| export::register(&GLOBAL, registry)) {
            GLOBAL.add(Id::TelemetryDetached, &[name], 1);
            guarded(
                || tracing::warn!(target: "tta::telemetry", name, "the program registered this name itself: left out there"),
            );
        }
        clock::calibrate();
        GLOBAL.declare(Id::TelemetryDetached, &["init"]);
        if site::all().into_iter().any(|site| site.constants.role == Role::Model) {
            DECODING.prepare();
        }
        #[cfg(feature = "otlp")]
        let metrics = metrics.map(crate::export::otlp::PreparedPush::start).transpose()?;
        let worker = if sinks.is_empty() {
            None
        } else {
            // Open first: the worker takes its place in the pipeline.
            GLOBAL.spans.open(sampler);
            for result in EXPORT_RESULTS {
                GLOBAL.declare(Id::TelemetryExports, &["traces", result]);
            }
            let worker = Worker::start(&GLOBAL.spans, &GLOBAL.clock, sinks, Box::new(count_export));
            Some(Arc::new(worker.inspect_err(|_| GLOBAL.spans.close()).map_err(InitError::Thread)?))
        };
        Ok(Telemetry::of(Running {
            worker,
            #[cfg(feature = "exporter")]
            server,
            #[cfg(feature = "otlp")]
            metrics,
            #[cfg(feature = "push")]
            push,
        }))
    }

    /// Returns the exporters that were given, and those that the environment asks for.
    #[cfg_attr(
        not(feature = "otlp"),
        expect(clippy::unnecessary_wraps, reason = "only OTLP's exporter can be refused")
    )]
    fn sinks(&mut self, read: configuration::ReadVariable<'_>) -> Result<Vec<Box<dyn Sink>>, InitError> {
        let mut sinks = std::mem::take(&mut self.sinks);
        if configuration::prints_traces(read) {
            sinks.push(Box::new(Console::default()));
        }
        #[cfg(feature = "otlp")]
        sinks.extend(crate::export::otlp::span_sink(read)?);
        let resource = resource(self.service_name.as_deref());
        for sink in &mut sinks {
            sink.set_resource(&resource);
        }
        Ok(sinks)
    }

    #[cfg(feature = "exporter")]
    fn serve(&mut self, read: configuration::ReadVariable<'_>) -> Result<crate::export::http::Server, InitError> {
        use crate::export::http::{Options, Server};
        let address = match self.metrics_addr {
            Some(address) => address,
            None => configuration::metrics_addr(read)?,
        };
        let allowed_hosts = std::mem::take(&mut self.allowed_hosts);
        let options = Options { allowed_hosts, bearer_token: self.bearer_token.take() };
        Server::start(address, options, &GLOBAL, export::registry().clone()).map_err(|source| match source.kind() {
            std::io::ErrorKind::InvalidInput => InitError::MetricsAccess(source),
            _ => InitError::MetricsAddress { address, source },
        })
    }
}

fn resource(service_name: Option<&str>) -> Resource {
    let builder = Resource::builder();
    match service_name {
        Some(name) => builder.with_service_name(Value::from(name.to_owned())).build(),
        None => builder.build(),
    }
}

/// The values of the label `result`: it worked, or not.
const EXPORT_RESULTS: [&str; 2] = ["ok", "error"];

fn count_export(worked: bool, took: Duration) {
    let [ok, error] = EXPORT_RESULTS;
    GLOBAL.add(Id::TelemetryExports, &["traces", if worked { ok } else { error }], 1);
    GLOBAL.add(Id::TelemetryExportDuration, &["traces"], nanoseconds(took));
}
