//! A future is not awaited, which is denied.
#![deny(unused_must_use)]

async fn save() {}

#[annotated]
async fn run() {
    save();
}
