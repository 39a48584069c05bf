//! An upper bound on the cost of a call.

use crate::model::{ModelName, NanoUsd, Prices, ServiceTier, Usage};

/// An upper bound on the cost of a call, for a [`Budget`](super::Budget) to reserve.
///
/// ```
/// use tta_runtime::llm::Estimate;
///
/// let by_tokens = Estimate::tokens("openai", "gpt-4o", 1_500).max_output_tokens(500);
/// let by_hand = Estimate::usd(0.02);
/// # let _ = (by_tokens, by_hand);
/// ```
#[derive(Clone, Debug)]
pub struct Estimate {
    basis: Basis,
    requests: u64,
}

/// The basis of an estimate.
#[derive(Clone, Debug)]
enum Basis {
    /// `None` means that the cost has no bound.
    Amount(Option<NanoUsd>),
    Tokens {
        name: ModelName,
        input_tokens: u64,
        most_output_tokens: Option<u64>,
        tier: Option<ServiceTier>,
    },
}

impl Estimate {
    /// Estimates an amount in US dollars, such as the sum of several calls.
    ///
    /// A negative amount counts as zero. NaN, and an amount beyond [`NanoUsd`], reserve all that is left.
    #[must_use]
    pub fn usd(most: f64) -> Self {
        Self::of(Basis::Amount(if most <= 0.0 { Some(NanoUsd(0)) } else { NanoUsd::from_usd(most) }))
    }

    /// Estimates a call with this many input tokens.
    ///
    /// The output is bounded by [`max_output_tokens`](Self::max_output_tokens), or else by the longest output that the price
    /// file gives for the model, or else by its context window. Input tokens count as written to the provider's cache if
    /// that costs more. Audio tokens are not included.
    ///
    /// If the model has no price, or the longest output is not known, the cost has no bound: the call reserves all that is
    /// left.
    #[must_use]
    pub fn tokens(provider: &str, model: &str, input_tokens: u64) -> Self {
        let name = ModelName::new(provider, model);
        Self::of(Basis::Tokens { name, input_tokens, most_output_tokens: None, tier: None })
    }

    fn of(basis: Basis) -> Self {
        Self { basis, requests: 1 }
    }

    /// Sets the most calls to models that are made, such as with those that are made again; 1 by default.
    ///
    /// A budget of requests reserves as many. A budget of money or tokens reserves for one call, unless the estimate is an
    /// [amount](Self::usd), which is that of all calls.
    #[must_use]
    pub fn requests(mut self, most: u64) -> Self {
        self.requests = most;
        self
    }

    /// Sets the most output tokens that the request allows, including reasoning.
    #[must_use]
    pub fn max_output_tokens(mut self, most: u64) -> Self {
        if let Basis::Tokens { most_output_tokens, .. } = &mut self.basis {
            *most_output_tokens = Some(most);
        }
        self
    }

    /// Sets the service tier that the request asks for.
    #[must_use]
    pub fn service_tier(mut self, service_tier: ServiceTier) -> Self {
        if let Basis::Tokens { tier, .. } = &mut self.basis {
            *tier = Some(service_tier);
        }
        self
    }

    /// Returns the bound on requests.
    pub(super) fn most_requests(&self) -> u64 {
        self.requests
    }

    /// Returns the bound on tokens, `None` if there is none: a bound on money bounds no tokens. `longest` returns the longest
    /// output of a model.
    pub(super) fn most_tokens(&self, longest: impl FnOnce(&ModelName) -> Option<u64>) -> Option<u64> {
        let Basis::Tokens { name, input_tokens, most_output_tokens, .. } = &self.basis else { return None };
        Some(input_tokens.saturating_add(most_output_tokens.or_else(|| longest(name))?))
    }

    /// Returns the bound on the cost, `None` if there is none.
    pub(super) fn most_usd(&self, prices: &Prices) -> Option<NanoUsd> {
        let Basis::Tokens { name, input_tokens, most_output_tokens, tier } = &self.basis else {
            let Basis::Amount(amount) = self.basis else { return None };
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
