//! An `unsafe fn` and an `extern "C" fn`.
#![deny(warnings, clippy::pedantic)]
#![allow(unsafe_code)]

use tta_runtime::primitive;

/// # Safety
///
/// The pointer is valid.
#[primitive(type = "tool")]
unsafe fn read(pointer: *const u8) -> u8 {
    // SAFETY: the caller keeps the pointer valid.
    unsafe { *pointer }
}

#[primitive(type = "tool")]
extern "C" fn add(left: u8, right: u8) -> u8 {
    left + right
}

pub(crate) fn main() {
    // SAFETY: the reference is valid.
    assert_eq!(unsafe { read(&5) }, 5);
    assert_eq!(add(1, 2), 3);
}
