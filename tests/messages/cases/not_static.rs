//! A borrowed argument is used where it must be `'static`.

fn spawn(text: &'static str) {}

#[annotated]
fn send(text: &str) {
    spawn(text);
}
