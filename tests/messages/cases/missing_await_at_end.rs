//! A future is returned as its output.

async fn number() -> u32 {
    1
}

#[annotated]
async fn same() -> u32 {
    number()
}
