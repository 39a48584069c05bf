//! A running program with the live page.

use serde_json::Value;

use crate::doctor::{Access, Address, Unanswered};

/// A running program, whose API is asked anew for each answer.
#[derive(Debug)]
pub struct LiveProgram {
    address: Address,
    access: Access,
}

impl LiveProgram {
    /// Names the program at an address.
    pub fn new(address: Address, access: Access) -> Self {
        Self { address, access }
    }

    /// Returns the address, without its secrets.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Returns the answer of an endpoint, in its envelope.
    pub(crate) fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Unanswered> {
        self.access.json(&self.address, &format!("api/v1/{path}"), query)
    }

    /// Returns the data of an endpoint.
    pub(super) fn read(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Unanswered> {
        Ok(self.ask(path, query)?.get_mut("data").map(Value::take).unwrap_or_default())
    }
}
