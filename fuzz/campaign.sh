#!/usr/bin/env bash
# A campaign: all targets in turn, in rounds, for HOURS (1) in all; then a summary of each. Keeps what it finds
# in fuzz/corpus and fuzz/artifacts, and goes on from there the next time. A target that finds something is left
# out of the later rounds; the others go on.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/common.sh
hours=${1:-1}
[ $# -le 1 ] && [ "$(awk -v h="$hours" 'BEGIN { print (h + 0 > 0) }')" = 1 ] || { say "usage: $0 HOURS"; exit 2; }

targets=($(fuzz_targets))
seconds=$(awk -v h="$hours" 'BEGIN { printf "%d", h * 3600 }')
# An hour's round at most, so that an early end has visited everything.
rounds=$(((seconds + 3599) / 3600))
each=$((seconds / rounds / ${#targets[@]}))
[ $each -gt 0 ] || each=1
summary=target/fuzz/campaign.txt
mkdir -p target/fuzz
: >$summary
declare -A broken=()
for ((round = 1; round <= rounds; round++)); do
    for target in "${targets[@]}"; do
        [ -z "${broken[$target]:-}" ] || continue
        echo "round $round of $rounds: $target, $each seconds" >&2
        line=$(.ci/fuzz "$each" "$target") || broken[$target]=yes
        awk -v t="$target" -v r="$round" '$1 == t { print r, $0 }' <<<"$line" >>$summary
    done
done

printf '%-18s %12s %8s %7s %7s  %s\n' target execs execs/s edges corpus found
for target in "${targets[@]}"; do
    awk -v t="$target" -v broken="${broken[$target]:-nothing}" '$2 == t { n += $3; rate += $4; rows++; edges = $5; kept = $6 }
        END { printf "%-18s %12d %8d %7s %7s  %s\n", t, n, rows ? rate / rows : 0, edges, kept,
            broken == "yes" ? "see fuzz/artifacts/" t : broken }' $summary
done
[ ${#broken[@]} = 0 ]
