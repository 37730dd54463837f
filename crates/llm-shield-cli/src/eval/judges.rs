//! The scanner of secrets with the shipped judge, or with one a fold of repositories that its training held out.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use llm_shield::{Judge, RedactMode, RuleSet, Scanner, Secrets, Text};

use super::metrics::Scored;
use super::rows::Row;

/// The scanners behind `eval --task secrets`.
pub(super) enum Judges {
    /// What users run.
    Shipped { secrets: Secrets, judge: &'static Judge },
    /// One a fold, with the repositories that it did not see.
    HeldOut(Vec<Fold>),
}

/// A judge and the repositories that its training left out.
pub(super) struct Fold {
    repositories: BTreeSet<String>,
    secrets: Secrets,
}

impl Judges {
    /// The shipped judge, or those of a file of folds.
    pub(super) fn load(folds: Option<&Path>) -> Result<Self> {
        let Some(path) = folds else {
            let secrets = Secrets::new(RedactMode::default())?;
            return Ok(Self::Shipped { secrets, judge: Judge::embedded()? });
        };
        let name = path.display();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
        Ok(Self::HeldOut(parse(&bytes).with_context(|| format!("{name} is no file of judges"))?))
    }

    /// For each row the highest confidence of a finding that stands on its value; 0 when none does.
    pub(super) fn score(&self, rows: &[Row]) -> Result<Vec<Scored>> {
        rows.iter()
            .map(|row| Ok(Scored { positive: row.positive, score: score(self.of(row)?, row) }))
            .collect()
    }

    fn of(&self, row: &Row) -> Result<&Secrets> {
        match self {
            Self::Shipped { secrets, .. } => Ok(secrets),
            Self::HeldOut(folds) => {
                let fold = folds.iter().find(|fold| fold.repositories.contains(&row.source));
                Ok(&fold.with_context(|| format!("no judge of the file held {} out", row.source))?.secrets)
            }
        }
    }

    /// What a reader of the figures must know.
    pub(super) fn remark(&self, rows: &[Row]) -> Option<String> {
        let sources: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
        match self {
            Self::HeldOut(folds) => Some(format!(
                "held out: each of the {} repositories is scored by one of {} judges that did not see it in training",
                sources.len(),
                folds.len()
            )),
            Self::Shipped { judge, .. } => {
                let seen = sources.iter().filter(|source| judge.trained_on(source)).count();
                (seen > 0).then(|| {
                    format!(
                        "not held out: the shipped judge was trained on {seen} of these {} repositories; for repositories \
                         it did not see, give --judge the folds that training/secret_judge.py writes",
                        sources.len()
                    )
                })
            }
        }
    }
}

fn score(secrets: &Secrets, row: &Row) -> f64 {
    let Ok(outcome) = secrets.scan(&Text::new(&*row.text)) else { return 0.0 };
    let stands = |span: llm_shield::Span| span.start < row.place.end && row.place.start < span.end;
    outcome
        .findings
        .iter()
        .filter(|finding| stands(finding.span))
        .map(|finding| f64::from(finding.score))
        .fold(0.0, f64::max)
}

/// `LSJF`, the number of folds, and for each the repositories (one a line) and the weights, both with their length
/// before them (`u32`, little endian).
fn parse(bytes: &[u8]) -> Result<Vec<Fold>> {
    const FOLDS_MAX: u32 = 100;
    let Some(mut rest) = bytes.strip_prefix(b"LSJF") else { bail!("it does not begin with `LSJF`") };
    let count = number(&mut rest)?;
    if count == 0 || count > FOLDS_MAX {
        bail!("{count} folds, not 1 to {FOLDS_MAX}");
    }
    let mut folds = Vec::new();
    for fold in 1..=count {
        let names =
            std::str::from_utf8(piece(&mut rest)?).with_context(|| format!("the names of fold {fold}"))?;
        let repositories: BTreeSet<String> = names.lines().map(str::to_owned).collect();
        let judge = Judge::from_bytes(piece(&mut rest)?).with_context(|| format!("fold {fold}"))?;
        if let Some(seen) = repositories.iter().find(|name| judge.trained_on(name)) {
            bail!("fold {fold} was trained on {seen}, which it claims to hold out");
        }
        // Read once and used until the process ends.
        let rules: &'static RuleSet = Box::leak(Box::new(RuleSet::embedded_with(judge)?));
        folds.push(Fold { repositories, secrets: Secrets::with_rules(rules, RedactMode::default()) });
    }
    if !rest.is_empty() {
        bail!("{} bytes too many", rest.len());
    }
    Ok(folds)
}

fn number(rest: &mut &[u8]) -> Result<u32> {
    let (bytes, after) = rest.split_first_chunk::<4>().context("it ends too early")?;
    *rest = after;
    Ok(u32::from_le_bytes(*bytes))
}

fn piece<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8]> {
    let length = number(rest)? as usize;
    let (piece, after) = rest.split_at_checked(length).context("it ends too early")?;
    *rest = after;
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_files_are_errors_that_say_why() {
        for (bytes, expected) in [
            (&b"LSJ1"[..], "does not begin"),
            (b"LSJF\x01", "too early"),
            (b"LSJF\x00\0\0\0", "0 folds"),
            (b"LSJF\x01\0\0\0\x03\0\0\0a/b", "too early"),
            (b"LSJF\x01\0\0\0\x03\0\0\0a/b\x01\0\0\0x", "fold 1"),
        ] {
            let error = parse(bytes).map(|folds| folds.len()).unwrap_err();
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
    }
}
