//! Replicas that cannot be told apart.

use std::collections::BTreeMap;

use crate::doctor::finding::Finding;
use crate::doctor::patients::Patients;
use crate::doctor::program::Program;

pub(super) fn check(patients: &Patients) -> Vec<Finding> {
    let mut replicas: BTreeMap<(&str, &str), Vec<&Program>> = BTreeMap::new();
    for program in &patients.programs {
        let Some(status) = &program.status else { continue };
        if let Some(id) = &status.service_instance_id {
            replicas.entry((&status.service_name, id)).or_default().push(program);
        }
    }
    let mut findings = Vec::new();
    for ((service, id), programs) in replicas {
        let [first, others @ ..] = &programs[..] else { continue };
        for other in others {
            let fault =
                format!("it has the `service.instance.id` `{id}` of {}, and both are `{service}`", first.address);
            let remedy = "give each replica its own in `OTEL_RESOURCE_ATTRIBUTES`: at a collector each overwrites the other's metrics";
            findings.push(Finding::of(other, fault, remedy));
        }
    }
    findings
}
