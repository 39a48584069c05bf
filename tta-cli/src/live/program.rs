//! A running program with the live page.

use serde_json::Value;

use crate::doctor::{Access, Address, Unreachable};

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

    /// Returns the data of an endpoint.
    pub(super) fn read(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Unreachable> {
        let mut answer = self.access.json(&self.address, &format!("api/v1/{path}"), query)?;
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }
}
