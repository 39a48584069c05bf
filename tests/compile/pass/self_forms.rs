//! Methods with every form of `self`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use tta_runtime::primitive;

#[derive(Clone)]
struct Client {
    name: String,
}

impl Client {
    #[primitive(type = "tool")]
    fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    #[primitive(type = "tool")]
    fn by_value(self) -> String {
        self.name
    }

    #[primitive(type = "tool")]
    fn by_mut_value(mut self, text: &str) -> Self {
        self.name.push_str(text);
        self
    }

    #[primitive(type = "tool")]
    fn by_reference(&self) -> &str {
        &self.name
    }

    #[primitive(type = "tool")]
    fn by_mut_reference(&mut self) -> &mut String {
        self.name.push('x');
        &mut self.name
    }

    #[primitive(type = "tool")]
    fn by_box(self: Box<Self>) -> String {
        self.name
    }

    #[primitive(type = "tool")]
    fn by_pin(self: Pin<&mut Self>) -> usize {
        self.name.len()
    }

    #[primitive(type = "tool")]
    fn by_arc(self: Arc<Self>) -> usize {
        self.name.len()
    }

    #[primitive(type = "tool")]
    fn by_rc(self: &Rc<Self>) -> usize {
        self.name.len()
    }

    #[primitive(type = "tool")]
    async fn later(&mut self, text: &str) -> &mut String {
        std::future::ready(()).await;
        self.name.push_str(text);
        &mut self.name
    }

    #[primitive(type = "tool")]
    async fn later_by_box(mut self: Box<Self>) -> Box<Self> {
        std::future::ready(()).await;
        self.name.clear();
        self
    }
}

pub(crate) fn main() {
    let mut client = Client::new("a").by_mut_value("b");
    client.by_mut_reference().push('y');
    assert_eq!(client.by_reference(), "abxy");
    assert_eq!(Pin::new(&mut client).by_pin(), 4);
    assert_eq!(Arc::new(client.clone()).by_arc(), 4);
    assert_eq!(Rc::new(client.clone()).by_rc(), 4);
    assert_eq!(Box::new(client.clone()).by_box(), "abxy");
    drop(client.later("z"));
    drop(Box::new(client.clone()).later_by_box());
    assert_eq!(client.by_value(), "abxy");
}
