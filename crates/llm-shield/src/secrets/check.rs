//! What a pattern cannot say about a token: checksums and encodings. A match that fails its check is dropped, or
//! doubted where its format alone is telling.

mod aws;
mod base64_json;
mod github;
mod jwt;
mod pem;
mod pypi;
pub(super) mod uuid;

/// A structural check, by the name that rule files use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    AwsKeyId,
    Base64Json,
    GithubCrc32,
    Jwt,
    Pem,
    PypiMacaroon,
    Uuid,
}

impl Check {
    pub(super) const NAMES: [(&'static str, Self); 7] = [
        ("aws-key-id", Self::AwsKeyId),
        ("base64-json", Self::Base64Json),
        ("github-crc32", Self::GithubCrc32),
        ("jwt", Self::Jwt),
        ("pem", Self::Pem),
        ("pypi-macaroon", Self::PypiMacaroon),
        ("uuid", Self::Uuid),
    ];

    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, check)| check)
    }

    /// The name that rule files use, and [`crate::Finding::checked`].
    pub(super) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, check)| *check == self).map_or("", |&(name, _)| name)
    }

    /// Whether what holds it was computed, so that nobody makes it up by accident.
    pub(super) fn is_checksum(self) -> bool {
        matches!(self, Self::GithubCrc32)
    }

    /// Whether a match that fails the check is still worth redacting, with less confidence: formats that nothing
    /// else has. What fails the other checks is not such a token at all.
    pub(super) fn leaves_doubt(self) -> bool {
        matches!(self, Self::AwsKeyId | Self::GithubCrc32 | Self::Jwt)
    }

    pub(super) fn holds(self, secret: &str) -> bool {
        match self {
            Self::AwsKeyId => aws::is_key_id(secret),
            Self::Base64Json => base64_json::is_object(secret),
            Self::GithubCrc32 => github::checksum_holds(secret),
            Self::Jwt => jwt::is_token(secret),
            Self::Pem => pem::is_block(secret),
            Self::PypiMacaroon => pypi::is_macaroon(secret),
            Self::Uuid => uuid::is_uuid(secret),
        }
    }
}
