//! Addresses as they are printed: without their secrets.

use reqwest::Url;

/// Returns an address with `***` in the place of user, password, query and fragment, or `***` alone if it is not certain where they end.
pub(crate) fn masked(address: &str) -> String {
    if !address.contains(['@', '?', '#']) {
        return address.to_owned();
    }
    match Url::parse(address) {
        // A password with an unescaped `/`, `?` or `#` seems to end the host.
        Ok(url) if url.has_host() && !address_behind_host(&url).contains('@') => masked_parts(url),
        _ => "***".to_owned(),
    }
}

fn address_behind_host(url: &Url) -> String {
    [url.path(), url.query().unwrap_or_default(), url.fragment().unwrap_or_default()].concat()
}

fn masked_parts(mut url: Url) -> String {
    if !url.username().is_empty() || url.password().is_some() {
        // An address with a host may have a user.
        let _ = url.set_password(None);
        let _ = url.set_username("***");
    }
    if url.query().is_some() || url.fragment().is_some() {
        url.set_query(Some("***"));
        url.set_fragment(None);
    }
    url.into()
}

/// Returns a text with each address in it as [`masked`] prints it.
pub(crate) fn masked_within(text: &str) -> String {
    let is_around = |character: char| character.is_whitespace() || ['"', '\'', '`', '<', '>'].contains(&character);
    let pieces = text.split_inclusive(is_around).map(|piece| {
        let (word, end) = piece.split_at(piece.trim_end_matches(is_around).len());
        if word.contains("://") { masked(word) + end } else { piece.to_owned() }
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::{masked, masked_within};

    #[test]
    fn addresses_within_a_text_are_masked() {
        for (text, printed) in [
            (
                "Get \"http://ann:s3cret@a:1/metrics?token=s3cret\": dial tcp a:1: refused",
                "Get \"http://***@a:1/metrics?***\": dial tcp a:1: refused",
            ),
            ("http://a?b=c and <http://d#e>", "http://a/?*** and <http://d/?***>"),
            ("server returned HTTP status 503", "server returned HTTP status 503"),
            ("", ""),
        ] {
            assert_eq!(masked_within(text), printed);
        }
    }

    #[test]
    fn user_password_and_query_are_masked() {
        for (address, printed) in [
            ("http://127.0.0.1:9464", "http://127.0.0.1:9464"),
            ("http://a:9464/metrics", "http://a:9464/metrics"),
            ("http://ann:s3cret@a:9464/metrics", "http://***@a:9464/metrics"),
            ("http://s3cret@a/metrics", "http://***@a/metrics"),
            ("http://:s3cret@a/metrics", "http://***@a/metrics"),
            ("http://a/metrics?token=s3cret#s3cret", "http://a/metrics?***"),
            ("http://a/#s3cret", "http://a/?***"),
            ("http://ann:s3/cr@et@a", "***"),
            ("http://ann:3/cret@a", "***"),
            ("http://ann:3?cret@a", "***"),
            ("ann:s3cret@a:9464", "***"),
            ("http://a/?user=a@b&token=s3cret", "***"),
            ("", ""),
        ] {
            assert_eq!(masked(address), printed, "{address}");
        }
    }
}
