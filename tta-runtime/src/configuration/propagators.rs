//! The variable that chooses what is written into requests and read from them: `OTEL_PROPAGATORS`.

use super::{EnvironmentError, ReadVariable};
use crate::context::propagation::Propagators;

/// Returns the formats that `OTEL_PROPAGATORS` names.
pub(crate) fn propagators(read: ReadVariable<'_>) -> Result<Propagators, EnvironmentError> {
    const VARIABLE: &str = "OTEL_PROPAGATORS";
    let Some(value) = read(VARIABLE) else { return Ok(Propagators::default()) };
    let mut propagators = Propagators { trace_context: false, baggage: false };
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match name {
            "tracecontext" => propagators.trace_context = true,
            "baggage" => propagators.baggage = true,
            "none" => {}
            _ => {
                let expected = "`tracecontext`, `baggage`, both with a comma between them, or `none`";
                return Err(EnvironmentError { variable: VARIABLE, value, expected });
            }
        }
    }
    Ok(propagators)
}

#[cfg(test)]
mod tests {
    use super::propagators;
    use crate::context::propagation::Propagators;

    #[test]
    fn lists_are_read_and_other_formats_refused() {
        let of = |value: &'static str| propagators(&|_| Some(value.to_owned()));
        assert_eq!(propagators(&|_| None), Ok(Propagators::default()));
        assert_eq!(of("baggage, tracecontext"), Ok(Propagators::default()));
        assert_eq!(of("tracecontext"), Ok(Propagators { trace_context: true, baggage: false }));
        assert_eq!(of("none"), Ok(Propagators { trace_context: false, baggage: false }));
        let expected = "OTEL_PROPAGATORS=`tracecontext,b3` cannot be used; \
                        write `tracecontext`, `baggage`, both with a comma between them, or `none`";
        assert_eq!(of("tracecontext,b3").unwrap_err().to_string(), expected);
    }
}
