#!/bin/sh
# Builds the egg of this checkout and hands it to a scrapyd: deploy/scrapyd/deploy.sh [URL]. The spiders' libraries must be
# installed where scrapyd runs, since an egg brings none.
set -eu
url="${1:-http://127.0.0.1:6800}"
root="$(cd "$(dirname "$0")/../.." && pwd)"
python="${PYTHON:-$root/.venv/bin/python}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
cd "$root"
git ls-files -z --cached --others --exclude-standard archive pipelines crawlers spiders pyproject.toml README.md LICENSE | xargs -0 cp --parents -t "$work/tree"
cd "$work/tree"
"$python" -c "from setuptools import setup; setup()" -q bdist_egg --dist-dir "$work" 2>"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
version="$(git -C "$root" log -1 --format=%ct-%h)"
curl --fail --silent --show-error --noproxy '*' "$url/addversion.json" -F project=warraq -F "version=$version" -F "egg=@$(ls "$work"/*.egg)"
