#!/bin/sh
# Compiles and runs the example:  ./run.sh URL USER PASSWORD
# Needs a JDK (8 or later) and Caucho's hessian.jar: Debian's libhessian-java, or HESSIAN_JAR=/path/to/hessian.jar
set -eu

if [ $# -lt 3 ]; then
    echo "usage: $0 URL USER PASSWORD" >&2
    exit 2
fi

jar=${HESSIAN_JAR:-/usr/share/java/hessian.jar}
if [ ! -f "$jar" ]; then
    echo "no Hessian jar at $jar: apt-get install libhessian-java, or set HESSIAN_JAR" >&2
    exit 2
fi

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT INT TERM

javac -nowarn -encoding UTF-8 -d "$classes" -cp "$jar" -sourcepath "$here" "$here/BillingExample.java"

# Jars before 4.0.5x reach into java.lang; JDK 16 and later must be told to let them.
opens=""
if java --version >/dev/null 2>&1; then
    opens="--add-opens java.base/java.lang=ALL-UNNAMED"
fi
# This folder itself is on the class path for META-INF/hessian: without it a BigDecimal loses its digits.
# shellcheck disable=SC2086
java $opens -cp "$classes:$here:$jar" BillingExample "$1" "$2" "$3"
