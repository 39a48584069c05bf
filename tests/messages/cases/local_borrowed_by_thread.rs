//! A thread borrows a local.

#[annotated]
fn send(text: String) {
    std::thread::spawn(|| println!("{text}"));
}
