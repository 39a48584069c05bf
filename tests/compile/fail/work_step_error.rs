//! A step with another error type than the one before it.

use tta_runtime::block::Sequential;

async fn parse(text: String) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

async fn half(number: u32) -> Result<u32, String> {
    Ok(number / 2)
}

fn main() {
    drop(Sequential::new("flow") >> parse >> half);
}
