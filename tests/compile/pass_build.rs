//! Makes the driver build its cases, and not only check them.

fn main() {}
