//! The configuration of Prometheus: scrape targets, rule files, and the Alertmanager.

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::file::yaml;
use crate::promql;

/// Returns `prometheus.yml`.
pub(crate) fn artefact(profile: &Profile) -> Artefact {
    let interval = promql::format_duration("15s", profile.speedup);
    let job = yaml::scalar(&profile.job);
    let text = format!(
        r#"{header}# Objectives look back 30 days and Prometheus keeps 15: start it with `--storage.tsdb.retention.time=35d`, and with
# `--enable-feature=exemplar-storage` to come from a latency to a trace.
global:
  scrape_interval: {interval}
  evaluation_interval: {interval}

rule_files:
  - recording.yml
  - alerts.yml

alerting:
  alertmanagers:
    - static_configs:
        - targets: ["127.0.0.1:9093"]

scrape_configs:
  # Programs with TTA in them; add an address for each instance.
  - job_name: {job}
    static_configs:
      - targets: ["127.0.0.1:9464"]

  # Short jobs push what they counted, under a job and an instance of their own.
  - job_name: pushgateway
    honor_labels: true
    static_configs:
      - targets: ["127.0.0.1:9091"]
"#,
        header = yaml::HEADER,
    );
    Artefact::new("prometheus-rules/prometheus.yml", text)
}
