//! Which encodings there are, and which model uses which: tiktoken's public table.

/// A byte-pair encoding of OpenAI's `tiktoken`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// `cl100k_base`, 100,256 tokens: GPT-4, GPT-3.5, the embedding models.
    #[default]
    Cl100kBase,
    /// `o200k_base`, 199,998 tokens: GPT-4o and later.
    O200kBase,
}

/// A name that stands for no encoding that is built in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownTokenizer {
    /// No such encoding, or not one that is built in.
    #[error("unknown encoding `{name}`; the nearest is `{nearest}` (there are cl100k_base and o200k_base)")]
    Encoding {
        /// The name that was asked for.
        name: String,
        /// The nearest name that exists.
        nearest: &'static str,
    },
    /// No such model, or one whose encoding is not built in.
    #[error(
        "no encoding is known for model `{name}`; the nearest model is `{nearest}` (or name the encoding: cl100k_base, o200k_base)"
    )]
    Model {
        /// The model that was asked for.
        name: String,
        /// The nearest name that exists.
        nearest: &'static str,
    },
}

/// Models by their whole name.
const MODELS: &[(&str, Encoding)] = &[
    ("o1", Encoding::O200kBase),
    ("o3", Encoding::O200kBase),
    ("o4-mini", Encoding::O200kBase),
    ("gpt-5", Encoding::O200kBase),
    ("gpt-4.1", Encoding::O200kBase),
    ("gpt-4o", Encoding::O200kBase),
    ("gpt-4", Encoding::Cl100kBase),
    ("gpt-3.5-turbo", Encoding::Cl100kBase),
    ("gpt-3.5", Encoding::Cl100kBase),
    ("gpt-35-turbo", Encoding::Cl100kBase),
    ("davinci-002", Encoding::Cl100kBase),
    ("babbage-002", Encoding::Cl100kBase),
    ("text-embedding-ada-002", Encoding::Cl100kBase),
    ("text-embedding-3-small", Encoding::Cl100kBase),
    ("text-embedding-3-large", Encoding::Cl100kBase),
];

/// Models by how their name begins; the first that fits counts.
const MODEL_PREFIXES: &[(&str, Encoding)] = &[
    ("o1-", Encoding::O200kBase),
    ("o3-", Encoding::O200kBase),
    ("o4-mini-", Encoding::O200kBase),
    ("gpt-5-", Encoding::O200kBase),
    ("gpt-4.5-", Encoding::O200kBase),
    ("gpt-4.1-", Encoding::O200kBase),
    ("chatgpt-4o-", Encoding::O200kBase),
    ("gpt-4o-", Encoding::O200kBase),
    ("gpt-4-", Encoding::Cl100kBase),
    ("gpt-3.5-turbo-", Encoding::Cl100kBase),
    ("gpt-35-turbo-", Encoding::Cl100kBase),
    // Their encoding, `o200k_harmony`, differs from `o200k_base` in special tokens only, which are text here.
    ("gpt-oss-", Encoding::O200kBase),
    ("ft:gpt-4o", Encoding::O200kBase),
    ("ft:gpt-4", Encoding::Cl100kBase),
    ("ft:gpt-3.5-turbo", Encoding::Cl100kBase),
    ("ft:davinci-002", Encoding::Cl100kBase),
    ("ft:babbage-002", Encoding::Cl100kBase),
];

impl Encoding {
    /// All encodings.
    pub const ALL: [Self; 2] = [Self::Cl100kBase, Self::O200kBase];

    /// The encoding's name in tiktoken.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cl100kBase => "cl100k_base",
            Self::O200kBase => "o200k_base",
        }
    }

    /// The encoding of a name; an error names the nearest one.
    pub fn from_name(name: &str) -> Result<Self, UnknownTokenizer> {
        Self::ALL.into_iter().find(|encoding| encoding.name() == name).ok_or_else(|| {
            UnknownTokenizer::Encoding {
                name: name.to_owned(),
                nearest: nearest(name, Self::ALL.iter().map(|encoding| encoding.name())),
            }
        })
    }

    /// The encoding that a model uses; an error names the nearest model.
    ///
    /// ```
    /// use llm_shield::Encoding;
    ///
    /// assert_eq!(Encoding::for_model("gpt-4o-2024-08-06").unwrap(), Encoding::O200kBase);
    /// ```
    pub fn for_model(name: &str) -> Result<Self, UnknownTokenizer> {
        let whole = MODELS.iter().find(|(model, _)| *model == name);
        let by_prefix = || MODEL_PREFIXES.iter().find(|(prefix, _)| name.starts_with(prefix));
        match whole.or_else(by_prefix) {
            Some(&(_, encoding)) => Ok(encoding),
            None => Err(UnknownTokenizer::Model {
                name: name.to_owned(),
                nearest: nearest(name, MODELS.iter().map(|(model, _)| *model)),
            }),
        }
    }
}

/// The candidate with the fewest edits to `name`.
fn nearest(name: &str, candidates: impl Iterator<Item = &'static str>) -> &'static str {
    // Compared by a bounded part, so that a name of a megabyte costs nothing.
    let name: String = name.chars().take(64).collect();
    candidates.min_by_key(|candidate| strsim::damerau_levenshtein(&name, candidate)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_lead_to_tiktokens_encodings() {
        for (model, expected) in [
            ("gpt-4", Ok(Encoding::Cl100kBase)),
            ("gpt-4-0613", Ok(Encoding::Cl100kBase)),
            ("gpt-4o", Ok(Encoding::O200kBase)),
            ("gpt-4o-mini", Ok(Encoding::O200kBase)),
            ("gpt-4.1-nano", Ok(Encoding::O200kBase)),
            ("o1", Ok(Encoding::O200kBase)),
            ("o3-mini", Ok(Encoding::O200kBase)),
            ("gpt-5-mini", Ok(Encoding::O200kBase)),
            ("gpt-3.5-turbo-16k", Ok(Encoding::Cl100kBase)),
            ("ft:gpt-4o:acme", Ok(Encoding::O200kBase)),
            ("ft:gpt-4:acme", Ok(Encoding::Cl100kBase)),
            ("text-embedding-3-large", Ok(Encoding::Cl100kBase)),
            ("gpt4o", Err("gpt-4o")),
            ("GPT-4", Err("gpt-4")),
            ("text-embedding-3", Err("text-embedding-3-small")),
        ] {
            match (Encoding::for_model(model), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{model}"),
                (Err(UnknownTokenizer::Model { name, nearest }), Err(expected)) => {
                    assert_eq!((name.as_str(), nearest), (model, expected));
                }
                (found, _) => panic!("{model}: {found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_wrong_encoding_is_told_the_nearest() {
        let error = Encoding::from_name("cl100k").unwrap_err().to_string();
        assert!(error.contains("`cl100k`") && error.contains("nearest is `cl100k_base`"), "{error}");
        assert_eq!(Encoding::from_name("o200k_base"), Ok(Encoding::O200kBase));
    }
}
