#!/bin/sh
# Is an installed Catalog Sync alive and of use? For integration scripts: prints one line of JSON, exits 0 when all is well.
#
#   smoke.sh TABLE [OPTION...]
#
# TABLE is the whole name of a table that may be described. OPTION... goes to every command, for example
# --config /etc/catalog-sync/catalog-sync.toml. CATALOG_SYNCD says how the program is called, for example
#   CATALOG_SYNCD="kubectl -n akko exec deploy/catalog-sync -- /catalog-syncd"
# With CATALOG_SYNC_WAREHOUSE set, that is synced in place of the configured catalog.
set -eu
table="${1:?name a table}"
shift
program="${CATALOG_SYNCD:-catalog-syncd}"
doctor=null synced=null accepted=null undone=null

# run WORDS...: the program with the options; its words are lost, its exit code is not.
run() {
  # shellcheck disable=SC2086
  $program "$@"
}

tell() {
  printf '{"ok":%s,"doctor":%s,"synced":%s,"accepted":%s,"undone":%s,"table":"%s"}\n' "$1" "$doctor" "$synced" "$accepted" "$undone" "$table"
  [ "$1" = true ] && exit 0
  exit 1
}

if run "$@" doctor >/dev/null; then doctor=true; else doctor=false; tell false; fi

code=0
if [ -n "${CATALOG_SYNC_WAREHOUSE:-}" ]; then
  run "$@" sync --once --warehouse "$CATALOG_SYNC_WAREHOUSE" --output json >/dev/null || code=$?
else
  run "$@" sync --once --output json >/dev/null || code=$?
fi
# 3: done, but some other table could not be walked.
if { [ "$code" = 0 ] || [ "$code" = 3 ]; } && run "$@" explain "$table" >/dev/null; then synced=true; else synced=false; tell false; fi

# A proposal on a field of the catalog: accepted, then taken back. Without one there is nothing to try.
id=""
for kind in description pii key; do
  [ -n "$id" ] || id="$(run "$@" review list --table "$table" --kind "$kind" --output json | grep -m1 '"id"' | cut -d'"' -f4 || true)"
done
[ -n "$id" ] || tell true
if run "$@" review accept "$id" --by smoke >/dev/null; then accepted=true; else accepted=false; tell false; fi
if run "$@" undo "$id" --by smoke >/dev/null; then undone=true; else undone=false; tell false; fi
tell true
