#!/usr/bin/env bash
# Build, test, analyse, validate: one measured run of LLM Shield's throughput, fit for CI.
#
# Exit code: 0 when no claim failed and every row is sound, 1 when a claim failed or a row cannot be true,
# 2 when nothing could be measured.
set -euo pipefail

PORT=3000
DURATION=30
QUICK=0
SKIP_TESTS=0
HEALTH_TIMEOUT_SECS=30
SERVER_PID=""

usage() {
    cat <<'USAGE'
Usage: bench_throughput.sh [--port N] [--duration SECONDS] [--quick] [--skip-tests] [--help]

  --port N            port of the benchmark server (default 3000)
  --duration SECONDS  measured window of a scenario (default 30)
  --quick             short windows; results are marked QUICK and go to benchmarks/results/quick
  --skip-tests        do not run the tests before measuring
  --help              this text

Results: benchmarks/results/. Exit code 0 claims hold, 1 a claim failed or a row is broken, 2 could not measure.
USAGE
}

fail() {
    echo "error: $*" >&2
    exit 2
}

stage() {
    echo
    echo "== $* =="
}

is_positive_integer() {
    [[ "$1" =~ ^[1-9][0-9]{0,5}$ ]]
}

# Called by the trap.
# shellcheck disable=SC2317
cleanup() {
    local status=$?
    trap - EXIT INT TERM
    if [[ -n "$SERVER_PID" ]] && kill -0 "$SERVER_PID" 2>/dev/null; then
        kill -TERM "$SERVER_PID" 2>/dev/null || true
        for _ in $(seq 50); do
            kill -0 "$SERVER_PID" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$SERVER_PID" 2>/dev/null || true
        wait "$SERVER_PID" 2>/dev/null || true
    fi
    exit "$status"
}

# Over bash's own TCP, so that no curl is needed.
is_healthy() {
    local status_line
    status_line=$(
        exec 3<>"/dev/tcp/127.0.0.1/$PORT" || exit 1
        printf 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
        IFS= read -r -t 5 line <&3 && printf '%s' "$line"
    ) 2>/dev/null || return 1
    [[ "$status_line" == *" 200 "* ]]
}

while [[ $# -gt 0 ]]; do
    case "$1" in
        --port | --duration)
            [[ $# -ge 2 ]] || fail "$1 needs a value"
            is_positive_integer "$2" || fail "$1 needs a whole number above 0, not '$2'"
            if [[ "$1" == --port ]]; then PORT=$2; else DURATION=$2; fi
            shift 2
            ;;
        --quick)
            QUICK=1
            shift
            ;;
        --skip-tests)
            SKIP_TESTS=1
            shift
            ;;
        --help | -h)
            usage
            exit 0
            ;;
        *)
            usage >&2
            fail "unknown option '$1'"
            ;;
    esac
done
((PORT <= 65535)) || fail "--port must be at most 65535, not '$PORT'"

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v cargo >/dev/null || fail "cargo is not installed: https://rustup.rs (without Rust: simulate_throughput_benchmark.py)"
TARGET="${CARGO_TARGET_DIR:-target}/release"
RESULTS=benchmarks/results
if ((QUICK)); then
    RESULTS=benchmarks/results/quick
fi
mkdir -p "$RESULTS"
CSV="$RESULTS/throughput_results.csv"

stage "build"
cargo build --release --bin llm-shield --bin bench-server --bin throughput-load-test || fail "the build failed"

if ! ((SKIP_TESTS)); then
    stage "test"
    cargo test --release --workspace || fail "the tests failed; nothing was measured"
fi

stage "serve on port $PORT"
if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
    fail "something already listens on port $PORT; choose another with --port"
fi
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$TARGET/bench-server" --port "$PORT" >"$RESULTS/server.log" 2>&1 &
SERVER_PID=$!
deadline=$((SECONDS + HEALTH_TIMEOUT_SECS))
until is_healthy; do
    kill -0 "$SERVER_PID" 2>/dev/null || fail "the server ended at once: $(tail -n 3 "$RESULTS/server.log")"
    ((SECONDS < deadline)) || fail "the server was not healthy within $HEALTH_TIMEOUT_SECS s"
    sleep 0.1
done
echo "healthy"

stage "measure"
# A run's rows stay together: those of the run before are kept beside them.
if [[ -e "$CSV" ]]; then
    mv -f "$CSV" "$CSV.previous"
fi
load=("$TARGET/throughput-load-test" "http://127.0.0.1:$PORT" --output "$CSV")
if ((QUICK)); then
    load+=(--quick)
else
    load+=(--duration "$DURATION")
fi
# Exit 1: measured, with failures or invalid rows; the checks below say which.
"${load[@]}" || [[ $? -eq 1 ]] || fail "the load test failed; what it measured is in $CSV"

stage "analyse"
"$TARGET/llm-shield" bench report "$RESULTS" || [[ $? -eq 1 ]] || fail "the report could not be written"

stage "validate"
status=0
"$TARGET/llm-shield" bench check "$CSV" || status=$?
claims=0
"$TARGET/llm-shield" bench claims "$CSV" || claims=$?
if ((claims > status)); then
    status=$claims
fi
echo
cat "$RESULTS/THROUGHPUT_SUMMARY.txt"
echo
echo "report: $RESULTS/report.html"
exit "$status"
