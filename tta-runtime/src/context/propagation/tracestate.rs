//! The header `tracestate`, read by the letter of W3C's specification.

use opentelemetry::trace::TraceState;

use super::trim;

/// The most members of a list.
const MOST_MEMBERS: usize = 32;

/// Returns the state that the lines of a header have, `None` if any member is invalid.
///
/// OpenTelemetry's type cannot hold keys whose system has the longest length, 14; their members are left out.
pub(super) fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<TraceState> {
    // On the stack: nothing is allocated for a header that is refused.
    let mut members = [("", ""); MOST_MEMBERS];
    let mut count = 0;
    for line in lines {
        for member in line.split(|&byte| byte == b',').map(trim).filter(|member| !member.is_empty()) {
            let (key, value) = parse_member(member)?;
            if members.get(..count)?.iter().any(|(known, _)| *known == key) {
                return None;
            }
            *members.get_mut(count)? = (key, value);
            count += 1;
        }
    }
    let can_hold = |key: &str| key.split_once('@').is_none_or(|(_, system)| system.len() < LONGEST_SYSTEM);
    TraceState::from_key_value(members.into_iter().take(count).filter(|(key, _)| can_hold(key))).ok()
}

fn parse_member(member: &[u8]) -> Option<(&str, &str)> {
    let equals = member.iter().position(|&byte| byte == b'=')?;
    let (key, value) = (member.get(..equals)?, member.get(equals + 1..)?);
    let is_value =
        matches!(value.len(), 1..=256) && value.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'=');
    (is_key(key) && is_value).then_some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?))
}

/// The longest part of a key after `@`.
const LONGEST_SYSTEM: usize = 14;

/// Returns whether a key is a simple one, or one of a tenant and a system.
fn is_key(key: &[u8]) -> bool {
    let is_part = |part: &[u8], longest: usize| {
        let is_allowed = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/');
        part.len() <= longest && part.iter().all(is_allowed)
    };
    let starts_with_letter = |part: &[u8]| part.first().is_some_and(u8::is_ascii_lowercase);
    let starts_with_digit = |part: &[u8]| part.first().is_some_and(u8::is_ascii_digit);
    match key.iter().position(|&byte| byte == b'@') {
        // A digit may come first by the second level of the specification.
        None => (starts_with_letter(key) || starts_with_digit(key)) && is_part(key, 256),
        Some(at) => {
            let (tenant, system) = (key.get(..at).unwrap_or_default(), key.get(at + 1..).unwrap_or_default());
            (starts_with_letter(tenant) || starts_with_digit(tenant))
                && is_part(tenant, 241)
                && starts_with_letter(system)
                && is_part(system, LONGEST_SYSTEM)
        }
    }
}
