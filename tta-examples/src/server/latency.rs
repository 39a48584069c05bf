//! Latencies: a time to first token, and a time per further token, both with a long tail.

use std::f64::consts::TAU;
use std::time::Duration;

use crate::server::models::Model;

/// The standard deviation of the logarithm: one request in twenty takes over 1.7 times the median.
const SPREAD: f64 = 0.33;

/// The latencies of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) first_token: Duration,
    pub(crate) per_token: Duration,
}

impl Pace {
    /// Draws the latencies of an answer of `model`, multiplied by `factor`.
    pub(crate) fn draw(model: &Model, factor: f64, random: &mut fastrand::Rng) -> Self {
        Self {
            first_token: model.first_token.mul_f64(factor * log_normal(random)),
            per_token: model.per_token.mul_f64(factor * log_normal(random)),
        }
    }

    /// Returns the time until the last of `tokens` tokens.
    pub(crate) fn whole(self, tokens: usize) -> Duration {
        let further = u32::try_from(tokens.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_token.saturating_add(self.per_token.saturating_mul(further))
    }
}

/// Draws a log-normal factor with median 1, by the Box–Muller transform.
fn log_normal(random: &mut fastrand::Rng) -> f64 {
    let normal = (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (TAU * random.f64()).cos();
    (SPREAD * normal).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_token_waits_and_the_others_follow() {
        let pace = Pace { first_token: Duration::from_millis(200), per_token: Duration::from_millis(5) };
        assert_eq!(pace.whole(1), Duration::from_millis(200));
        assert_eq!(pace.whole(101), Duration::from_millis(700));
    }

    #[test]
    fn the_median_factor_is_one_and_the_tail_as_stated() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut factors: Vec<f64> = (0..10_001).map(|_| log_normal(&mut random)).collect();
        factors.sort_by(f64::total_cmp);
        assert!((0.98..1.02).contains(&factors[5_000]), "{}", factors[5_000]);
        assert!((1.65..1.80).contains(&factors[9_500]), "{}", factors[9_500]);
    }
}
