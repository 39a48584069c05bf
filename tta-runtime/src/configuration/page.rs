//! The live page: whether there is one, and its memory.

use super::{EnvironmentError, ReadVariable};
use crate::page::TRACE_BYTES;

/// Whether the server has the live page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageSetting {
    Off,
    /// It keeps traces in at most this many bytes.
    Bytes(usize),
}

/// Returns the setting in `TTA_PAGE`, or the default.
pub(crate) fn page(read: ReadVariable<'_>) -> Result<PageSetting, EnvironmentError> {
    const VARIABLE: &str = "TTA_PAGE";
    let Some(value) = read(VARIABLE) else { return Ok(PageSetting::Bytes(TRACE_BYTES)) };
    if value.trim().eq_ignore_ascii_case("off") {
        return Ok(PageSetting::Off);
    }
    let bytes = value.trim().parse().ok().filter(|&bytes: &usize| bytes > 0);
    let expected = "a whole number of bytes above 0, such as `4194304`, or `off`";
    bytes.map(PageSetting::Bytes).ok_or(EnvironmentError { variable: VARIABLE, value, expected })
}

#[cfg(test)]
mod tests {
    use super::{PageSetting, page};

    #[test]
    fn the_page_is_on_unless_it_is_off() {
        let of = |value: &'static str| page(&|name: &str| (name == "TTA_PAGE").then(|| value.to_owned()));
        assert_eq!(page(&|_| None), Ok(PageSetting::Bytes(4_194_304)));
        assert_eq!(
            ["off", " OFF", "1048576"].map(of),
            [Ok(PageSetting::Off), Ok(PageSetting::Off), Ok(PageSetting::Bytes(1_048_576))]
        );
        assert_eq!(
            of("4 MiB").unwrap_err().to_string(),
            "TTA_PAGE=`4 MiB` cannot be used; write a whole number of bytes above 0, such as `4194304`, or `off`"
        );
    }
}
