//! A function with a wrong attribute stays as it was, so that its callers report no errors.

use tta_runtime::primitive;

#[primitive(type = "lmm", labels(user_id = user))]
async fn asked(user: &str) -> Result<usize, String> {
    Ok(user.len())
}

async fn asks() -> Result<usize, String> {
    let length = asked("a").await?;
    Ok(length + 1)
}

fn main() {
    drop(asks());
}
