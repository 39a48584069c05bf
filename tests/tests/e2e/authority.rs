//! A certificate authority that issues certificates for the loopback address.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The options of a new key.
const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/// An authority, in files of a temporary directory.
pub(crate) struct Authority(PathBuf);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("tta-authority-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory can be made");
        let authority = Self(directory);
        authority
            .openssl(&[&["req", "-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"], &KEY[..]]);
        // Certificates are valid for this address alone, not for the name `localhost`.
        authority.write("extensions", b"subjectAltName=IP:127.0.0.1\n");
        authority
    }

    /// Issues a certificate with a new key, in the files `{subject}.pem` and `{subject}.key`.
    pub(crate) fn issue(&self, subject: &str) {
        self.issue_for(subject, "2");
    }

    /// Issues a certificate whose time is over.
    pub(crate) fn issue_expired(&self, subject: &str) {
        self.issue_for(subject, "-1");
    }

    fn issue_for(&self, subject: &str, days: &str) {
        let [key, request, certificate] = ["key", "csr", "pem"].map(|ending| format!("{subject}.{ending}"));
        let name = format!("/CN={subject}");
        self.openssl(&[&["req", "-subj", &name, "-keyout", &key, "-out", &request], &KEY[..]]);
        let signed = ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        self.openssl(&[&signed[..], &["-days", days, "-extfile", "extensions", "-out", &certificate]]);
    }

    fn openssl(&self, arguments: &[&[&str]]) {
        let output = Command::new("openssl")
            .args(arguments.concat())
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .expect("openssl can be run; on Debian it comes in the package openssl");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Writes a file beside the certificates.
    pub(crate) fn write(&self, file: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(file), bytes).expect("a file can be written");
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.0.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Returns the path of a file.
    pub(crate) fn file(&self, file: &str) -> String {
        self.0.join(file).to_str().expect("it is text").to_owned()
    }

    /// Returns the authority's certificate.
    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.read("ca.pem")
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
