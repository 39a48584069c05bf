//! Generated files: the artefact, the profile that a user chooses, and YAML.

pub mod artefact;
pub mod profile;
pub(crate) mod yaml;
