//! An unsafe function is called outside `unsafe`.

unsafe fn read() -> u32 {
    1
}

#[annotated]
async fn call() -> u32 {
    read()
}
