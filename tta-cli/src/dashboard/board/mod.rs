//! All dashboards.

use crate::dashboard::page::Dashboard;

pub mod agent_observability;
pub mod agent_orchestration;
pub mod circuit_breakers;
pub mod component_maturity;
pub mod health;
pub mod llm_usage_costs;
pub mod performance;
pub mod slo;
pub mod system_overview;

/// Returns all dashboards; the first is the one to start with.
pub fn all() -> Vec<Dashboard> {
    vec![
        agent_observability::dashboard(),
        system_overview::dashboard(),
        agent_orchestration::dashboard(),
        llm_usage_costs::dashboard(),
        component_maturity::dashboard(),
        circuit_breakers::dashboard(),
        performance::dashboard(),
        slo::dashboard(),
    ]
}
