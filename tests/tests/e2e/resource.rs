//! The resource that a collector receives, as the environment gives it.

use opentelemetry_proto::tonic::common::v1::any_value::Value;

use crate::child::{run, subject};
use crate::receiver::Receiver;

#[test]
fn attributes_of_the_environment_are_decoded_on_every_signal() {
    let receiver = Receiver::start();
    let mut subject = subject("judged");
    subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).env("OTEL_LOGS_EXPORTER", "otlp");
    subject.env("OTEL_RESOURCE_ATTRIBUTES", "team=blue%2Cgreen,service.name=of%20attributes,");
    run(subject.env("OTEL_SERVICE_NAME", " "));
    let received = receiver.received();
    let text = |attributes: &[opentelemetry_proto::tonic::common::v1::KeyValue], key: &str| {
        let mut values = attributes.iter().filter(|attribute| attribute.key == key);
        let (value, other) = (values.next()?.value.clone()?.value?, values.next());
        assert_eq!(other, None, "{key} is there once");
        if let Value::StringValue(text) = value { Some(text) } else { panic!("{key} is {value:?}") }
    };
    assert_eq!(received.resources.len(), 3, "traces, logs and metrics");
    for attributes in &received.resources {
        let [team, name, sdk] = ["team", "service.name", "telemetry.sdk.language"].map(|key| text(attributes, key));
        let expected = ["blue,green", "of attributes", "rust"].map(str::to_owned);
        assert_eq!([team, name, sdk].map(Option::unwrap_or_default), expected, "{attributes:?}");
    }
}
