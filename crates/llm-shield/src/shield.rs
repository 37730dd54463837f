//! The shield runs scanners over a text, in order, each on what the ones before it left.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;

use crate::report::FINDINGS_MAX;
use crate::{
    Compat, Context, Outcome, Report, RiskScore, ScanError, Scanner, ScannerReport, Skipped, Text, Vault,
};

/// The scanners of a policy, ready to run. Built once, then shared between threads without locks.
#[derive(Clone, Default)]
pub struct Shield {
    prompt: Side,
    output: Side,
    fail_fast: FailFast,
    compat: Compat,
}

/// What a policy lists for one side.
#[derive(Clone, Default)]
pub(crate) struct Side {
    /// The scanners, in order.
    pub(crate) steps: Vec<Step>,
    /// The scanners that it names and that are not there.
    pub(crate) unavailable: Vec<Skipped>,
    /// Scanners with a parameter that has no effect.
    pub(crate) without_effect: Vec<(&'static str, &'static str)>,
}

/// A scanner and what to do when it fails.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) scanner: Arc<dyn Scanner>,
    pub(crate) on_error: OnError,
    pub(crate) on_hit: OnHit,
}

/// What a scanner's hit means for the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnHit {
    /// The text is refused, redacted or not.
    #[default]
    Refuse,
    /// The text passes as the scanner left it; a hit that the scanner did not replace is still refused.
    Redact,
}

/// Which way a scanner that could not decide tips the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OnError {
    /// The text is refused.
    #[default]
    Refuse,
    /// The text passes as if the scanner were not there.
    DangerouslyAllow,
}

/// Whether the scanners after the first refusal still run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum FailFast {
    /// All scanners run.
    #[default]
    Off,
    /// The first refusal ends the scan.
    On,
}

/// How one call differs from a plain scan.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScanOptions<'o> {
    /// Scanners that do not run on this text, by name; names that the shield does not have are ignored.
    pub suppress: &'o [&'o str],
    /// What each scanner is given.
    pub feed: Feed,
}

/// What each scanner is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Feed {
    /// What the scanners before it left; a blank text is not scanned.
    #[default]
    Chained,
    /// The text as it came, blank or not; the report's sanitized text is the text itself. If the first refusal ends
    /// the scan, the report holds that scanner alone. llm-guard's server scans so behind `/scan/*`.
    Original,
}

/// A scanner on whose word the text is refused.
impl From<Arc<dyn Scanner>> for Step {
    fn from(scanner: Arc<dyn Scanner>) -> Self {
        Self { scanner, on_error: OnError::Refuse, on_hit: OnHit::Refuse }
    }
}

impl Shield {
    /// A shield that runs `prompt` over prompts and `output` over outputs, each in the order given; a scanner
    /// that fails refuses the text.
    pub fn new(prompt: Vec<Arc<dyn Scanner>>, output: Vec<Arc<dyn Scanner>>) -> Self {
        let steps = |scanners: Vec<Arc<dyn Scanner>>| scanners.into_iter().map(Step::from).collect();
        let side = |scanners| Side { steps: steps(scanners), ..Side::default() };
        Self::from_sides(side(prompt), side(output), FailFast::Off, Compat::Mended)
    }

    pub(crate) fn from_sides(prompt: Side, output: Side, fail_fast: FailFast, compat: Compat) -> Self {
        Self { prompt, output, fail_fast, compat }
    }

