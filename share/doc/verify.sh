#!/bin/sh
# verify.sh: checks a store with nothing of ours: POSIX tools and sha256sum.
#
#	sh verify.sh [STORE]
#
# Prints the number and the hash of the last transaction and exits 0; or the first
# transaction that is not as it was written, and exits 1; 2 when there is no store.
#
# What it proves is said in bo(5): every line of audit.csv is chained to the one before,
# the first to the uuid; every change begins where its log ended and has the digest that
# its line says, lines of personal tables in their sealed form; what is blank was erased,
# and what was erased is blank; every document is what its name says.  A store may end in
# what a writer did not finish: that is passed over, unless something says it was on disk.
# So is what the newest erasure names, if it was cut short: the next writer finishes it.
#
# It is slow (a process for every transaction, for every change, for every line of a
# personal table and for every document) and wants no locks: nobody should be writing
# meanwhile.
set -eu
LC_ALL=C
export LC_ALL

store=${1:-.}
cd "$store"
if ! [ -f bo.format ] || ! [ -f audit.csv ]; then
	echo "verify.sh: $store is no store" >&2
	exit 2
fi
uuid=$(cut -d ' ' -f 3 bo.format)
if [ "$(cat bo.format)" != "bo 1 $uuid" ]; then
	echo "verify.sh: $store is no store of format 1" >&2
	exit 2
fi

umask 077
work=${TMPDIR:-/tmp}/bo-verify.$$
mkdir "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export work

# No store has NULs, and not every tool can read them; this is no UTF-8 either.
readable()
{
	tr '\000' '\377' <"$1"
}

size_of()
{
	wc -c <"$1" | tr -d ' '
}

# --- how far the store is known to be on disk -----------------------------------------

# The watermark counts if it is whole and of this very file.
mark_tx=0 mark_hash=
if [ -f watermark ]; then
	mark=$(readable watermark | sed -n 1p)
	sum=$(printf %s "${mark% *}" | sha256sum | cut -c 1-16)
	# shellcheck disable=SC2012 # there is no other way to an inode
	inode=$(ls -i audit.csv | awk '{ print $1 }')
	if [ "${mark##* }" = "$sum" ] && [ "$(printf %s "$mark" | cut -d ' ' -f 5)" = "$inode" ]; then
		mark_tx=$(printf %s "$mark" | cut -d ' ' -f 6)
		mark_hash=$(printf %s "$mark" | cut -d ' ' -f 8)
	fi
fi

# --- the chain ---------------------------------------------------------------------------

# Leaves in $work: "changes" (TX TABLE OFFSET LENGTH DIGEST), "chain" (the last good
# transaction and its hash), "floor" (the newest transaction that an intact line knows to be
# on disk), "bad" (the first bad transaction and why).
readable audit.csv | awk -v uuid="$uuid" -v lines="$(wc -l <audit.csv)" -v mark_tx="$mark_tx" \
    -v mark_hash="$mark_hash" '
function hash_of(text,    command, result)
{
	command = "sha256sum >\"$work/hash\""
	printf "%s", text | command
	close(command)
	getline result <(work "/hash")
	close(work "/hash")
	return substr(result, 1, 64)
}

function is_number(text)
{
	return text ~ /^(0|[1-9][0-9]*)$/ && length(text) <= 15
}

# The line up to its hash, and the hash; empty where there is none.
function take_apart(line)
{
	body = tail = ""
	if (length(line) > 65 && substr(line, length(line) - 64, 1) == ",") {
		body = substr(line, 1, length(line) - 64)
		tail = substr(line, length(line) - 63)
		if (tail !~ /^[0-9a-f]+$/)
			body = tail = ""
	}
}

# Why line is not the next of the chain; "" when it is.  Its changes are in entry[1..entries].
function refuses(line,    plain, field, part, seen, i, known)
{
	plain = line
	gsub(/"[^"]*"/, "", plain)
	if (plain ~ /"/ || split(plain, field, ",") != 9)
		return "not a line of an audit log"
	if (body == "" || !is_number(field[8]) || !is_number(field[1]) ||
	    field[2] !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.][0-9][0-9][0-9]Z$/)
		return "not a line of an audit log"
	if (field[1] + 0 != tx + 1)
		return "the transaction number is out of order"
	if (hash_of(previous body) != tail)
		return "the hash does not match"
	if (field[8] + 0 > tx || field[8] + 0 < synced)
		return "what it says was on disk makes no sense"
	entries = split(field[7], entry, ";")
	known = 0
	for (i = 1; i <= entries; i++) {
		if (split(entry[i], part, ":") != 4 || part[1] !~ /^[a-z][a-z0-9_]*$/ || part[1] == "audit" ||
		    length(part[1]) > 64 || !is_number(part[2]) || !is_number(part[3]) ||
		    part[4] !~ /^[0-9a-f]+$/ || length(part[4]) != 64)
			return "the list of changes makes no sense"
		if (part[1] in seen)
			return "a table is named twice"
		seen[part[1]] = 1
		if (part[2] + 0 != 0 + ends[part[1]])
			return "a change does not begin where the log ended"
		known += part[1] in ends_known
	}
	if ((tx + 1) % 1024 == 0 && known != tables)
		return "the list of changes should name every table"
	next_synced = field[8] + 0
	return ""
}

