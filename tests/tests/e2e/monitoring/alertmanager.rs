//! An Alertmanager with the shipped configuration, and its alerts.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::Value;
use tests::free_port::free_address;

use super::PATIENCE;
use crate::metrics::get;

/// A server; stopped on drop, together with its data.
pub(super) struct Alertmanager {
    child: Child,
    pub(super) address: SocketAddr,
    folder: PathBuf,
}

/// An alert that notifies a receiver, or would if no other alert muted it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) fingerprint: String,
    /// Fingerprints of alerts that mute this one.
    pub(super) muted_by: Vec<String>,
}

impl Alertmanager {
    /// Starts a server, and waits until it listens.
    pub(super) fn start(configuration: &str) -> Self {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("alertmanager-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let file = folder.join("alertmanager.yml");
        std::fs::write(&file, configuration).expect("the configuration can be written");
        let address = free_address();
        let child = Command::new("prometheus-alertmanager")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`prometheus-alertmanager` does not run, install it: {error}"));
        let started = Self { child, address, folder };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "the Alertmanager does not listen");
            std::thread::yield_now();
        }
        started
    }

    /// Returns all alerts.
    pub(super) fn alerts(&self) -> Vec<Shown> {
        let (status, _, body) = get(self.address, "/api/v2/alerts", "application/json");
        assert_eq!(status, "HTTP/1.1 200 OK", "{body}");
        let answer: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let labels = |alert: &Value| {
            let labels = alert["labels"].as_object().into_iter().flatten();
            labels.map(|(name, value)| (name.clone(), text(value))).collect()
        };
        let shown = |alert: &Value| Shown {
            labels: labels(alert),
            fingerprint: text(&alert["fingerprint"]),
            muted_by: alert["status"]["inhibitedBy"].as_array().into_iter().flatten().map(text).collect(),
        };
        answer.as_array().expect("a list of alerts").iter().map(shown).collect()
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
