//! What a pattern cannot say about a token: checksums and encodings. A match that fails its check is dropped, or
//! doubted where its format alone is telling.

mod aws;
mod base64_bytes;
mod base64_json;
mod bech32;
mod crc32;
mod github;
mod grafana;
mod jwt;
mod pem;
mod pypi;
pub(super) mod uuid;

pub use aws::aws_account_id;

/// A structural check, by the name that rule files use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    AwsKeyId,
    Base64Bytes32,
    Base64Bytes64,
    Base64Json,
    BasicCredentials,
    Bech32,
    DiscordId,
    EmbeddedJson,
    GithubCrc32,
    GrafanaCrc32,
    Jwt,
    Openssh,
    Pem,
    PemBase64,
    PypiMacaroon,
    Uuid,
}

impl Check {
    pub(super) const NAMES: [(&'static str, Self); 16] = [
        ("aws-key-id", Self::AwsKeyId),
        ("base64-32-bytes", Self::Base64Bytes32),
        ("base64-64-bytes", Self::Base64Bytes64),
        ("base64-json", Self::Base64Json),
        ("basic-credentials", Self::BasicCredentials),
        ("bech32", Self::Bech32),
        ("discord-id", Self::DiscordId),
        ("embedded-json", Self::EmbeddedJson),
        ("github-crc32", Self::GithubCrc32),
        ("grafana-crc32", Self::GrafanaCrc32),
        ("jwt", Self::Jwt),
        ("openssh", Self::Openssh),
        ("pem", Self::Pem),
        ("pem-base64", Self::PemBase64),
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

    /// Whether what holds it was computed from random bytes, so that nobody makes it up.
    pub(super) fn is_checksum(self) -> bool {
        matches!(self, Self::Bech32 | Self::GithubCrc32 | Self::GrafanaCrc32)
    }

    /// Whether a match that fails the check is still worth redacting, with less confidence: formats that nothing
    /// else has. What fails the other checks is not such a token at all.
    pub(super) fn leaves_doubt(self) -> bool {
        !matches!(
            self,
            Self::Base64Json
                | Self::BasicCredentials
                | Self::Pem
                | Self::PemBase64
                | Self::PypiMacaroon
                | Self::Uuid
        )
    }

    pub(super) fn holds(self, secret: &str) -> bool {
        match self {
            Self::AwsKeyId => aws::is_key_id(secret),
            Self::Base64Bytes32 => base64_bytes::is_bytes(secret, 32),
            Self::Base64Bytes64 => base64_bytes::is_bytes(secret, 64),
            Self::Base64Json => base64_json::is_object(secret),
            Self::BasicCredentials => base64_bytes::is_pair(secret),
            Self::Bech32 => bech32::checksum_holds(secret),
            Self::DiscordId => base64_bytes::starts_with_id(secret),
            Self::EmbeddedJson => base64_bytes::holds_object(secret),
            Self::GithubCrc32 => github::checksum_holds(secret),
            Self::GrafanaCrc32 => grafana::checksum_holds(secret),
            Self::Jwt => jwt::is_token(secret),
            Self::Openssh => pem::is_openssh(secret),
            Self::Pem => pem::is_block(secret),
            Self::PemBase64 => pem::is_base64_block(secret),
            Self::PypiMacaroon => pypi::is_macaroon(secret),
            Self::Uuid => uuid::is_uuid(secret),
        }
    }
}
