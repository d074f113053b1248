#!/bin/sh
# The stages of the Dockerfile beside this file, into a folder, without a container engine:
#
#   stages.sh PROGRAM PARTS IMAGE
#
# PROGRAM is a built catalog-syncd, PARTS what `cargo xtask sbom` printed. A static one is the image's only library-free file; of one that is linked to
# libraries, those come too, at the paths where the program looks for them.
set -eu
program="$1" parts="$2" image="$3"
cd "$(dirname "$0")/../.."
authorities=/etc/ssl/certs/ca-certificates.crt

mkdir -p "$image/etc/ssl/certs" "$image/var/lib/catalog-sync" "$image/etc/catalog-sync" "$image/tmp" "$image/usr/share/doc/catalog-sync"
cp "$program" "$image/catalog-syncd"
cp "$authorities" "$image/etc/ssl/certs/ca-certificates.crt"
cp deploy/docker/passwd "$image/etc/passwd"
cp deploy/docker/group "$image/etc/group"
cp LICENSE "$image/usr/share/doc/catalog-sync/LICENSE"
cp NOTICE "$image/usr/share/doc/catalog-sync/NOTICE"
cp "$parts" "$image/usr/share/doc/catalog-sync/sbom.cdx.json"
[ "$(id -u)" != 0 ] || chown -R 65532:65532 "$image/var/lib/catalog-sync" "$image/tmp"

# What a glibc build needs beside itself; a static program prints nothing here.
ldd "$program" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$image$(dirname "$library")"
  cp -L "$library" "$image$library"
done
