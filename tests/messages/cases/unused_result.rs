//! A `Result` is not used, which is denied.
#![deny(unused_must_use)]

fn save() -> Result<(), String> {
    Ok(())
}

#[annotated]
async fn run() {
    save();
}