    /// Scans what a user sends to the model. What is taken out of it stands in [`Report::vault`].
    pub fn scan_prompt<'t>(&self, prompt: &'t str) -> Report<'t> {
        let vault = Vault::new();
        let report = self.scan_prompt_in(prompt, &vault);
        Report { vault: (!vault.is_empty()).then_some(vault), ..report }
    }

    /// Scans a prompt of the conversation that `vault` belongs to; what is taken out of it goes there.
    ///
    /// ```
    /// use llm_shield::{Anonymize, AnonymizeParams, Deanonymize, MatchingStrategy, Shield, Vault};
    /// use std::sync::Arc;
    ///
    /// let anonymize = Anonymize::new(AnonymizeParams::default(), None)?;
    /// let deanonymize = Deanonymize::new(MatchingStrategy::Exact);
    /// let shield = Shield::new(vec![Arc::new(anonymize)], vec![Arc::new(deanonymize)]);
    /// let conversation = Vault::new();
    /// let prompt = shield.scan_prompt_in("Write to ann@mail.com", &conversation);
    /// assert_eq!(prompt.sanitized, "Write to [REDACTED_EMAIL_ADDRESS_1]");
    /// let answer = "I wrote to [REDACTED_EMAIL_ADDRESS_1].";
    /// let answer = shield.scan_output_in("Write to ann@mail.com", answer, &conversation);
    /// assert_eq!(answer.sanitized, "I wrote to ann@mail.com.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan_prompt_in<'t>(&self, prompt: &'t str, vault: &Vault) -> Report<'t> {
        self.scan_prompt_with(prompt, vault, ScanOptions::default())
    }

    /// As [`Shield::scan_prompt_in`], with options for this call.
    pub fn scan_prompt_with<'t>(
        &self,
        prompt: &'t str,
        vault: &Vault,
        options: ScanOptions<'_>,
    ) -> Report<'t> {
        self.run(&self.prompt, prompt, &Context::new(vault), options)
    }

    /// Scans what the model answers, alone: without the prompt and without a vault to restore from.
    pub fn scan_output<'t>(&self, output: &'t str) -> Report<'t> {
        self.run(&self.output, output, &Context::new(&Vault::new()), ScanOptions::default())
    }

    /// Scans what the model answers to `prompt` (as the user wrote it) in the conversation that `vault` belongs to.
    pub fn scan_output_in<'t>(&self, prompt: &str, output: &'t str, vault: &Vault) -> Report<'t> {
        self.scan_output_with(prompt, output, vault, ScanOptions::default())
    }

    /// As [`Shield::scan_output_in`], with options for this call.
    pub fn scan_output_with<'t>(
        &self,
        prompt: &str,
        output: &'t str,
        vault: &Vault,
        options: ScanOptions<'_>,
    ) -> Report<'t> {
        self.run(&self.output, output, &Context::new(vault).answering(prompt), options)
    }

    /// The scanners, first those over prompts, then those over outputs, for a caller that runs them between steps of
    /// its own.
    pub fn into_scanners(self) -> Vec<Arc<dyn Scanner>> {
        self.prompt.steps.into_iter().chain(self.output.steps).map(|step| step.scanner).collect()
    }

    /// Names of the scanners that run over prompts, in order.
    pub fn prompt_scanners(&self) -> impl Iterator<Item = &'static str> {
        self.prompt.steps.iter().map(|step| step.scanner.name())
    }

    /// Names of the scanners that run over outputs, in order.
    pub fn output_scanners(&self) -> impl Iterator<Item = &'static str> {
        self.output.steps.iter().map(|step| step.scanner.name())
    }

    /// The scanners that the policy names and that are not there, over prompts and then those over outputs only; each
    /// report lists those of its side as skipped.
    pub fn unavailable(&self) -> impl Iterator<Item = &Skipped> {
        let prompt = &self.prompt.unavailable;
        let only_output = |skipped: &&Skipped| !prompt.iter().any(|named| named.name == skipped.name);
        prompt.iter().chain(self.output.unavailable.iter().filter(only_output))
    }

    /// Scanner and parameter wherever the policy gives one that says how llm-guard's API server runs a model, such as
    /// `model_max_length`: it has no effect, since the models here are built in and read the whole text.
    pub fn without_effect(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let prompt = &self.prompt.without_effect;
        prompt
            .iter()
            .chain(self.output.without_effect.iter().filter(|param| !prompt.contains(param)))
            .copied()
    }

    /// Whether a scan of an output may wait for something outside of the process ([`Scanner::waits`]).
    pub fn output_waits(&self) -> bool {
        self.output.steps.iter().any(|step| step.scanner.waits())
    }

    /// Whether a scan of a prompt may wait for something outside of the process ([`Scanner::waits`]).
    pub fn prompt_waits(&self) -> bool {
        self.prompt.steps.iter().any(|step| step.scanner.waits())
    }

    fn run<'t>(
        &self,
        side: &Side,
        text: &'t str,
        context: &Context<'_>,
        options: ScanOptions<'_>,
    ) -> Report<'t> {
        let mut report = run(&side.steps, self.fail_fast, text, context, options);
        report.skipped.extend(&side.unavailable);
        if self.compat == Compat::Exact && options.feed == Feed::Chained {
            let scanners = &report.scanners;
            let counts =
                |place: usize| scanners[place + 1..].iter().all(|later| later.name != scanners[place].name);
            report.is_valid = (0..scanners.len()).all(|place| scanners[place].is_valid || !counts(place));
        }
        report
    }
}

