//! Learned detectors of LLM Shield: feature extraction, embedded weights, calibrated scores.
