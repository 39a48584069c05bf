//! Finds the component of a file: the package whose manifest is nearest above it.

use std::path::{Component, Path};

use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

/// Returns the component of a file, given as an absolute path or relative to `root`; `None` for a file outside of `root`.
///
/// If no manifest is found, as with a report from another machine, the component is the first folder below the root.
pub(super) fn component_of(file: &str, root: &str) -> Option<String> {
    let (file, root) = (Path::new(file), Path::new(root));
    let inside = if file.is_absolute() { file.strip_prefix(root).ok()? } else { file };
    let mut parts = inside.components().filter(|part| *part != Component::CurDir);
    let Some(Component::Normal(first)) = parts.next() else { return None };
    let named = inside.ancestors().skip(1).find_map(|folder| name(&root.join(folder).join("Cargo.toml")));
    // A file directly in the root is in no folder.
    let folder = || parts.next().map(|_| first.to_string_lossy().into_owned());
    named.or_else(folder)
}

/// Returns the package's name in a manifest, `None` for a virtual workspace.
fn name(manifest: &Path) -> Option<String> {
    let text = std::fs::read_to_string(manifest).ok()?;
    toml::from_str::<Manifest>(&text).ok()?.package.map(|package| package.name)
}

#[cfg(test)]
mod tests {
    use super::component_of;

    #[test]
    fn a_file_belongs_to_the_package_whose_manifest_is_nearest() {
        let root = std::env::temp_dir().join(format!("tta-package-{}", std::process::id()));
        for (folder, manifest) in [
            ("", "[workspace]"),
            ("crates/one", "[package]\nname = 'one-of-them'"),
            ("crates/one/fuzz", "[package]\nname = 'fuzz'"),
        ] {
            std::fs::create_dir_all(root.join(folder)).expect("it can be made");
            std::fs::write(root.join(folder).join("Cargo.toml"), manifest).expect("it can be written");
        }
        let root_text = root.to_str().expect("it is text");
        let of = |file: &str| component_of(file, root_text);
        let found = [
            of(&format!("{root_text}/crates/one/src/lib.rs")),
            of("crates/one/fuzz/src/main.rs"),
            of("./crates/one/build.rs"),
            of("crates/two/src/lib.rs"),
        ];
        std::fs::remove_dir_all(&root).expect("it is there");
        assert_eq!(found, ["one-of-them", "fuzz", "one-of-them", "crates"].map(|name| Some(name.to_owned())));
    }

    #[test]
    fn a_file_elsewhere_belongs_to_none() {
        let of = |file: &str| component_of(file, "/no-such-root");
        assert_eq!(of("/no-such-root/cache/src/lib.rs").as_deref(), Some("cache"));
        for elsewhere in [
            "/no-such-root-either/cache/src/lib.rs",
            "/rustc/library/core/src/lib.rs",
            "../cache/src/lib.rs",
            "build.rs",
        ] {
            assert_eq!(of(elsewhere), None, "{elsewhere}");
        }
    }
}
