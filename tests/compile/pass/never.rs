//! Functions that do not return.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool")]
fn exits(text: &str) -> ! {
    if text.is_empty() {
        std::process::exit(0);
    }
    loop {
        std::thread::park();
    }
}

#[primitive(type = "tool")]
fn panics(cell: std::cell::RefCell<u8>) -> ! {
    panic!("{}", *cell.borrow())
}

#[primitive(type = "tool")]
async fn waits(text: String) -> ! {
    loop {
        println!("{text}");
        std::future::pending::<()>().await;
    }
}

#[primitive(type = "tool")]
fn always_panics(left: u8) -> u32 {
    panic!("{left}")
}

#[primitive(type = "tool")]
async fn waits_for_ever() -> u32 {
    loop {
        std::future::pending::<()>().await;
    }
}

pub(crate) fn main() {
    let _: fn(&str) -> ! = exits;
    let _: fn(std::cell::RefCell<u8>) -> ! = panics;
    let _: fn(u8) -> u32 = always_panics;
    drop(async {
        waits(String::new()).await;
    });
    drop(waits_for_ever());
}
