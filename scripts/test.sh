#!/usr/bin/env bash
# Every level of tests that runs on this machine, each in its turn; the first that fails ends the run. A level that cannot run here
# fails it too, unless ALLOW_SKIP=1.
set -euo pipefail
cd "$(dirname "$0")/.."

ran=() skipped=()

results=$(mktemp)
trap 'rm -f "$results"' EXIT

run() { node_modules/.bin/vitest run --project "$@" --reporter=default --reporter=json --outputFile.json="$results"; }

# Files of the last run that did not pass. None where one of them may have seen two instances: that is tried once.
failed() {
  node -e '
    const { testResults } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
    const files = testResults.filter(({ status }) => status !== "passed")
    const isLate = ({ failureMessages }) => failureMessages.every((message) => message.includes("never two at once"))
    const isOnlyLate = (failures) => failures.length > 0 && failures.every(isLate)
    const mayHaveSeenTwo = ({ name, assertionResults }) =>
      /\/(faults|failure)-[^/]*$/u.test(name) && !isOnlyLate(assertionResults.filter(({ status }) => status === "failed"))
    if (!files.some(mayHaveSeenTwo)) for (const { name } of files) console.log(name)' "$results"
}

# Last, where nobody has to look for it: each failed test, with its failure but for the stack.
tell() {
  node -e '
    const { testResults } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
    for (const { name, assertionResults } of testResults)
      for (const { fullName, status, failureMessages } of assertionResults)
        if (status === "failed")
          console.log(`test: ${name.split("/").at(-1)}: ${fullName}: ${String(failureMessages[0]).split(/\n +at /u, 1)}`)' "$results"
}

run_again() { run scenarios "$@" || { tell >&2; false; }; }

level() {
  printf '\n== %s: %s\n' "$1" "$2"
  local began=$SECONDS again
  if ! run "$1"; then
    tell >&2
    mapfile -t again < <(failed)
    # Whole machines on a busy one stumble now and then: a scenario is tried once more, and that is said.
    if [ "$1" != scenarios ] || [ ${#again[@]} -eq 0 ] || [ ${#again[@]} -gt 4 ] || ! run_again "${again[@]}"; then
      echo "test: the level $1 failed; run it alone with: npx vitest run --project $1" >&2
      exit 1
    fi
    echo "test: these passed only when they were tried again: ${again[*]##*/}"
  fi
  ran+=("$1 ($((SECONDS - began)) s)")
}

# Seeds that nobody has tried before, for a minute.
simulate() {
  printf '\n== sim: whole clusters, faults from new seeds\n'
  local began=$SECONDS
  make --no-print-directory sim BUDGET=60 || {
    echo 'test: the simulator found something: each seed above has the command that replays it' >&2
    exit 1
  }
  ran+=("sim ($((SECONDS - began)) s)")
}

skip() {
  printf '\n== %s: skipped: %s\n' "$1" "$2"
  skipped+=("$1")
}

level unit 'pure code, whole clusters on virtual time'
level adapters 'real processes, sockets, files, the guard'
simulate
if [ "$(id -u)" -eq 0 ]; then
  bash test/lab/prepare.sh
  level drivers "each driver on this machine's kernel and tools"
  bash packaging/tools.sh
  level packaging 'the Debian package, from its build to its purge'
  level scenarios 'the product end to end, on lab nodes'
else
  skip drivers 'it mounts and makes interfaces: run it as root'
  skip packaging 'it mounts: run it as root'
  skip scenarios 'the lab makes namespaces and mounts: run it as root'
fi

join() { local IFS=,; sed "s/,/, /g" <<<"$*"; }
printf '\ntest: ran %s\n' "$(join "${ran[@]}")"
[ ${#skipped[@]} -gt 0 ] || exit 0
echo "test: skipped $(join "${skipped[@]}")"
if [ "${ALLOW_SKIP:-}" != 1 ]; then
  echo "test: a level that was skipped proves nothing: run as root, or set ALLOW_SKIP=1 to accept that" >&2
  exit 1
fi
