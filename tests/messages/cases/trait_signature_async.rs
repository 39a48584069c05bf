//! An async method has another output than its trait.

trait Read {
    async fn read(&self) -> u32;
}

impl Read for () {
    #[annotated]
    async fn read(&self) -> String {
        String::new()
    }
}
