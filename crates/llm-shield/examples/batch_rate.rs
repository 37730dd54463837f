//! How many texts a second the engine scans with `BanSubstrings`, `Secrets` and `Regex`: what the Python package's batch
//! functions are measured against.
//!
//! `batch_rate FILE SECONDS THREADS...`, FILE with one JSON string a line. Prints a JSON object: texts a second by number
//! of threads. Each thread scans the whole list over and over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use llm_shield::{BanSubstrings, BanSubstringsParams, RedactMode, Regex, RegexParams, Secrets, Shield};

/// Texts that a thread takes at once.
const CHUNK: usize = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, seconds, threads @ ..] = arguments.as_slice() else {
        return Err("usage: batch_rate FILE SECONDS THREADS...".into());
    };
    let lines = std::fs::read_to_string(file)?;
    let texts = lines.lines().map(serde_json::from_str).collect::<Result<Vec<String>, _>>()?;
    let seconds = Duration::from_secs_f64(seconds.parse()?);
    let shield = shield()?;
    let mut rates = serde_json::Map::new();
    for threads in threads {
        rates.insert(threads.clone(), rate(&shield, &texts, seconds, threads.parse()?).into());
    }
    #[expect(clippy::print_stdout, reason = "its answer")]
    {
        println!("{}", serde_json::Value::from(rates));
    }
    Ok(())
}

/// The scanners that `benchmarks/scripts/python_peer.py` builds in Python.
fn shield() -> Result<Shield, Box<dyn std::error::Error>> {
    let substrings = ["ransomware", "a keylogger", "privilege escalation", "a rootkit", "cryptojacking"];
    let substrings = substrings.map(str::to_owned).to_vec();
    let ban = BanSubstrings::new(BanSubstringsParams { substrings, ..Default::default() })?;
    let secrets = Secrets::new(RedactMode::All)?;
    let regex = Regex::new(RegexParams::new([r"ORD-[0-9]{6}"]))?;
    Ok(Shield::new(vec![Arc::new(ban), Arc::new(secrets), Arc::new(regex)], vec![]))
}

/// Texts a second.
fn rate(shield: &Shield, texts: &[String], seconds: Duration, threads: usize) -> f64 {
    let (next, scanned) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while started.elapsed() < seconds {
                    let from = next.fetch_add(CHUNK, Ordering::Relaxed) % texts.len();
                    let chunk = &texts[from..texts.len().min(from + CHUNK)];
                    for text in chunk {
                        std::hint::black_box(shield.scan_prompt(text));
                    }
                    scanned.fetch_add(chunk.len(), Ordering::Relaxed);
                }
            });
        }
    });
    scanned.into_inner() as f64 / started.elapsed().as_secs_f64()
}
