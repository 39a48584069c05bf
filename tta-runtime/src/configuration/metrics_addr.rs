//! The address that serves `/metrics`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{EnvironmentError, ReadVariable, metrics_exporters};

/// The default: the port that OpenTelemetry's specification gives to Prometheus exporters, on loopback.
const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// Returns the address in `TTA_METRICS_ADDR`, or the default; `None` for `off`, and without an address if `OTEL_METRICS_EXPORTER` names
/// other exporters.
pub(crate) fn metrics_addr(read: ReadVariable<'_>) -> Result<Option<SocketAddr>, EnvironmentError> {
    const VARIABLE: &str = "TTA_METRICS_ADDR";
    let exporters = metrics_exporters(read)?;
    let Some(value) = read(VARIABLE) else {
        return Ok(exporters.is_none_or(|named| named.prometheus).then_some(DEFAULT));
    };
    if value.trim().eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    value.trim().parse().map(Some).map_err(|_| EnvironmentError {
        variable: VARIABLE,
        value,
        expected: "an address and a port, such as `127.0.0.1:9464`, or `off`",
    })
}

#[cfg(test)]
mod tests {
    use super::metrics_addr;

    #[test]
    fn an_invalid_address_is_rejected_with_an_example() {
        assert_eq!(
            metrics_addr(&|name: &str| (name == "TTA_METRICS_ADDR").then(|| "9464".to_owned()))
                .unwrap_err()
                .to_string(),
            "TTA_METRICS_ADDR=`9464` cannot be used; write an address and a port, such as `127.0.0.1:9464`, or `off`"
        );
    }

    #[test]
    fn off_is_no_address() {
        let of =
            |value: &'static str| metrics_addr(&|name: &str| (name == "TTA_METRICS_ADDR").then(|| value.to_owned()));
        assert_eq!(["off", " OFF "].map(of), [Ok(None), Ok(None)]);
        assert_eq!(metrics_addr(&|_| None), Ok(Some(([127, 0, 0, 1], 9464).into())));
    }

    #[test]
    fn other_exporters_of_metrics_leave_the_default_out_and_not_a_given_address() {
        let none = |name: &str| (name == "OTEL_METRICS_EXPORTER").then(|| "none".to_owned());
        assert_eq!(metrics_addr(&none), Ok(None));
        let given = |name: &str| none(name).or_else(|| Some("127.0.0.1:1".to_owned()));
        assert_eq!(metrics_addr(&given), Ok(Some(([127, 0, 0, 1], 1).into())));
    }
}
