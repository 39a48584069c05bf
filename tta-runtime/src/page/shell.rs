//! The page itself: one file of HTML, which has no data.

/// The page, compressed with gzip.
pub(crate) const HTML_GZ: &[u8] = include_bytes!("../../page/dist/page.html.gz");

/// The value of its `Content-Security-Policy`.
pub(crate) const POLICY: &str = include_str!("../../page/dist/page.csp");
