//! Inner attributes of a body apply to the body and to the parameters.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool")]
fn allowed(first: u8, second: String) -> u8 {
    #![allow(unused_variables, clippy::needless_pass_by_value)]
    let third = 5;
    1
}

#[primitive(type = "tool")]
async fn allowed_later(first: Box<u8>) -> u8 {
    //! A description within.
    #![allow(unused_variables, clippy::unused_async)]
    let third = 5;
    1
}

pub(crate) fn main() {
    assert_eq!(allowed(1, String::new()), 1);
    drop(allowed_later(Box::new(1)));
}
