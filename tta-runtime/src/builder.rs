//! Starts the telemetry, as code and environment configure it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "prices-url")]
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{ShouldSample, SpanExporter};

use crate::clock::{self, nanoseconds};
use crate::configuration;
use crate::configuration::InitError;
#[cfg(feature = "page")]
use crate::configuration::PageSetting;
use crate::context::{host, propagation};
#[cfg(feature = "page")]
use crate::export::http::Server;
use crate::host_log::catch_panic;
use crate::model::DECODING;
#[cfg(feature = "page")]
use crate::page::Page;
use crate::recorder::{GLOBAL, Redaction};
use crate::schema::Id;
use crate::site::{self, Role};
use crate::snapshot::view::View;
use crate::span::{
    Console, DropReason, ExportEvent, Exporter, ExporterSink, OnExport, RootSampler, Signal, SpanDetail, SpanNames,
    Worker,
};
use crate::telemetry::{Running, Started, Telemetry};
use crate::{export, model, resource};

/// Starts the telemetry as the environment configures it; see [`Builder`] for the variables.
///
/// `/metrics` is served only with the feature `exporter`, and traces are sent only with the feature `otlp`.
///
/// # Errors
///
/// Returns the errors of [`Builder::init`].
pub fn init() -> Result<Telemetry, InitError> {
    builder().init()
}

/// Returns a [`Builder`], which configures the telemetry in code.
#[must_use]
pub fn builder() -> Builder {
    Builder::default()
}

