#!/bin/sh
# The tests: ./lathe test [--all] [MODULE…]
# Without modules everything, then the whole-system tests of src/test. With modules, these and what
# they stand on. --all adds the tests marked as slow, and makes others go through more cases; some of
# those need adb, Verilator or qemu (Debian: adb verilator qemu-user-static) and are skipped without.
# What is left out is listed by name first. The last lines are Maven's summary.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

slow='-Dtests.excluded=slow'
modules=
for argument in "$@"; do
  case $argument in
    --all) slow='-Dtests.excluded=none -Dlathe.test.all=true' ;;
    -h | --help)
      sed -n '2,6s/^# //p' "$0"
      exit 0
      ;;
    -*)
      echo "lathe test: there is no option '$argument', only --all." >&2
      exit 2
      ;;
    *)
      if [ ! -f "$root/$argument/pom.xml" ]; then
        echo "lathe test: there is no module '$argument'. Maybe one of:" \
          $(sed -n 's/.*<module>\(.*\)<\/module>.*/\1/p' "$root/pom.xml") >&2
        exit 2
      fi
      modules=${modules:+$modules,}$argument
      ;;
  esac
done

# The tests of the web pages need a browser.
if ! command -v chromium >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "lathe test: installing Chromium for the tests of the web pages" >&2
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1; then
    echo "lathe test: Chromium could not be installed; tests that need it will say so." >&2
  fi
fi

cd "$root"
case $slow in
  *=slow)
    echo "Left out as slow (./lathe test --all runs them):"
    grep -rl --include='*.java' '@Tag("slow")' ./*/src/test src/test | sed 's|.*/|  |; s|\.java$||' | sort
    ;;
  *)
    for tool in adb verilator qemu-aarch64-static; do
      command -v "$tool" >/dev/null 2>&1 || echo "Without $tool on the path, the tests that need it are skipped."
    done
    ;;
esac
# shellcheck disable=SC2086 # two options
exec ./mvnw -B -ntp ${modules:+-pl "$modules" -am} $slow spotless:check verify
