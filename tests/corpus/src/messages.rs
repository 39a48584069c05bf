//! Prints what the compiler says about annotated sources, each message with the site that it belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};
use std::path::Path;

use serde_json::Value;

use crate::annotate;
use crate::sites::{self, Kind, Mode, Site};

/// Prints one line for each message: level, site, path and line, code, text, separated by tabs.
///
/// The site is that of the innermost annotated item around the message, or `-` if there is none.
pub(crate) fn print(mode: Mode, sources: &Path) -> io::Result<()> {
    let mut sites = BTreeMap::new();
    for (path, _, file) in annotate::files(sources)? {
        sites.insert(path.display().to_string(), sites::find(&file));
    }
    let mut lines = BTreeSet::new();
    for line in io::stdin().lock().lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
        if message["reason"] == "compiler-message" {
            lines.extend(described(&message["message"], mode, &sites));
        }
    }
    for line in lines {
        println!("{line}");
    }
    Ok(())
}

fn described(message: &Value, mode: Mode, sites: &BTreeMap<String, Vec<Site>>) -> Option<String> {
    let spans = message["spans"].as_array()?;
    let span = spans.iter().find(|span| span["is_primary"] == true)?;
    let (path, line) = in_sources(span)?;
    let site = sites.get(&path).and_then(|sites| {
        let is_candidate = |site: &&Site| match mode {
            Mode::Functions => site.kind != Kind::Block,
            Mode::Blocks => site.kind == Kind::Block || site.in_block,
        };
        // Inner sites come last.
        sites.iter().rfind(|site| is_candidate(site) && site.lines.contains(&line))
    });
    let site = site.map_or_else(|| "-".to_owned(), |site| format!("{path}:{}", site.line));
    let [level, text] = ["level", "message"].map(|key| message[key].as_str().unwrap_or_default().replace('\n', " "));
    let code = message["code"]["code"].as_str().unwrap_or("-");
    Some(format!("{level}\t{site}\t{path}:{line}\t{code}\t{text}"))
}

/// Returns the path below `src` and the line of a span, outside all macros.
fn in_sources(span: &Value) -> Option<(String, usize)> {
    let mut span = span;
    loop {
        let outer = &span["expansion"]["span"];
        if outer.is_null() {
            break;
        }
        span = outer;
    }
    let path = span["file_name"].as_str()?.strip_prefix("src/")?;
    Some((path.to_owned(), usize::try_from(span["line_start"].as_u64()?).ok()?))
}
