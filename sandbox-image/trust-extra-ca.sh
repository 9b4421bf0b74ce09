#!/bin/sh
# trust-extra-ca.sh <PEM bundle>: adds to the image's store those certificates of the bundle that it does not hold yet.
# A bundle equal to the distribution's own adds nothing.
set -eu
bundle="$1"
store=/etc/ssl/certs/ca-certificates.crt
if [ ! -s "$bundle" ]; then exit 0; fi
# One certificate a file is what update-ca-certificates expects; the text between the markers is compared without breaks.
awk -v out=/usr/local/share/ca-certificates '
  /-----BEGIN CERTIFICATE-----/ { body = ""; inside = 1; text = $0 "\n"; next }
  inside && /-----END CERTIFICATE-----/ {
    inside = 0
    text = text $0 "\n"
    if (FILENAME == ARGV[1]) { known[body] = 1 }
    else if (!(body in known)) { known[body] = 1; file = out "/extra-" ++n ".crt"; printf "%s", text > file; close(file) }
    next
  }
  inside { sub(/\r$/, ""); body = body $0; text = text $0 "\n" }
' "$store" "$bundle"
update-ca-certificates >/dev/null 2>&1
