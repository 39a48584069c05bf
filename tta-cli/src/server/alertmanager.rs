//! The configuration of Alertmanager: routes by severity, and inhibition rules.

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::file::yaml;
use crate::promql;

/// Returns `alertmanager.yml`.
pub(crate) fn artefact(profile: &Profile) -> Artefact {
    let duration = |text| promql::format_duration(text, profile.speedup);
    let text = format!(
        r#"{header}# The receivers have no address yet: add Slack, a pager, mail or a webhook to each, see docs/monitoring.md.
route:
  receiver: info
  group_by: ["alertname", "job"]
  group_wait: {wait}
  group_interval: {interval}
  repeat_interval: 1d
  routes:
    - matchers: ['severity="critical"']
      receiver: critical
      group_wait: {soon}
      repeat_interval: 1h
    - matchers: ['severity="warning"']
      receiver: warning
      repeat_interval: 12h

receivers:
  - name: critical
  - name: warning
  - name: info

inhibit_rules:
  # An instance that is down, or a job without instances, explains what is missing, slow or wrong at its job, and has called somebody.
  - source_matchers: ['alertname=~"TtaServiceDown|TtaServiceMissing"']
    target_matchers: ['alertname!~"TtaServiceDown|TtaServiceMissing"']
    equal: ["job"]
  # A budget that burns fast also burns slowly.
  - source_matchers: ['burn="fast"']
    target_matchers: ['burn="slow"']
    equal: ["job", "primitive_name", "slo"]
"#,
        header = yaml::HEADER,
        wait = duration("30s"),
        soon = duration("10s"),
        interval = duration("5m"),
    );
    Artefact::new("prometheus-rules/alertmanager.yml", text)
}
