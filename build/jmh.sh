#!/bin/sh
# JMH benchmarks of a module: build/jmh.sh MODULE [JMH's own arguments]
# For example: build/jmh.sh evolution Hypervolume -p points=10000
# -h lists JMH's arguments, -l the benchmarks.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -lt 1 ] || [ ! -f "$root/$1/pom.xml" ]; then
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
fi
module=$1
shift
cd "$root"
./mvnw -q -pl "$module" -am -DskipTests test-compile dependency:build-classpath \
  -Dmdep.includeScope=test -Dmdep.outputFile=target/test-classpath
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" \
  -cp "$module/target/test-classes:$module/target/classes:$(cat "$module/target/test-classpath")" \
  org.openjdk.jmh.Main "$@"
