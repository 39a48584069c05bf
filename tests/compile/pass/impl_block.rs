//! An `impl` block with a skipped method, a method with its own keys, and a `const fn`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
enum Audience {
    Public,
    Internal,
}

struct Client<T> {
    inner: T,
}

struct Several<T, const N: usize>([T; N]);

#[primitive(type = "tool", slo(availability = 99.9))]
impl<T: Clone + Send> Client<T> {
    /// The largest number of attempts.
    const ATTEMPTS: [u8; 2] = [1, 2];

    const fn new(inner: T) -> Self {
        Self { inner }
    }

    fn inner(&self) -> Several<T, { 2 - 1 }> {
        Several([self.inner.clone()])
    }

    #[primitive(skip)]
    fn attempts(&self) -> u8 {
        let _ = &self.inner;
        Self::ATTEMPTS[1]
    }

    #[primitive(type = "agent", action = "plan", name = "planning", labels(audience = audience))]
    async fn plan(&mut self, audience: Audience, other: T) -> T {
        self.inner = other;
        std::future::ready(()).await;
        self.inner.clone()
    }
}

pub(crate) fn main() {
    let mut client = Client::new(5);
    assert_eq!(client.inner().0, [5]);
    assert_eq!(client.attempts(), 2);
    drop(client.plan(Audience::Public, 6));
    drop(client.plan(Audience::Internal, 6));
}
