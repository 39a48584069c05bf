//! Annotated functions inside annotated functions, closures and blocks.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "workflow")]
fn outer() -> u8 {
    #[primitive(type = "tool")]
    fn inner() -> u8 {
        #[primitive(type = "tool")]
        fn innermost() -> u8 {
            5
        }
        innermost()
    }
    let run = || {
        #[primitive(type = "tool")]
        fn within() -> u8 {
            6
        }
        within()
    };
    inner() + run()
}

pub(crate) fn main() {
    assert_eq!(outer(), 11);
}
