//! The server that misbehaves as it is told, for scripts: prints its address, and reads a fault from each line of its input.

use std::io::BufRead;
use std::process::ExitCode;

use tests::faults::{Fault, FaultServer};

fn main() -> ExitCode {
    let server = FaultServer::start(Fault::Healthy);
    println!("{}", server.endpoint());
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match line.trim().parse() {
            Ok(fault) => server.become_(fault),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let requests = server.requests();
    let accepted = requests.iter().filter(|request| request.was_accepted).count();
    println!("{} requests, {accepted} accepted", requests.len());
    ExitCode::SUCCESS
}
