//! A program with few file descriptors, and clients that take them all: scrapes are answered all the same.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::child::{Running, configured};
use crate::exporter;

/// The limit of open files of the program.
const FILES: usize = 64;

const CLIENTS: usize = 300;

/// The longest time that a scrape may take; of several the fastest is compared, because the machine may be busy.
const SCRAPE: Duration = Duration::from_secs(1);

/// Less than the time after which idle connections are closed by themselves, which no scrape may have to wait for.
const ANY_SCRAPE: Duration = Duration::from_secs(4);

/// Starts a scenario with a limit of open files, and returns it with the address of its metrics.
fn start(scenario: &str) -> (Running, SocketAddr) {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -n {FILES} && exec \"$0\" {scenario}"));
    let mut program = Running::start(configured(command).arg(env!("CARGO_BIN_EXE_subject")));
    let address = program.line().parse().expect("it says its address");
    (program, address)
}

/// Opens connections that send `bytes` and nothing more.
fn open(clients: usize, address: SocketAddr, bytes: &str) -> Vec<TcpStream> {
    let connect = |_| {
        let mut stream = TcpStream::connect(address).expect("the server accepts");
        // The server may have closed the connection for a later one.
        let _ = stream.write_all(bytes.as_bytes());
        stream
    };
    (0..clients).map(connect).collect()
}

/// Scrapes, and returns how long it took.
#[track_caller]
fn scrape(address: SocketAddr) -> Duration {
    let start = Instant::now();
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let answer = exporter::rest(exporter::send(address, &request));
    let took = start.elapsed();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    took
}

#[track_caller]
fn check(bytes: &str) {
    let (_program, address) = start("serve");
    let mut clients = Vec::new();
    // Each round arrives while the one before has every seat, and each scrape takes one of them.
    let times: Vec<_> = (0..3)
        .map(|_| {
            clients.extend(open(CLIENTS, address, bytes));
            scrape(address)
        })
        .collect();
    assert_prompt(&times);
}

#[track_caller]
fn assert_prompt(times: &[Duration]) {
    let (fastest, slowest) = (times.iter().min(), times.iter().max());
    assert!(fastest < Some(&SCRAPE) && slowest < Some(&ANY_SCRAPE), "{times:?}");
}

#[test]
fn clients_that_send_nothing_delay_no_scrape() {
    check("");
}

#[test]
fn clients_that_send_half_a_request_delay_no_scrape() {
    check("GET /metrics HTTP/1.1\r\nHost: loc");
}

#[test]
fn a_program_that_has_taken_all_descriptors_is_scraped_all_the_same() {
    let (mut program, address) = start("serve_without_files");
    for idle in [0, 10] {
        let clients = open(idle, address, "");
        program.say("take them");
        assert_eq!(program.line(), "none is left");
        let times: Vec<_> = (0..3).map(|_| scrape(address)).collect();
        assert_prompt(&times);
        drop(clients);
        program.say("give them back");
        assert_eq!(program.line(), "given back");
    }
}

#[test]
fn a_program_without_descriptors_does_not_spin() {
    let (mut program, address) = start("serve_without_files");
    program.say("take them");
    assert_eq!(program.line(), "none is left");
    // The first takes the last descriptor, and the others wait to be accepted for as long as it is being answered.
    let clients: Vec<_> = (0..8).map(|_| TcpStream::connect(address).expect("the system accepts")).collect();
    let (start, before) = (Instant::now(), program.processor_time());
    std::thread::sleep(Duration::from_secs(2));
    let used = program.processor_time().saturating_sub(before);
    assert!(used < start.elapsed() / 4, "{used:?} of {:?}", start.elapsed());
    drop(clients);
}
