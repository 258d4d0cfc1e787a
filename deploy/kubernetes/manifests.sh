#!/bin/sh
# Prints what Kubernetes needs for the outlets of this checkout, or for those that are named, each crawled three times an hour:
# deploy/kubernetes/manifests.sh [OUTLET …] | kubectl apply -f -
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."
[ $# -gt 0 ] || set -- $("${SCRAPY:-.venv/bin/scrapy}" list)
cat "$here/common.yaml"
minute=3
for outlet; do
    echo "---"
    sed "s/OUTLET/$outlet/g; s/MINUTES/$minute,$((minute + 20)),$((minute + 40))/" "$here/outlet.yaml"
    minute=$(((minute + 4) % 20))
done
