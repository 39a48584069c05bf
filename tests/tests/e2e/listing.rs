//! `tta list --url`, pointed at a running program.

use std::process::ExitCode;

use tta_cli::annotated::{detect_other_view, in_metrics};
use tta_runtime::View;

use crate::child::{Running, subject};
use crate::metrics::get;

/// Runs a program with these views, and returns its listed metrics, the view that is shown instead, and the exit code.
fn listed(views: &str) -> (Vec<[String; 3]>, Option<View>, String) {
    let mut program = Running::start(subject("serve").env("TTA_METRICS_VIEW", views));
    let address = program.line();
    let code = tta_cli::command::run(["tta", "list", "--url", &format!("http://{address}/metrics")]);
    let (_, _, text) =
        get(address.parse().expect("an address"), "/metrics", "application/openmetrics-text; version=1.0.0");
    program.finish();
    let functions = in_metrics(&text).into_iter().map(|one| [one.kind, one.name, one.place]);
    let served = functions.filter(|[_, name, _]| name == "served").collect();
    (served, detect_other_view(&text), format!("{code:?}"))
}

#[test]
fn a_running_program_lists_its_functions_under_the_view_of_tta_and_says_so_under_others() {
    let code = |code: u8| format!("{:?}", ExitCode::from(code));
    let served = ["workflow.execute", "served", "7 calls"].map(str::to_owned);
    assert_eq!(listed("tta"), (vec![served.clone()], None, code(0)));
    assert_eq!(listed("otel,tta"), (vec![served], None, code(0)));
    assert_eq!(listed("otel"), (Vec::new(), Some(View::Otel), code(2)));
    assert_eq!(listed("classic"), (Vec::new(), Some(View::Classic), code(2)));
}
