//! Random programs.

use fastrand::Rng;

use super::program::{Body, Callee, End, Step};

/// Generates a body; deeper bodies have fewer steps.
pub fn body(random: &mut Rng, depth: u32) -> Body {
    let most = 3_usize.saturating_sub(depth as usize);
    let steps = (0..random.usize(0..=most)).map(|_| step(random, depth + 1)).collect();
    Body { steps, end: end(random) }
}

/// Chooses a function.
pub fn callee(random: &mut Rng) -> Callee {
    match random.u8(0..4) {
        0 => Callee::Workflow,
        1 => Callee::Agent,
        2 => Callee::Tool,
        _ => Callee::Eager,
    }
}

fn end(random: &mut Rng) -> End {
    match random.u8(0..8) {
        0 => End::Refuse,
        1 => End::Fail,
        2 => End::Panic,
        _ => End::Return,
    }
}

fn step(random: &mut Rng, depth: u32) -> Step {
    // Cheap steps are frequent, so that a run takes microseconds and the clock is rarely advanced.
    match random.u8(0..40) {
        0..14 => Step::Yield,
        14..18 => Step::Check(end(random)),
        18..22 => Step::Call(callee(random), body(random, depth)),
        22..26 => Step::Try(callee(random), body(random, depth)),
        26..28 => Step::CallInDrop(end(random)),
        28..30 => Step::Join(body(random, depth), body(random, depth)),
        30..32 => Step::Select(body(random, depth), body(random, depth)),
        32..34 => Step::CatchUnwind(body(random, depth)),
        34 => Step::Timeout(random.u64(0..4), body(random, depth)),
        35 => Step::Spawn(body(random, depth)),
        36 => Step::NeverPoll(callee(random), body(random, depth)),
        37 => Step::Parallel((0..random.usize(0..4)).map(|_| body(random, depth)).collect()),
        38 => Step::Cache(body(random, depth)),
        _ => Step::Router(random.u8(0..2), body(random, depth)),
    }
}
