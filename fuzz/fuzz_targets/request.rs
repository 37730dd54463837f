//! Any bytes as a request body: a text or an error of the table, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let _ = llm_shield_server::parse_scan_request(body);
});
