//! The Rust sources below the paths that a command is given.

use std::path::PathBuf;

use super::failure::Failure;

/// Returns the path and the text of each source file, without build output, which contains copies of sources.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut sources = Vec::new();
    for path in paths {
        let is_wanted = |entry: &walkdir::DirEntry| entry.depth() == 0 || entry.file_name() != "target";
        for entry in walkdir::WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(is_wanted) {
            let entry = entry.map_err(|error| Failure::Read { path: path.clone(), source: error.into() })?;
            if entry.path().extension().is_none_or(|extension| extension != "rs") || !entry.file_type().is_file() {
                continue;
            }
            let text = std::fs::read_to_string(entry.path())
                .map_err(|source| Failure::Read { path: entry.path().to_owned(), source })?;
            sources.push((entry.into_path(), text));
        }
    }
    Ok(sources)
}
