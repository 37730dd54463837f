//! What is sent: seeded texts with planted secrets, banned words and insults, or a corpus file, with the truth of each.

mod generate;
mod vocabulary;

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Largest number of texts that a workload holds.
const TEXTS_MAX: usize = 100_000;
/// Largest text, bytes.
const TEXT_BYTES_MAX: usize = 16 << 20;
/// Largest corpus file, bytes.
const CORPUS_BYTES_MAX: u64 = 1 << 30;

/// Workloads that come with the program: name and file.
const EMBEDDED: [(&str, &str); 3] = [
    ("mixed", include_str!("../../../benchmarks/workloads/mixed.toml")),
    ("short60", include_str!("../../../benchmarks/workloads/short60.toml")),
    ("long", include_str!("../../../benchmarks/workloads/long.toml")),
];

/// Why a workload cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkloadError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The definition is not TOML of the expected shape.
    #[error("{path}: {source}")]
    Syntax {
        /// The file or the name of the embedded workload.
        path: String,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
    /// A line of a corpus is not what it should be.
    #[error("{path}: line {line}: {message}")]
    CorpusLine {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A value is out of range.
    #[error("{path}: {message}")]
    Value {
        /// The file or the name.
        path: String,
        /// What is wrong.
        message: String,
    },
}

/// A workload as its TOML file declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Name in rows and reports.
    pub name: String,
    /// The same seed gives the same bytes, always.
    pub seed: u64,
    /// How many texts are generated; they are sent in turn.
    pub texts: usize,
    /// How long they are.
    pub length: Length,
    /// What is planted in them.
    pub planted: Shares,
}

/// Distribution of the texts' length.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum Length {
    /// Every text has this length.
    Constant {
        /// Bytes.
        bytes: usize,
    },
    /// The logarithm of the length is uniform: as many texts from 60 to 120 bytes as from 500 to 1,000.
    LogUniform {
        /// Shortest, bytes.
        min_bytes: usize,
        /// Longest, bytes.
        max_bytes: usize,
    },
}

/// Shares of the texts, 0 to 1, that carry one planted thing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// A banned phrase.
    pub banned: f64,
    /// A well-formed secret.
    pub secrets: f64,
    /// A plain insult.
    pub insults: f64,
}

/// What a text carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// Nothing: every endpoint must call it safe.
    Nothing,
    /// A banned phrase.
    Banned,
    /// A secret.
    Secret,
    /// An insult.
    Insult,
    /// From a corpus that says whether it is safe, not why.
    Declared {
        /// What the corpus says.
        safe: bool,
    },
    /// From a corpus that says nothing.
    Unknown,
}

/// Which planted things an endpoint must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// No scan: `safe` is always true.
    AlwaysSafe,
    /// Banned phrases.
    Banned,
    /// Secrets.
    Secrets,
    /// All three.
    Everything,
    /// Only the status is checked: the endpoint's answers are not known.
    StatusOnly,
}

impl Expectation {
    /// What the benchmark contract says of a path; other paths are checked for their status only.
    pub fn of_path(path: &str) -> Self {
        match path {
            "/echo" => Self::AlwaysSafe,
            "/scan" => Self::Banned,
            "/scan/secrets" => Self::Secrets,
            "/scan/pipeline" => Self::Everything,
            _ => Self::StatusOnly,
        }
    }

    /// What the answer to a text must say.
    pub fn truth(self, planted: Planted) -> Truth {
        let (refused, otherwise) = match self {
            Self::StatusOnly => return Truth::Unknown,
            Self::AlwaysSafe => return Truth::Safe,
            Self::Banned => (Planted::Banned, Truth::Safe),
            Self::Secrets => (Planted::Secret, Truth::Safe),
            Self::Everything => (Planted::Banned, Truth::NoPattern),
        };
        match planted {
            Planted::Unknown => Truth::Unknown,
            Planted::Declared { safe: true } => Truth::Safe,
            Planted::Declared { safe: false } => Truth::Unsafe,
            Planted::Banned | Planted::Secret if planted == refused || self == Self::Everything => {
                Truth::Unsafe
            }
            Planted::Nothing | Planted::Insult | Planted::Banned | Planted::Secret => otherwise,
        }
    }
}

/// What an answer must say to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Only the status counts.
    Unknown,
    /// Safe.
    Safe,
    /// Unsafe, with a threat that says why.
    Unsafe,
    /// No banned phrase and no secret. What a learned detector says is not held against it here: how often it is
    /// right is measured on labelled rows, not under load.
    NoPattern,
}

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// `{"text": …}` around each text: this server's benchmark routes.
    #[default]
    Text,
    /// Each text is a whole JSON body, sent as it is.
    Body,
}

