//! Redacts what looks like a key or a password, by its shape.

use std::borrow::Cow;

/// The text in the place of a key.
const REDACTED: &str = "[redacted]";

/// A shape of keys: how they begin, and what follows.
struct Shape {
    prefix: &'static str,
    /// The fewest bytes after the prefix: shorter words are no keys.
    shortest: usize,
    /// The bytes besides letters and digits that a key may have.
    others: &'static [u8],
    /// The length of the prefix that stays readable.
    kept: usize,
}

const fn key(prefix: &'static str, shortest: usize) -> Shape {
    Shape { prefix, shortest, others: b"-_", kept: 0 }
}

const fn credentials(prefix: &'static str) -> Shape {
    Shape { prefix, shortest: 6, others: b"-_.~+/=:", kept: prefix.len() }
}

const SHAPES: &[Shape] = &[
    // OpenAI, Anthropic, OpenRouter and others.
    key("sk-", 12),
    key("sk_", 12),
    key("pk-lf-", 12),
    // AWS: access keys of users, roles and others.
    key("AKIA", 16),
    key("ASIA", 16),
    key("ABIA", 16),
    key("ACCA", 16),
    // Google: API keys, and tokens of OAuth.
    key("AIza", 30),
    Shape { prefix: "ya29.", shortest: 16, others: b"-_.", kept: 0 },
    // Groq, xAI, Hugging Face, Replicate, Perplexity, NVIDIA.
    key("gsk_", 16),
    key("xai-", 16),
    key("hf_", 16),
    key("r8_", 16),
    key("pplx-", 16),
    key("nvapi-", 16),
    // GitHub, GitLab, Slack.
    key("ghp_", 16),
    key("gho_", 16),
    key("ghs_", 16),
    key("ghu_", 16),
    key("github_pat_", 16),
    key("glpat-", 16),
    key("xoxb-", 10),
    key("xoxp-", 10),
    // JSON Web Tokens: `{"` in base64.
    Shape { prefix: "eyJ", shortest: 20, others: b"-_.=", kept: 0 },
    credentials("Bearer "),
    credentials("bearer "),
    credentials("BEARER "),
    credentials("Basic "),
    credentials("basic "),
    // Names of fields whose value is a key.
    credentials("api_key="),
    credentials("api-key: "),
    credentials("api-key="),
    credentials("apikey="),
    credentials("access_token="),
    credentials("password="),
    credentials("secret_access_key="),
    credentials("SECRET_ACCESS_KEY="),
    credentials("secretAccessKey="),
];

/// Replaces keys, tokens and passwords in a text, by their shape.
///
/// Recognised are keys of model providers (`sk-…`, `AIza…`, `gsk_…`, …), AWS, GitHub and Slack, JSON Web Tokens, `Bearer` and `Basic`
/// credentials, values of fields such as `api_key=`, and user and password in URLs. What has no such shape stays: a password in plain words
/// is not recognised.
///
/// This is how error messages and recorded content are redacted, unless [`Builder::redact`](crate::Builder::redact) sets another
/// redaction, which may call it.
///
/// ```
/// let message = "401 for key sk-proj-0123456789abcdef at https://ann:secret@api.example/v1";
/// assert_eq!(tta_runtime::redact_keys(message), "401 for key [redacted] at https://[redacted]@api.example/v1");
/// ```
#[must_use]
pub fn redact_keys(text: &str) -> Cow<'_, str> {
    let mut redacted = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        let Some((start, end)) = key_at(text, at) else {
            at += 1;
            continue;
        };
        redacted.push_str(text.get(copied..start).unwrap_or_default());
        redacted.push_str(REDACTED);
        copied = end;
        at = end.max(at + 1);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    redacted.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(redacted)
}

/// Returns the range of the key that begins at this byte.
fn key_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let rest = bytes.get(at..)?;
    if rest.starts_with(b"://") {
        return password(bytes, at + 3);
    }
    // What begins within a word is part of a longer word, such as `task-`.
    if at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    SHAPES.iter().find_map(|shape| {
        if !rest.starts_with(shape.prefix.as_bytes()) {
            return None;
        }
        let body = rest.get(shape.prefix.len()..)?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || shape.others.contains(byte);
        let length = body.iter().position(|byte| !is_part(byte)).unwrap_or(body.len());
        (length >= shape.shortest).then_some((at + shape.kept, at + shape.prefix.len() + length))
    })
}

