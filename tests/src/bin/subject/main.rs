//! The program that the tests run. The telemetry starts once per process, so each case has its own process.
//!
//! The first argument names the scenario, which prints its results to standard output.

mod across_processes;
mod across_tasks;
mod aging_tenants;
mod ailing;
mod blocks;
mod budget_at_shutdown;
mod budget_outage;
mod calling;
mod canary;
mod console;
mod counted;
mod deaf;
mod dear_tenants;
mod driven;
mod ends;
mod errors;
mod flood;
mod foreign;
mod judged;
mod kinds;
mod late_native;
mod losses;
mod mcp_names;
mod nested;
mod percentiles;
mod prices;
mod push;
mod redis_held_up;
mod refused;
mod restarted;
mod sampled;
mod sampler;
mod serve;
mod stop;
mod thread_end;
mod top_errors;
mod trouble;
mod uninitialized;
mod unregistered;
mod views;
mod warnings;
mod work;

use std::process::ExitCode;
use std::time::Duration;

use tta_runtime::Telemetry;

/// All scenarios.
const SCENARIOS: &[(&str, fn())] = &[
    ("judged", judged::run),
    ("kinds", kinds::run),
    ("nested", nested::run),
    ("across_tasks", across_tasks::run),
    ("hop_server", across_processes::serve),
    ("hop_client", across_processes::ask),
    ("foreign", foreign::run),
    ("aging_tenants", aging_tenants::run),
    ("ailing", ailing::run),
    ("blocks", blocks::run),
    ("budget_at_shutdown", budget_at_shutdown::run),
    ("budget_outage", budget_outage::run),
    ("calling", calling::run),
    ("canary", canary::run),
    ("console", console::run),
    ("counted", counted::run),
    ("deaf", deaf::run),
    ("dear_tenants", dear_tenants::run),
    ("driven", driven::run),
    ("ends", ends::run),
    ("errors", errors::run),
    ("sampled", sampled::run),
    ("sampler", sampler::run),
    ("flood", flood::run),
    ("flood_at_shutdown", flood::run_into_shutdown),
    ("serve", serve::run),
    ("serve_logged", serve::run_logged),
    ("serve_without_files", serve::run_without_files),
    ("uninitialized", uninitialized::run),
    ("disabled", uninitialized::run_initialized),
    ("two_starts", unregistered::start_twice),
    ("taken_name", unregistered::take_a_name),
    ("refused", refused::run),
    ("restarted", restarted::run),
    ("without_metrics", refused::run_without_metrics),
    ("first_price", prices::run_first),
    ("price_files", prices::run_files),
    ("price_url", prices::run_url),
    ("stop", stop::run),
    ("thread_end", thread_end::run),
    ("top_errors", top_errors::run),
    ("trouble", trouble::run),
    ("views", views::run),
    ("percentiles", percentiles::run),
    ("push", push::run),
    ("redis_log_held_up", redis_held_up::run_log),
    ("redis_log_relapses", redis_held_up::run_relapses),
    ("redis_thread_held_up", redis_held_up::run_thread),
    ("late_native", late_native::run),
    ("mcp_names", mcp_names::run),
    ("work", work::run),
];

/// Long enough for any collector that answers.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, run)) = SCENARIOS.iter().find(|(known, _)| *known == name) else {
        eprintln!("no scenario `{name}`");
        return ExitCode::FAILURE;
    };
    run();
    ExitCode::SUCCESS
}

/// Starts the telemetry from the environment.
fn start() -> Telemetry {
    tta_runtime::builder().service_name("subject").init().expect("the telemetry starts")
}

/// Runs a future on a runtime of one thread, where tasks run in the order in which they were spawned.
fn block_on<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(body)
}

/// Prints a line to the test, and waits until the test answers or closes the pipe.
fn say_and_wait(text: impl std::fmt::Display) {
    println!("{text}");
    let _ = std::io::stdin().read_line(&mut String::new());
}