/// Configures and starts the telemetry.
///
/// Settings that are not made here come from the environment:
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | the [resource](#resource) of traces and metrics | [`default_service_name`](Self::default_service_name) |
/// | `OTEL_SDK_DISABLED` | `true`: calls run, nothing is recorded | `false` |
/// | `OTEL_TRACES_EXPORTER` | `otlp`, `console` or `none`, or several with commas between them | `otlp` if an endpoint is set |
/// | `OTEL_METRICS_EXPORTER` | `otlp`, `prometheus` (the server of `/metrics`) or `none`, or several | `prometheus`, and `otlp` if an endpoint is set |
/// | `OTEL_PROPAGATORS` | `tracecontext`, `baggage`, both, or `none` | `tracecontext,baggage` |
/// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | the sampler | `parentbased_always_on` |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT`, `…_HEADERS`, `…_TIMEOUT`, also per signal | the collector for traces and metrics (feature `otlp`) | none |
/// | `OTEL_EXPORTER_OTLP_COMPRESSION`, also per signal | `gzip` compresses the requests to it | `none` |
/// | `OTEL_EXPORTER_OTLP_CERTIFICATE`, also per signal | a file with the certificates (PEM) to trust in place of the system's, for `https` endpoints | none |
/// | `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, `OTEL_EXPORTER_OTLP_CLIENT_KEY`, also per signal | the files of the certificate and its private key (PEM) to present, for `https` endpoints | none |
/// | `OTEL_EXPORTER_OTLP_PROTOCOL`, also per signal | the protocol; any other value is an error | `http/protobuf` |
/// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `delta` (or `lowmemory`): counters and histograms have what was added since the last accepted request | `cumulative` |
/// | `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION` | `base2_exponential_bucket_histogram`: at most 160 buckets of 1.1 % or a multiple | `explicit_bucket_histogram` |
/// | `OTEL_BSP_MAX_QUEUE_SIZE` | the most spans that wait for export or are being exported | `8192` |
/// | `TTA_SPAN_QUEUE_BYTES` | the most memory that these spans take, with the copies that exporters work on, in bytes; a span that takes a quarter of it is too large | `8388608` |
/// | `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` | the most spans of a batch | `512` |
/// | `OTEL_BSP_EXPORT_TIMEOUT` | the longest time of an export, in milliseconds | `30000` |
/// | `OTEL_BSP_SCHEDULE_DELAY` | the longest time that a span waits for its batch, in milliseconds | `500` |
/// | `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, `OTEL_ATTRIBUTE_COUNT_LIMIT` | the most attributes of a span | `128` |
/// | `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT` | the most characters of a text on a span, and the most bytes of a list or of content | 8 KiB, content 64 KiB |
/// | `OTEL_SPAN_EVENT_COUNT_LIMIT` | the most events of a span | `128` |
/// | `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`, `OTEL_ATTRIBUTE_COUNT_LIMIT` | the most attributes of an event | `128` |
/// | `TTA_METRICS_ADDR` | the address of `/metrics` (feature `exporter`), or `off` | `127.0.0.1:9464` |
/// | `TTA_PAGE` | the memory of the traces that the live page keeps, in bytes (feature `page`), or `off` | `4194304` |
/// | `TTA_METRICS_TLS_CERT`, `TTA_METRICS_TLS_KEY` | the files of the certificate and its private key, in PEM, for `/metrics` over TLS (feature `exporter-tls`) | plain text |
/// | `TTA_NATIVE_HISTOGRAMS` | `true`: `/metrics` has [native histograms](Self::native_histograms) for scrapers that ask for them | `false` |
/// | `TTA_PUSHGATEWAY_URL` | the Pushgateway for a push at shutdown (feature `push`) | none |
/// | `TTA_PRICES_FILE` | a price file in LiteLLM's format, which overrides the bundled prices | none |
/// | `TTA_PRICES_URL` | a URL of prices in LiteLLM's format (feature `prices-url`), which override the bundled ones | none |
/// | `TTA_PRICES_INTERVAL_SECONDS` | the time between two reads of that URL | `86400` |
/// | `TTA_METRICS_VIEW` | the [views](View) of `/metrics`, separated by commas | `tta` |
/// | `TTA_OTLP_METRICS_VIEW` | the views that are sent to a collector | `otel` |
/// | `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` | `span_only`, `event_only` or `span_and_event` record prompts, answers and tool arguments ([`llm::content`](crate::llm::content)) | `no_content` |
/// | `OTEL_SEMCONV_STABILITY_OPT_IN` | `gen_ai_latest_experimental` (in a list): the view `otel` of these variables is [`otel_latest`](View::OtelLatest) | none |
/// | `TTA_SPAN_NAMES` | `conventions` names spans as OpenTelemetry does for generative AI ([`SpanNames::Conventions`]) | `primitive` |
/// | `TTA_SPAN_DETAIL` | `low` leaves the spans of layers, steps, branches and attempts out ([`SpanDetail::Low`]) | `full` |
/// | `TTA_COMPATIBILITY` | `openinference`, `mlflow` or both: spans also have the attributes that Phoenix or `MLflow` reads | none |
/// | `TTA_CONSOLE_TRACES` | `1` prints each finished trace to standard error | off |
///
/// # Resource
///
/// Traces and metrics that are exported say which process they are of: `service.name`, `service.version` if it is
/// [set](Self::service_version), `service.instance.id` (a random UUID of the process), `host.name` (with the features `otlp`
/// or `push`), `process.pid`, and the `telemetry.sdk.*` of the crate `opentelemetry_sdk`. `OTEL_RESOURCE_ATTRIBUTES` adds to
/// them and replaces them, except `service.name` and `service.version` if the program sets these; what is percent-encoded in it is
/// decoded.
///
/// A process that is forked without `exec` has none of the threads that export: it exports nothing until it calls `init` itself.
/// It then has an instance id of its own, and its counts go on from those of its parent.
#[derive(Default)]
pub struct Builder {
    resource: resource::Given,
    metrics_addr: Option<SocketAddr>,
    #[cfg(feature = "exporter")]
    without_metrics_server: bool,
    #[cfg(feature = "exporter")]
    needs_metrics_addr: bool,
    #[cfg(feature = "exporter")]
    histograms: Histograms,
    exporters: Vec<Exporter>,
    #[cfg(feature = "page")]
    page: Option<PageSetting>,
    span_names: Option<SpanNames>,
    span_detail: Option<SpanDetail>,
    sampler: Option<RootSampler>,
    registries: Vec<prometheus::Registry>,
    label_sets: Option<usize>,
    redaction: Option<Redaction>,
    metrics_views: Option<Vec<View>>,
    otlp_views: Option<Vec<View>>,
    allowed_hosts: Vec<String>,
    bearer_token: Option<String>,
    #[cfg(feature = "exporter-tls")]
    metrics_tls: Option<configuration::CertifiedFiles>,
    #[cfg(feature = "push")]
    pushgateway: Option<String>,
    prices_file: Option<PathBuf>,
    #[cfg(feature = "prices-url")]
    prices_url: Option<(String, Duration)>,
    #[cfg(feature = "tracing-opentelemetry")]
    spans_on_host: bool,
}

/// The histograms that `/metrics` has.
#[cfg(feature = "exporter")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Histograms {
    /// Those that the environment wants.
    #[default]
    AsConfigured,
    /// Native ones beside the classic ones.
    Native,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("resource", &self.resource)
            .field("metrics_addr", &self.metrics_addr)
            .field("exporters", &self.exporters)
            .field("sampler", &self.sampler)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets the resource's `service.name`, whatever the environment says.
    #[must_use]
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.resource.service_name = Some(name.into());
        self
    }

    /// Sets the resource's `service.name` for a start where neither `OTEL_SERVICE_NAME` nor `OTEL_RESOURCE_ATTRIBUTES` has one; the
    /// default is `unknown_service`, by OpenTelemetry's specification.
    #[must_use]
    pub fn default_service_name(mut self, name: impl Into<String>) -> Self {
        self.resource.default_service_name = Some(name.into());
        self
    }

    /// Sets the resource's `service.version`: the version of the program, such as `env!("CARGO_PKG_VERSION")` in its `main.rs`.
    #[must_use]
    pub fn service_version(mut self, version: impl Into<String>) -> Self {
        self.resource.service_version = Some(version.into());
        self
    }

    /// Sets the address of `/metrics`, with the feature `exporter`; port 0 binds a free port.
    ///
    /// An address other than loopback exposes the metrics to every host that can reach it, and with the feature `page` the traces,
    /// too: errors, attributes, and the content of messages where it is recorded. Set a [`bearer_token`](Self::bearer_token) there.
    #[must_use]
    pub fn metrics_addr(mut self, address: SocketAddr) -> Self {
        self.metrics_addr = Some(address);
        self
    }

    /// Serves no metrics, as `TTA_METRICS_ADDR=off`: for programs that serve
    /// [`metrics_service`](crate::metrics_service) themselves, or push.
    #[cfg(feature = "exporter")]
    #[must_use]
    pub fn without_metrics_server(mut self) -> Self {
        self.without_metrics_server = true;
        self
    }

    /// Makes the start fail if the address of `/metrics` is taken, with [`InitError::MetricsAddress`].
    ///
    /// By default such a program goes on without serving metrics, and one warning names the address: a command that is run
    /// twice on a machine should not fail because of its metrics.
    #[cfg(feature = "exporter")]
    #[must_use]
    pub fn needs_metrics_addr(mut self) -> Self {
        self.needs_metrics_addr = true;
        self
    }

    /// Serves no live page, as `TTA_PAGE=off`. Without it and without exporters, no spans are recorded.
    #[cfg(feature = "page")]
    #[must_use]
    pub fn without_page(mut self) -> Self {
        self.page = Some(PageSetting::Off);
        self
    }

    /// Sets the memory of the traces that the live page keeps, in bytes, 4 MiB by default; at least 64 KiB are taken.
    ///
    /// When it is full, a quarter each stays for the latest traces and for those with a failed span, and the rest for the slowest
    /// and the dearest ones. One trace takes at most half of it; its further spans are counted as lost on the page.
    ///
    /// ```
    /// # let builder = tta_runtime::builder();
    /// let builder = builder.page_bytes(32 << 20);
    /// # let telemetry = builder.metrics_addr(([127, 0, 0, 1], 0).into()).init().unwrap();
    /// # assert!(telemetry.page_url().is_some());
    /// ```
    #[cfg(feature = "page")]
    #[must_use]
    pub fn page_bytes(mut self, bytes: usize) -> Self {
        self.page = Some(PageSetting::Bytes(bytes));
        self
    }

    /// Allows requests whose `Host` header has this name, besides loopback names and the bound address.
    #[must_use]
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// Serves `/metrics`, `/status` and the data of the live page only to requests with this bearer token.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.bearer_token = Some(token.into());
        self
    }

    /// Serves `/metrics` over TLS alone (1.2 or 1.3), with the certificate and the private key in these files.
    ///
    /// Both are PEM. The first certificate is the server's, and those that certify it follow. The files are read again when
    /// a client connects, at most once per second: a new pair is used from then on, and is logged. A pair that cannot be
    /// used, because it is half written or does not fit together, leaves the one before in force, with one warning. A
    /// certificate whose time is over is used, with a warning, since clients that do not check it go on.
    ///
    /// The other rules stay: the allowed hosts, the bearer token, and the limits of connections, which include the handshake.
    /// A request in plain text gets the response 400.
    ///
    /// [`init`](Self::init) returns [`InitError::PemFile`] for files that cannot be used:
    ///
    /// ```
    /// let builder = tta_runtime::builder().metrics_addr(([127, 0, 0, 1], 0).into());
    /// let error = builder.metrics_tls("/nowhere/tls.crt", "/nowhere/tls.key").init().unwrap_err();
    /// assert!(error.to_string().starts_with("cannot read `/nowhere/tls.crt`: "));
    /// ```
    #[cfg(feature = "exporter-tls")]
    #[must_use]
    pub fn metrics_tls(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        let (certificate, key) = (certificate.into(), key.into());
        self.metrics_tls = Some(configuration::CertifiedFiles { certificate, key });
        self
    }

    /// Pushes the metrics to the Pushgateway at this URL at shutdown, for jobs that end before a scrape.
    ///
    /// The push replaces the group with the same `job` (the service's name, or else `tta-primitives`) and `instance` (the
    /// resource's `service.instance.id`, or else the host's name). The group stays until it is replaced or deleted at
    /// the Pushgateway.
    #[cfg(feature = "push")]
    #[must_use]
    pub fn pushgateway(mut self, url: impl Into<String>) -> Self {
        self.pushgateway = Some(url.into());
        self
    }

    /// Adds a span exporter; each exporter gets all sampled spans.
    ///
    /// It is called on a thread of its own, outside any async runtime. It must return within `OTEL_BSP_EXPORT_TIMEOUT`: a
    /// future is dropped then, and an exporter that blocks longer loses its batch, while other exporters go on. With several
    /// exporters each has an equal share of the queue.
    #[must_use]
    pub fn span_exporter(mut self, exporter: impl SpanExporter + 'static) -> Self {
        self.exporters.push(Exporter::of_spans(ExporterSink(exporter)));
        self
    }

    /// Sets the names of calls' spans, [`SpanNames::Primitive`] by default.
    ///
    /// The sampler sees the name, without the data source of a retrieval. Spans of the program's own layer
    /// (`spans_to_tracing_opentelemetry`) keep the default.
    #[must_use]
    pub fn span_names(mut self, names: SpanNames) -> Self {
        self.span_names = Some(names);
        self
    }

    /// Sets which parts of blocks have spans, [`SpanDetail::Full`] by default.
    #[must_use]
    pub fn span_detail(mut self, detail: SpanDetail) -> Self {
        self.span_detail = Some(detail);
        self
    }

    /// Sets the sampler.
    ///
    /// The sampler decides at a trace's first span in this process, also if that span has a remote parent. Spans below
    /// follow the decision, so a trace is recorded whole or not at all. The sampler sees the attributes that are known
    /// when that span starts: its labels, its `attributes(…)` (such as `server.address`), and the operation, provider
    /// and model under their `gen_ai.*` names.
    #[must_use]
    pub fn sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.sampler = Some(RootSampler::Custom(Box::new(sampler)));
        self
    }

    /// Records calls on the spans that the program's own `tracing-opentelemetry` layer exports, and exports no span.
    ///
    /// Each call is then one span of the program: its `tracing` span (target `tta`), with the attributes, the status and
    /// the events that an exported span would have. The program's layer needs its context activation, which is its default,
    /// and must not filter that target out. The program's sampler decides. Span exporters of this builder and of the
    /// environment get nothing.
    ///
    /// Without this setting the library exports the spans of calls itself, also beside such a layer: they are in the
    /// program's traces, under and above its spans, and calls open no `tracing` span that the layer would export again.
    ///
    /// ```
    /// use opentelemetry::trace::TracerProvider;
    /// use tracing_subscriber::prelude::*;
    /// use tta_runtime::primitive;
    ///
    /// #[primitive(type = "workflow")]
    /// fn answer() {}
    ///
    /// let exporter = opentelemetry_sdk::trace::InMemorySpanExporter::default();
    /// let provider =
    ///     opentelemetry_sdk::trace::SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    /// tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(provider.tracer("app"))).init();
    /// let builder = tta_runtime::builder().spans_to_tracing_opentelemetry();
    /// # let builder = builder.metrics_addr(([127, 0, 0, 1], 0).into());
    /// let telemetry = builder.init().unwrap();
    ///
    /// answer();
    /// let spans = exporter.get_finished_spans().unwrap();
    /// assert_eq!(spans[0].name, "primitive.workflow.execute");
    /// assert!(spans[0].attributes.iter().any(|attribute| attribute.key.as_str() == "execution.status"));
    /// # drop(telemetry);
    /// ```
    #[cfg(feature = "tracing-opentelemetry")]
    #[must_use]
    pub fn spans_to_tracing_opentelemetry(mut self) -> Self {
        self.spans_on_host = true;
        self
    }

    /// Also registers the metrics in a registry of the host, for programs that already serve one.
    ///
    /// A metric whose name is taken there is left out, with a warning and a count in `tta_telemetry_detached_total`.
    #[must_use]
    pub fn registry(mut self, registry: prometheus::Registry) -> Self {
        self.registries.push(registry);
        self
    }

    /// Sets the limit of label sets per metric, 1,000 by default and at most 1,000,000. Metrics that have recorded before
    /// this start keep their limit.
    #[must_use]
    pub fn label_sets(mut self, limit: usize) -> Self {
        self.label_sets = Some(limit);
        self
    }

    /// Sets the views of `/metrics` and [`metrics_text`](crate::metrics_text), [`View::Tta`] by default; several views are
    /// exposed one after the other.
    ///
    /// Dotted names are translated as OpenTelemetry's Prometheus exporters do: `primitive.execution.duration` in
    /// milliseconds becomes `primitive_execution_duration_milliseconds`. Of two metrics with the same name, the first
    /// wins.
    #[must_use]
    pub fn metrics_views(mut self, views: impl IntoIterator<Item = View>) -> Self {
        self.metrics_views = Some(views.into_iter().collect());
        self
    }

    /// Adds native histograms to `/metrics`, for scrapers that ask for Prometheus' protobuf format.
    ///
    /// Their buckets are 1.1 % wide (schema 6), and the same in each process, so that a percentile over many processes is at most
    /// 1.1 % off. The classic buckets stay, in this format and in the others. Call it before the first call is recorded: histograms
    /// count natively from here on. The chapter `docs/percentiles.md` says what Prometheus needs for it, and what it costs.
    ///
    /// `TTA_NATIVE_HISTOGRAMS=true` does the same.
    #[cfg(feature = "exporter")]
    #[must_use]
    pub fn native_histograms(mut self) -> Self {
        self.histograms = Histograms::Native;
        self
    }

    /// Sets the views that are sent to a collector, [`View::Otel`] by default, with the feature `otlp`.
    #[must_use]
    pub fn otlp_metrics_views(mut self, views: impl IntoIterator<Item = View>) -> Self {
        self.otlp_views = Some(views.into_iter().collect());
        self
    }

    /// Sets a redaction, which rewrites texts before they are recorded on spans: error messages, and message content if
    /// that is recorded ([`llm::content`](crate::llm::content)).
    ///
    /// It replaces the default, [`redact_keys`](crate::redact_keys), which it may call; `|text| text.to_owned()` redacts
    /// nothing.
    #[must_use]
    pub fn redact(mut self, redaction: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.redaction = Some(Box::new(redaction));
        self
    }

    /// Reads prices from a file in the format of LiteLLM's `model_prices_and_context_window.json`; its models override
    /// the bundled prices. [`Telemetry::reload_prices`] reads it again.
    #[must_use]
    pub fn prices_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.prices_file = Some(path.into());
        self
    }

    /// Reads prices from a URL in the format of LiteLLM's `model_prices_and_context_window.json`, now and at this interval,
    /// which is at least 1 s.
    /// Its models override the bundled prices, and those of a [price file](Self::prices_file) override its models.
    ///
    /// A read does not delay the start, and calls that end before it are priced without it. A file is refused for the same
    /// reasons as a price file, and also above 32 MiB or after 30 s; the prices in force then stay unchanged, which is logged
    /// and counted in `tta_llm_price_reads_total`. Redirects are not followed. No secret of the URL is shown: messages have
    /// its scheme, host and port only.
    #[cfg(feature = "prices-url")]
    #[must_use]
    pub fn prices_url(mut self, url: impl Into<String>, interval: Duration) -> Self {
        self.prices_url = Some((url.into(), interval));
        self
    }

    /// Starts the telemetry.
    ///
    /// A process starts once: a second start changes nothing, logs a warning and is counted in
    /// `tta_telemetry_detached_total`; its handle is detached.
    ///
    /// # Errors
    ///
    /// Returns an error for an invalid environment variable, an unusable price file, an address that cannot be bound, an
    /// exporter that cannot be built, or a thread that the operating system refuses. Nothing is left open then, and a
    /// later start counts as the first.
    pub fn init(self) -> Result<Telemetry, InitError> {
        let read = &configuration::process;
        if configuration::is_disabled(read) {
            GLOBAL.disable();
            return Ok(Telemetry::detached());
        }
        let Some(started) = Started::begin() else {
            GLOBAL.add(Id::TelemetryDetached, &["init"], 1);
            catch_panic(
                || tracing::warn!(target: "tta::telemetry", "started already: this second start changes nothing"),
            );
            return Ok(Telemetry::detached());
        };
        self.start(read, started)
    }

    fn start(mut self, read: configuration::ReadVariable<'_>, started: Started) -> Result<Telemetry, InitError> {
        let configured =
            resource::configured(std::mem::take(&mut self.resource), configuration::resource_attributes(read)?);
        let of_process = resource::of_process(&configured);
        let metrics_views = match self.metrics_views.take() {
            Some(views) => Some(views),
            None => configuration::metrics_views(read)?,
        };
        let capture = configuration::capture(read)?;
        let span_names = self.span_names.map_or_else(|| configuration::span_names(read), |names| Ok(Some(names)))?;
        let span_detail =
            self.span_detail.map_or_else(|| configuration::span_detail(read), |detail| Ok(Some(detail)))?;
        let propagators = configuration::propagators(read)?;
        configuration::check_exporters(read)?;
        let sampler = match self.sampler.take() {
            Some(sampler) => sampler,
            None => configuration::sampler(read)?,
        };
        let settings = configuration::export_settings(read)?;
        let prices_file = self.prices_file.take().or_else(|| configuration::prices_file(read));
        let prices_file = prices_file.map(|path| model::read_file_at_start(&path)).transpose()?;
        #[cfg(feature = "prices-url")]
        let prices_url = crate::price_url::PriceUrl::prepare(self.prices_url.take(), read)?;
        // Fallible steps come before irreversible ones: spans are recorded once the pipeline opens.
        #[cfg(feature = "otlp")]
        let metrics = {
            let views = match self.otlp_views.take() {
                Some(views) => views,
                None => {
                    configuration::otlp_views(read)?.unwrap_or_else(|| vec![configuration::newest(View::Otel, read)])
                }
            };
            crate::export::otlp::prepare_metrics(of_process.clone(), views, read)?
        };
        #[cfg(feature = "push")]
        let push = crate::export::push::PushTarget::prepare(self.pushgateway.as_deref(), &configured, read)?;
        let exporters = self.exporters(&of_process, read)?;
        #[cfg(feature = "exporter")]
        let server = self.serve(&of_process, read)?;
        #[cfg(feature = "page")]
        let on_span = server.as_ref().and_then(Server::on_span);
        #[cfg(not(feature = "page"))]
        let on_span = None;
        configuration::set_span_limits(read)?;
        model::start_with(prices_file);
        GLOBAL.enable();
        GLOBAL.content_capture.set(capture);
        GLOBAL.compatibility.set(settings.compatibility);
        GLOBAL.span_names.set(span_names);
        GLOBAL.span_detail.set(span_detail);
        propagation::set_propagators(propagators);
        GLOBAL.redaction.set(self.redaction.take());
        export::show(metrics_views);
        if let Some(limit) = self.label_sets {
            GLOBAL.limit_label_sets(limit);
        }
        self.register();
        // The first sample fixes the limits that were set before.
        #[cfg(feature = "page")]
        server.as_ref().map_or(Ok(()), Server::begin_page).map_err(InitError::Thread)?;
        clock::calibrate();
        GLOBAL.declare(Id::TelemetryDetached, &["init"]);
        let asks_models = site::all().into_iter().any(|site| site.constants.role == Role::Model);
        if asks_models {
            DECODING.prepare();
        }
        #[cfg(feature = "otlp")]
        let metrics = metrics.map(crate::export::otlp::PreparedPush::start).transpose()?;
        #[cfg(feature = "prices-url")]
        let prices = prices_url.map(crate::price_url::PriceUrl::start).transpose()?;
        #[cfg(feature = "tracing-opentelemetry")]
        if self.spans_on_host {
            if asks_models {
                // A span of the host cannot wait for the price of its call, as an exported one does.
                DECODING.wait();
            }
            GLOBAL.spans.hand_to_host();
        }
        #[cfg(feature = "tracing-opentelemetry")]
        let on_span = on_span.filter(|_| !self.spans_on_host);
        let worker = if exporters.is_empty() && on_span.is_none() {
            None
        } else {
            host::look_for_provider();
            // The pipeline opens first: the worker takes its place in it.
            GLOBAL.spans.open(sampler, settings);
            for exporter in &exporters {
                declare_exports(exporter.signal);
            }
            let worker = Worker::start(&GLOBAL.spans, &GLOBAL.clock, exporters, &count_export(), on_span);
            Some(Arc::new(worker.inspect_err(|_| GLOBAL.spans.close()).map_err(InitError::Thread)?))
        };
        Ok(Telemetry::of(Running {
            started,
            worker,
            #[cfg(feature = "exporter")]
            server,
            #[cfg(feature = "otlp")]
            metrics,
            #[cfg(feature = "prices-url")]
            _prices: prices,
            #[cfg(feature = "push")]
            push,
        }))
    }

    /// Registers the metrics in the registries of the host.
    fn register(&self) {
        export::unregister_all(&GLOBAL);
        for name in self.registries.iter().flat_map(|registry| export::register(&GLOBAL, registry)) {
            GLOBAL.add(Id::TelemetryDetached, &[&name], 1);
            catch_panic(
                || tracing::warn!(target: "tta::telemetry", name, "the program registered this name itself: left out there"),
            );
        }
    }

    /// Returns the exporters of the builder, then those of the environment.
    fn exporters(
        &mut self,
        resource: &Resource,
        read: configuration::ReadVariable<'_>,
    ) -> Result<Vec<Exporter>, InitError> {
        #[cfg(not(feature = "otlp"))]
        configuration::warn_of_unused_endpoints(read);
        let mut exporters = std::mem::take(&mut self.exporters);
        #[cfg(feature = "tracing-opentelemetry")]
        if self.spans_on_host {
            return Ok(Vec::new());
        }
        if configuration::prints_traces(read)? {
            exporters.push(Exporter::of_spans(Console::default()));
        }
        #[cfg(feature = "otlp")]
        exporters.extend(crate::export::otlp::span_exporter(read)?);
        #[cfg(feature = "otlp")]
        exporters.extend(crate::export::otlp::log_exporter(read)?);
        for sink in exporters.iter_mut().flat_map(|exporter| &mut exporter.sinks) {
            sink.set_resource(resource);
        }
        Ok(exporters)
    }

    /// Starts the server, `None` if it is off or its port is taken.
    #[cfg(feature = "exporter")]
    fn serve(
        &mut self,
        resource: &Resource,
        read: configuration::ReadVariable<'_>,
    ) -> Result<Option<crate::export::http::Server>, InitError> {
        use crate::export::http::{Options, Server, Service};
        // The program may serve them itself.
        if self.histograms == Histograms::Native || configuration::native_histograms(read)? {
            crate::metric::keep_exponential_counts();
        }
        if self.without_metrics_server {
            return Ok(None);
        }
        let address = match self.metrics_addr {
            Some(address) => address,
            None => match configuration::metrics_addr(read)? {
                Some(address) => address,
                None => return Ok(None),
            },
        };
        let allowed_hosts = std::mem::take(&mut self.allowed_hosts);
        let options = Options {
            allowed_hosts,
            bearer_token: self.bearer_token.take(),
            tls: self.tls(read)?,
            service: Service::of(resource),
            #[cfg(feature = "page")]
            page: self.page(resource, read)?,
        };
        #[cfg(feature = "page")]
        let is_open = options.page.is_some() && is_open(address, options.bearer_token.as_deref());
        match Server::start(address, options, &GLOBAL, export::registry().clone()) {
            Ok(server) => {
                #[cfg(feature = "page")]
                if is_open {
                    warn_of_open_page(address);
                }
                Ok(Some(server))
            }
            Err(source) => match source.kind() {
                std::io::ErrorKind::AddrInUse if !self.needs_metrics_addr => {
                    GLOBAL.add(Id::TelemetryDetached, &["metrics_addr"], 1);
                    catch_panic(|| {
                        tracing::warn!(
                            target: "tta::telemetry",
                            %address,
                            "another process uses the address for metrics: this one serves none"
                        );
                    });
                    Ok(None)
                }
                std::io::ErrorKind::InvalidInput => Err(InitError::MetricsAccess(source)),
                _ => Err(InitError::MetricsAddress { address, source }),
            },
        }
    }
}

