//! One account of a budget as it was read.

use std::borrow::Cow;
use std::sync::Arc;

use super::BudgetScope;
use super::amount::BudgetUnit;

/// One account of a budget: that of the process, of a workflow run, of an agent or of a tenant. Amounts are in the budget's unit, times
/// nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct AccountReading {
    /// Tells budgets of one name apart, as long as they live.
    pub(crate) budget: usize,
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: BudgetUnit,
    /// Whether other processes spend from it, too: then the amounts are those of all, as far as this process knows.
    pub(crate) is_shared: bool,
    pub(crate) scope: BudgetScope,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) period: Option<u64>,
    pub(crate) period_left: Option<u64>,
    pub(crate) limit: u64,
    pub(crate) soft: u64,
    pub(crate) reserved: u64,
    pub(crate) spent: u64,
}
