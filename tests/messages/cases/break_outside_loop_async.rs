//! A `break` outside a loop in an async function.

#[annotated]
async fn stop() {
    break;
}