/// Returns whether other hosts can read what the server answers.
#[cfg(feature = "page")]
fn is_open(address: SocketAddr, token: Option<&str>) -> bool {
    token.is_none() && !address.ip().to_canonical().is_loopback()
}

/// Says who can read the traces: an address was often chosen for the metrics alone.
#[cfg(feature = "page")]
fn warn_of_open_page(address: SocketAddr) {
    catch_panic(|| {
        tracing::warn!(
            target: "tta::telemetry",
            %address,
            "every host that reaches this address can read the traces of the live page: set a bearer token, or TTA_PAGE=off"
        );
    });
}

#[cfg(feature = "page")]
impl Builder {
    /// Creates the live page, unless it is off.
    fn page(
        &mut self,
        resource: &Resource,
        read: configuration::ReadVariable<'_>,
    ) -> Result<Option<Arc<Page>>, InitError> {
        let setting = match self.page.take() {
            Some(setting) => setting,
            None => configuration::page(read)?,
        };
        let PageSetting::Bytes(bytes) = setting else { return Ok(None) };
        Ok(Some(Arc::new(Page::new(&GLOBAL, resource, bytes))))
    }
}

#[cfg(feature = "exporter-tls")]
impl Builder {
    fn tls(&mut self, read: configuration::ReadVariable<'_>) -> Result<Option<export::http::Tls>, InitError> {
        let files = match self.metrics_tls.take() {
            Some(files) => Some(files),
            None => configuration::CertifiedFiles::configured("TTA_METRICS_TLS_CERT", "TTA_METRICS_TLS_KEY", read)?,
        };
        Ok(files.map(export::http::Tls::open).transpose()?)
    }
}

