//! What must be true of every rendering: which connections may be made, and what a pod may do.

use std::collections::BTreeSet;

use serde_json::Value;

use super::text;
use crate::Result;

/// The decision record's destinations: name server, OpenMetadata, Trino, LiteLLM, Milvus, Postgres.
const RECORD: [u64; 6] = [53, 8585, 8080, 4000, 19530, 5432];
const API_PORT: u64 = 8580;

/// The ports that the daemon may dial in each rendering.
fn expected_egress(name: &str) -> BTreeSet<u64> {
    let mut ports = BTreeSet::from(RECORD);
    match name {
        // VictoriaLogs, and the rule that the operator added.
        "everything" => ports.extend([9428, 4318]),
        "file-ledger" => ports.retain(|port| ![4000, 19530, 5432].contains(port)),
        "open-namespace" => {
            ports.remove(&8080);
            ports.insert(8443);
        }
        _ => {}
    }
    ports
}

/// Holds a rendering to the facts.
///
/// # Errors
/// The first that is not so.
pub(super) fn hold(name: &str, objects: &[Value]) -> Result<()> {
    let of = |kind: &str| objects.iter().filter(|o| o["kind"] == kind).collect::<Vec<_>>();
    if name == "off" {
        return if objects.is_empty() { Ok(()) } else { Err("switched off, it still renders objects".into()) };
    }
    let policies = of("NetworkPolicy");
    for policy in &policies {
        closed(policy)?;
    }
    let daemons: Vec<_> = policies.iter().filter(|p| !text(&p["metadata"]["name"]).ends_with("-migrate")).collect();
    let [daemon] = daemons[..] else { return Err("the daemon has not one policy".into()) };
    same("the daemon's egress ports", &ports(&daemon["spec"]["egress"]), &expected_egress(name))?;
    same("the daemon's ingress ports", &ports(&daemon["spec"]["ingress"]), &BTreeSet::from([API_PORT]))?;
    for policy in policies.iter().filter(|p| text(&p["metadata"]["name"]).ends_with("-migrate")) {
        same("the migration's egress ports", &ports(&policy["spec"]["egress"]), &BTreeSet::from([53, 5432]))?;
        same("the migration's ingress ports", &ports(&policy["spec"]["ingress"]), &BTreeSet::new())?;
    }
    for kind in ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Secret"] {
        if !of(kind).is_empty() {
            return Err(format!("the chart has no business with a {kind}").into());
        }
    }
    if of("ServiceAccount").iter().any(|account| account["automountServiceAccountToken"] != false) {
        return Err("the service account's token is mounted".into());
    }
    let mut pods = 0;
    for object in objects {
        let template = match text(&object["kind"]) {
            "Deployment" | "Job" => &object["spec"]["template"],
            "CronJob" => &object["spec"]["jobTemplate"]["spec"]["template"],
            _ => continue,
        };
        pods += 1;
        let named = |e: String| format!("{} {}: {e}", text(&object["kind"]), text(&object["metadata"]["name"]));
        pod(&template["spec"]).map_err(named)?;
        let selecting = policies.iter().filter(|p| selects(&p["spec"]["podSelector"], &template["metadata"]["labels"]));
        if selecting.count() != 1 {
            return Err(named("it is not under exactly one network policy".to_owned()).into());
        }
    }
    let wanted = match name {
        "everything" => 3,
        "file-ledger" => 1,
        _ => 2,
    };
    if pods == wanted { Ok(()) } else { Err(format!("{pods} kinds of pods instead of {wanted}").into()) }
}

fn same(what: &str, found: &BTreeSet<u64>, wanted: &BTreeSet<u64>) -> Result<()> {
    if found == wanted { Ok(()) } else { Err(format!("{what} are {found:?}, not {wanted:?}").into()) }
}

/// Both directions, every rule with its peers and ports, and no addresses: those could be anybody's.
fn closed(policy: &Value) -> Result<()> {
    let name = text(&policy["metadata"]["name"]);
    if policy["spec"]["policyTypes"] != serde_json::json!(["Ingress", "Egress"]) {
        return Err(format!("the policy {name} leaves a direction open").into());
    }
    for (direction, peers) in [("egress", "to"), ("ingress", "from")] {
        for rule in policy["spec"][direction].as_array().into_iter().flatten() {
            let some = |key: &str| rule[key].as_array().is_some_and(|list| !list.is_empty());
            if !some(peers) || !some("ports") {
                return Err(format!("a rule of {name} does not say {peers} whom or on which port").into());
            }
            let strangers = rule[peers].as_array().into_iter().flatten().any(|peer| {
                peer.get("ipBlock").is_some()
                    || (peer.get("podSelector").is_none() && !named(&peer["namespaceSelector"]))
            });
            if strangers {
                return Err(format!("a rule of {name} is open to addresses or to every namespace").into());
            }
        }
    }
    Ok(())
}

