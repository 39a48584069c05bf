//! Grafana's provisioning files: data sources, and where dashboards are.

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::file::yaml;

/// Returns both files.
pub(crate) fn artefacts(profile: &Profile) -> [Artefact; 2] {
    [
        Artefact::new("grafana/provisioning/datasources/tta.yml", datasources(profile)),
        Artefact::new("grafana/provisioning/dashboards/tta.yml", dashboards()),
    ]
}

fn datasources(profile: &Profile) -> String {
    format!(
        r#"{header}apiVersion: 1

datasources:
  - name: {name}
    uid: tta-prometheus
    type: prometheus
    access: proxy
    url: http://127.0.0.1:9090
    isDefault: true
    jsonData:
      httpMethod: POST
      prometheusType: Prometheus
      # The scrape interval: what `$__rate_interval` is four times of, at least.
      timeInterval: 15s
      # A point beside a latency is a call, and leads to its trace.
      exemplarTraceIdDestinations:
        - name: trace_id
          datasourceUid: tta-jaeger

  - name: Jaeger
    uid: tta-jaeger
    type: jaeger
    access: proxy
    url: http://127.0.0.1:16686
"#,
        header = yaml::HEADER,
        name = yaml::scalar(&profile.datasource),
    )
}

fn dashboards() -> String {
    format!(
        r"{header}apiVersion: 1

providers:
  - name: TTA
    folder: TTA
    type: file
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      # The folder grafana/dashboards, wherever it is; Grafana reads the variable.
      path: $TTA_DASHBOARDS
",
        header = yaml::HEADER,
    )
}
