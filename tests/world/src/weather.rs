//! A tool for agents of the crate `rig`.

use rig_core::tool::PortableTool;

/// The tool.
#[derive(Debug)]
pub struct Weather;

/// The place whose weather is asked for.
#[derive(Debug, serde::Deserialize)]
pub struct Place {
    city: String,
}

impl PortableTool for Weather {
    const NAME: &'static str = "weather";

    type Args = Place;
    type Output = String;
    type Error = std::io::Error;

    fn description(&self) -> String {
        "Returns the weather.".into()
    }

    fn parameters(&self) -> serde_json::Value {
        serde_json::json!({ "type": "object", "properties": { "city": { "type": "string" } } })
    }

    async fn call(&self, place: Place) -> Result<String, std::io::Error> {
        Ok(format!("rain in {}", place.city))
    }
}
