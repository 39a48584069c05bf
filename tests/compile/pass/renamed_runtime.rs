//! The runtime under another path.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

mod telemetry {
    pub(super) use tta_runtime as runtime;
}

use telemetry::runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
#[label(crate = telemetry::runtime)]
enum Audience {
    Public,
}

#[primitive(type = "tool", crate = self::telemetry::runtime, labels(audience = audience, other = Audience::Public))]
fn labelled(audience: Audience) -> Audience {
    audience
}

pub(crate) fn main() {
    let _ = labelled(Audience::Public);
}
