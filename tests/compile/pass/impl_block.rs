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

/// Attribute macros of methods run before the block's attribute: one may copy a method for other types.
#[primitive(type = "tool", labels(audience = audience), attributes("size" = size_of::<T>()))]
impl<T: Clone + Send + 'static> Client<Vec<T>> {
    #[duplicate::duplicate_item(
        method       Input;
        [append]     [T];
        [append_all] [Vec<T>];
    )]
    async fn method(&mut self, audience: Audience, input: Input) -> (usize, Option<Input>) {
        let returned: Option<Input> = Some(input);
        std::future::ready(audience).await;
        (self.inner.len(), returned)
    }

    #[tracing::instrument(skip_all)]
    #[must_use]
    fn len(&self, audience: Audience) -> usize {
        let _ = audience;
        self.inner.len()
    }
}

pub(crate) fn main() {
    let mut client = Client::new(5);
    assert_eq!(client.inner().0, [5]);
    assert_eq!(client.attempts(), 2);
    drop(client.plan(Audience::Public, 6));
    drop(client.plan(Audience::Internal, 6));
    let mut lists = Client::new(vec!["a"]);
    assert_eq!(futures_executor::block_on(lists.append(Audience::Public, "b")), (1, Some("b")));
    assert_eq!(futures_executor::block_on(lists.append_all(Audience::Public, vec!["b"])), (1, Some(vec!["b"])));
    assert_eq!(lists.len(Audience::Internal), 1);
}
