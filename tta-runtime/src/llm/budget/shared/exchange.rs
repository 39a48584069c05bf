//! The requests to the server: one run of a script for each, and the answer of it.

use redis::{Cmd, Pipeline, Value};
use sha2::{Digest, Sha256};

use super::lease::Request;
use super::machine::{Answer, SharedTerms};
use crate::llm::budget::BudgetScope;
use crate::llm::budget::amount::BudgetUnit;

/// The script. It is sent as a whole: a server that has restarted does not know it.
const SCRIPT: &str = include_str!("exchange.lua");

/// The largest number that Lua's doubles hold exactly, along with all below it.
pub(super) const LARGEST: u64 = (1 << 53) - 1;

/// Without periods, the account of a workflow or an agent is removed after this time without use: seven days.
const UNUSED: u64 = 7 * 86_400_000;

/// The key of an account in the server, without the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AccountName {
    prefix: String,
    /// True if the account is removed after a time without use: workflows and agents end, and nobody says so.
    ends_unused: bool,
}

impl AccountName {
    /// Names the account of an owner, who is a workflow, an agent or a tenant; `None` for that of all calls without one.
    pub(super) fn new(
        budget: &str,
        unit: BudgetUnit,
        scope: BudgetScope,
        period: Option<u64>,
        owner: Option<&str>,
    ) -> Self {
        let budget = without_braces(budget);
        let unit = unit.as_str();
        let hash = owner.map_or_else(String::new, |owner| {
            let digest = Sha256::digest(owner.as_bytes());
            let hash = digest.iter().take(16).fold(0, |hash: u128, byte| (hash << 8) | u128::from(*byte));
            format!("-{hash:032x}")
        });
        let prefix = format!("tta:budget:{budget}:{unit}:{}{hash}:{}", scope.as_str(), period.unwrap_or(0));
        Self { prefix, ends_unused: owner.is_some() && scope != BudgetScope::Tenant }
    }

    pub(super) fn key(&self, window: u64) -> String {
        format!("{}:{window}", self.prefix)
    }
}

/// Encodes a name so that it has no braces, as in a URL: they would be a hash tag, which selects the slot of a cluster. Different names
/// stay different.
fn without_braces(name: &str) -> String {
    name.replace('%', "%25").replace('{', "%7B").replace('}', "%7D")
}

/// Makes the commands that carry a request.
pub(super) fn commands(key: &str, request: &Request, terms: &SharedTerms, name: &AccountName) -> Pipeline {
    let mut command = Cmd::new();
    command.arg("EVAL").arg(SCRIPT).arg(1).arg(key);
    command.arg(format!("{:016x}", request.lease)).arg(request.sequence);
    let Request { spent, keep, reported, acknowledged, ask, .. } = *request;
    for amount in [spent, keep, reported, acknowledged, ask.want, ask.least] {
        command.arg(amount.min(LARGEST));
    }
    command.arg(request.known.epoch).arg(request.known.committed.min(LARGEST));
    let unused = if terms.period.is_none() && name.ends_unused { UNUSED } else { 0 };
    command
        .arg(u8::from(request.is_last))
        .arg(terms.limit.min(LARGEST))
        .arg(terms.soft.min(LARGEST))
        .arg(terms.lease / 1_000_000)
        .arg(request.window)
        .arg(terms.period.unwrap_or(0))
        .arg(unused)
        .arg(u8::from(request.is_again));
    let mut commands = redis::pipe();
    commands.add_command(command);
    commands
}

/// Reads the answer; `None` if it has another form.
pub(super) fn read(values: &[Value]) -> Option<Answer> {
    let [Value::Array(numbers)] = values else { return None };
    let number = |at: usize| match numbers.get(at) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    };
    let amount = |at| u64::try_from(number(at)?).ok();
    Some(Answer {
        is_early: number(0)? == 1,
        granted: amount(1)?,
        committed: amount(2)?,
        spent: amount(3)?,
        quiet: amount(5)?,
        reaches_soft: number(6)? == 1,
        now: amount(7)?,
        epoch: amount(8)?,
    })
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::{AccountName, Answer, BudgetScope, BudgetUnit, read};

    #[test]
    fn accounts_differ_by_budget_unit_scope_owner_period_and_window() {
        use BudgetScope::{Agent, Process, Workflow};
        use BudgetUnit::{NanoUsd, Tokens};
        let name = |budget, unit, scope, period, owner| AccountName::new(budget, unit, scope, period, owner).key(7);
        let names = [
            name("a{b}", NanoUsd, Process, Some(60_000), None),
            name("a", NanoUsd, Process, None, None),
            name("a", Tokens, Process, None, None),
            name("a", NanoUsd, Process, Some(1), None),
            name("a", NanoUsd, Workflow, None, None),
            name("a", NanoUsd, Workflow, None, Some("w")),
            name("a", NanoUsd, Agent, None, Some("w")),
            name("a", NanoUsd, Agent, None, Some("v")),
        ];
        assert_eq!(names[0], "tta:budget:a%7Bb%7D:nano_usd:process:60000:7");
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn names_with_braces_have_accounts_of_their_own_and_no_hash_tag() {
        let names = ["a{b}", "a_b_", "a{b_", "a}b{", "{a}b", "a%7Bb%7D", "a%257Bb%257D", "ab"];
        let of_budget = |name| AccountName::new(name, BudgetUnit::Tokens, BudgetScope::Process, None, None);
        let of_tenant = |name| AccountName::new("a", BudgetUnit::Tokens, BudgetScope::Tenant, None, Some(name));
        let keys: Vec<_> = names.into_iter().flat_map(|name| [of_budget(name), of_tenant(name)]).collect();
        let keys: std::collections::BTreeSet<_> = keys.iter().map(|name| name.key(0)).collect();
        assert_eq!(keys.len(), 2 * names.len(), "{keys:#?}");
        assert!(keys.iter().all(|key| !key.contains(['{', '}'])), "{keys:#?}");
    }

    #[test]
    fn an_answer_of_another_form_is_none() {
        let answer = |numbers: &[i64]| read(&[Value::Array(numbers.iter().copied().map(Value::Int).collect())]);
        let expected =
            Answer { granted: 5, committed: 7, spent: 2, reaches_soft: true, now: 9, epoch: 8, ..Answer::default() };
        assert_eq!(answer(&[0, 5, 7, 2, -1, 0, 1, 9, 8]), Some(expected));
        assert_eq!(answer(&[0, 5, 7, 2, -1, 0, 1, 9]), None);
        assert_eq!(answer(&[0, -5, 7, 2, -1, 0, 1, 9, 8]), None);
        assert_eq!(read(&[Value::Nil]), None);
        assert_eq!(read(&[]), None);
    }
}
