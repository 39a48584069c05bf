//! Copies a source directory with the attribute on its functions or `impl` blocks; all lines keep their numbers.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::sites::{self, Kind, Mode, Site};

const ANNOTATION: &str = r#"#[::tta_runtime::primitive(type = "tool")] "#;
const LEFT_OUT: &str = "#[::tta_runtime::primitive(skip)] ";

/// The annotated functions of a crate, by kind.
#[derive(Default)]
pub(crate) struct Counts {
    sync: usize,
    r#async: usize,
    futures: usize,
    streams: usize,
}

impl Display for Counts {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {} {}", self.sync, self.r#async, self.futures, self.streams)
    }
}

/// Writes the annotated files of `sources` below `copy`, and leaves other files alone.
pub(crate) fn directory(mode: Mode, sources: &Path, copy: &Path, left_out: &BTreeSet<&str>) -> io::Result<Counts> {
    let mut counts = Counts::default();
    for (path, text, file) in files(sources)? {
        let annotated = annotated(mode, &path, &text, &sites::find(&file), left_out, &mut counts);
        fs::write(copy.join(&path), annotated)?;
    }
    Ok(counts)
}

/// Returns the path, the text and the syntax of every file that is not a test.
pub(crate) fn files(sources: &Path) -> io::Result<Vec<(PathBuf, String, syn::File)>> {
    let mut paths = Vec::new();
    walk(sources, &mut paths)?;
    let mut files = Vec::new();
    let mut tests = BTreeSet::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        // A byte order mark would shift all offsets.
        let Ok(file) = syn::parse_file(&text) else { continue };
        if text.starts_with('\u{feff}') {
            continue;
        }
        let directory = match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("lib" | "main" | "mod") | None => path.parent().unwrap_or(sources).to_owned(),
            Some(stem) => path.with_file_name(stem),
        };
        for module in sites::test_modules(&file) {
            tests.insert(directory.join(format!("{module}.rs")));
            tests.insert(directory.join(module));
        }
        files.push((path, text, file));
    }
    files.retain(|(path, ..)| !tests.iter().any(|test| path.starts_with(test)));
    for (path, ..) in &mut files {
        *path = path.strip_prefix(sources).map_err(io::Error::other)?.to_owned();
    }
    Ok(files)
}

fn walk(directory: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            walk(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

fn annotated(
    mode: Mode,
    path: &Path,
    text: &str,
    sites: &[Site],
    left_out: &BTreeSet<&str>,
    counts: &mut Counts,
) -> String {
    let is_left_out = |site: &Site| left_out.contains(format!("{}:{}", path.display(), site.line).as_str());
    let mut insertions: Vec<(usize, &str)> = Vec::new();
    let mut block_lines = 0..0;
    for site in sites {
        let (is_left_out, is_block) = (is_left_out(site), site.kind == Kind::Block);
        match mode {
            Mode::Functions if is_block || is_left_out => continue,
            Mode::Functions => insertions.push((site.offset, ANNOTATION)),
            Mode::Blocks if is_block => {
                if !is_left_out {
                    insertions.push((site.offset, ANNOTATION));
                    block_lines = site.lines.clone();
                }
                continue;
            }
            Mode::Blocks => {
                if !site.in_block || !block_lines.contains(&site.line) {
                    continue;
                }
                if is_left_out {
                    insertions.push((site.offset, LEFT_OUT));
                    continue;
                }
            }
        }
        *match site.kind {
            Kind::Async => &mut counts.r#async,
            Kind::Future => &mut counts.futures,
            Kind::Stream => &mut counts.streams,
            Kind::Sync | Kind::Block => &mut counts.sync,
        } += 1;
    }
    let mut annotated = String::with_capacity(text.len() * 2);
    let mut end = 0;
    insertions.sort_by_key(|(offset, _)| *offset);
    for (offset, attribute) in insertions {
        annotated.push_str(&text[end..offset]);
        annotated.push_str(attribute);
        end = offset;
    }
    annotated.push_str(&text[end..]);
    annotated
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    const SOURCE: &str = r"
#[inline] pub fn sync() -> u8 { fn inner() {} 1 }
const fn constant() {}
fn main() {}
#[test] fn test() {}
#[cfg(all(test, unix))] mod tests { fn helper() {} }
macro_rules! function { () => { fn generated() {} } }
trait Read {
    fn required(&self);
    async fn provided(&self) {}
}
#[async_trait] impl Read for () {
    fn required(&self) {}
    pub(crate) unsafe fn stream() -> Pin<Box<dyn Stream<Item = u8>>> { open() }
}
unsafe impl Send for X {}
impl X { const A: u8 = 1; }
";

    fn check(mode: Mode, left_out: &[&str], expected: &Expect) {
        let file = syn::parse_file(SOURCE).expect("the source is valid");
        let mut counts = Counts::default();
        let left_out = left_out.iter().copied().collect();
        let text = annotated(mode, Path::new("lib.rs"), SOURCE, &sites::find(&file), &left_out, &mut counts);
        let text = text.replace(ANNOTATION.trim(), "#[primitive]").replace(LEFT_OUT.trim(), "#[skip]");
        let changed = text.lines().zip(SOURCE.lines()).filter(|(new, old)| new != old).map(|(new, _)| new);
        let changed: Vec<&str> = changed.collect();
        expected.assert_eq(&format!("{}\n{counts}\n", changed.join("\n")));
    }

    #[test]
    fn every_function_that_can_be_called_at_run_time_is_annotated() {
        check(
            Mode::Functions,
            &[],
            &expect![[r#"
            #[inline] #[primitive] pub fn sync() -> u8 { #[primitive] fn inner() {} 1 }
                #[primitive] async fn provided(&self) {}
                #[primitive] fn required(&self) {}
                #[primitive] pub(crate) unsafe fn stream() -> Pin<Box<dyn Stream<Item = u8>>> { open() }
            3 1 0 1
        "#]],
        );
    }

    #[test]
    fn a_block_with_functions_is_annotated_as_a_whole() {
        check(
            Mode::Blocks,
            &[],
            &expect![[r#"
            #[async_trait] #[primitive] impl Read for () {
            1 0 0 1
        "#]],
        );
    }

    #[test]
    fn sites_that_failed_stay_as_they_are() {
        check(
            Mode::Functions,
            &["lib.rs:2", "lib.rs:10"],
            &expect![[r#"
                #[primitive] fn required(&self) {}
                #[primitive] pub(crate) unsafe fn stream() -> Pin<Box<dyn Stream<Item = u8>>> { open() }
            1 0 0 1
        "#]],
        );
        check(
            Mode::Blocks,
            &["lib.rs:13"],
            &expect![[r#"
            #[async_trait] #[primitive] impl Read for () {
                #[skip] fn required(&self) {}
            0 0 0 1
        "#]],
        );
    }
}
