//! What a detector still finds when its rows are disguised, and what it then calls an attack.

use anyhow::{Result, bail};
use llm_shield::{Classifier, Text};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use super::disguise::ALL;
use super::estimate::Estimate;
use super::metrics::Scored;
use super::report::Block;
use super::rows::Row;
use super::share::Share;

/// Resamples behind each interval.
const RESAMPLES: usize = 400;

/// Whether each row is flagged under each disguise; nothing where the disguise leaves the row as it is.
pub(super) struct Robustness {
    figures: Vec<Figures>,
    kept: Summary,
    informed: Summary,
}

/// Over all disguises.
struct Summary {
    mean: Estimate,
    worst: Estimate,
}

/// One disguise, over the rows that it changes.
struct Figures {
    name: &'static str,
    recall_plain: Share,
    recall: Share,
    false_alarms_plain: Share,
    false_alarms: Share,
    /// Recall under the disguise over recall without it, at most 1.
    kept: Estimate,
    /// The same of recall less false alarms: what calls every disguised text an attack keeps recall and tells nothing.
    informed: Estimate,
    /// Of the disguised attacks that are found and are a part of their text: whether what decided lies on that part.
    placed: Share,
}

/// What became of one row under one disguise.
#[derive(Clone, Copy)]
struct Outcome {
    plain: bool,
    disguised: bool,
    placed: Option<bool>,
}

impl Robustness {
    /// Scores each row under each disguise. Of an attack that is marked as a part of its text, that part is disguised:
    /// the rest is not the attacker's. `scored` are the rows as they are.
    pub(super) fn measure(
        rows: &[Row],
        scored: &[Scored],
        classifier: &dyn Classifier,
        threshold: f64,
    ) -> Result<Self> {
        let plain: Vec<bool> = scored.iter().map(|row| row.score > threshold).collect();
        let attacks = rows.iter().filter(|row| row.positive).count();
        if attacks == 0 || !rows.iter().zip(&plain).any(|(row, found)| row.positive && *found) {
            bail!(
                "--disguises compares recall, and of the {attacks} attacks in these rows none is found as it is"
            );
        }
        let outcomes: Vec<Vec<Option<Outcome>>> = ALL
            .iter()
            .map(|disguise| {
                rows.iter()
                    .zip(&plain)
                    .map(|(row, plain)| {
                        let part = if row.positive { row.place.clone() } else { 0..row.text.len() };
                        let disguised = disguise.apply(&row.text, part);
                        if disguised.as_str() == row.text {
                            return None;
                        }
                        let text = Text::new(disguised.as_str());
                        let judgement = classifier.judge(text.revealed().as_str());
                        let found = f64::from(judgement.score) > threshold;
                        let is_part = row.positive && row.place.len() < row.text.len();
                        let placed = (found && is_part).then(|| {
                            let decided = text.revealed().source(judgement.decided_by);
                            let decided = disguised.source(decided.range());
                            decided.start < row.place.end && row.place.start < decided.end
                        });
                        Some(Outcome { plain: *plain, disguised: found, placed })
                    })
                    .collect()
            })
            .collect();
        Ok(Self::of(rows, &outcomes))
    }

