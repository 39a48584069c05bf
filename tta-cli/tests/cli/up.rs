//! `tta up`, with stand-ins for the servers.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use expect_test::expect;

use crate::run::{Ran, folder, tta};

/// A stand-in for a server: writes its arguments and environment to a file, and exits on SIGTERM or once a file has an exit code.
const STAND_IN: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
trap 'echo "told to end" > "$0.end"; exit 0' TERM
{
  for argument; do echo "  $argument"; done
  env | grep -E '^(GF_|TTA_|JAEGER_|COLLECTOR_|QUERY_)' | sort | sed 's/^/  /'
} > "$0.new"
mv "$0.new" "$0.run"
while :; do
  [ ! -e "$0.code" ] || exit "$(cat "$0.code")"
  sleep 0.1 > /dev/null 2>&1 & wait $!
done
"#;

/// The longest time to wait before a test fails.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The running command, with stand-ins as the only installed programs; killed on drop.
struct Up {
    folder: PathBuf,
    child: Option<Child>,
}

impl Up {
    fn start(name: &str, installed: &[&str], arguments: &[&str]) -> Self {
        let folder = folder(name).canonicalize().expect("it is there");
        for program in installed {
            let path = folder.join(program);
            std::fs::write(&path, STAND_IN).expect("it can be written");
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("it is ours");
        }
        let child = command(&folder).args(arguments).spawn().expect("the command runs");
        let up = Self { folder, child: Some(child) };
        for program in installed {
            up.file(program, "run");
        }
        up
    }

    /// Waits for a file that a stand-in writes, and returns its text.
    #[track_caller]
    fn file(&self, program: &str, suffix: &str) -> String {
        let path = self.folder.join(format!("{program}.{suffix}"));
        let deadline = Instant::now() + TIMEOUT;
        while !path.exists() {
            assert!(Instant::now() < deadline, "no {}", path.display());
            std::thread::park_timeout(Duration::from_millis(20));
        }
        std::fs::read_to_string(path).expect("it can be read").replace(&self.folder.display().to_string(), "FOLDER")
    }

