//! A trace that is printed if the environment enables it.

use tta_runtime::primitive;

pub(super) fn run() {
    let telemetry = super::start();
    super::block_on(printed());
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn printed() {
    let _ = failing();
    working();
}

#[primitive(type = "tool")]
fn failing() -> Result<(), String> {
    Err("no".to_owned())
}

#[primitive(type = "tool")]
fn working() {}
