//! The models of the server, and their speeds.

use std::time::Duration;

use axum::Json;
use serde_json::{Value, json};

/// A model's name and typical speed.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) id: &'static str,
    pub(crate) created: u64,
    /// Median time until the first token.
    pub(crate) first_token: Duration,
    /// Median time of each further token.
    pub(crate) per_token: Duration,
}

/// All models, about three times as fast as the real ones, so that a first run takes seconds.
const MODELS: &[Model] = &[
    Model {
        id: "gpt-4o-mini",
        created: 1_721_172_741,
        first_token: Duration::from_millis(150),
        per_token: Duration::from_micros(2_500),
    },
    Model {
        id: "gpt-4o",
        created: 1_715_367_049,
        first_token: Duration::from_millis(220),
        per_token: Duration::from_micros(4_500),
    },
];

/// Returns the model called `id`.
pub(crate) fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}

/// Handles `GET /v1/models`.
pub(crate) async fn list() -> Json<Value> {
    let row =
        |model: &Model| json!({"id": model.id, "object": "model", "created": model.created, "owned_by": "system"});
    Json(json!({"object": "list", "data": MODELS.iter().map(row).collect::<Vec<_>>()}))
}