fn run<'t>(
    steps: &[Step],
    fail_fast: FailFast,
    text: &'t str,
    context: &Context<'_>,
    options: ScanOptions<'_>,
) -> Report<'t> {
    let mut text = Text::new(text);
    let mut report = Report {
        is_valid: true,
        sanitized: "".into(),
        scanners: Vec::with_capacity(steps.len()),
        skipped: Vec::new(),
        vault: None,
    };
    let skip = |steps: &[Step], reason| -> Vec<Skipped> {
        steps.iter().map(|step| Skipped { name: step.scanner.name(), reason }).collect()
    };
    if options.feed == Feed::Chained && text.is_blank() {
        report.skipped = skip(steps, "the text is blank");
        report.sanitized = text.into_inner();
        return report;
    }
    let mut started = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        if options.suppress.contains(&step.scanner.name()) {
            report.skipped.extend(skip(&steps[index..=index], "suppressed by the caller"));
            continue;
        }
        let decided = step.scanner.scan_in(&text, context);
        let ended = Instant::now();
        let mut entry = ScannerReport {
            name: step.scanner.name(),
            is_valid: true,
            risk_score: RiskScore::NONE,
            score: None,
            findings: Vec::new(),
            findings_omitted: 0,
            elapsed: ended.duration_since(started),
            error: None,
        };
        started = ended;
        match decided {
            Ok(mut outcome) => {
                // Nobody is handed the redacted text, so it is none that could pass instead.
                if options.feed == Feed::Original {
                    outcome.edits.clear();
                }
                text = accept(outcome, step.on_hit, text, &mut entry);
            }
            Err(error) => fail(error, step.on_error, &mut entry),
        }
        report.is_valid &= entry.is_valid;
        let stop = !entry.is_valid && fail_fast == FailFast::On;
        if stop && options.feed == Feed::Original {
            report.scanners.clear();
        }
        report.scanners.push(entry);
        if stop {
            let rest = skip(&steps[index + 1..], "an earlier scanner refused the text (fail fast)");
            report.skipped.extend(rest);
            break;
        }
    }
    let failed = report.scanners.iter().any(|entry| entry.error.is_some() && !entry.is_valid);
    // What the scanner that failed would have taken out is still there.
    report.sanitized = if failed { Cow::Borrowed("") } else { text.into_inner() };
    report
}

/// Writes the outcome into the scanner's entry and yields the text for the next scanner.
fn accept<'t>(outcome: Outcome, on_hit: OnHit, text: Text<'t>, entry: &mut ScannerReport) -> Text<'t> {
    entry.is_valid = outcome.is_valid || (on_hit == OnHit::Redact && !outcome.edits.is_empty());
    entry.risk_score = outcome.risk;
    entry.score = outcome.score;
    entry.findings = outcome.findings;
    if entry.findings.len() > FINDINGS_MAX {
        entry.findings_omitted = entry.findings.len() - FINDINGS_MAX;
        entry.findings.truncate(FINDINGS_MAX);
    }
    for finding in &mut entry.findings {
        finding.span = text.origin(finding.span);
    }
    text.edited(&outcome.edits)
}

