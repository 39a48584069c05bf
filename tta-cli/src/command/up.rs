//! `tta up`: runs the servers that are installed, on the ports that everything here speaks of.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use clap::Args;

use super::{Failure, Verdict};
use crate::artefact;
use crate::profile::Profile;

const EXAMPLES: &str = "\
Examples:
  tta up
      Runs what is installed of Prometheus (9090), Alertmanager (9093), a Pushgateway (9091), Jaeger (16686) and Grafana (3001)
      with the shipped configuration, and says what is not. Ctrl-C ends them all.
  tta up --job checkout --data /var/tmp/tta
      The same for programs that are scraped as job `checkout`, keeping their data there.";

/// Time between two looks at whether a server has ended.
const LOOK: Duration = Duration::from_millis(200);

/// Runs the servers that are installed, with the shipped configuration
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Up {
    /// The scrape's job
    #[arg(long, value_name = "NAME", default_value = "tta-primitives")]
    job: String,
    /// Where configurations and data are kept
    #[arg(long, value_name = "FOLDER", default_value = ".tta")]
    data: PathBuf,
}

/// A server: its name, the names its program may have, where it answers, its arguments and its environment, in which
/// `{}` is the data's folder.
struct Server {
    name: &'static str,
    programs: &'static [&'static str],
    address: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const SERVERS: &[Server] = &[
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
        programs: &["jaeger-all-in-one", "jaeger"],
        address: "http://127.0.0.1:16686",
        arguments: &[],
        environment: &[],
    },
    Server {
        name: "Grafana",
        programs: &["grafana-server"],
        address: "http://127.0.0.1:3001",
        arguments: &["--homepath=/usr/share/grafana"],
        environment: &[
            ("GF_SERVER_HTTP_PORT", "3001"),
            ("GF_PATHS_DATA", "{}/grafana-data"),
            ("GF_PATHS_PROVISIONING", "{}/grafana/provisioning"),
            ("TTA_DASHBOARDS", "{}/grafana/dashboards"),
        ],
    },
];

impl Up {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let profile = Profile::default().with_job(self.job);
        for artefact in artefact::all(&profile) {
            let path = self.data.join(&artefact.path);
            artefact.write(&self.data).map_err(|source| Failure::Write { path, source })?;
        }
        // Grafana looks for relative paths below its own folder.
        let data = self.data.canonicalize().map_err(|source| Failure::Read { path: self.data.clone(), source })?;
        let mut running = Vec::new();
        for server in SERVERS {
            match server.start(&data.to_string_lossy()) {
                Some(child) => {
                    println!("{}: {}", server.name, server.address);
                    running.push((server.name, Running(child)));
                }
                None => println!("{}: not installed ({})", server.name, server.programs.join(" or ")),
            }
        }
        if running.is_empty() {
            return Err(Failure::Nothing(
                "none of the servers is installed; on Debian and Ubuntu: apt-get install prometheus",
            ));
        }
        // Ctrl-C reaches the servers, too; the first that ends, for whatever reason, ends the others.
        loop {
            for (name, server) in &mut running {
                if let Some(status) = server.ended() {
                    eprintln!("{name} ended: {status}");
                    return Ok(Verdict::Found);
                }
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Server {
    /// Starts it, if one of its programs is installed.
    fn start(&self, data: &str) -> Option<Child> {
        let arguments: Vec<_> = self.arguments.iter().map(|argument| argument.replace("{}", data)).collect();
        let environment: Vec<_> =
            self.environment.iter().map(|(name, value)| (name, value.replace("{}", data))).collect();
        let start = |program| Command::new(program).args(&arguments).envs(environment.clone()).spawn().ok();
        self.programs.iter().find_map(start)
    }
}

/// A server that ends with this.
struct Running(Child);

impl Running {
    fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