function apply(    part, i)
{
	for (i = 1; i <= entries; i++) {
		split(entry[i], part, ":")
		if (!(part[1] in ends_known)) {
			ends_known[part[1]] = 1
			tables++
		}
		ends[part[1]] = part[2] + part[3]
		if (part[3] > 0)
			print tx + 1, part[1], part[2], part[3], part[4] >(work "/changes")
	}
	tx++
	previous = tail
	synced = next_synced
}

# A line behind a bad one still counts for what it says of the disk, if its hash follows from
# the line before, or from what that line should have had for a hash.
function judge(line,    plain, field)
{
	plain = line
	gsub(/"[^"]*"/, "", plain)
	if (body == "" || split(plain, field, ",") != 9 || !is_number(field[8]))
		return
	if ((before_tail != "" && hash_of(before_tail body) == tail) ||
	    (before_body != "" && hash_of(hash_of(older_tail before_body) body) == tail))
		if (field[8] + 0 > floor)
			floor = field[8] + 0
}

BEGIN {
	OFMT = CONVFMT = "%.0f"
	work = ENVIRON["work"]
	previous = before_tail = uuid
	printf "" >(work "/changes")
	printf "" >(work "/bad")
}

NR == 1 {
	if ($0 != "tx,time,actor,command,key,reason,changes,synced,hash" || lines < 1) {
		bad = 1
		print 1, "audit.csv: not the header of an audit log" >(work "/bad")
	}
	next
}

NR > lines { next } # no newline at its end

{
	take_apart($0)
	if (!bad) {
		why = refuses($0)
		if (why == "") {
			apply()
			if (tx == mark_tx && tail != mark_hash) {
				bad = 1
				print tx, "audit.csv: not the transaction that the watermark knows" >(work "/bad")
			}
		} else {
			bad = 1
			print tx + 1, "audit.csv: " why >(work "/bad")
		}
	}
	if (bad)
		judge($0)
	older_tail = before_tail
	before_tail = tail
	before_body = body
}

END {
	if (NR == 0)
		print 1, "audit.csv: not the header of an audit log" >(work "/bad")
	print tx + 0, previous >(work "/chain")
	if (floor < synced)
		floor = synced
	print floor + 0 >(work "/floor")
}'

# --- the logs -----------------------------------------------------------------------------