fn fail(error: ScanError, on_error: OnError, entry: &mut ScannerReport) {
    entry.is_valid = on_error == OnError::DangerouslyAllow;
    entry.risk_score = if entry.is_valid { RiskScore::NONE } else { RiskScore::CERTAIN };
    entry.error = Some(error);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, Edit, Finding, Owasp, Span};

    /// Refuses and stars out one word.
    struct Star(&'static str);

    impl Scanner for Star {
        fn name(&self) -> &'static str {
            self.0
        }

        fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
            let Some(start) = text.as_str().find(self.0) else { return Ok(Outcome::pass(RiskScore::NONE)) };
            let span = Span::new(start, start + self.0.len());
            let finding = Finding {
                span,
                rule: self.0.into(),
                category: Category::BannedContent,
                score: 1.0,
                owasp: Owasp::Llm01PromptInjection,
                checked: None,
                decoded_from: Vec::new(),
            };
            let edits = vec![Edit { span, replacement: "*".into() }];
            Ok(Outcome::refuse(RiskScore::CERTAIN, vec![finding], edits))
        }
    }

    struct Broken;

    impl Scanner for Broken {
        fn name(&self) -> &'static str {
            "Broken"
        }

        fn scan(&self, _: &Text<'_>) -> Result<Outcome, ScanError> {
            Err(ScanError::Model("no weights".into()))
        }
    }

    fn shield(steps: Vec<Step>, fail_fast: FailFast, compat: Compat) -> Shield {
        Shield::from_sides(Side { steps, ..Side::default() }, Side::default(), fail_fast, compat)
    }

    #[test]
    fn of_two_scanners_of_one_class_the_earlier_counts_unless_the_policy_is_exact() {
        struct Named(Star, &'static str);
        impl Scanner for Named {
            fn name(&self) -> &'static str {
                self.1
            }

            fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
                self.0.scan(text)
            }
        }
        for (compat, words, expected) in [
            (Compat::Mended, ["a", "z"], false),
            (Compat::Exact, ["a", "z"], true),
            (Compat::Exact, ["z", "a"], false),
        ] {
            let step = |word| Step::from(Arc::new(Named(Star(word), "Star")) as Arc<dyn Scanner>);
            let shield = shield(words.map(step).into(), FailFast::Off, compat);
            assert_eq!(shield.scan_prompt("a").is_valid, expected, "{compat:?} {words:?}");
        }
    }

    #[test]
    fn each_scanner_sees_what_the_ones_before_it_left_and_spans_stay_the_callers() {
        let shield = Shield::new(vec![Arc::new(Star("alpha")), Arc::new(Star("beta"))], vec![]);
        let report = shield.scan_prompt("alpha beta");
        assert!(!report.is_valid);
        assert_eq!(report.sanitized, "* *");
        let spans: Vec<_> = report.findings().map(|finding| finding.span).collect();
        assert_eq!(spans, [Span::new(0, 5), Span::new(6, 10)]);
    }

    #[test]
    fn a_failing_scanner_refuses_unless_the_policy_allows_it_by_name() {
        let report = Shield::new(vec![Arc::new(Broken)], vec![]).scan_prompt("x");
        assert!(!report.is_valid);
        assert_eq!(report.sanitized, "", "nobody knows what is still in it");
        let step =
            Step { on_error: OnError::DangerouslyAllow, ..Step::from(Arc::new(Broken) as Arc<dyn Scanner>) };
        let shield = shield(vec![step], FailFast::Off, Compat::Mended);
        let report = shield.scan_prompt("x");
        assert!(report.is_valid);
        assert_eq!(report.sanitized, "x");
        assert_eq!(report.scanners[0].error, Some(ScanError::Model("no weights".into())));
    }

    #[test]
    fn fail_fast_skips_the_rest_and_says_so() {
        let step = |word| Step::from(Arc::new(Star(word)) as Arc<dyn Scanner>);
        let shield = shield(vec![step("a"), step("b")], FailFast::On, Compat::Mended);
        let report = shield.scan_prompt("a b");
        assert_eq!(report.scanners.len(), 1);
        assert_eq!(report.skipped[0].name, "b");
    }

    #[test]
    fn a_call_may_leave_scanners_out_and_give_each_the_text_as_it_came() {
        let step = |word| Step::from(Arc::new(Star(word)) as Arc<dyn Scanner>);
        let steps = || vec![step("ab"), step("b*"), step("b")];
        let hasty = shield(steps(), FailFast::On, Compat::Mended);
        let shield = shield(steps(), FailFast::Off, Compat::Mended);
        let vault = Vault::new();
        let names = |report: &Report<'_>| -> Vec<_> {
            report.scanners.iter().map(|s| (s.name, s.is_valid)).collect()
        };
        let chained = shield.scan_prompt_with("ab*", &vault, ScanOptions::default());
        assert_eq!(names(&chained), [("ab", false), ("b*", true), ("b", true)]);
        let original = ScanOptions { feed: Feed::Original, ..ScanOptions::default() };
        let report = shield.scan_prompt_with("ab*", &vault, original);
        assert_eq!(names(&report), [("ab", false), ("b*", false), ("b", false)]);
        assert_eq!(report.sanitized, "ab*");
        let suppress = ScanOptions { suppress: &["b*", "nobody", "ab"], ..original };
        let report = shield.scan_prompt_with(" ", &vault, suppress);
        assert_eq!(names(&report), [("b", true)], "a blank text is scanned as it came");
        assert_eq!(report.skipped.len(), 2);
        let report = hasty.scan_prompt_with("b*", &vault, original);
        assert_eq!(names(&report), [("b*", false)], "the refusal alone");
        assert_eq!(report.skipped[0].name, "b");
    }

    #[test]
    fn a_hit_that_was_redacted_passes_where_the_policy_says_so_and_one_that_was_not_is_refused() {
        let redacting = |scanner: Arc<dyn Scanner>| {
            let step = Step { on_hit: OnHit::Redact, ..Step::from(scanner) };
            shield(vec![step], FailFast::On, Compat::Mended)
        };
        let report = redacting(Arc::new(Star("alpha"))).scan_prompt("alpha beta");
        assert!(report.is_valid && report.scanners[0].is_valid);
        assert_eq!(
            (report.sanitized.as_ref(), report.scanners[0].risk_score),
            ("* beta", RiskScore::CERTAIN)
        );
        assert_eq!(report.findings().count(), 1);
        assert!(!redacting(Arc::new(Broken)).scan_prompt("x").is_valid);
        assert!(!redacting(Arc::new(crate::Regex::new(keeping()).unwrap())).scan_prompt("alpha").is_valid);
    }

    /// A pattern that is refused and left as it stands.
    fn keeping() -> crate::RegexParams {
        crate::RegexParams { redact: false, ..crate::RegexParams::new(["alpha"]) }
    }

    #[test]
    fn blank_text_passes_without_a_scan() {
        let report = Shield::new(vec![Arc::new(Broken)], vec![]).scan_prompt(" \t\u{1c}\n").is_valid;
        assert!(report);
    }
}
