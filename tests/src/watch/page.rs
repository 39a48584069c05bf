//! A section of a page that a script keeps: all between two markers, and nothing else.

use std::fs;
use std::io;
use std::path::Path;

/// Replaces the text between `<!-- name -->` and `<!-- end of name -->`.
///
/// # Errors
///
/// Fails if the page cannot be read or written, or does not have both markers in this order.
pub fn write_section(page: &Path, name: &str, text: &str) -> io::Result<()> {
    let old = fs::read_to_string(page)?;
    fs::write(page, with_section(&old, name, text).map_err(io::Error::other)?)
}

fn with_section(page: &str, name: &str, text: &str) -> Result<String, String> {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let missing = || format!("the page lacks `{}` before `{end}`", start.trim_end());
    let (before, rest) = page.split_once(&start).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    Ok(format!("{before}{start}\n{}\n\n{end}{after}", text.trim()))
}
