//! How programs and a Prometheus are asked.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::{StatusCode, Url};

use super::address::Address;
use super::unanswered::Unanswered;
use super::unreachable::Unreachable;
use crate::address::masked;
use crate::http::innermost;

/// The longest time to wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How programs are asked.
pub struct Access {
    client: Client,
    token: Option<String>,
}

/// Who is asked.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    Program,
    /// It does not get the programs' token.
    Prometheus,
}

impl Access {
    /// Prepares requests with a bearer token for programs, if there is one, and with trust in the authorities in a file, if one
    /// is given, beside those of the system.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or has no valid certificate.
    pub fn new(token: Option<String>, authorities: Option<&Path>) -> Result<Self, Unreachable> {
        // A scrape by this client does not count as one by Prometheus.
        let agent = concat!("tta-doctor/", env!("CARGO_PKG_VERSION"));
        let mut client = Client::builder().timeout(TIMEOUT).user_agent(agent);
        if let Some(path) = authorities {
            let error = |reason: String| Unreachable { url: path.display().to_string(), reason };
            let pem = std::fs::read(path).map_err(|reason| error(reason.to_string()))?;
            let certificates =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|reason| error(innermost(reason)))?;
            if certificates.is_empty() {
                return Err(error("it has no certificate in PEM".to_owned()));
            }
            client = client.tls_certs_merge(certificates);
        }
        let client =
            client.build().map_err(|reason| Unreachable { url: "TLS".to_owned(), reason: innermost(reason) })?;
        Ok(Self { client, token })
    }

    pub(super) fn get(&self, asked: Asked, url: &Url) -> Result<Response, Unreachable> {
        let request = self.client.get(url.clone());
        let request = match self.token_for(asked, url) {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().map_err(|error| Unreachable { url: masked(url.as_str()), reason: innermost(error) })
    }

    /// Returns the token that is sent to an address. One with a user of its own is asked as that user: a request has one
    /// authorization.
    fn token_for(&self, asked: Asked, url: &Url) -> Option<&str> {
        match asked {
            Asked::Program if !has_user(url) => self.token.as_deref(),
            Asked::Program | Asked::Prometheus => None,
        }
    }

    /// Returns the text of a page, `None` if there is no such page.
    pub(super) fn page(&self, asked: Asked, url: &Url) -> Result<Option<String>, Unreachable> {
        let response = self.get(asked, url)?;
        let error = |reason: String| Unreachable { url: masked(url.as_str()), reason };
        match response.status() {
            StatusCode::OK => response.text().map(Some).map_err(|reason| error(innermost(reason))),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED => Err(error(self.unauthorized(asked, url).to_owned())),
            other => Err(error(format!("it answers {other}"))),
        }
    }

    /// Returns an answer of a program's live page, which is JSON. A refusal has the message that the program gives.
    pub(crate) fn json(
        &self,
        address: &Address,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<serde_json::Value, Unanswered> {
        let mut url = address.page(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let response = self.get(Asked::Program, &url)?;
        let url_shown = masked(address.page(path).as_str());
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED {
            let reason = self.unauthorized(Asked::Program, &url).to_owned();
            return Err(Unanswered::Refused { url: url_shown, reason });
        }
        let answer = response.json::<serde_json::Value>();
        if status == StatusCode::OK {
            return answer.map_err(|reason| Unreachable { url: url_shown, reason: innermost(reason) }.into());
        }
        let said = answer.ok().and_then(|answer| Some(answer["error"]["message"].as_str()?.to_owned()));
        let reason = said.unwrap_or_else(|| match status {
            StatusCode::NOT_FOUND => {
                format!(
                    "it answers {status}; its live page needs the feature `page` of tta-runtime, and not `TTA_PAGE=off`"
                )
            }
            _ => format!("it answers {status}"),
        });
        // What a busy program or a proxy says passes by itself.
        let passes = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        if passes || !status.is_client_error() {
            return Err(Unreachable { url: url_shown, reason }.into());
        }
        Err(Unanswered::Refused { url: url_shown, reason })
    }

    /// Returns the reason of an answer 401.
    fn unauthorized(&self, asked: Asked, url: &Url) -> &'static str {
        match (asked, &self.token) {
            (Asked::Program, _) if has_user(url) => {
                "it refuses the user and password of its address; if it wants a bearer token, leave them out and give the token with `--token-file`"
            }
            (Asked::Program, None) => "it needs a bearer token; give it with `--token-file`",
            (Asked::Program, Some(_)) => {
                "it refuses the bearer token; write the token of the program into the file of `--token-file`"
            }
            (Asked::Prometheus, _) => {
                "it wants credentials, and the token of `--token-file` is for programs alone; write its user and password into its address, as in `https://USER:PASSWORD@HOST`"
            }
        }
    }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_ref().map(|_| "***");
        formatter.debug_struct("Access").field("token", &token).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Access;

    #[test]
    fn the_token_is_not_printed() {
        let access = Access::new(Some("s3cret".to_owned()), None).expect("it needs no file");
        assert_eq!(format!("{access:?}"), r#"Access { token: Some("***"), .. }"#);
    }
}
