//! The variables of the resource: `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`.

use opentelemetry::KeyValue;
use percent_encoding::percent_decode_str;

use super::{EnvironmentError, ReadVariable};

/// Returns the attributes that the environment gives the resource; the latter of two with one key counts.
///
/// By OpenTelemetry's specification they are `key=value` pairs with commas between them, and what is percent-encoded is decoded. White
/// space around keys and values does not count, and neither does an empty pair, such as after a comma at the end.
pub(crate) fn resource_attributes(read: ReadVariable<'_>) -> Result<Vec<KeyValue>, EnvironmentError> {
    const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let value = read(VARIABLE).unwrap_or_default();
    let pairs = value.split(',').filter(|pair| !pair.trim().is_empty());
    let attributes: Option<Vec<_>> = pairs.map(attribute).collect();
    let expected = "`key=value` pairs with commas between them, with `%2C` and `%3D` for a comma and an equals sign \
                    inside, such as `service.namespace=shop,deployment.environment.name=test`";
    let mut attributes = attributes.ok_or(EnvironmentError { variable: VARIABLE, value, expected })?;
    if let Some(name) = read("OTEL_SERVICE_NAME") {
        attributes.push(KeyValue::new("service.name", name));
    }
    Ok(attributes)
}

fn attribute(pair: &str) -> Option<KeyValue> {
    let (key, value) = pair.split_once('=')?;
    let decoded = |text: &str| Some(percent_decode_str(text.trim()).decode_utf8().ok()?.into_owned());
    let key = decoded(key).filter(|key| !key.is_empty())?;
    Some(KeyValue::new(key, decoded(value)?))
}

#[cfg(test)]
mod tests {
    use super::resource_attributes;

    fn attributes(text: &'static str, name: Option<&'static str>) -> Result<Vec<String>, String> {
        let read = move |variable: &str| match variable {
            "OTEL_RESOURCE_ATTRIBUTES" => Some(text.to_owned()).filter(|text| !text.is_empty()),
            _ => name.map(str::to_owned),
        };
        let attributes = resource_attributes(&read).map_err(|error| error.to_string())?;
        Ok(attributes.iter().map(|attribute| format!("{}={}", attribute.key, attribute.value)).collect())
    }

    #[test]
    fn pairs_are_decoded_as_the_specification_writes_them() {
        let of = |text| attributes(text, None).unwrap();
        assert_eq!(of(""), [""; 0]);
        assert_eq!(of(" team = blue%2Cgreen ,note=50%25+1,a%3Db=%C3%A9,"), ["team=blue,green", "note=50%+1", "a=b=é"]);
        assert_eq!(of("base64=SGVsbG8=,empty="), ["base64=SGVsbG8=", "empty="]);
    }

    #[test]
    fn the_service_s_own_variable_comes_last() {
        assert_eq!(attributes("service.name=a", Some("b")).unwrap(), ["service.name=a", "service.name=b"]);
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for text in ["team", "team=blue,green", "=blue", "team=%FF"] {
            let expected = format!(
                "OTEL_RESOURCE_ATTRIBUTES=`{text}` cannot be used; write `key=value` pairs with commas between them, with \
                 `%2C` and `%3D` for a comma and an equals sign inside, such as \
                 `service.namespace=shop,deployment.environment.name=test`"
            );
            assert_eq!(attributes(text, None), Err(expected));
        }
    }
}
