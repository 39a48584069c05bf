//! Makes trybuild build its cases instead of only checking them.

fn main() {}
