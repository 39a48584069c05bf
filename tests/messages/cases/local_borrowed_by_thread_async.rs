//! A thread borrows an argument of an async function.

#[annotated]
async fn send(text: String) {
    std::thread::spawn(|| println!("{text}"));
}
