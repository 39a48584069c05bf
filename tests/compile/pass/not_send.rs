//! A future that is not `Send`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::rc::Rc;
use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn counted(shared: Rc<u8>) -> Rc<u8> {
    let held = Rc::clone(&shared);
    std::future::ready(()).await;
    held
}

pub(crate) fn main() {
    drop(counted(Rc::new(5)));
}
