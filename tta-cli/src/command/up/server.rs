//! The servers: names of their programs, arguments, and environment variables.

use std::io::{Error, ErrorKind};
use std::process::{Child, Command};

/// A server. In arguments and environment variables, `{}` stands for the data folder.
pub(super) struct Server {
    pub(super) name: &'static str,
    /// The names that its program may have; the first installed one is run.
    pub(super) programs: &'static [&'static str],
    pub(super) address: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

/// An installed program that could not be started.
#[derive(Debug)]
pub(super) struct NotStarted {
    pub(super) program: &'static str,
    pub(super) source: Error,
}

/// All servers; each listens on loopback only.
pub(super) const SERVERS: &[Server] = &[
    Server {
        name: "Prometheus",
        programs: &["prometheus"],
        address: "http://127.0.0.1:9090",
        arguments: &[
            "--config.file={}/prometheus-rules/prometheus.yml",
            "--storage.tsdb.path={}/prometheus",
            "--storage.tsdb.retention.time=35d",
            "--web.listen-address=127.0.0.1:9090",
            "--enable-feature=exemplar-storage",
        ],
        environment: &[],
    },
    Server {
        name: "Alertmanager",
        programs: &["alertmanager", "prometheus-alertmanager"],
        address: "http://127.0.0.1:9093",
        arguments: &[
            "--config.file={}/prometheus-rules/alertmanager.yml",
            "--storage.path={}/alertmanager",
            "--web.listen-address=127.0.0.1:9093",
            "--cluster.listen-address=",
        ],
        environment: &[],
    },
    Server {
        name: "Pushgateway",
        programs: &["pushgateway", "prometheus-pushgateway"],
        address: "http://127.0.0.1:9091",
        arguments: &["--web.listen-address=127.0.0.1:9091", "--persistence.file={}/pushgateway"],
        environment: &[],
    },
    Server {
        name: "Jaeger",
        programs: &["jaeger", "jaeger-all-in-one"],
        address: "http://127.0.0.1:16686",
        arguments: &[],
        environment: &[
            ("JAEGER_LISTEN_HOST", "127.0.0.1"),
            // Jaeger 1 has these names for the same settings.
            ("COLLECTOR_OTLP_ENABLED", "true"),
            ("COLLECTOR_OTLP_GRPC_HOST_PORT", "127.0.0.1:4317"),
            ("COLLECTOR_OTLP_HTTP_HOST_PORT", "127.0.0.1:4318"),
            ("QUERY_HTTP_SERVER_HOST_PORT", "127.0.0.1:16686"),
        ],
    },
    Server {
        name: "Grafana",
        programs: &["grafana-server"],
        address: "http://127.0.0.1:3001",
        arguments: &["--homepath=/usr/share/grafana"],
        environment: &[
            ("GF_SERVER_HTTP_ADDR", "127.0.0.1"),
            ("GF_SERVER_HTTP_PORT", "3001"),
            // Anyone who can reach loopback may read; changing something needs a login as admin.
            ("GF_AUTH_ANONYMOUS_ENABLED", "true"),
            ("GF_ANALYTICS_REPORTING_ENABLED", "false"),
            ("GF_PATHS_DATA", "{}/grafana-data"),
            ("GF_PATHS_LOGS", "{}/grafana-data/log"),
            ("GF_PATHS_PLUGINS", "{}/grafana-data/plugins"),
            ("GF_PATHS_PROVISIONING", "{}/grafana/provisioning"),
            ("TTA_DASHBOARDS", "{}/grafana/dashboards"),
        ],
    },
];

impl Server {
    /// Starts the first of its programs that is installed; returns `None` if none is.
    pub(super) fn start(&self, data: &str) -> Result<Option<Child>, NotStarted> {
        let arguments: Vec<_> = self.arguments.iter().map(|argument| argument.replace("{}", data)).collect();
        let environment: Vec<_> =
            self.environment.iter().map(|(name, value)| (name, value.replace("{}", data))).collect();
        for &program in self.programs {
            match Command::new(program).args(&arguments).envs(environment.clone()).spawn() {
                Ok(child) => return Ok(Some(child)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(NotStarted { program, source }),
            }
        }
        Ok(None)
    }
}
