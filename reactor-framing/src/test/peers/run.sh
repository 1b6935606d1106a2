#!/usr/bin/env bash
# Starts real servers on loopback ports, and runs the tests against them. What is not installed is left out, and its tests
# are reported as skipped.
set -euo pipefail
cd "$(dirname "$0")/../../../.."
source reactor-framing/src/test/peers/servers.sh

properties=()
for name in postgres nsd mosquitto rabbitmq mariadb git redis dovecot exim; do
    if start "$name"; then
        properties+=("-Dpeer.$name=${ports[$name]}")
    fi
done
if command -v logger >/dev/null; then
    properties+=(-Dpeer.logger=logger)
fi

mvn -B -ntp "$@" -pl reactor-framing test -Dtest='Real*Test' -Dgroups=campaign -DexcludedGroups= "${properties[@]}"
