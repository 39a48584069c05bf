//! The compose file, tested without containers.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::run::root;

#[test]
fn compose_accepts_the_file() {
    // `config` needs no container engine.
    let mut compose = Command::new("docker-compose");
    compose.args(["-f", "compose.yaml", "config", "--quiet"]).current_dir(root());
    let output = compose.output().unwrap_or_else(|error| panic!("`docker-compose` does not run, install it: {error}"));
    let said = [output.stdout, output.stderr].concat();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&said).as_ref()), (Some(0), ""));
}

#[test]
fn the_compose_file_mounts_existing_folders_and_has_the_ports_of_the_generated_files() {
    let text = std::fs::read_to_string(root().join("compose.yaml")).expect("it can be read");
    let file: Value = serde_saphyr::from_str(&text).expect("it is YAML");
    let services = file["services"].as_object().expect("there are services");
    let names: Vec<_> = services.keys().map(String::as_str).collect();
    assert_eq!(names, ["alertmanager", "grafana", "jaeger", "prometheus", "pushgateway", "redis"]);

    let mut folders = BTreeSet::new();
    for (name, service) in services {
        let image = service["image"].as_str().expect("an image");
        let tag = image.split_once(':').map(|(_, tag)| tag).unwrap_or_default();
        assert!(tag.starts_with(|first: char| first == 'v' || first.is_ascii_digit()), "{name} is pinned: {image}");
        assert_eq!(service["network_mode"], "host", "{name}");
        for mount in service["volumes"].as_array().into_iter().flatten() {
            let mount = mount.as_str().expect("a text");
            let (from, _) = mount.split_once(':').expect("from and to");
            match from.strip_prefix("./") {
                Some(folder) => drop(folders.insert(folder.to_owned())),
                None => assert!(file["volumes"].as_object().is_some_and(|known| known.contains_key(from)), "{mount}"),
            }
        }
    }
    assert_eq!(
        folders.iter().map(String::as_str).collect::<Vec<_>>(),
        ["grafana/dashboards", "grafana/provisioning", "prometheus-rules"]
    );
    assert!(folders.iter().all(|folder| root().join(folder).is_dir()), "{folders:?}");

    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("it is there");
    let (scrapes, datasources) =
        (read("prometheus-rules/prometheus.yml"), read("grafana/provisioning/datasources/tta.yml"));
    for (service, address, looked_at_by) in [
        ("prometheus", "127.0.0.1:9090", &datasources),
        ("pushgateway", "127.0.0.1:9091", &scrapes),
        ("alertmanager", "127.0.0.1:9093", &scrapes),
    ] {
        let listens = services[service]["command"].as_array().into_iter().flatten();
        let mut listens = listens.filter_map(|argument| argument.as_str()?.strip_prefix("--web.listen-address="));
        assert_eq!(listens.next(), Some(address), "{service}");
        assert!(looked_at_by.contains(address), "{service}");
    }
    assert!(datasources.contains("http://127.0.0.1:16686"), "Jaeger's own port");
    assert_eq!(services["grafana"]["environment"]["GF_SERVER_HTTP_PORT"], "3001");
    let provider = read("grafana/provisioning/dashboards/tta.yml");
    assert!(provider.contains("path: $TTA_DASHBOARDS"), "{provider}");
    assert_eq!(services["grafana"]["environment"]["TTA_DASHBOARDS"], "/etc/tta/dashboards");
}
