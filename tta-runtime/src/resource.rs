//! The resource: how receivers tell this program and this process from others.

use std::sync::{Mutex, PoisonError};

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use uuid::Uuid;

/// The part of the resource that the program sets.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) service_name: Option<String>,
    /// The name if the environment has none.
    pub(crate) default_service_name: Option<String>,
    pub(crate) service_version: Option<String>,
}

/// Returns the resource that the program and the environment configure; the program wins, except for its default.
pub(crate) fn configured(given: Given, environment: Vec<KeyValue>) -> Resource {
    let name = given.default_service_name.unwrap_or_else(|| "unknown_service".to_owned());
    let own = [("service.name", given.service_name), ("service.version", given.service_version)];
    let own = own.into_iter().filter_map(|(key, text)| Some(KeyValue::new(key, text?)));
    // A later attribute replaces an earlier one.
    Resource::builder_empty()
        .with_attribute(KeyValue::new("service.name", name))
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(environment)
        .with_attributes(own)
        .build()
}

/// Adds what this process knows of itself, except what is configured.
///
/// The keys are those of OpenTelemetry's resource conventions (1.44.0). They differ for each process: whoever groups by the
/// resource for longer than a process lives takes the configured one.
pub(crate) fn of_process(configured: &Resource) -> Resource {
    let own = [
        Some(KeyValue::new("service.instance.id", instance_id())),
        Some(KeyValue::new("process.pid", i64::from(std::process::id()))),
        host_name().map(|name| KeyValue::new("host.name", name)),
        Some(KeyValue::new("telemetry.distro.name", "tta")),
        Some(KeyValue::new("telemetry.distro.version", env!("CARGO_PKG_VERSION"))),
    ];
    let given = configured.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Resource::builder_empty().with_attributes(own.into_iter().flatten()).with_attributes(given).build()
}

/// Returns the same random UUID as long as the process lives, also after another start: its counters go on. A fork has its own.
fn instance_id() -> Value {
    static ID: Mutex<Option<(u32, Uuid)>> = Mutex::new(None);
    let own = std::process::id();
    let mut id = ID.lock().unwrap_or_else(PoisonError::into_inner);
    let uuid = id.filter(|(process, _)| *process == own).map_or_else(Uuid::new_v4, |(_, uuid)| uuid);
    *id = Some((own, uuid));
    uuid.to_string().into()
}

#[cfg(any(feature = "otlp", feature = "push"))]
pub(crate) fn host_name() -> Option<String> {
    Some(gethostname::gethostname().to_string_lossy().into_owned()).filter(|name| !name.is_empty())
}

#[cfg(not(any(feature = "otlp", feature = "push")))]
fn host_name() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use opentelemetry::{Key, KeyValue};
    use opentelemetry_sdk::Resource;

    use super::{Given, configured, of_process};

    fn text(resource: &Resource, key: &'static str) -> Option<String> {
        resource.get(&Key::from_static_str(key)).map(|value| value.as_str().into_owned())
    }

    #[test]
    fn a_process_keeps_its_identity_and_what_is_configured() {
        let (service_name, service_version) = (Some("shop".to_owned()), Some("1.2.3".to_owned()));
        let configured = configured(Given { service_name, service_version, ..Given::default() }, Vec::new());
        let of_process = [of_process(&configured), of_process(&configured)];
        assert_eq!(of_process[0], of_process[1]);
        let of = |key| text(&of_process[0], key);
        assert_eq!((of("service.name").as_deref(), of("service.version").as_deref()), (Some("shop"), Some("1.2.3")));
        assert_eq!(of("telemetry.sdk.language").as_deref(), Some("rust"));
        assert_eq!(of("process.pid"), Some(std::process::id().to_string()));
        let id = uuid::Uuid::parse_str(&of("service.instance.id").unwrap()).unwrap();
        assert_eq!(id.get_version(), Some(uuid::Version::Random));
    }

    #[test]
    fn the_service_s_name_is_the_program_s_the_environment_s_or_the_program_s_default() {
        let default = || Given { default_service_name: Some("default".to_owned()), ..Given::default() };
        let named = || Given { service_name: Some("program".to_owned()), ..default() };
        let environment =
            |names: &[&'static str]| names.iter().map(|name| KeyValue::new("service.name", *name)).collect();
        for (given, names, expected) in [
            (Given::default(), &[][..], "unknown_service"),
            (default(), &[], "default"),
            (default(), &["environment"], "environment"),
            (default(), &["attributes", "environment"], "environment"),
            (named(), &["environment"], "program"),
        ] {
            assert_eq!(text(&configured(given, environment(names)), "service.name").as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_configured_instance_is_not_replaced() {
        let pod = KeyValue::new("service.instance.id", "pod-1");
        let configured = Resource::builder_empty().with_attributes([pod, KeyValue::new("process.pid", 7)]).build();
        let of_process = of_process(&configured);
        assert_eq!(text(&of_process, "service.instance.id").as_deref(), Some("pod-1"));
        assert_eq!(text(&of_process, "process.pid").as_deref(), Some("7"));
    }
}
