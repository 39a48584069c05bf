//! Functions that macros generate from fragments.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

macro_rules! tools {
    ($($(#[$meta:meta])* $vis:vis $name:ident($argument:ident: $type:ty) -> $output:ty $body:block)*) => {$(
        $(#[$meta])*
        #[primitive(type = "tool")]
        $vis fn $name($argument: $type) -> $output $body
    )*};
}

tools! {
    /// Adds one.
    increment(number: u8) -> u8 { number + 1 }
    length(text: &str) -> usize { text.len() }
}

macro_rules! whole {
    ($item:item, $name:literal, $label:expr) => {
        #[primitive(type = "tool", name = $name, labels(flag = $label))]
        $item
    };
}

whole! {
    async fn whole(flag: bool) -> u8 {
        std::future::ready(u8::from(flag)).await
    },
    "whole",
    true
}

pub(crate) fn main() {
    assert_eq!(increment(1), 2);
    assert_eq!(length("a"), 1);
    drop(whole(true));
}
