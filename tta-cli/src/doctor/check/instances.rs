//! Replicas that cannot be told apart.

use std::collections::BTreeMap;

use crate::doctor::examined::Examined;
use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

/// Each process has an id of its own unless the environment gives it one: two that were given the same collide at a collector.
pub(super) fn check(examined: &Examined) -> Vec<Finding> {
    let mut replicas: BTreeMap<(&str, &str), Vec<&Program>> = BTreeMap::new();
    for program in &examined.programs {
        let Some(status) = &program.status else { continue };
        if let Some(id) = &status.service_instance_id {
            replicas.entry((&status.service_name, id)).or_default().push(program);
        }
    }
    let mut findings = Vec::new();
    for ((service, id), programs) in replicas {
        let [first, others @ ..] = &programs[..] else { continue };
        for other in others {
            let address = &first.address;
            let fault = format!("it has the `service.instance.id` `{id}` of {address}, and both are `{service}`");
            let remedy = "give each replica its own in `OTEL_RESOURCE_ATTRIBUTES`, or none: at a collector each overwrites the other's metrics";
            findings.push(Finding::of(other, fault, remedy));
        }
    }
    findings
}