fn named(selector: &Value) -> bool {
    selector["matchLabels"].as_object().is_some_and(|labels| !labels.is_empty())
}

fn ports(rules: &Value) -> BTreeSet<u64> {
    let rules = rules.as_array().into_iter().flatten();
    let ports = rules.flat_map(|rule| rule["ports"].as_array().into_iter().flatten());
    ports.map(|port| port["port"].as_u64().unwrap_or(0)).collect()
}

/// Does the selector choose a pod of these labels? Knows what our templates use.
fn selects(selector: &Value, labels: &Value) -> bool {
    let equal = selector["matchLabels"].as_object().into_iter().flatten().all(|(key, value)| labels[key] == *value);
    let apart = selector["matchExpressions"].as_array().into_iter().flatten().all(|expression| {
        let values = expression["values"].as_array().map_or(&[][..], Vec::as_slice);
        expression["operator"] == "NotIn" && !values.contains(&labels[text(&expression["key"])])
    });
    equal && apart
}

/// Not root, no token, no way up, nothing of the node, and no secret in the environment.
fn pod(spec: &Value) -> std::result::Result<(), String> {
    let context = &spec["securityContext"];
    let must = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    must(context["runAsNonRoot"] == true && context["runAsUser"].as_u64() > Some(0), "it may run as root")?;
    must(context["seccompProfile"]["type"] == "RuntimeDefault", "it has no seccomp profile")?;
    must(spec["automountServiceAccountToken"] == false, "it is given a token")?;
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        must(spec.get(key).is_none(), "it shares the node's namespaces")?;
    }
    let volumes = || spec["volumes"].as_array().into_iter().flatten();
    must(volumes().all(|volume| volume.get("hostPath").is_none()), "it mounts the node")?;
    let secrets = volumes().find(|volume| volume["name"] == "secrets");
    must(secrets.is_some_and(|volume| !volume.to_string().contains("\"defaultMode\":420")), "its secrets are open")?;
    for container in spec["containers"].as_array().into_iter().flatten() {
        let context = &container["securityContext"];
        must(context["allowPrivilegeEscalation"] == false, "it may gain rights")?;
        must(context["readOnlyRootFilesystem"] == true, "it may write its own files")?;
        must(context["capabilities"]["drop"] == serde_json::json!(["ALL"]), "it keeps capabilities")?;
        must(context["capabilities"].get("add").is_none(), "it is given capabilities")?;
        must(container.get("envFrom").is_none(), "it takes secrets from the environment")?;
        let variables = container["env"].as_array().into_iter().flatten();
        must(variables.clone().all(|v| v.get("valueFrom").is_none()), "it takes secrets from the environment")?;
        let resources = &container["resources"];
        must(
            resources["requests"]["cpu"] == "50m" && resources["requests"]["memory"] == "256Mi",
            "its requests differ",
        )?;
        must(resources["limits"]["memory"] == "512Mi", "its memory limit differs")?;
        if container["name"] == "daemon" {
            for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
                must(container.get(probe).is_some(), "it lacks a probe")?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(egress: &Value) -> Value {
        json!({ "metadata": { "name": "p" }, "spec": { "policyTypes": ["Ingress", "Egress"], "egress": egress } })
    }

    #[test]
    fn a_rule_to_addresses_to_everybody_or_on_every_port_is_no_closed_one() {
        let port = json!([{ "port": 53 }]);
        let fine = json!([{ "to": [{ "podSelector": {} }], "ports": port }]);
        assert!(closed(&policy(&fine)).is_ok());
        for open in [
            json!([{ "to": [{ "ipBlock": { "cidr": "0.0.0.0/0" } }], "ports": port }]),
            json!([{ "to": [{ "namespaceSelector": {} }], "ports": port }]),
            json!([{ "ports": port }]),
            json!([{ "to": [{ "podSelector": {} }] }]),
            json!([{}]),
        ] {
            assert!(closed(&policy(&open)).is_err(), "{open}");
        }
    }

    #[test]
    fn a_policy_of_one_direction_leaves_the_other_open() {
        let mut half = policy(&json!([]));
        half["spec"]["policyTypes"] = json!(["Ingress"]);
        assert!(closed(&half).is_err());
    }

    #[test]
    fn a_selector_with_an_exception_does_not_choose_it() {
        let selector = json!({ "matchLabels": { "a": "b" },
            "matchExpressions": [{ "key": "c", "operator": "NotIn", "values": ["migrate"] }] });
        assert!(selects(&selector, &json!({ "a": "b", "c": "daemon" })));
        assert!(!selects(&selector, &json!({ "a": "b", "c": "migrate" })));
        assert!(!selects(&selector, &json!({ "a": "x", "c": "daemon" })));
    }

    #[test]
    fn a_pod_that_may_run_as_root_is_named() {
        assert_eq!(
            pod(&json!({ "securityContext": { "runAsNonRoot": true, "runAsUser": 0 } })).unwrap_err(),
            "it may run as root"
        );
    }
}
