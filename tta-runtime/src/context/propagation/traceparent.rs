//! The header `traceparent`, read by the letter of W3C's specification.

use super::trim;
use crate::id::SpanIds;

/// The length of the fields that each version has.
const LENGTH: usize = 55;

/// Returns the span that a header names, `None` if the header is invalid.
///
/// A version after 0 may have more fields, which are ignored.
pub(super) fn parse(header: &[u8]) -> Option<SpanIds> {
    let (fields, rest) = trim(header).split_at_checked(LENGTH)?;
    let dashes = [2, 35, 52].into_iter().all(|at| fields.get(at) == Some(&b'-'));
    let version = hex(fields.get(..2)?)?;
    let is_whole = match (version, rest.first()) {
        (0xff, _) => false,
        (_, None) => true,
        (version, Some(next)) => version != 0 && *next == b'-',
    };
    if !dashes || !is_whole {
        return None;
    }
    let trace = hex(fields.get(3..35)?)?;
    let span = u64::try_from(hex(fields.get(36..52)?)?).ok()?;
    let flags = hex(fields.get(53..)?)?;
    (trace != 0 && span != 0).then(|| SpanIds::remote(trace, span, flags & 1 == 1))
}

/// Returns the number that lower-case hexadecimal digits write.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}
