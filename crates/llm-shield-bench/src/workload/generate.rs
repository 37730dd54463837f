//! Turns a definition into texts: length first, then what is planted, then ordinary sentences around it.

use super::vocabulary::{
    BACKGROUND, BANNED, BANNED_FRAMES, ENDINGS, INSULTS, OPENINGS, SECRET_FRAMES, TOPICS,
};
use super::{Definition, Entry, Form, Length, Planted, Workload};
use crate::random::SplitMix64;

pub(super) fn workload(definition: &Definition) -> Workload {
    let mut random = SplitMix64::new(definition.seed);
    let plan = plan(definition, &mut random);
    let entries = plan
        .into_iter()
        .map(|planted| {
            let bytes = length(definition.length, &mut random);
            Entry { text: text(bytes, planted, &mut random), planted }
        })
        .collect();
    Workload { name: definition.name.clone(), entries, form: Form::Text }
}

/// What each text carries: the declared shares exactly (rounded), in shuffled order.
fn plan(definition: &Definition, random: &mut SplitMix64) -> Vec<Planted> {
    let shares = definition.planted;
    let mut plan = Vec::with_capacity(definition.texts);
    for (share, planted) in [
        (shares.banned, Planted::Banned),
        (shares.secrets, Planted::Secret),
        (shares.insults, Planted::Insult),
    ] {
        let count = (share * definition.texts as f64).round() as usize;
        plan.resize((plan.len() + count).min(definition.texts), planted);
    }
    plan.resize(definition.texts, Planted::Nothing);
    for last in (1..plan.len()).rev() {
        plan.swap(last, random.below(last + 1)); // Fisher-Yates
    }
    plan
}

fn length(length: Length, random: &mut SplitMix64) -> usize {
    match length {
        Length::Constant { bytes } => bytes,
        Length::LogUniform { min_bytes, max_bytes } => {
            let (low, high) = ((min_bytes as f64).ln(), (max_bytes as f64).ln());
            ((low + random.unit() * (high - low)).exp().round() as usize).clamp(min_bytes, max_bytes)
        }
    }
}

/// A text of `bytes` bytes; longer only if what is planted is.
fn text(bytes: usize, planted: Planted, random: &mut SplitMix64) -> String {
    let sentence = planted_sentence(planted, random);
    let around = bytes.saturating_sub(sentence.len());
    if sentence.is_empty() {
        return filler(bytes, random);
    }
    let before = random.below(around + 1);
    // A cut too short for a word is no cut: put all words on the other side.
    let before = if before < 20 { 0 } else { before };
    let after = around - before;
    let mut text = if before > 0 { filler(before - 1, random) + " " } else { String::new() };
    text.push_str(&sentence);
    if after > 0 {
        text.push(' ');
        text.push_str(&filler(after - 1, random));
    }
    text
}

/// Exactly `bytes` bytes of ordinary sentences, the last one cut off where the length ends.
fn filler(bytes: usize, random: &mut SplitMix64) -> String {
    let mut text = String::with_capacity(bytes + 128);
    while text.len() < bytes {
        if !text.is_empty() {
            text.push(' ');
        }
        if text.is_empty() || random.below(3) == 0 {
            text.push_str(random.pick(OPENINGS));
            text.push(' ');
            text.push_str(random.pick(TOPICS));
            text.push(' ');
            text.push_str(random.pick(ENDINGS));
            text.push('.');
        } else {
            text.push_str(random.pick(BACKGROUND));
        }
    }
    text.truncate(bytes); // the vocabulary is ASCII, so every byte is a boundary
    if text.ends_with(' ') {
        text.pop();
        text.push('.');
    }
    text
}

fn planted_sentence(planted: Planted, random: &mut SplitMix64) -> String {
    let mut framed = |frames: &[(&str, &str)], inside: &dyn Fn(&mut SplitMix64) -> String| {
        let (before, after) = frames[random.below(frames.len())];
        let inside = inside(random);
        format!("{before}{inside}{after}")
    };
    match planted {
        Planted::Banned => framed(&BANNED_FRAMES, &|random| random.pick(BANNED).to_owned()),
        Planted::Secret => framed(&SECRET_FRAMES, &secret),
        Planted::Insult => random.pick(INSULTS).to_owned(),
        Planted::Nothing | Planted::Declared { .. } | Planted::Unknown => String::new(),
    }
}

/// A secret in a public format: AWS access key id (base 32), Stripe live key, or GitLab personal access token.
fn secret(random: &mut SplitMix64) -> String {
    const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let (prefix, alphabet, count) =
        [("AKIA", BASE32, 16), ("sk_live_", ALPHANUMERIC, 24), ("glpat-", ALPHANUMERIC, 20)][random.below(3)];
    let mut secret = prefix.to_owned();
    for _ in 0..count {
        secret.push(char::from(alphabet[random.below(alphabet.len())]));
    }
    secret
}