/// One text with its truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is sent, in the workload's [`Form`].
    pub text: String,
    /// What it carries.
    pub planted: Planted,
}

/// The texts of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Name in rows and reports.
    pub name: String,
    /// Texts in the order of sending; never empty.
    pub entries: Vec<Entry>,
    /// What of them is sent.
    pub form: Form,
}

/// What a workload holds, for the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Name.
    pub name: String,
    /// Texts.
    pub texts: usize,
    /// Shortest, bytes.
    pub min_bytes: usize,
    /// Median, bytes.
    pub p50_bytes: usize,
    /// Mean, bytes.
    pub mean_bytes: f64,
    /// Longest, bytes.
    pub max_bytes: usize,
    /// Shares that were really planted.
    pub planted: Shares,
}

impl Workload {
    /// Names of the workloads that come with the program.
    pub fn embedded_names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    /// A workload by name, or from a TOML file if `name` ends in `.toml`.
    pub fn load(name: &str) -> Result<Self, WorkloadError> {
        if let Some((_, definition)) = EMBEDDED.iter().find(|(embedded, _)| *embedded == name) {
            return Self::from_toml(name, definition);
        }
        let is_file = Path::new(name).extension().is_some_and(|extension| extension == "toml");
        if !is_file {
            let names: Vec<_> = Self::embedded_names().collect();
            let message =
                format!("no such workload; there are {} and any file ending in .toml", names.join(", "));
            return Err(WorkloadError::Value { path: name.to_owned(), message });
        }
        let definition = fs::read_to_string(name)
            .map_err(|source| WorkloadError::Read { path: name.to_owned(), source })?;
        Self::from_toml(name, &definition)
    }

    /// Generates the workload that a definition declares; `path` is for errors.
    pub fn from_toml(path: &str, definition: &str) -> Result<Self, WorkloadError> {
        let definition: Definition = toml::from_str(definition)
            .map_err(|source| WorkloadError::Syntax { path: path.to_owned(), source: Box::new(source) })?;
        definition.check().map_err(|message| WorkloadError::Value { path: path.to_owned(), message })?;
        Ok(generate::workload(&definition))
    }

    /// Reads a corpus: each line is JSON `{"text", "safe"?}`, or, if it does not start with `{`, a text itself.
    pub fn from_corpus(path: &Path) -> Result<Self, WorkloadError> {
        Self::from_lines(path, Form::Text, corpus_entry)
    }

    /// Reads whole bodies: each line is a JSON value, sent as it stands.
    pub fn from_bodies(path: &Path) -> Result<Self, WorkloadError> {
        Self::from_lines(path, Form::Body, |line| {
            serde_json::from_str::<serde::de::IgnoredAny>(line)
                .map_err(|error| format!("no JSON: {error}"))?;
            Ok(Entry { text: line.trim().to_owned(), planted: Planted::Unknown })
        })
    }

    /// The texts in a template of a body: `"{{text}}"`, with its quotes, stands for the text as a JSON string. What the
    /// answer must say is not known for such an endpoint.
    pub fn in_template(mut self, template: &str) -> Result<Self, WorkloadError> {
        const PLACE: &str = "\"{{text}}\"";
        let wrong = |message: String| WorkloadError::Value { path: "--template".to_owned(), message };
        if !template.contains(PLACE) {
            return Err(wrong(format!("no {PLACE}, with the quotes, in it: every body would be the same")));
        }
        for entry in &mut self.entries {
            let quoted = serde_json::Value::from(std::mem::take(&mut entry.text)).to_string();
            entry.text = template.replace(PLACE, &quoted);
            entry.planted = Planted::Unknown;
            if entry.text.len() > TEXT_BYTES_MAX {
                return Err(wrong(format!("a body of more than {TEXT_BYTES_MAX} bytes")));
            }
        }
        if let Some(entry) = self.entries.first() {
            serde_json::from_str::<serde::de::IgnoredAny>(&entry.text)
                .map_err(|error| wrong(format!("no JSON once a text stands in it: {error}")))?;
        }
        self.form = Form::Body;
        Ok(self)
    }