    fn signal(&self, signal: &str) {
        let process = self.child.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &process]).status().expect("`kill` runs").success());
    }

    fn finish(&mut self) -> Ran {
        ran(self.child.take().expect("it runs"))
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tta"));
    command.arg("up").current_dir(folder).env_clear().env("PATH", folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ran(child: Child) -> Ran {
    let output = child.wait_with_output().expect("it can be waited for");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    Ran {
        code: output.status.code().expect("it ended by itself"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

#[test]
fn servers_run_with_the_generated_files_and_stop_with_the_command() {
    let servers = ["prometheus", "alertmanager", "pushgateway", "jaeger", "grafana-server"];
    let mut up = Up::start("up-all", &servers, &["--job", "checkout", "--data", "kept"]);
    let runs = servers.map(|server| format!("{server}\n{}", up.file(server, "run"))).concat();
    expect![[r#"
        prometheus
          --config.file=FOLDER/kept/prometheus-rules/prometheus.yml
          --storage.tsdb.path=FOLDER/kept/prometheus
          --storage.tsdb.retention.time=35d
          --web.listen-address=127.0.0.1:9090
          --enable-feature=exemplar-storage
        alertmanager
          --config.file=FOLDER/kept/prometheus-rules/alertmanager.yml
          --storage.path=FOLDER/kept/alertmanager
          --web.listen-address=127.0.0.1:9093
          --cluster.listen-address=
        pushgateway
          --web.listen-address=127.0.0.1:9091
          --persistence.file=FOLDER/kept/pushgateway
        jaeger
          COLLECTOR_OTLP_ENABLED=true
          COLLECTOR_OTLP_GRPC_HOST_PORT=127.0.0.1:4317
          COLLECTOR_OTLP_HTTP_HOST_PORT=127.0.0.1:4318
          JAEGER_LISTEN_HOST=127.0.0.1
          QUERY_HTTP_SERVER_HOST_PORT=127.0.0.1:16686
        grafana-server
          --homepath=/usr/share/grafana
          GF_ANALYTICS_REPORTING_ENABLED=false
          GF_AUTH_ANONYMOUS_ENABLED=true
          GF_PATHS_DATA=FOLDER/kept/grafana-data
          GF_PATHS_LOGS=FOLDER/kept/grafana-data/log
          GF_PATHS_PLUGINS=FOLDER/kept/grafana-data/plugins
          GF_PATHS_PROVISIONING=FOLDER/kept/grafana/provisioning
          GF_SERVER_HTTP_ADDR=127.0.0.1
          GF_SERVER_HTTP_PORT=3001
          TTA_DASHBOARDS=FOLDER/kept/grafana/dashboards
    "#]]
    .assert_eq(&runs);
    let read = |file: &str| std::fs::read_to_string(up.folder.join("kept").join(file)).expect("it is generated");
    assert!(read("prometheus-rules/prometheus.yml").contains("- job_name: checkout\n"));
    for file in ["prometheus-rules/alertmanager.yml", "grafana/dashboards/slo.json"] {
        assert!(!read(file).is_empty(), "{file}");
    }
    assert!(read("grafana/provisioning/dashboards/tta.yml").contains("path: $TTA_DASHBOARDS"));

    up.signal("TERM");
    let ran = up.finish();
    expect![[r#"
        Prometheus: http://127.0.0.1:9090
        Alertmanager: http://127.0.0.1:9093
        Pushgateway: http://127.0.0.1:9091
        Jaeger: http://127.0.0.1:16686
        Grafana: http://127.0.0.1:3001
    "#]]
    .assert_eq(&ran.stdout);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for server in servers {
        assert_eq!(up.file(server, "end"), "told to end\n", "{server}");
    }
}

#[test]
fn ctrl_c_stops_the_servers() {
    let mut up = Up::start("up-interrupted", &["jaeger-all-in-one"], &[]);
    up.signal("INT");
    let ran = up.finish();
    expect![[r#"
        Prometheus: not installed (prometheus)
        Alertmanager: not installed (alertmanager or prometheus-alertmanager)
        Pushgateway: not installed (pushgateway or prometheus-pushgateway)
        Jaeger: http://127.0.0.1:16686
        Grafana: not installed (grafana-server)
    "#]]
    .assert_eq(&ran.stdout);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(up.file("jaeger-all-in-one", "end"), "told to end\n");
    assert!(up.folder.join(".tta/prometheus-rules/recording.yml").exists());
}

#[test]
fn a_server_that_exits_stops_the_others() {
    let mut up = Up::start("up-ended", &["prometheus", "prometheus-alertmanager", "prometheus-pushgateway"], &[]);
    std::fs::write(up.folder.join("prometheus-alertmanager.code"), "3").expect("it can be written");
    let ran = up.finish();
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (1, "Alertmanager ended: exit status: 3; does something else listen on http://127.0.0.1:9093?\n")
    );
    for server in ["prometheus", "prometheus-pushgateway"] {
        assert_eq!(up.file(server, "end"), "told to end\n", "{server}");
    }
}

#[test]
fn without_an_installed_server_the_command_lists_their_programs() {
    let ran = ran(command(&folder("up-none")).spawn().expect("the command runs"));
    expect![[r#"
        Prometheus: not installed (prometheus)
        Alertmanager: not installed (alertmanager or prometheus-alertmanager)
        Pushgateway: not installed (pushgateway or prometheus-pushgateway)
        Jaeger: not installed (jaeger or jaeger-all-in-one)
        Grafana: not installed (grafana-server)
    "#]]
    .assert_eq(&ran.stdout);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (2, "error: none of the servers is installed; on Debian and Ubuntu: apt-get install prometheus\n")
    );
}

#[test]
fn a_program_that_cannot_be_started_is_named() {
    let folder = folder("up-refused");
    std::fs::write(folder.join("pushgateway"), STAND_IN).expect("it can be written");
    let ran = ran(command(&folder).spawn().expect("the command runs"));
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (2, "error: cannot run pushgateway: Permission denied (os error 13)\n")
    );
}

#[test]
fn a_blank_job_is_refused() {
    let ran = tta(&["up", "--job", " "]);
    assert_eq!(ran.code, 2);
    let line = "error: invalid value ' ' for '--job <NAME>': a name has at least one character";
    assert_eq!(ran.stderr.lines().next(), Some(line));
}
