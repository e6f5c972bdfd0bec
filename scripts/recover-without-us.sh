#!/bin/sh
# Restores a stream from a copy of a vault's bucket with standard tools only: openssl 3, zstd, jq, awk. It shares no code with ListBackup;
# docs/vault-format.md says what it does. Prints one record after the other, byte for byte.
#
#   recover-without-us.sh FOLDER SOURCE STREAM (--account-key FILE | --recovery-key FILE.pem) [SNAPSHOT [attachments]]
#   recover-without-us.sh FOLDER --attachment SHA256 (--account-key FILE | --recovery-key FILE.pem)
#
# With 'attachments' it prints, instead of the records, the list of files of each that has some; the second form prints one of those files.
# FILE's last word is the account key in hex; FILE.pem is the RSA private key whose public half the vault was made with.
set -eu
[ $# -ge 5 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1 source=$2 stream=$3 how=$4 keyfile=$5 seq=${6:-} what=${7:-records}
export LC_ALL=C
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
say() { echo "recover: $*" >&2; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
part() { jq -rn --arg text "$1" '$text | @uri' | sed 's/~/%7E/g; s/^\./%2E/'; }

# HKDF-SHA256: key (hex), salt (hex or empty), info from standard input; prints hex.
derive() { openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "hexkey:$1" ${2:+-kdfopt "hexsalt:$2"} -kdfopt "hexinfo:$(hex)" HKDF | tr -d ':\n' | tr A-F a-f; }

# AES-256-GCM under a single-use key is AES-CTR from counter 2; the 16 bytes behind are the tag.
decrypt() { head -c -16 | openssl enc -d -aes-256-ctr -K "$1" -iv 00000000000000000000000000000002; }

# A sealed box in a file: 16 bytes of salt, then ciphertext and tag.
unseal() { tail -c +17 "$3" | decrypt "$(printf 'listbackup/1 %s' "$2" | derive "$1" "$(head -c 16 "$3" | hex)")"; }

newest() { ls "$1" | sort | tail -n 1; }

# 1. The vault's secret, from the account key or the recovery key.
vaultkeys=$folder/k/=vault/$(newest "$folder/k/=vault")
head -n 1 "$vaultkeys" > "$work/vaultkeys"
case $how in
  --account-key)
    jq -r .sealed "$work/vaultkeys" | openssl base64 -d -A > "$work/box"
    secret=$(unseal "$(awk '{ print $NF; exit }' "$keyfile")" 'vault secret' "$work/box" | head -c 32 | hex) ;;
  --recovery-key)
    jq -er .recovery.wrapped "$work/vaultkeys" | openssl base64 -d -A > "$work/box"
    secret=$(openssl pkeyutl -decrypt -inkey "$keyfile" -in "$work/box" -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 | hex) ;;
  *) say "unknown option $how"; exit 2 ;;
esac
# CTR opens with any key; that it was the right one shows in the signing key behind the secret, whose public half everybody knows.
[ "$how" = --recovery-key ] || [ "$(unseal "$(awk '{ print $NF; exit }' "$keyfile")" 'vault secret' "$work/box" | tail -c +33 |
  openssl pkey -inform DER -pubout -outform DER 2> "$work/errors" | openssl base64 -A)" = "$(jq -r .signingKey "$folder/format.json")" ] || secret=
