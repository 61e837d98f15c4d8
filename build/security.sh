#!/bin/sh
# What Lathe consists of, and what of it is known to be vulnerable: build/security.sh [--sbom]
# Writes target/bom.json (CycloneDX), then looks all of it up in the National Vulnerability Database; --sbom
# leaves that out. Ends with 1 if something of severity 7 or more is found, with 3 if there is no network to
# look things up or to fetch the plugins for the first time. NVD_API_KEY makes the first look-up faster.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

case ${1:-} in
  '' | --sbom) ;;
  *)
    sed -n '2,5s/^# //p' "$0"
    exit 2
    ;;
esac

# Offline first: nothing is fetched that is there.
maven() {
  log=target/security.log
  mkdir -p target
  if ./mvnw -B -ntp -o "$@" > "$log" 2>&1 || ./mvnw -B -ntp "$@" > "$log" 2>&1; then
    return 0
  fi
  if grep -qE 'UnknownHost|Connection refused|Connect timed out|Network is unreachable|Could not transfer|NoDataException|UpdateException|Error updating the NVD' "$log"; then
    return 3
  fi
  return 1
}

maven -Psbom -DskipTests package org.cyclonedx:cyclonedx-maven-plugin:makeAggregateBom || {
  code=$?
  if [ $code = 3 ]; then
    echo "security: no list of what Lathe consists of: its plugin is not in the local Maven repository, and there is no network to fetch it. Maybe try again with one." >&2
  else
    echo "security: the list could not be made; see target/security.log." >&2
  fi
  exit $code
}
echo "target/bom.json: $(grep -c '"bom-ref"' target/bom.json) components"
[ "${1:-}" != --sbom ] || exit 0

code=0
maven -Pvulnerabilities org.owasp:dependency-check-maven:aggregate "-DnvdApiKey=${NVD_API_KEY:-}" || code=$?
case $code in
  0) echo "nothing of severity 7 or more is known: target/dependency-check-report.json" ;;
  3)
    echo "security: NOT looked up: there is no network to the National Vulnerability Database. What the build itself bans is checked by every ./mvnw package." >&2
    ;;
  *) echo "security: something of severity 7 or more is known, or the look-up failed: target/dependency-check-report.json, target/security.log" >&2 ;;
esac
exit $code