/// The most bytes of a URL that are searched for a password, so that a text full of URLs is searched once.
const LONGEST_AUTHORITY: usize = 1_024;

/// Returns the range of user and password in the URL whose authority begins at this byte.
fn password(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let authority = bytes.get(start..bytes.len().min(start + LONGEST_AUTHORITY))?;
    let ends =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b')' | b',');
    let length = authority.iter().position(ends).unwrap_or(authority.len());
    let authority = authority.get(..length)?;
    // A password may have an unescaped slash: up to the last sign is the side to err on, unless a path came first.
    let slash = authority.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(length);
    let colon = authority.get(..slash)?.contains(&b':');
    let sign = authority.iter().rposition(|&byte| byte == b'@').filter(|&sign| sign < slash || colon)?;
    (sign > 0).then_some((start, start + sign))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::redact_keys;

    #[test]
    fn keys_are_recognised_by_their_shape() {
        for (text, redacted) in [
            ("sk-0123456789abcdefABCDEF", "[redacted]"),
            ("key \"sk-ant-api03-0123456789_-abc\" is invalid", "key \"[redacted]\" is invalid"),
            ("Incorrect API key provided: sk-proj-abc123def456ghi789.", "Incorrect API key provided: [redacted]."),
            ("authorization: Bearer abc.DEF-123_~+/=", "authorization: Bearer [redacted]"),
            ("Authorization: Basic YW5uOnMzY3JldA==", "Authorization: Basic [redacted]"),
            ("AKIAIOSFODNN7EXAMPLE", "[redacted]"),
            ("id=ASIAIOSFODNN7EXAMPLE,", "id=[redacted],"),
            ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "aws_secret_access_key=[redacted]"),
            ("?key=AIzaSyA-0123456789abcdefghijklmnopqrstu&x=1", "?key=[redacted]&x=1"),
            ("ya29.a0AfH6SMBx-0123456789", "[redacted]"),
            ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123", "token [redacted]"),
            ("postgres://ann:s3cret@db.example/app", "postgres://[redacted]@db.example/app"),
            ("redis://:s3cret@r.example", "redis://[redacted]@r.example"),
            ("(http://ann:s3/cr@et@h.example/x)", "(http://[redacted]@h.example/x)"),
            ("https://h.example/v1?api_key=0123456789", "https://h.example/v1?api_key=[redacted]"),
            ("x-api-key: 0123456789", "x-api-key: [redacted]"),
            ("two sk-0123456789abcdef and sk-fedcba9876543210", "two [redacted] and [redacted]"),
        ] {
            assert_eq!(redact_keys(text), redacted);
        }
    }

    #[test]
    fn other_texts_stay() {
        for text in [
            "",
            "task-0123456789abcdef is late",
            "sk-short",
            "bearer of bad news",
            "Basic auth failed",
            "https://h.example/@ann/path",
            "mail ann@example.com about http://h.example:80/a@b",
            "AKIA is a prefix",
            "connection to 10.0.0.1:5432 refused",
            "élan: naïve",
        ] {
            // The last address but one has a port before a path with a sign: rather too much is redacted there.
            let expected = text.replace("http://h.example:80/a@b", "http://[redacted]@b");
            assert_eq!(redact_keys(text), expected);
        }
    }

    proptest! {
        #[test]
        fn no_key_is_left_whatever_stands_around_it(before in "[ -~é]{0,20}[ \"(]", key in "[A-Za-z0-9]{20,40}", after in "[ \").,][ -~é]{0,20}") {
            for whole in [format!("sk-{key}"), format!("AIza{key}0123456789"), format!("http://ann:{key}@host")] {
                let redacted = redact_keys(&format!("{before}{whole}{after}")).into_owned();
                prop_assert!(!redacted.contains(&key), "{}", redacted);
            }
        }
    }
}
