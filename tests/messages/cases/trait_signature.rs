//! A method has another signature than its trait.

trait Read {
    fn read(&self) -> u32;
}

impl Read for () {
    #[annotated]
    fn read(&self) -> String {
        String::new()
    }
}
