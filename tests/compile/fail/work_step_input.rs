//! A step that does not accept the output of the one before it.

use tta_runtime::block::Sequential;

async fn count(text: String) -> Result<usize, String> {
    Ok(text.len())
}

async fn shout(text: String) -> Result<String, String> {
    Ok(text.to_uppercase())
}

fn main() {
    drop(Sequential::new("flow").then(count).then(shout));
}