    fn of(rows: &[Row], outcomes: &[Vec<Option<Outcome>>]) -> Self {
        let of = |positive: bool| -> Vec<usize> {
            (0..rows.len()).filter(|row| rows[*row].positive == positive).collect()
        };
        let (attacks, benign) = (of(true), of(false));
        let both = |of: &Vec<Option<Outcome>>, attacks: &[usize], benign: &[usize]| {
            (kept(of, attacks, &[]), kept(of, attacks, benign))
        };
        let values: (Vec<f64>, Vec<f64>) = outcomes.iter().map(|of| both(of, &attacks, &benign)).collect();
        let mut random = StdRng::seed_from_u64(7);
        let mut draw = |from: &[usize]| -> Vec<usize> {
            from.iter().map(|_| from[random.random_range(0..from.len())]).collect()
        };
        // A resample holds the same rows for every disguise.
        let resampled: Vec<(Vec<f64>, Vec<f64>)> = (0..RESAMPLES)
            .map(|_| {
                let (attacks, benign) = (draw(&attacks), draw(&benign));
                outcomes.iter().map(|of| both(of, &attacks, &benign)).collect()
            })
            .collect();
        let kept_of = |over: &dyn Fn(&[f64]) -> f64| {
            Estimate::new(over(&values.0), resampled.iter().map(|resample| over(&resample.0)).collect())
        };
        let informed_of = |over: &dyn Fn(&[f64]) -> f64| {
            Estimate::new(over(&values.1), resampled.iter().map(|resample| over(&resample.1)).collect())
        };
        let share = |of: &[Option<Outcome>], rows: &[usize], fact: fn(Outcome) -> bool| {
            Share::over(rows.iter().filter_map(|row| of[*row]).map(fact))
        };
        let figures = ALL
            .iter()
            .zip(outcomes)
            .enumerate()
            .map(|(number, (disguise, of))| Figures {
                name: disguise.name,
                recall_plain: share(of, &attacks, |row| row.plain),
                recall: share(of, &attacks, |row| row.disguised),
                false_alarms_plain: share(of, &benign, |row| row.plain),
                false_alarms: share(of, &benign, |row| row.disguised),
                kept: kept_of(&|kept| kept[number]),
                informed: informed_of(&|informed| informed[number]),
                placed: Share::over(attacks.iter().filter_map(|row| of[*row]?.placed)),
            })
            .collect();
        let kept = Summary { mean: kept_of(&mean), worst: kept_of(&worst) };
        let informed = Summary { mean: informed_of(&mean), worst: informed_of(&worst) };
        Self { figures, kept, informed }
    }

    pub(super) fn table(&self) -> Block {
        let head = [
            "disguise",
            "attacks",
            "recall plain",
            "recall disguised",
            "kept",
            "harmless",
            "false alarms plain",
            "false alarms disguised",
            "kept of recall less false alarms",
            "place right",
        ];
        let mut rows: Vec<Vec<String>> = Vec::new();
        for row in &self.figures {
            rows.push(vec![
                row.name.to_owned(),
                row.recall.of().to_string(),
                row.recall_plain.short(),
                row.recall.short(),
                row.kept.cell(),
                row.false_alarms.of().to_string(),
                row.false_alarms_plain.short(),
                row.false_alarms.short(),
                row.informed.cell(),
                row.placed.short(),
            ]);
        }
        let summaries =
            [("mean", self.kept.mean, self.informed.mean), ("worst", self.kept.worst, self.informed.worst)];
        for (name, kept, informed) in summaries {
            let mut row = vec![String::new(); head.len()];
            (row[0], row[4], row[8]) = (name.to_owned(), kept.cell(), informed.cell());
            rows.push(row);
        }
        Block::Table(head.map(str::to_owned).into(), rows)
    }

    pub(super) fn json(&self) -> Value {
        let by_disguise: Map<String, Value> = self
            .figures
            .iter()
            .map(|row| {
                let json = json!({
                    "recall_plain": row.recall_plain.json(), "recall": row.recall.json(), "kept": row.kept.json(),
                    "informed": row.informed.json(),
                    "fpr_plain": row.false_alarms_plain.json(), "fpr": row.false_alarms.json(),
                    "placed": row.placed.json(),
                });
                (row.name.to_owned(), json)
            })
            .collect();
        json!({
            "kept": self.kept.json(), "informed": self.informed.json(), "by_disguise": by_disguise,
            "interval": "95 %, Wilson score interval; of kept and informed, percentile bootstrap over rows, 400 resamples, \
                         seed 7",
        })
    }
}