# Of one table: its first bad change is added to $work/bad, and lines that are blank and
# were not erased, or the other way round, to $work/blanks.
check_log() # TABLE
{
	if [ ! -f "$1.csv" ] || [ -h "$1.csv" ]; then
		awk -v table="$1" '$2 == table { print $1, table ".csv: is missing"; exit }' "$work/changes" \
		    >>"$work/bad"
		return
	fi
	readable "$1.csv" | awk -v table="$1" -v size="$(size_of "$1.csv")" -v pending="$pending" '
	function digest_of(command,    result)
	{
		close(command)
		getline result <(work "/" (command == line_hash ? "line" : "chunk"))
		close(work "/" (command == line_hash ? "line" : "chunk"))
		return substr(result, 1, 64)
	}

	function repeat(letter, count,    out)
	{
		while (count > 0) {
			if (count % 2)
				out = out letter
			letter = letter letter
			count = int(count / 2)
		}
		return out
	}

	function is_number(text)
	{
		return text ~ /^(0|[1-9][0-9]*)$/ && length(text) <= 15
	}

	# The sealed form of a line, made from what the erasure at that place says; empty when
	# this is no line of that record.
	function erased_form(line, place,    first, second, spaces)
	{
		first = index(line, ",")
		second = index(substr(line, first + 1), ",")
		spaces = length(line) - first - second - 65 - (erased_columns[place] - 1)
		if (length(line) != erased_length[place] || first == 0 || second == 0 || spaces < 1 ||
		    substr(line, 1, first - 1) != erased_record[place] ||
		    !is_number(substr(line, first + 1, second - 1)))
			return ""
		return substr(line, 1, first + second) erased_digest[place] "," repeat(" ", spaces) \
		    repeat(",", erased_columns[place] - 1)
	}

	function is_blank(line,    first, second, rest)
	{
		first = index(line, ",")
		second = index(substr(line, first + 1), ",")
		rest = substr(line, first + second + 1)
		return first > 0 && second > 0 && substr(line, 1, first - 1) != "id" &&
		    substr(rest, 65) ~ /^, +,*$/ && substr(rest, 1, 64) ~ /^[0-9a-f]+$/
	}

	# What is blank was erased, and what was erased is blank.  Of an erasure that was cut short
	# the line may be in any state between: what it is going to be is what counts.
	function hold_against_erasures(line, place,    form)
	{
		if (!(place in erased_tx)) {
			if (sealed && is_blank(line))
				misses_erasure(line)
			return line
		}
		met[place] = 1
		form = erased_form(line, place)
		if (erased_tx[place] == pending && form != "")
			return form
		if (form == "" || form != line)
			print erased_tx[place], table ".csv: byte " place ": was erased, but is not blank" >>(work "/blanks")
		return line
	}

	function misses_erasure(line,    part)
	{
		split(line, part, ",")
		print (is_number(part[2]) ? part[2] : 0), table ".csv: byte " place_of_line \
		    ": is blank, though no erasure names it" >>(work "/blanks")
	}

	# The sealed form of a line: what goes into the digest of its chunk.
	function seal(line,    first, second, rest, fields, part, n, i, commas)
	{
		first = index(line, ",")
		if (first == 0 || substr(line, 1, first - 1) == "id")
			return line
		second = index(substr(line, first + 1), ",")
		if (second == 0)
			return line
		rest = substr(line, first + second + 1)
		if (length(rest) < 65 || substr(rest, 65, 1) != "," || substr(rest, 1, 64) !~ /^[0-9a-f]+$/)
			return line
		fields = substr(rest, 66)
		if (fields ~ /^ +,*$/)
			return line # erased
		n = split(fields, part, "\"")
		for (i = 1; i <= n; i += 2)
			commas += gsub(/,/, ",", part[i])
		printf "%s", rest | line_hash
		return substr(line, 1, first + second) digest_of(line_hash) "," \
		    repeat(" ", length(fields) - commas) repeat(",", commas)
	}

	function blame(why)
	{
		print tx[at], table ".csv: " why >>(work "/bad")
		found = 1
		exit
	}

	BEGIN {
		OFMT = CONVFMT = "%.0f"
		work = ENVIRON["work"]
		line_hash = "sha256sum >\"$work/line\""
		chunk_hash = "sha256sum >\"$work/chunk\""
		while ((getline change <(work "/changes")) > 0) {
			split(change, word, " ")
			if (word[2] != table)
				continue
			tx[++count] = word[1]
			end[count] = word[3] + word[4]
			digest[count] = word[5]
		}
		while ((getline erasure <(work "/erased")) > 0) {
			split(erasure, word, " ")
			if (word[2] != table)
				continue
			erased_tx[word[3]] = word[1]
			erased_length[word[3]] = word[4]
			erased_columns[word[3]] = word[5]
			erased_record[word[3]] = word[6]
			erased_digest[word[3]] = word[7]
		}
		at = 1
	}

	NR == 1 { sealed = $0 == "id,tx,seal" || index($0, "id,tx,seal,") == 1 }

	at > count { exit }

	{
		if (end[at] > size)
			blame("lacks bytes")
		place_of_line = offset + 0
		offset += length($0) + 1
		if (offset > end[at])
			blame("not what was written")
		line = hold_against_erasures($0, place_of_line)
		if (sealed)
			line = seal(line)
		printf "%s\n", line | chunk_hash
		if (offset == end[at]) {
			if (digest_of(chunk_hash) != digest[at])
				blame("not what was written")
			at++
		}
	}

	END {
		if (!found && at <= count)
			print tx[at], table ".csv: lacks bytes" >>(work "/bad")
		for (place in erased_tx)
			if (place + 0 < offset && !(place in met))
				print erased_tx[place], table ".csv: byte " place \
				    ": an erasure names this place, where no line begins" >>(work "/blanks")
	}'
}

# --- the erasures -------------------------------------------------------------------------

