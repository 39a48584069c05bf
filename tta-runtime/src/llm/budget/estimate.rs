//! The most that a call may cost.

use crate::model::{ModelName, NanoUsd, Prices, ServiceTier, Usage};

/// The most that a call may cost, for a [`Budget`](super::Budget) to reserve.
///
/// ```
/// use tta_runtime::llm::Estimate;
///
/// let by_tokens = Estimate::tokens("openai", "gpt-4o", 1_500).max_output_tokens(500);
/// let by_hand = Estimate::usd(0.02);
/// # let _ = (by_tokens, by_hand);
/// ```
#[derive(Clone, Debug)]
pub struct Estimate(Kind);

#[derive(Clone, Debug)]
enum Kind {
    /// `None` is any amount.
    Amount(Option<NanoUsd>),
    Tokens {
        name: ModelName,
        input_tokens: u64,
        most_output_tokens: Option<u64>,
        tier: Option<ServiceTier>,
    },
}

impl Estimate {
    /// Estimates an amount, such as of several calls together.
    ///
    /// Less than nothing counts as nothing; what is no number or no amount of money reserves all that is left.
    #[must_use]
    pub fn usd(most: f64) -> Self {
        Self(Kind::Amount(if most <= 0.0 { Some(NanoUsd(0)) } else { NanoUsd::from_usd(most) }))
    }

    /// Estimates a call that sends this many tokens.
    ///
    /// Its answer is as long as the model's answers may be, unless [`max_output_tokens`](Self::max_output_tokens) says
    /// how long the request allows it to be: by the price file, or else by the model's context window. Tokens sent count
    /// as written to the provider's cache where that is dearer. Sound is not in it.
    ///
    /// Where the model has no price, or the longest answer is not known, the call may cost anything: it reserves all
    /// that is left.
    #[must_use]
    pub fn tokens(provider: &str, model: &str, input_tokens: u64) -> Self {
        let name = ModelName::new(provider, model);
        Self(Kind::Tokens { name, input_tokens, most_output_tokens: None, tier: None })
    }

    /// Sets how many tokens the answer may have, those of reasoning included.
    #[must_use]
    pub fn max_output_tokens(mut self, most: u64) -> Self {
        if let Kind::Tokens { most_output_tokens, .. } = &mut self.0 {
            *most_output_tokens = Some(most);
        }
        self
    }

    /// Sets how the request is to be served.
    #[must_use]
    pub fn service_tier(mut self, service_tier: ServiceTier) -> Self {
        if let Kind::Tokens { tier, .. } = &mut self.0 {
            *tier = Some(service_tier);
        }
        self
    }

    /// Returns the amount, `None` where it may be any.
    pub(super) fn most(&self, prices: &Prices) -> Option<NanoUsd> {
        let Kind::Tokens { name, input_tokens, most_output_tokens, tier } = &self.0 else {
            let Kind::Amount(amount) = self.0 else { return None };
            return amount;
        };
        let output_tokens = match most_output_tokens {
            Some(most) => *most,
            None => prices.most_output_tokens(name)?,
        };
        let plain = Usage { service_tier: *tier, ..Usage::new(*input_tokens, output_tokens) };
        let written_5m = Usage { cache_write_5m_tokens: *input_tokens, ..plain.clone() };
        let written_1h = Usage { cache_write_1h_tokens: *input_tokens, ..plain.clone() };
        let sent = [plain, written_5m, written_1h];
        let reasoned = sent.clone().map(|usage| Usage { reasoning_tokens: output_tokens, ..usage });
        sent.iter()
            .chain(&reasoned)
            .map(|usage| prices.price(name, usage))
            .try_fold(NanoUsd(0), |most, price| Some(most.max(price?)))
    }
}
