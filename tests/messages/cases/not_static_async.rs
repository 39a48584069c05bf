//! A borrowed argument of an async function is used where it must be `'static`.

fn spawn(text: &'static str) {}

#[annotated]
async fn send(text: &str) {
    spawn(text);
}
