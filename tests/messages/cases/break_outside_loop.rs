//! A `break` outside a loop.

#[annotated]
fn stop() {
    break;
}
