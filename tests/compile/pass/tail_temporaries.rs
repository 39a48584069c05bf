//! Temporaries of the last expression that borrow from parameters and locals.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::sync::Mutex;
use tta_runtime::primitive;

#[primitive(type = "tool")]
fn locked(shared: Mutex<Vec<u8>>) -> usize {
    shared.lock().map_or(0, |items| items.len())
}

#[primitive(type = "tool")]
fn matched(shared: Mutex<Vec<u8>>) -> u8 {
    match shared.lock().as_deref().map(Vec::as_slice) {
        Ok([first, ..]) => *first,
        _ => 0,
    }
}

#[primitive(type = "tool")]
async fn later(shared: std::rc::Rc<Mutex<Vec<u8>>>) -> usize {
    std::future::ready(()).await;
    shared.lock().map_or(0, |items| items.len())
}

pub(crate) fn main() {
    assert_eq!(locked(Mutex::new(vec![1])), 1);
    assert_eq!(matched(Mutex::new(vec![1])), 1);
    drop(later(std::rc::Rc::new(Mutex::new(vec![1]))));
}
