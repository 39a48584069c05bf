//! A function that must not return does.

#[annotated]
fn stop() -> ! {
    println!("stop");
}
