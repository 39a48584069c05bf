//! Prometheus, Alertmanager and a Pushgateway with the shipped configuration, accelerated, and the programs they monitor.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use tests::faults::{Fault, FaultServer};
use tests::free_port::free_address;
use tta_cli::file::artefact::Artefact;
use tta_cli::file::profile::Profile;
use tta_cli::files;

use super::alertmanager::Alertmanager;
use super::{components, past, program};
use crate::child::Running;
use crate::prometheus::Prometheus;
use crate::pushgateway::Pushgateway;
use crate::receiver::Receiver;

/// The divisor of windows, waits and intervals: an hour becomes a minute, a day 24 minutes; none is below a second.
const HASTE: u32 = 60;

/// The job of the programs.
pub(super) const JOB: &str = "tta-primitives";

/// The job without an instance.
pub(super) const RETIRED_JOB: &str = "retired";

/// The servers and programs; stopped on drop.
pub(super) struct Stack {
    pub(super) prometheus: Prometheus,
    pub(super) alertmanager: Alertmanager,
    /// The start of Prometheus; older samples are the prepared past.
    pub(super) started: SystemTime,
    /// Serves its metrics until a test stops it.
    idle: Mutex<Option<Running>>,
    idle_address: SocketAddr,
    /// Servers and programs that run as long as this lives.
    _others: Mutex<(Pushgateway, [Running; 4], Receiver, FaultServer)>,
}

impl Stack {
    /// Returns the stack that other tests have started and still use, or starts one.
    pub(super) fn shared() -> Arc<Self> {
        static RUNNING: Mutex<Weak<Stack>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let stack = Arc::new(Self::start());
            *running = Arc::downgrade(&stack);
            stack
        })
    }

    fn start() -> Self {
        let (pushgateway, collector) = (Pushgateway::start(), Receiver::start());
        let refusing = FaultServer::start(Fault::Status(400, None));
        components::push(&pushgateway);
        let [failing, hanging, work, trouble, idle] = [(); 5].map(|()| free_address());
        let traces = collector.endpoint();
        let programs = [
            program::failing(failing, free_address()),
            program::hanging(hanging, &traces),
            program::work(work, &traces),
            program::trouble(trouble, &refusing.endpoint()),
        ];
        let idle_program = program::idle(idle);
        let files = files::all(&Profile::default().with_job(JOB).with_speedup(HASTE));
        let alertmanager = Alertmanager::start(&named(&files, "alertmanager.yml").text);
        let targets = [failing, hanging, work, trouble, idle].map(|address| format!("\"{address}\"")).join(", ");
        let addresses = [
            ("\"127.0.0.1:9464\"", targets),
            ("127.0.0.1:9091", pushgateway.address.to_string()),
            ("127.0.0.1:9093", alertmanager.address.to_string()),
        ];
        let ours = |text: &str| {
            addresses.iter().fold(text.to_owned(), |text, (shipped, ours)| {
                assert!(text.contains(shipped), "{shipped} is not in the configuration");
                text.replace(shipped, ours)
            })
        };
        let past = past::text(HASTE);
        let started = SystemTime::now();
        let prometheus = Prometheus::of_files_and_past(
            &[
                ("prometheus.yml", ours(&named(&files, "prometheus.yml").text)),
                ("recording.yml", named(&files, "recording.yml").text.clone()),
                ("alerts.yml", named(&files, "alerts.yml").text.clone()),
            ],
            &past,
        );
        Self {
            prometheus,
            alertmanager,
            started,
            idle: Mutex::new(Some(idle_program)),
            idle_address: idle,
            _others: Mutex::new((pushgateway, programs, collector, refusing)),
        }
    }

    /// Stops the program that only serves its metrics, and returns its address.
    pub(super) fn stop_idle(&self) -> SocketAddr {
        drop(self.idle.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.idle_address
    }
}

/// Servers with the shipped configuration of a job whose instances have all left the service discovery.
pub(super) struct Retired {
    pub(super) alertmanager: Alertmanager,
    _prometheus: Prometheus,
}

impl Retired {
    pub(super) fn start() -> Self {
        let files = files::all(&Profile::default().with_job(RETIRED_JOB).with_speedup(HASTE));
        let alertmanager = Alertmanager::start(&named(&files, "alertmanager.yml").text);
        let configuration = &named(&files, "prometheus.yml").text;
        assert!(configuration.contains("\"127.0.0.1:9464\""), "{configuration}");
        let configuration = configuration.replace("\"127.0.0.1:9464\"", "");
        let prometheus = Prometheus::of_files(&[
            ("prometheus.yml", configuration.replace("127.0.0.1:9093", &alertmanager.address.to_string())),
            ("recording.yml", named(&files, "recording.yml").text.clone()),
            ("alerts.yml", named(&files, "alerts.yml").text.clone()),
        ]);
        Self { alertmanager, _prometheus: prometheus }
    }
}

fn named<'a>(files: &'a [Artefact], name: &str) -> &'a Artefact {
    let path = Path::new("prometheus-rules").join(name);
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no file {name} is generated"))
}
