//! Outputs that are named through `Self` and associated types.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

trait Step {
    type Output;
    type Error;
    fn run(&self) -> Result<Self::Output, Self::Error>;
}

struct Doubles(u8);

impl Step for Doubles {
    type Output = u8;
    type Error = String;

    #[primitive(type = "processor", action = "process")]
    fn run(&self) -> Result<Self::Output, Self::Error> {
        let Self(number) = self;
        number.checked_mul(2).ok_or_else(|| "too large".to_owned())
    }
}

pub(crate) fn main() {
    assert_eq!(Doubles(2).run(), Ok(4));
}
