//! The statement before a guarded body: it returns an error if the call must not begin.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::call_site::option;
use crate::inputs;
use crate::loop_guard::{Compared, LoopGuard};
use crate::tokens::located_at;
use crate::vocabulary::Role;

/// The run that a guarded call is a step of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StepOf {
    CurrentRun,
    /// The call of an agent or a workflow begins a run of its own.
    OuterRun,
}

impl StepOf {
    /// Returns the run that a call of this role and action is a step of.
    pub(crate) fn call(role: Role, action: &str) -> Self {
        match role {
            Role::Workflow => Self::OuterRun,
            Role::Agent if action != "plan" => Self::OuterRun,
            _ => Self::CurrentRun,
        }
    }
}

/// Returns the statement before the body that returns an error if the call must not begin.
pub(crate) fn statement(guard: &LoopGuard, step_of: StepOf, name: &str, private: &TokenStream) -> TokenStream {
    let at = guard.at.resolved_at(Span::mixed_site());
    let private = &located_at(private.clone(), at);
    let limits = limits(guard, step_of, private);
    match &guard.compared {
        Compared::Nothing => quote_spanned!(at=> #private::loop_guard_polled(#name, #limits)?;),
        Compared::Values(values) => {
            let hashes = values.iter().map(|value| {
                let at = value.span().resolved_at(Span::mixed_site());
                let (private, function) = (located_at(private.clone(), at), Ident::new("loop_argument", at));
                let value = inputs::borrowed(value);
                quote_spanned!(at=> #private::#function(#value))
            });
            quote_spanned!(at=> #private::loop_guard(#name, #limits, &[#(#hashes),*])?;)
        }
    }
}

fn limits(guard: &LoopGuard, step_of: StepOf, private: &TokenStream) -> TokenStream {
    let LoopGuard { repeats, period, counts_only, .. } = guard;
    let [repeats, period] = [repeats, period].map(|number| Literal::u32_unsuffixed(*number));
    let steps = option(guard.steps.map(|steps| Literal::u32_unsuffixed(steps).into_token_stream()));
    let cost = option(guard.cost_nano_usd.map(|cost| Literal::u64_unsuffixed(cost).into_token_stream()));
    let step_of = match step_of {
        StepOf::CurrentRun => quote!(CurrentRun),
        StepOf::OuterRun => quote!(OuterRun),
    };
    let on_loop = if *counts_only { quote!(Count) } else { quote!(Stop) };
    quote! {
        &#private::LoopLimits {
            repeats: #repeats,
            period: #period,
            steps: #steps,
            cost_nano_usd: #cost,
            on_loop: #private::OnLoop::#on_loop,
            step_of: #private::StepOf::#step_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::Signature;

    use super::*;
    use crate::errors::Errors;
    use crate::loop_guard::read;
    use crate::target::Target;

    fn statement(key: &str, function: &str) -> String {
        let mut errors = Errors::default();
        let entries = crate::args::parse(key.parse().expect("balanced"), &mut errors);
        let signature: Signature = syn::parse_str(function).expect("a signature");
        let returns = crate::returns::read(&signature, &Target::Function, None);
        let guard = read(&entries[0], &signature, &returns, &mut errors);
        assert_eq!(errors.messages(), [""; 0]);
        super::statement(&guard.expect("it is a guard"), StepOf::CurrentRun, "search", &quote!(p))
            .to_string()
            .replace(' ', "")
    }

    #[test]
    fn parameters_that_the_function_uses_are_compared() {
        let search = "async fn search(&self, city: &str, mut days: u32, _: u8, _log: Log) -> Result<u8, String>";
        let expected = "p::loop_guard(\"search\",&p::LoopLimits{repeats:3,period:3,steps:::core::option::Option::None,\
            cost_nano_usd:::core::option::Option::None,on_loop:p::OnLoop::Stop,step_of:p::StepOf::CurrentRun,},\
            &[p::loop_argument(&city),p::loop_argument(&days)])?;";
        assert_eq!(statement("loop_guard", search), expected);
    }

    #[test]
    fn settings_become_limits() {
        let key = "loop_guard(repeats = 2, period = 16, steps = 50, cost_usd = 0.25, polled, count_only)";
        let expected = "p::loop_guard_polled(\"search\",&p::LoopLimits{repeats:2,period:16,\
            steps:::core::option::Option::Some(50),cost_nano_usd:::core::option::Option::Some(250000000),\
            on_loop:p::OnLoop::Count,step_of:p::StepOf::CurrentRun,})?;";
        assert_eq!(statement(key, "fn search(client: &Client) -> Result<u8, String>"), expected);
    }

    #[test]
    fn what_is_named_is_compared_alone() {
        let found =
            statement("loop_guard(arguments = (query.text, n))", "fn f(q: Q, (a, b): (u8, u8)) -> io::Result<u8>");
        assert!(found.ends_with("&[p::loop_argument(&query.text),p::loop_argument(&n)])?;"), "{found}");
    }
}
