//! Replicas that cannot be told apart.

use std::collections::BTreeMap;

use crate::doctor::examined::Examined;
use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

/// Without an id they collide at a collector alone: Prometheus adds the address.
pub(super) fn check(examined: &Examined) -> Vec<Finding> {
    let mut replicas: BTreeMap<(&str, Option<&str>), Vec<&Program>> = BTreeMap::new();
    for program in &examined.programs {
        let Some(status) = &program.status else { continue };
        let id = status.service_instance_id.as_deref();
        if id.is_some() || program.exports_metrics() {
            replicas.entry((&status.service_name, id)).or_default().push(program);
        }
    }
    let mut findings = Vec::new();
    for ((service, id), programs) in replicas {
        let [first, others @ ..] = &programs[..] else { continue };
        for other in others {
            let address = &first.address;
            let fault = match id {
                Some(id) => {
                    format!("it has the `service.instance.id` `{id}` of {address}, and both are `{service}`")
                }
                None => format!("it has no `service.instance.id`, nor has {address}, and both are `{service}`"),
            };
            let remedy = "give each replica its own in `OTEL_RESOURCE_ATTRIBUTES`: at a collector each overwrites the other's metrics";
            findings.push(Finding::of(other, fault, remedy));
        }
    }
    findings
}
