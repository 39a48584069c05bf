//! Bucket bounds of histograms, in seconds unless stated otherwise.

/// From 10 ms to 30 s: work that mostly waits, such as requests.
pub const DEFAULT: &[f64] = &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// From 0.1 ms to 1 s: look-ups and other work in memory.
pub const FAST: &[f64] = &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0];
/// From 10 ms to 81.92 s: the bounds of OpenTelemetry's conventions for the duration of model calls.
pub const GENAI: &[f64] = &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// From 10 ms to 300 s: the bounds of OpenTelemetry's conventions for messages of the Model Context Protocol.
pub const MCP: &[f64] = &[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
/// From 1 to 128: the bounds of OpenTelemetry's conventions for the calls that an agent makes in one invocation.
pub const CALLS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
/// From 1 to 67,108,864 tokens: the bounds of OpenTelemetry's conventions for the tokens of a call.
pub const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// From 0.1 s to 320 s: language models, and work that waits for them.
pub const LLM: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0];
/// From 0 to 1: scores of evaluations, whose extremes are the usual ones.
pub const SCORES: &[f64] = &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// From $0.0001 to $100, about the price of 1,000 tokens of a small model up to that of a day of an agent: round amounts, as
/// limits on costs are.
pub const USD: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0];
