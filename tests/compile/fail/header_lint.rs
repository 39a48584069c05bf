//! A lint about a function's header is shown at the header.
#![deny(unreachable_pub)]

use tta_runtime::primitive;

mod tools {
    use super::primitive;

    #[primitive(type = "tool")]
    pub async fn later(text: &str) -> usize {
        text.len()
    }

    #[primitive(type = "tool")]
    pub async fn nothing<T>(_: T)
    where
        T: Send,
    {
    }
}

fn main() {
    drop(tools::later("a"));
    drop(tools::nothing(5));
}
