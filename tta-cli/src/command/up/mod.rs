//! `tta up`: runs the servers that are installed, on the ports that the generated files expect.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;
use crate::file::profile::Profile;
use crate::files;

mod running;
mod server;
#[cfg_attr(unix, path = "terminate_unix.rs")]
#[cfg_attr(not(unix), path = "terminate_elsewhere.rs")]
mod terminate;

use running::{POLL_INTERVAL, Running};
use server::SERVERS;

const EXAMPLES: &str = "\
Examples:
  tta up
      Runs Prometheus (9090), Alertmanager (9093), a Pushgateway (9091), Jaeger (16686) and Grafana (3001), as far as they are
      installed, with the generated configuration. Ctrl-C stops them all.
  tta up --job checkout --data /var/tmp/tta
      The same for programs that Prometheus scrapes as job `checkout`, with all data in /var/tmp/tta.

If a server exits, `tta up` stops the others and exits with 1.";

/// Runs the servers that are installed, with the generated configuration
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Up {
    /// The Prometheus job of the observed programs
    #[arg(long, value_name = "NAME", default_value = "tta-primitives", value_parser = crate::command::argument::not_empty)]
    job: String,
    /// The folder for configurations and data
    #[arg(long, value_name = "FOLDER", default_value = ".tta")]
    data: PathBuf,
}

impl Up {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let stop_requested = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop_requested)).map_err(Failure::Signal)?;
        }
        let profile = Profile::default().with_job(self.job);
        for artefact in files::all(&profile) {
            let path = self.data.join(&artefact.path);
            artefact.write(&self.data).map_err(|source| Failure::Write { path, source })?;
        }
        // Grafana resolves relative paths against its own folder.
        let data = self.data.canonicalize().map_err(|source| Failure::Read { path: self.data.clone(), source })?;
        // A closed pipe does not stop the servers, so errors of `output` are ignored.
        let (mut running, mut output) = (Running::default(), Output::default());
        for server in SERVERS {
            let started = server.start(&data.to_string_lossy());
            match started.map_err(|error| Failure::Spawn { program: error.program, source: error.source })? {
                Some(child) => {
                    output.line(format_args!("{}: {}", server.name, server.address));
                    running.add(server, child);
                }
                None => {
                    output.line(format_args!("{}: not installed ({})", server.name, server.programs.join(" or ")));
                }
            }
        }
        if running.is_empty() {
            return Err(Failure::NothingToDo(
                "none of the servers is installed; on Debian and Ubuntu: apt-get install prometheus",
            ));
        }
        loop {
            let ended = running.ended();
            // The terminal sends Ctrl-C to the servers, too, so one that has ended is no finding then.
            if stop_requested.load(Ordering::Relaxed) {
                return Ok(Verdict::Clean);
            }
            if let Some((server, status)) = ended {
                let (name, address) = (server.name, server.address);
                let _ = writeln!(io::stderr(), "{name} ended: {status}; does something else listen on {address}?");
                return Ok(Verdict::Found);
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}
