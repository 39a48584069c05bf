//! A parameter without a plain name, and a polled function whose arguments are named.

use tta_runtime::primitive;

#[primitive(type = "tool", loop_guard)]
fn called((city, days): (&str, u8)) -> Result<usize, String> {
    Ok(city.len() + usize::from(days))
}

#[primitive(type = "tool", loop_guard(polled, arguments = city))]
fn polled(city: &str) -> Result<usize, String> {
    Ok(city.len())
}

fn main() {
    let _ = (called(("Bergen", 1)), polled("Bergen"));
}
