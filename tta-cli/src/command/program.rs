//! The arguments that say which running program to ask for its page.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use crate::doctor::{Access, Address, Unreachable};
use crate::live::LiveProgram;

#[derive(Debug, Args)]
pub(super) struct Program {
    /// The address of the running program
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:9464")]
    address: String,
    /// A file with the program's bearer token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file with certificates (PEM) of authorities to trust, beside those of the system
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Program {
    /// Reads the files that the arguments name; the program is not asked yet.
    pub(super) fn open(self) -> Result<LiveProgram, Failure> {
        let token = self.token_file.map(|path| {
            let token = std::fs::read_to_string(&path).map_err(|source| Failure::Read { path, source });
            token.map(|token| token.trim().to_owned())
        });
        let failure = |Unreachable { url, reason }| Failure::Fetch { url, reason };
        let access = Access::new(token.transpose()?, self.ca.as_deref()).map_err(failure)?;
        Ok(LiveProgram::new(Address::parse(&self.address).map_err(failure)?, access))
    }
}