[ ${#secret} -eq 64 ] || { say "$keyfile does not open the vault in $folder"; exit 1; }

# An attachment: chunks of 1 MiB, each with its number and whether it is the last in the counter block. Its key follows from its content's hash.
if [ "$source" = --attachment ]; then
  # A content whose first name was given up has the next one; what lies under any of them is the same.
  namekey=$(printf 'listbackup/1 attachment name' | derive "$secret" '') generation=0 object=
  while [ ! -e "$object" ] && [ $generation -lt 1000 ]; do
    suffix=; [ $generation -eq 0 ] || suffix=" $generation"
    name=$(printf %s "$stream$suffix" | openssl dgst -sha256 -mac hmac -macopt "hexkey:$namekey" -binary | head -c 16 | hex)
    object=$folder/f/$(printf %.2s "$name")/$name generation=$((generation + 1))
  done
  [ -e "$object" ] || { say "$folder has no attachment with this content"; exit 1; }
  key=$(printf 'listbackup/1 attachment' | derive "$secret" "$stream")
  stored=$(($(wc -c < "$object") - 8)) number=0
  while [ $((number * 1048592)) -lt "$stored" ]; do
    if [ $(((number + 1) * 1048592)) -ge "$stored" ]; then last=01; else last=00; fi
    tail -c +$((9 + number * 1048592)) "$object" | head -c 1048592 | head -c -16 |
      openssl enc -d -aes-256-ctr -K "$key" -iv "$(printf '000000%016x%s00000002' "$number" "$last")"
    number=$((number + 1))
  done
  exit
fi

# 2. The newest manifest, with its signature checked: its sections hold the versions of every snapshot.
manifests=$folder/m/$(part "$source")
manifest=$manifests/$(newest "$manifests")
head -n 1 "$manifest" | tr -d '\n' > "$work/manifest"
sed -n 2p "$manifest" | jq -r .signature | openssl base64 -d -A > "$work/signature"
jq -r .signingKey "$folder/format.json" | openssl base64 -d -A | openssl pkey -pubin -inform DER -out "$work/signing.pem"
openssl dgst -sha256 -verify "$work/signing.pem" -signature "$work/signature" "$work/manifest" >&2
[ -n "$seq" ] || seq=$(jq .seq "$work/manifest")
jq -e --argjson seq "$seq" '[.expired // [] | .[] | select(.from <= $seq and $seq <= .to)] == []' "$work/manifest" > "$work/kept" ||
  { say "snapshot $seq has expired"; exit 1; }

jq -e --arg stream "$stream" '.streams[$stream] != null' "$work/manifest" > "$work/kept" || { say "source $source has no stream $stream"; exit 1; }

# What the manifest names must be what it was: each damaged or missing object is told, the rest is recovered all the same, and the exit code is 1.
jq -r --arg stream "$stream" --argjson seq "$seq" '[.streams[$stream].sections[]? | select(.from <= $seq) | "\(.sha256) \(.object)"] | unique[]' "$work/manifest" |
while read -r sha256 object; do
  [ "$(openssl dgst -sha256 -r "$folder/$object" 2> "$work/errors" | cut -d ' ' -f 1)" = "$sha256" ] ||
    { say "object $object is missing or damaged: its hash is not the one that the manifest names"; : > "$work/damaged"; }
done
streamkeys=$folder/k/$(part "$source")/$(part "$stream")
[ ! -d "$streamkeys" ] || {
  streamkeys=$streamkeys/$(newest "$streamkeys")
  head -n 1 "$streamkeys" | tr -d '\n' > "$work/body"
  sed -n 2p "$streamkeys" | jq -r .signature | openssl base64 -d -A > "$work/signature"
  openssl dgst -sha256 -verify "$work/signing.pem" -signature "$work/signature" "$work/body" >&2
}

# 3. The group keys of every epoch, as one long line of hex for each. An epoch that an erasure began has keys for some groups only and goes on
# with another epoch's for the rest.
keys=$folder/k/$(part "$source")/$(part "$stream")
wrapping=$(printf 'listbackup/1 group key wrapping' | derive "$secret" '')
[ ! -d "$keys" ] || head -n 1 "$keys/$(newest "$keys")" | jq -r '.epochs[] | "\(.epoch) \(.inherits // 0) \(.only // [] | tojson) \(.sealed)"' |
while read -r epoch inherits only sealed; do
  printf %s "$sealed" | openssl base64 -d -A > "$work/box"
  unseal "$wrapping" 'group keys' "$work/box" | hex > "$work/epoch-$epoch"
  echo "$inherits $only" > "$work/division-$epoch"
done
groupkey() { # epoch, group
  read -r inherits only < "$work/division-$1"
  place=$2
  [ "$inherits" = 0 ] || place=$(jq -rn --argjson only "$only" --argjson group "$2" '$only | index($group) // ""')
  if [ -z "$place" ]; then groupkey "$inherits" "$2"; else tail -c +$((place * 64 + 1)) "$work/epoch-$1" | head -c 64; fi
}

# 4. The dictionaries that small blocks were compressed with.
dictionaries=$folder/d/$(part "$source")/$(part "$stream")
dictionarykey=$(printf 'listbackup/1 dictionary' | derive "$secret" '')
[ ! -d "$dictionaries" ] || for file in "$dictionaries"/*.dict; do
  unseal "$dictionarykey" dictionary "$file" > "$work/unsealed"
  # A zstd frame; those of earlier builds are the content itself, which begins with a zero byte.
  if [ "$(head -c 4 "$work/unsealed" | hex)" = 28b52ffd ]; then zstd -dcq < "$work/unsealed"; else cat "$work/unsealed"; fi > "$work/$(basename "$file")"
done

# A zstd frame in an object: its name, where it begins, its length.
frame() { tail -c +$(($2 + 1)) "$folder/$1" | head -c "$3" | zstd -dcq; }

# What is listed in columns, one on a line: each begins where the one before it ends.
rows='. as $c | foreach range(.g | length) as $i ({ l: 0, o }; { g: $c.g[$i], l: $c.l[$i], o: (.o + .l) })'

# The blocks of the section in $work/footer: a small one's stand there, a large one's in pages.
blocks() {
  jq -c '.blocks // [] | .[]' "$work/footer"
  jq -r ".pages // empty | $rows | \"\(.o) \(.l)\"" "$work/footer" | while read -r offset length; do frame "$1" "$offset" "$length" | jq -c "$rows"; done
}

# 5. Every block of every section, in the manifest's order: decrypted, decompressed, one version on a line, behind its section's highest snapshot.
jq -r --arg stream "$stream" --argjson seq "$seq" '.streams[$stream].sections[] | select(.from <= $seq) |
  "\(.object) \(.section) \(.footer.offset) \(.footer.length) \(.to) \(.without // [] | tojson)"' "$work/manifest" |
while read -r object section offset length to without; do
  frame "$object" "$offset" "$length" | jq -c --arg id "$section" '.sections[] | select(.id == $id)' > "$work/footer"
  epoch=$(jq -r .keyEpoch "$work/footer")
  dictionary=$(jq -r '.dictionary // ""' "$work/footer")
  blocks "$object" | jq -r --argjson without "$without" 'select(.g as $g | $without | index($g) | not) | "\(.g) \(.o) \(.l)"' |
  while read -r group start size; do
    blockkey=$(printf 'listbackup/1 block' | derive "$(groupkey "$epoch" "$group")" "$section")
    tail -c +$((start + 1)) "$folder/$object" | head -c "$size" | decrypt "$blockkey" |
      zstd -dcq ${dictionary:+-D "$work/$dictionary.dict"} | sed "s/^/$to /"
  done
done |

# 6. An erased record has no key and no content. Of each other key the version of the highest snapshot up to the asked one (of equal ones the later line); of those that are not deleted, the
# content. A content in quotes is the record's text as a JSON string.
awk -v upto="$seq" -v what="$what" '
  {
    n = $1 + 0
    line = substr($0, length($1) + 2)
    if (!match(line, /^\{"k":"([^"\\]|\\.)*"/)) next
    key = substr(line, 1, RLENGTH)
    rest = substr(line, RLENGTH + 1)
    if (match(rest, /^,"n":[0-9]+/)) { n = substr(rest, 6, RLENGTH - 5) + 0; rest = substr(rest, RLENGTH + 1) }
    if (n > upto + 0 || (key in seen && n < seen[key])) next
    seen[key] = n
    last[key] = rest
  }
  END {
    for (key in last) {
      if (!match(last[key], /^,"o":"put",("a":\[(\{"path":"([^"\\]|\\.)*","name":"[0-9a-f]*","size":[0-9]+,"sha256":"[0-9a-f]*"\},?)*\],)?"v":/)) continue
      if (what == "attachments") {
        if (RLENGTH > 15) print substr(last[key], 16, RLENGTH - 20)
        continue
      }
      value = substr(last[key], RLENGTH + 1, length(last[key]) - RLENGTH - 1)
      if (substr(value, 1, 1) == "\"") print value | "jq -r ."
      else print value
    }
  }'
[ ! -e "$work/damaged" ]
