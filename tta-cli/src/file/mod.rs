//! Generated files: their paths and texts, the options they depend on, and YAML output.

pub mod artefact;
pub mod profile;
pub(crate) mod yaml;