# Leaves in $work/erased what the records of erasure.csv say: TX TABLE OFFSET LENGTH COLUMNS
# RECORD DIGEST.  Those of documents have no table.  Only what was committed counts.
read_erasures()
{
	readable erasure.csv | awk '
	BEGIN {
		OFMT = CONVFMT = "%.0f"
		work = ENVIRON["work"]
		while ((getline fault <(work "/bad")) > 0) {
			split(fault, word, " ")
			if (first == 0 || word[1] + 0 < first)
				first = word[1] + 0
		}
		while ((getline change <(work "/changes")) > 0) {
			split(change, word, " ")
			if (word[2] == "erasure" && (first == 0 || word[1] + 0 < first))
				end = word[3] + word[4]
		}
	}

	{ offset += length($0) + 1 }

	offset > end { exit }

	NR == 1 {
		n = split($0, name, ",")
		for (i = 1; i <= n; i++)
			column[name[i]] = i
	}

	substr($0, 1, 3) != "id," {
		split($0, field, ",")
		table = field[column["table"]]
		print field[2], (table == "" ? "-" : table), field[column["offset"]], field[column["length"]], \
		    field[column["columns"]], field[column["record"]], field[column["digest"]]
	}' >"$work/erased"
}

# The newest erasure, if it was cut short: its last line tells, as it is blanked after all
# others are on disk.
find_pending()
{
	newest=$(sed -n '$p' "$work/erased")
	# shellcheck disable=SC2086 # it is words
	set -- $newest
	if [ $# -lt 7 ] || [ "$2" = - ] || [ ! -f "$2.csv" ]; then
		return
	fi
	pending=$(readable "$2.csv" | awk -v tx="$1" -v place="$3" -v length_of_line="$4" -v columns="$5" \
	    -v record="$6" -v digest="$7" '
	offset == place {
		whole = length($0) == length_of_line && index($0, record ",") == 1 &&
		    substr($0, length(record) + 2) ~ /^(0|[1-9][0-9]*),/
		rest = substr($0, length(record) + 2)
		rest = substr(rest, index(rest, ",") + 1)
		tail = substr(rest, 66)
		if (whole && length(tail) > columns - 1 && (substr(rest, 1, 65) != digest "," ||
		    tail !~ /^ +,*$/ || gsub(/,/, ",", tail) != columns - 1))
			print tx
		exit
	}
	{ offset += length($0) + 1 }')
}

: >"$work/erased"
: >"$work/blanks"
pending=
awk '{ print $2 }' "$work/changes" | sort -u >"$work/tables"
if grep -q '^erasure$' "$work/tables"; then
	check_log erasure
	[ ! -f erasure.csv ] || read_erasures
	find_pending
fi

# --- every log ----------------------------------------------------------------------------

while read -r table; do
	[ "$table" = erasure ] || check_log "$table"
done <"$work/tables"

# --- the documents ------------------------------------------------------------------------

check_documents()
{
	for path in blob/[0-9a-f][0-9a-f]/*; do
		name=${path##*/}
		case $name in
		*[!0-9a-f]*) continue ;; # what a killed writer left
		esac
		if [ ${#name} -eq 64 ] && { [ -h "$path" ] || [ ! -f "$path" ] ||
		    [ "$(sha256sum <"$path" | cut -c 1-64)" != "$name" ]; }; then
			echo "$path"
			return
		fi
	done
}

# --- the verdict ---------------------------------------------------------------------------

read -r last hash <"$work/chain"
read -r floor <"$work/floor"
[ "$floor" -ge "$mark_tx" ] || floor=$mark_tx
first=$(sort -n "$work/bad" | sed -n 1p)
if [ -z "$first" ] && [ "$floor" -gt "$last" ]; then
	first="$((last + 1)) audit.csv: is missing"
fi
bad=${first%% *}
if [ -n "$first" ] && { [ "$bad" -le "$floor" ] || [ "${first#* audit.csv: not the header}" != "$first" ]; }; then
	echo "transaction $bad: ${first#* }"
	exit 1
fi
if [ -n "$first" ]; then # what follows was never finished
	last=$((bad - 1))
	hash=$uuid
	[ "$last" -eq 0 ] || hash=$(readable audit.csv | sed -n "$((last + 1))s/.*,//p")
fi
# An erasure that is at fault has no excuse: it was on disk before anything was blank.
first=$(awk -v last="$last" '$1 <= last' "$work/blanks" | sort -n | sed -n 1p)
if [ -n "$first" ]; then
	echo "transaction ${first%% *}: ${first#* }"
	exit 1
fi
document=$(check_documents)
if [ -n "$document" ]; then
	echo "$document: is not what its name says"
	exit 1
fi
if [ -n "$bad" ]; then
	echo "verify.sh: what follows transaction $last was not finished, or is not known to have been" >&2
fi
if [ -n "$pending" ]; then
	echo "verify.sh: the erasure of transaction $pending was cut short: the next writer finishes it" >&2
fi
echo "$last $hash"
