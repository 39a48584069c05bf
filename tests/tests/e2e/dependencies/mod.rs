//! The imports between the files of each package.

mod circles;
mod imports;
mod runtime;

use circles::circles;
use imports::{Imports, imports};

/// Asserts that the files of a package import each other one way.
#[track_caller]
fn check(root: &str) {
    let imports = imports(root);
    let files: usize = imports.len();
    assert!(files > 30, "{files} files of {root} were read");
    let found: Vec<_> = circles(&imports).iter().map(|circle| described(circle, &imports)).collect();
    assert!(found.is_empty(), "files import each other in a circle:\n{}", found.join("\n"));
}

/// Returns one line for each import between files of a circle.
fn described(circle: &[String], imports: &Imports) -> String {
    let inside = |file: &String| {
        let imported = imports[file].iter().filter(|imported| circle.contains(imported));
        imported.map(|imported| format!("  {file} imports {imported}\n")).collect::<Vec<_>>()
    };
    circle.iter().flat_map(inside).collect::<Vec<_>>().concat()
}

#[test]
fn no_files_of_the_command_import_each_other() {
    check("tta-cli/src/lib.rs");
}

#[test]
fn no_files_of_the_examples_import_each_other() {
    check("tta-examples/src/main.rs");
}

#[test]
fn an_import_leads_to_the_file_that_it_names() {
    let imports = imports("tta-cli/src/lib.rs");
    let of = |file: &str| {
        let file = format!("tta-cli/src/{file}");
        imports[&file].iter().map(|file| file.trim_start_matches("tta-cli/src/")).collect::<Vec<_>>()
    };
    // `use crate::…` and `use super::{…}`, an attribute, and names of children.
    assert_eq!(
        of("files.rs"),
        ["dashboard/mod.rs", "file/artefact.rs", "file/profile.rs", "registry/mod.rs", "rule/mod.rs", "server/mod.rs"]
    );
    assert!(of("dashboard/classic.rs").contains(&"dashboard/variable.rs"));
    assert!(of("command/up/mod.rs").contains(&"command/argument.rs"));
    assert!(of("rule/mod.rs").contains(&"rule/case/mod.rs"));
    assert_eq!(of("lib.rs"), [""; 0]);
}
