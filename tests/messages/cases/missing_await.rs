//! A future is used as its output.

async fn number() -> u32 {
    1
}

#[annotated]
async fn double() -> u32 {
    number() * 2
}
