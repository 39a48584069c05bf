//! An async function that must not return does.

#[annotated]
async fn stop() -> ! {
    println!("stop");
}