    fn from_lines(
        path: &Path,
        form: Form,
        parse: impl Fn(&str) -> Result<Entry, String>,
    ) -> Result<Self, WorkloadError> {
        let shown = path.display().to_string();
        let read = |source| WorkloadError::Read { path: shown.clone(), source };
        let bytes = fs::metadata(path).map_err(read)?.len();
        if bytes > CORPUS_BYTES_MAX {
            let message = format!("{bytes} bytes, more than {CORPUS_BYTES_MAX}");
            return Err(WorkloadError::Value { path: shown, message });
        }
        let content = fs::read_to_string(path).map_err(read)?;
        let mut entries = Vec::new();
        for (index, line) in content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |message| WorkloadError::CorpusLine { path: shown.clone(), line: index + 1, message };
            if entries.len() == TEXTS_MAX {
                return Err(wrong(format!("more than {TEXTS_MAX} texts")));
            }
            let entry = parse(line).map_err(wrong)?;
            if entry.text.len() > TEXT_BYTES_MAX {
                return Err(wrong(format!("text of more than {TEXT_BYTES_MAX} bytes")));
            }
            entries.push(entry);
        }
        if entries.is_empty() {
            return Err(WorkloadError::Value { path: shown, message: "no texts".to_owned() });
        }
        let name = path.file_stem().map_or("corpus".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Ok(Self { name, entries, form })
    }

    /// Lengths and planted shares as they are, not as they were declared.
    pub fn summary(&self) -> Summary {
        let mut bytes: Vec<usize> = self.entries.iter().map(|entry| entry.text.len()).collect();
        bytes.sort_unstable();
        let texts = bytes.len().max(1) as f64;
        let share =
            |planted| self.entries.iter().filter(|entry| entry.planted == planted).count() as f64 / texts;
        Summary {
            name: self.name.clone(),
            texts: bytes.len(),
            min_bytes: bytes.first().copied().unwrap_or(0),
            p50_bytes: bytes.get(bytes.len() / 2).copied().unwrap_or(0),
            mean_bytes: bytes.iter().sum::<usize>() as f64 / texts,
            max_bytes: bytes.last().copied().unwrap_or(0),
            planted: Shares {
                banned: share(Planted::Banned),
                secrets: share(Planted::Secret),
                insults: share(Planted::Insult),
            },
        }
    }
}

impl Definition {
    fn check(&self) -> Result<(), String> {
        let Shares { banned, secrets, insults } = self.planted;
        let (min_bytes, max_bytes) = match self.length {
            Length::Constant { bytes } => (bytes, bytes),
            Length::LogUniform { min_bytes, max_bytes } => (min_bytes, max_bytes),
        };
        if self.texts == 0 || self.texts > TEXTS_MAX {
            Err(format!("texts = {} is not between 1 and {TEXTS_MAX}", self.texts))
        } else if ![banned, secrets, insults].iter().all(|share| (0.0..=1.0).contains(share))
            || banned + secrets + insults > 1.0
        {
            Err(format!("planted shares {banned}, {secrets}, {insults} are not shares that sum to at most 1"))
        } else if min_bytes == 0 || min_bytes > max_bytes || max_bytes > TEXT_BYTES_MAX {
            Err(format!("length {min_bytes} to {max_bytes} bytes is not within 1 to {TEXT_BYTES_MAX}"))
        } else {
            Ok(())
        }
    }
}

