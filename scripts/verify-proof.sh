#!/bin/sh
# Checks a proof bundle of ListBackup ("vault prove") without any of its code: openssl, jq, xxd and the usual tools. docs/vault-format.md, "Proof
# bundles", says what each step means. Prints what is proven; anything wrong ends it with code 1.
#
#   verify-proof.sh FOLDER [PUBLIC-KEY.pem]
#
# Without the public key, got on another way, the proof shows only that whoever has the key in the folder made all of it.
set -eu
[ $# -ge 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
cd "$1"
export LC_ALL=C
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
fail() { echo "NOT PROVEN: $*" >&2; exit 1; }
hash() { openssl dgst -sha256 -r | cut -d ' ' -f 1; }
hashhex() { printf %s "$1" | xxd -r -p | hash; }
get() { jq -er "$1" "$work/proof" || fail "proof.json lacks $1"; }

# 0. The key.
if [ $# -ge 2 ]; then
  (cd "$OLDPWD" && openssl pkey -pubin -in "$2" -outform DER) > "$work/given" || fail "the given public key is none"
  openssl pkey -pubin -in public-key.pem -outform DER | cmp -s - "$work/given" || fail "the folder's key is not the given one"
fi
openssl pkey -pubin -in public-key.pem -outform DER > "$work/key" || fail "public-key.pem is no public key"

# A signed document: the body's line, then the signature's; nothing else. The body goes to a file.
signed() {
  [ "$(wc -l < "$1")" -eq 2 ] && [ "$(tail -c 1 "$1" | xxd -p)" = 0a ] || fail "$1 is no signed document"
  head -n 1 "$1" | tr -d '\n' > "$2"
  sed -n 2p "$1" | jq -er .signature | openssl base64 -d -A > "$work/signature" || fail "$1 has no signature"
  printf '{"signature":"%s"}\n' "$(openssl base64 -A < "$work/signature")" > "$work/line"
  sed -n 2p "$1" | cmp -s - "$work/line" || fail "the signature line of $1 is malformed"
  openssl dgst -sha256 -verify public-key.pem -signature "$work/signature" "$2" > "$work/log" 2>&1 || fail "the signature of $1 does not fit"
}

# 1. proof.json, and by it every file.
signed proof.json "$work/proof"
for file in README.txt record.json record.canonical.json leaf.bin manifest.json log-entry.json checkpoint public-key.pem; do
  [ "$(hash < "$file")" = "$(get ".files[\"$file\"]")" ] || fail "$file was changed"
done

# 2. The record's hash; and that record.json says the same as the canonical form.
[ "$({ get .salt | xxd -r -p; cat record.canonical.json; } | hash | cut -c 1-32)" = "$(get .recordHash)" ] || fail "the record has another hash"
signed manifest.json "$work/manifest"
stream=$(get .stream)
state() { jq -er --arg stream "$stream" ".streams[\$stream] | $1" "$work/manifest" || fail "manifest.json lacks $1"; }
state .volatileFields > "$work/volatile"
jq -cS --slurpfile volatile "$work/volatile" '
  ([$volatile[0][] | ltrimstr("/") | split("/") | map(gsub("~1"; "/") | gsub("~0"; "~"))] |
    reduce .[] as $parts ({}; setpath([$parts[] | ["c", .]] | add + ["end"]; true))) as $tree |
  def strip($t): if $t == null then .
    elif type == "object" then with_entries(($t.c[.key] // $t.c["*"]) as $n | if $n.end then empty else .value |= strip($n) end)
    elif type == "array" then [.[] | $t.c["*"] as $n | if $n.end then empty else strip($n) end]
    else . end;
  strip($tree)' record.json > "$work/one" || fail "record.json is no JSON"
jq -cS . record.canonical.json | cmp -s - "$work/one" || fail "record.json is not the record that was hashed"
# jq rounds long numbers; the digits must be there as well.
numbers() { tr '\n' ' ' < "$1" | sed 's/"\([^"\\]\|\\.\)*"/ /g' | tr -c '0-9.eE+-' '\n' | grep '[0-9]' | sort; }
numbers record.json > "$work/raw" || :
numbers record.canonical.json > "$work/canonical" || :
[ -z "$(comm -13 "$work/raw" "$work/canonical")" ] || fail "record.json has other numbers than the record that was hashed"

# 3. The hash is in the leaf, the leaf leads to the state's root.
pair=$(get .pair)
[ "$(tail -c +$((pair * 32 + 17)) leaf.bin | head -c 16 | xxd -p -c 64)" = "$(get .recordHash)" ] || fail "the record is not in leaf.bin"
top=$({ printf '\000'; cat leaf.bin; } | hash)
place=$(get .leaf)
for sibling in $(jq -r '.path[]' "$work/proof"); do
  if [ $((place % 2)) -eq 1 ]; then top=$(hashhex "01$sibling$top"); else top=$(hashhex "01$top$sibling"); fi
  place=$((place / 2))
done
[ "$place" -eq 0 ] || fail "the path to the state's root is too short"
root=$(hashhex "02$(printf %016x "$(state .live)")$top")

# 4. The manifest names the root.
[ "$root" = "$(state .root)" ] || fail "the record does not lead to the state's root"
for member in vault source seq time; do
  [ "$(get ".$member")" = "$(jq -r ".$member" "$work/manifest")" ] || fail "manifest.json is of another $member"
done

# 5. The log has the manifest, the checkpoint has the log.
[ "$(jq -cS . log-entry.json)" = "$(jq -cnS --arg source "$(get .source)" --argjson seq "$(get .seq)" --arg sha256 "$(hash < "$work/manifest")" \
  '{sha256: $sha256, seq: $seq, source: $source, type: "manifest"}')" ] || fail "the log's entry is of another snapshot"
hashed=$({ printf '\000'; cat log-entry.json; } | hash)
node=$(get .logIndex) last=$(($(get .logSize) - 1))
[ "$node" -le "$last" ] || fail "the entry is behind the end of the log"
for sibling in $(jq -r '.logPath[]' "$work/proof"); do
  [ "$last" -ne 0 ] || fail "the path in the log is too long"
  if [ $((node % 2)) -eq 1 ] || [ "$node" -eq "$last" ]; then
    hashed=$(hashhex "01$sibling$hashed")
    while [ $((node % 2)) -eq 0 ] && [ "$node" -ne 0 ]; do node=$((node / 2)) last=$((last / 2)); done
  else
    hashed=$(hashhex "01$hashed$sibling")
  fi
  node=$((node / 2)) last=$((last / 2))
done
[ "$last" -eq 0 ] || fail "the path in the log is too short"
head -n 3 checkpoint > "$work/note"
origin=listbackup/vault/$(get .vault)
printf '%s\n%s\n%s\n' "$origin" "$(get .logSize)" "$(printf %s "$hashed" | xxd -r -p | openssl base64 -A)" | cmp -s - "$work/note" || fail "the checkpoint is of another log"
sed -n 5p checkpoint | sed "s|^— $origin ||" | openssl base64 -d -A > "$work/box"
[ "$(head -c 4 "$work/box" | xxd -p)" = "$(hash < "$work/key" | cut -c 1-8)" ] || fail "the checkpoint is signed with another key"
tail -c +5 "$work/box" > "$work/signature"
openssl dgst -sha256 -verify public-key.pem -signature "$work/signature" "$work/note" > "$work/log" 2>&1 || fail "the checkpoint's signature does not fit"

echo "PROVEN: record.json was in snapshot $(get .seq) of source $(get .source), stream $stream, committed at $(get .time)."
echo "It is entry $(get .logIndex) of the log of vault $(get .vault), which had $(get .logSize) entries."
echo "SHA-256 of the public key: $(hash < "$work/key")$([ $# -ge 2 ] || echo ' (from the folder itself: compare it with the one that you know)')"