#[cfg(all(feature = "exporter", not(feature = "exporter-tls")))]
impl Builder {
    #[expect(clippy::unused_self, reason = "with the feature it takes the builder's files")]
    fn tls(&mut self, read: configuration::ReadVariable<'_>) -> Result<Option<export::http::Tls>, InitError> {
        configuration::refuse_metrics_tls(read)?;
        Ok(None)
    }
}

/// The values of the label `result`.
const EXPORT_RESULTS: [&str; 2] = ["ok", "error"];

/// Declares the series that counts what becomes of exports of a signal.
fn declare_exports(signal: Signal) {
    for result in EXPORT_RESULTS {
        GLOBAL.declare(Id::TelemetryExports, &[signal.as_str(), result]);
    }
    if signal == Signal::Logs {
        for reason in DropReason::ALL {
            GLOBAL.declare(Id::TelemetryLogRecordsDropped, &[reason.as_str()]);
        }
    }
}

fn count_export() -> OnExport {
    Arc::new(|event| match event {
        ExportEvent::Attempted { signal, worked, took } => {
            // The program may set its provider after the start.
            host::look_for_provider();
            let [ok, error] = EXPORT_RESULTS;
            GLOBAL.add(Id::TelemetryExports, &[signal.as_str(), if worked { ok } else { error }], 1);
            GLOBAL.add(Id::TelemetryExportDuration, &[signal.as_str()], nanoseconds(took));
        }
        ExportEvent::RecordsLost { reason, records } => {
            GLOBAL.add(Id::TelemetryLogRecordsDropped, &[reason.as_str()], records);
        }
    })
}

