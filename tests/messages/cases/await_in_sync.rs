//! `await` in a function that is not async.

#[annotated]
fn wait() {
    std::future::ready(()).await;
}