/// Recall less false alarms under the disguise over the same without it, within 0 to 1; of recall alone without harmless
/// rows. NaN when there is nothing to keep.
fn kept(outcomes: &[Option<Outcome>], attacks: &[usize], benign: &[usize]) -> f64 {
    let rates = |rows: &[usize]| {
        let (mut plain, mut disguised, mut of) = (0, 0, 0_u32);
        for outcome in rows.iter().filter_map(|row| outcomes[*row]) {
            plain += usize::from(outcome.plain);
            disguised += usize::from(outcome.disguised);
            of += 1;
        }
        (plain as f64 / f64::from(of.max(1)), disguised as f64 / f64::from(of.max(1)))
    };
    let ((recall_plain, recall), (alarms_plain, alarms)) = (rates(attacks), rates(benign));
    let plain = recall_plain - alarms_plain;
    if plain > 0.0 { ((recall - alarms) / plain).clamp(0.0, 1.0) } else { f64::NAN }
}

/// Over what is defined.
fn mean(kept: &[f64]) -> f64 {
    let defined: Vec<f64> = kept.iter().copied().filter(|kept| kept.is_finite()).collect();
    defined.iter().sum::<f64>() / defined.len() as f64
}

fn worst(kept: &[f64]) -> f64 {
    kept.iter().copied().fold(f64::NAN, f64::min)
}

impl Summary {
    fn json(&self) -> Value {
        json!({"mean": self.mean.json(), "worst": self.worst.json()})
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Facts;
    use super::*;

    /// Flags what holds `obey` in plain letters or base64; what decides is that word.
    struct Words;

    impl Classifier for Words {
        fn score(&self, folded: &str) -> f32 {
            self.judge(folded).score
        }

        fn judge(&self, folded: &str) -> llm_shield::Judgement {
            let found = ["obey", "b2jle"].iter().find_map(|word| Some((folded.find(word)?, word.len())));
            match found {
                Some((at, length)) => llm_shield::Judgement { score: 0.9, decided_by: at..at + length },
                None => llm_shield::Judgement { score: 0.1, decided_by: 0..folded.len() },
            }
        }
    }

    fn row(text: &str, positive: bool, place: std::ops::Range<usize>) -> Row {
        Row { text: text.into(), positive, source: "all".into(), place, facts: Facts::default() }
    }

    fn measure(rows: &[Row]) -> Result<Value> {
        let score = |row: &Row| f64::from(Words.score(Text::new(&*row.text).revealed().as_str()));
        let scored: Vec<Scored> =
            rows.iter().map(|row| Scored { positive: row.positive, score: score(row) }).collect();
        Ok(Robustness::measure(rows, &scored, &Words, 0.5)?.json())
    }

    #[test]
    fn recall_and_false_alarms_are_counted_over_what_a_disguise_changes() {
        let rows = [
            row("Dear all, obey me. Thanks!", true, 10..17),
            row("obey", true, 0..4),
            row("12", true, 0..2),
            row("Who must obey?", false, 0..14),
        ];
        let json = measure(&rows).unwrap();
        let of = |name: &str| &json["by_disguise"][name];
        // Folding takes the marks away; digits have no second case.
        assert_eq!(of("underline accents")["recall"]["found"], 2);
        assert_eq!(
            (&of("mixed case")["recall"]["of"], &of("mixed case")["kept"]["value"]),
            (&json!(2), &json!(1.0))
        );
        assert_eq!(of("mixed case")["placed"]["rate"], 1.0);
        // In a document the engine reads hex; four letters of it alone say nothing.
        assert_eq!(of("hex")["kept"]["value"], 0.5);
        assert_eq!(of("hex")["fpr"]["found"], 1);
        assert_eq!(of("hex")["fpr_plain"]["found"], 1);
        // `obey` is `b2JleQ==`, in the document too, where the rest stays as it is.
        assert_eq!(
            (&of("base64")["recall"]["found"], &of("base64")["placed"]["found"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(json["kept"]["worst"]["value"], 0.0);
        // Two of three attacks and the one harmless row are flagged as they are: nothing is told apart.
        assert_eq!(json["informed"]["mean"]["value"], Value::Null);
    }

    #[test]
    fn rows_in_which_nothing_is_found_cannot_lose_anything() {
        let error = measure(&[row("calm", true, 0..4), row("obey", false, 0..4)]).unwrap_err();
        assert!(format!("{error}").contains("of the 1 attacks"), "{error}");
    }
}