#[cfg(all(test, feature = "page"))]
mod tests {
    use super::is_open;

    #[test]
    fn others_read_what_is_served_beyond_loopback_without_a_token() {
        let is_open = |address: &str, token| is_open(address.parse().unwrap(), token);
        assert!(is_open("0.0.0.0:9464", None) && is_open("[::]:9464", None) && is_open("192.0.2.1:9464", None));
        assert!(!is_open("0.0.0.0:9464", Some("secret")));
        assert!(
            !is_open("127.0.0.1:9464", None)
                && !is_open("[::1]:9464", None)
                && !is_open("[::ffff:127.0.0.1]:9464", None)
        );
    }
}

/// The start of a program without the feature `otlp`.
#[cfg(all(test, not(feature = "otlp")))]
mod tests_without_otlp {
    use std::time::Duration;

    use super::{Started, builder};
    use crate::configuration::logged;

    #[test]
    fn a_start_with_the_endpoint_of_a_collector_warns_and_works() {
        let endpoint = |name: &str| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| "http://collector:4318".to_owned());
        let started = Started::begin().expect("nothing else starts in this process");
        let (telemetry, said) = logged(|| builder().start(&endpoint, started));
        let report = telemetry.expect("it starts").shutdown(Duration::from_secs(10));
        assert_eq!(report.abandoned_spans, 0);
        let expected = " WARN tta::telemetry: nothing is exported to this endpoint: enable the feature `otlp` of the crate \
                        `tta-runtime` variable=\"OTEL_EXPORTER_OTLP_ENDPOINT\"\n";
        assert_eq!(said, expected);
    }
}