fn corpus_entry(line: &str) -> Result<Entry, String> {
    #[derive(Deserialize)]
    struct Line {
        text: String,
        safe: Option<bool>,
    }
    if !line.trim_start().starts_with('{') {
        return Ok(Entry { text: line.to_owned(), planted: Planted::Unknown });
    }
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let planted = line.safe.map_or(Planted::Unknown, |safe| Planted::Declared { safe });
    Ok(Entry { text: line.text, planted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_texts() {
        for name in Workload::embedded_names() {
            assert_eq!(Workload::load(name).unwrap(), Workload::load(name).unwrap());
        }
        let other = EMBEDDED[0].1.replace("seed = 20240601", "seed = 1");
        assert_ne!(Workload::from_toml("x", &other).unwrap(), Workload::load("mixed").unwrap());
    }

    #[test]
    fn lengths_and_shares_are_as_declared() {
        let mixed = Workload::load("mixed").unwrap().summary();
        assert_eq!((mixed.texts, mixed.planted.banned), (2048, 82.0 / 2048.0));
        assert!(mixed.min_bytes >= 60 && mixed.max_bytes <= 1024, "{mixed:?}");
        // The median of a log-uniform length is the geometric mean of its ends, 248 bytes.
        assert!((225..272).contains(&mixed.p50_bytes), "{mixed:?}");
        let short = Workload::load("short60").unwrap().summary();
        assert_eq!((short.min_bytes, short.max_bytes, short.planted.secrets), (60, 60, 0.0));
    }

    #[test]
    fn planted_things_stand_in_their_texts_and_nowhere_else() {
        for entry in Workload::load("mixed").unwrap().entries {
            let lower = entry.text.to_lowercase();
            let banned = vocabulary::BANNED.iter().any(|phrase| lower.contains(phrase));
            let secret = ["AKIA", "sk_live_", "glpat-"].iter().any(|prefix| entry.text.contains(prefix));
            let insult = vocabulary::INSULTS.iter().any(|phrase| entry.text.contains(phrase));
            assert_eq!(banned, entry.planted == Planted::Banned, "{}", entry.text);
            assert_eq!(secret, entry.planted == Planted::Secret, "{}", entry.text);
            assert_eq!(insult, entry.planted == Planted::Insult, "{}", entry.text);
        }
    }

    #[test]
    fn truth_depends_on_the_endpoint() {
        let check = |path, planted, expected| {
            assert_eq!(Expectation::of_path(path).truth(planted), expected, "{path} {planted:?}");
        };
        for planted in [Planted::Nothing, Planted::Banned, Planted::Secret, Planted::Insult] {
            let unsafe_if = |found| if found { Truth::Unsafe } else { Truth::Safe };
            check("/echo", planted, Truth::Safe);
            check("/scan", planted, unsafe_if(planted == Planted::Banned));
            check("/scan/secrets", planted, unsafe_if(planted == Planted::Secret));
            check("/else", planted, Truth::Unknown);
        }
        check("/scan/pipeline", Planted::Banned, Truth::Unsafe);
        check("/scan/pipeline", Planted::Secret, Truth::Unsafe);
        check("/scan/pipeline", Planted::Insult, Truth::NoPattern);
        check("/scan/pipeline", Planted::Nothing, Truth::NoPattern);
        check("/scan", Planted::Unknown, Truth::Unknown);
        check("/scan", Planted::Declared { safe: false }, Truth::Unsafe);
    }

    #[test]
    fn bad_definitions_are_refused_with_the_reason() {
        let check = |from: &str, to: &str, message: &str| {
            let definition = EMBEDDED[0].1.replace(from, to);
            let error = Workload::from_toml("w.toml", &definition).unwrap_err().to_string();
            assert!(error.contains(message) && error.contains("w.toml"), "{error}");
        };
        check("texts = 2048", "texts = 0", "texts = 0");
        check("texts = 2048", "text = 2048", "unknown field");
        check("banned = 0.04", "banned = 0.99", "sum to at most 1");
        check("min_bytes = 60", "min_bytes = 2000", "length 2000 to 1024");
        assert!(Workload::load("nosuch").unwrap_err().to_string().contains("mixed, short60, long"));
    }

    #[test]
    fn corpus_lines_are_json_or_text() {
        assert_eq!(corpus_entry("plain words").unwrap().planted, Planted::Unknown);
        let entry = corpus_entry(r#"{"text":"a\nb","safe":false}"#).unwrap();
        assert_eq!(entry, Entry { text: "a\nb".to_owned(), planted: Planted::Declared { safe: false } });
        assert!(corpus_entry(r#"{"txt":"a"}"#).unwrap_err().contains("text"));
    }

    #[test]
    fn bodies_are_whole_json_or_refused_with_their_line() {
        let folder = std::env::temp_dir().join(format!("llm-shield-bodies-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("chat.jsonl");
        fs::write(&file, "{\"prompt\": \"a\"}\n\n [1] \n").unwrap();
        let workload = Workload::from_bodies(&file).unwrap();
        let texts: Vec<&str> = workload.entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!((workload.form, texts), (Form::Body, vec!["{\"prompt\": \"a\"}", "[1]"]));
        fs::write(&file, "{}\n{\"prompt\": \"a\n").unwrap();
        let error = Workload::from_bodies(&file).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("no JSON"), "{error}");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_template_holds_the_text_as_a_string() {
        let entry = Entry { text: "say \"hi\"\n".to_owned(), planted: Planted::Secret };
        let workload = Workload { name: "x".to_owned(), entries: vec![entry], form: Form::Text };
        let template = |text: &str| workload.clone().in_template(text);
        let filled = template(r#"{"messages": [{"content": "{{text}}"}]}"#).unwrap();
        assert_eq!(filled.entries[0].text, r#"{"messages": [{"content": "say \"hi\"\n"}]}"#);
        assert_eq!((filled.form, filled.entries[0].planted), (Form::Body, Planted::Unknown));
        for (wrong, expected) in [("{}", "no \"{{text}}\""), (r#"{"a": "{{text}}""#, "no JSON")] {
            assert!(template(wrong).unwrap_err().to_string().contains(expected), "{wrong}");
        }
    }
}
