//! The terminal view of a running program, from the live page's API.

mod drawing;
mod filter;
mod number;
mod plain;
mod question;
mod reader;
mod screen_text;
mod session;
mod terminal;
mod view;

pub use self::plain::plain_frame;
pub use self::session::show;
pub use self::view::Tab;

#[cfg(test)]
mod tests;
