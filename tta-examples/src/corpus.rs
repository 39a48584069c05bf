//! Loads the documents to ask about: the user's files, or the embedded handbook.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A text, with the name under which it is cited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum CorpusError {
    #[error("{} does not exist", .path.display())]
    Missing { path: PathBuf },
    #[error("{} has no .md or .txt file", .path.display())]
    NoTexts { path: PathBuf },
    #[error("{} is neither a .md nor a .txt file", .path.display())]
    NoText { path: PathBuf },
    #[error("{} is empty", .path.display())]
    Empty { path: PathBuf },
    #[error("{} is not UTF-8: the first wrong byte is at {offset}", .path.display())]
    NotUtf8 { path: PathBuf, offset: usize },
    #[error("{} cannot be read", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

macro_rules! lighthouse_documents {
    ($($name:literal),+ $(,)?) => {
        /// A handbook of lighthouses, embedded so that the program runs from any folder.
        const LIGHTHOUSES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../data/", $name)))),+];
    };
}

lighthouse_documents![
    "01-origins.md",
    "02-rock-towers.md",
    "03-lenses.md",
    "04-lamps.md",
    "05-characters.md",
    "06-range.md",
    "07-fog-and-radio.md",
    "08-keepers.md",
    "09-automation.md",
    "10-authorities.md",
    "11-buoys-and-lightships.md",
    "12-preservation.md",
];

/// Returns the embedded handbook of lighthouses.
pub(crate) fn lighthouses() -> Vec<Document> {
    let document = |(name, text): &(&str, &str)| Document { name: (*name).to_owned(), text: (*text).to_owned() };
    LIGHTHOUSES.iter().map(document).collect()
}

/// Reads a .md or .txt file, or all such files below a folder, sorted by path. Hidden files and folders are skipped.
///
/// # Errors
///
/// Returns an error if any file cannot be read or is not UTF-8, since an answer from half of a folder would look complete.
pub(crate) fn read(path: &Path) -> Result<Vec<Document>, CorpusError> {
    let metadata = fs::metadata(path).map_err(|source| failed(path, source))?;
    if !metadata.is_dir() {
        let name = path.file_name().unwrap_or(path.as_os_str());
        if !is_text(path) {
            return Err(CorpusError::NoText { path: path.to_owned() });
        }
        let text = read_text(path)?;
        if text.trim().is_empty() {
            return Err(CorpusError::Empty { path: path.to_owned() });
        }
        return Ok(vec![Document { name: name.to_string_lossy().into_owned(), text }]);
    }
    let mut paths = Vec::new();
    collect_texts(path, &mut paths)?;
    paths.sort();
    let mut documents = Vec::new();
    for text_path in paths {
        let text = read_text(&text_path)?;
        let name = text_path.strip_prefix(path).unwrap_or(&text_path).to_string_lossy().into_owned();
        documents.push(Document { name, text });
    }
    documents.retain(|document| !document.text.trim().is_empty());
    if documents.is_empty() {
        return Err(CorpusError::NoTexts { path: path.to_owned() });
    }
    Ok(documents)
}

fn collect_texts(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    let entries = fs::read_dir(folder).map_err(|source| failed(folder, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| failed(folder, source))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // Links to folders are not followed, since a link to a parent would recurse forever.
        if entry.file_type().map_err(|source| failed(&path, source))?.is_dir() {
            collect_texts(&path, paths)?;
        } else if is_text(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|extension| ["md", "txt"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

fn read_text(path: &Path) -> Result<String, CorpusError> {
    let bytes = fs::read(path).map_err(|source| failed(path, source))?;
    String::from_utf8(bytes)
        .map_err(|error| CorpusError::NotUtf8 { path: path.to_owned(), offset: error.utf8_error().valid_up_to() })
}

fn failed(path: &Path, source: io::Error) -> CorpusError {
    let path = path.to_owned();
    if source.kind() == io::ErrorKind::NotFound {
        CorpusError::Missing { path }
    } else {
        CorpusError::Unreadable { path, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &[u8])], path: &str, expected: &str) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, content) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
            fs::write(file, content).expect("a file");
        }
        let actual = match read(&folder.path().join(path)) {
            Ok(documents) => documents.iter().map(|d| format!("{}={}", d.name, d.text)).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string().replace(&folder.path().display().to_string(), "FOLDER"),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_folder_is_read_with_its_folders_in_order() {
        check(
            &[("b.txt", b"two"), ("a/c.MD", b"one"), (".git/x.md", b"no"), ("d.pdf", b"no")],
            "",
            "a/c.MD=one b.txt=two",
        );
    }

    #[test]
    fn a_file_is_read_alone() {
        check(&[("b.txt", b"two"), ("c.txt", b"three")], "b.txt", "b.txt=two");
    }

    #[test]
    fn an_unreadable_path_is_named() {
        check(&[], "none", "FOLDER/none does not exist");
        check(&[("a.pdf", b"x"), ("b.txt", b" \n")], "", "FOLDER/ has no .md or .txt file");
        check(&[("a.pdf", b"x")], "a.pdf", "FOLDER/a.pdf is neither a .md nor a .txt file");
        check(&[("a.txt", b"")], "a.txt", "FOLDER/a.txt is empty");
        check(&[("a.txt", b"ab\xff")], "", "FOLDER/a.txt is not UTF-8: the first wrong byte is at 2");
    }

    #[test]
    fn the_handbook_is_long_enough_to_be_searched() {
        let documents = lighthouses();
        let words: usize = documents.iter().map(|document| crate::text::words::count(&document.text)).sum();
        assert!(documents.len() >= 8 && words >= 6_000, "{} documents, {words} words", documents.len());
    }
}
