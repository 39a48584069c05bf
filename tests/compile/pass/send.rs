//! A future that is `Send` stays `Send`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool", attributes("text.length" = text.len()), labels(who = capped(&text)))]
async fn sent(text: String, cell: std::cell::Cell<u8>) -> usize {
    std::future::ready(()).await;
    text.len() + usize::from(cell.get())
}

pub(crate) fn main() {
    fn is_send(_: impl Send + 'static) {}
    is_send(sent("a".to_owned(), std::cell::Cell::new(1)));
}
