#!/usr/bin/env bats
# -w by the index: the same records as by a look at all of them, whatever is asked
# shellcheck disable=SC2030,SC2031 # each test is a subshell

load helper

# A table with a field of every type, all of them indexed, in several transactions.
gadgets()
{
	store
	bo-customer add -q code=KA name=Ada email=ada@example.com
	bo-customer add -q code=KB 'name=Bob, "the tailor"' email=bob@example.com
	bo-table add -q table=gadget prefix=GA flags="$1"
	bo-field add -q - <<-'FIELDS'
		table,field,type,flags,default
		gadget,code,text,key,
		gadget,text,text,indexed,
		gadget,note,note,indexed,
		gadget,day,date,indexed,
		gadget,moment,time,indexed,
		gadget,mail,email,indexed,
		gadget,count,int,indexed,
		gadget,size,qty,indexed,
		gadget,price,money,indexed,
		gadget,done,bool,indexed,
		gadget,kind,enum(low high),indexed,
		gadget,land,country,indexed,
		gadget,long,span,indexed,
		gadget,words,tags,indexed,
		gadget,owner,ref(customer),,
		gadget,next,ref(gadget),,
		gadget,serial,text,unique,
		gadget,shout,bool,derived,"text ~ ""^A"""
		gadget,late,bool,derived,day < 2026-02-01
	FIELDS
	values "$2" 1 | bo-record -t gadget add -q -
	values "$2" 2 | bo-record -t gadget add -q -
	# Some are changed, some of them back again.
	for round in 3 4 5; do
		bo-record -t gadget list -a -o csv -f id,code | awk -F, -v OFS=, -v round="$round" '
			NR == 1 { print "id,text,day,owner"; next }
			NR % 7 == round { print $1, round % 2 ? "changed" : "A", "2026-02-0" round, "KB" }' |
		    bo-record -t gadget set -q -
	done
	bo-record -t gadget list -o ids -w 'count = 3' | bo-record -t gadget archive -q -
}

# The rows of one round.
values() # COUNT ROUND
{
	awk -v count="$1" -v round="$2" '
	function pick(list, parts) { return parts[int(rand() * split(list, parts, "|")) + 1] }
	BEGIN {
		srand(round)
		print "code,text,note,day,moment,mail,count,size,price,done,kind,land,long,words,owner,serial"
		for (i = 1; i <= count; i++) {
			printf "K-%d-%d,", round, i
			printf "%s,", pick("A|a|B|\"A, B\"|\"say \"\"A\"\"\"| C |9990|2026-01-01||today|open|GA1")
			printf "%s,", pick("one|two words||\"a,b\"")
			printf "%s,", pick("2026-01-01|2026-01-02|2026-01-31|2026-02-01|2026-12-31|")
			printf "%s,", pick("2026-01-01T00:00:00Z|2026-01-01T12:00:00Z|")
			printf "%s,", pick("a@example.com|A@example.com|b@example.com|")
			printf "%s,", pick("1|2|3|")
			printf "%s,", pick("1|1.5|1.50|2|")
			printf "%s,", pick("1|1.00|2.50|")
			printf "%s,", pick("true|false|")
			printf "%s,", pick("low|high|")
			printf "%s,", pick("DE|germany|GB|")
			printf "%s,", pick("30d|1mo|4w|")
			printf "%s,", pick("red|red green|green|")
			printf "%s,", pick("KA|KB|C1|")
			printf "%s\n", rand() < 0.5 ? "S" round * 10000 + i : ""
		}
	}'
}

# So many filters, a line each.
filters() # COUNT SEED
{
	awk -v count="$1" -v seed="$2" '
	function pick(list, parts) { return parts[int(rand() * split(list, parts, "|")) + 1] }
	function literal(field) {
		if (field == "code" && rand() < 0.8) return "K-" pick("1|2") "-" int(rand() * 99) + 1
		if (field == "id" && rand() < 0.8) return "GA" int(rand() * 99) + 1
		if (field == "serial" && rand() < 0.8) return "S" 10001 + int(rand() * 99)
		if (field == "code") return pick("K-1-7|K-2-9|K-1-1|\"K-2-2\"|k-1-7|GA4|K-9-9")
		if (field == "id") return pick("GA1|GA9|GA09|\"GA17\"|GA100000|GA0|C1")
		if (field == "text") return pick("A|a|B|\"A, B\"|changed|9990|\"9990\"|C|\" C \"|\"\"|open|\"2026-01-01\"|GA1")
		if (field == "note") return pick("one|\"two words\"|\"a,b\"|\"\"")
		if (field == "day") return pick("2026-01-01|2026-02-03|2026-02-05|today|\"2026-01-31\"|\"\"|2026-12-31")
		if (field == "moment") return pick("2026-01-01|2026-01-01T12:00:00Z")
		if (field == "mail") return pick("a@example.com|\"A@example.com\"|c@example.com|\"\"")
		if (field == "count") return pick("1|3|\"\"")
		if (field == "size") return pick("1.5|1.50|2|\"2.0\"")
		if (field == "price") return pick("1|1.00|2.5")
		if (field == "done") return pick("yes|false|\"\"")
		if (field == "kind") return pick("low|high")
		if (field == "land") return pick("DE|germany|\"Germany\"|GB")
		if (field == "long") return pick("30d|4w")
		if (field == "words") return pick("red|\"red green\"|\"green red\"")
		if (field == "owner") return pick("KA|KB|C1|C2|\"C1\"|C99|\"\"")
		if (field == "next") return pick("GA1|\"\"")
		if (field == "serial") return pick("S10003|S20004|S10001|S0")
	}
	function compare(field, set, i) {
		field = pick("code|code|id|id|serial|text|text|text|note|day|day|moment|mail|count|size|price|done|kind|land|long|words|owner|owner|next|serial")
		if (rand() < 0.25) {
			if (field == "day" && rand() < 0.5)
				return field " in " pick("2026-01|2026-02|2026|(2026-01 2026-02-01)|(2026-12 \"\")")
			set = literal(field)
			for (i = int(rand() * 5); i > 0; i--)
				set = set " " literal(field)
			return field " in (" set ")"
		}
		if (rand() < 0.1)
			return literal(field) " = " field
		return field " " pick("=|=|=|=|!=|<|>=") " " literal(field)
	}
	function condition(depth, shape) {
		shape = rand()
		if (depth == 0 || shape < 0.4) return compare()
		if (shape < 0.65) return condition(depth - 1) " and " condition(depth - 1)
		if (shape < 0.8) return "(" condition(depth - 1) " or " condition(depth - 1) ")"
		if (shape < 0.87) return "not (" condition(depth - 1) ")"
		return pick("late|shout|done|text ~ \"^A\"|owner.code = KA|owner.name ~ Ad|text = mail|text = note") " and " condition(depth - 1)
	}
	BEGIN {
		srand(seed)
		for (i = 1; i <= count; i++)
			print condition(3)
	}'
}

# What is done with what passes.
ways=('-o ids' '-a -o csv' '--limit 3 -o ids' '-s -text,code -o csv -f id,text,day' '-o table -a --limit 5' \
    '--count --by owner' '-a --count' '--as-of 9 -o ids' '--as-of 8 -a -o csv' '--as-of 6 -o ids' '-e -q' \
    '-o json -a --limit 2 -w text=A' '-w owner=KA -o ids')

# Every filter in some way, without an index and with.
same() # COUNT SEED
{
	local filter way number=0 found=0

	while IFS= read -r filter; do
		way=${ways[number++ % ${#ways[@]}]}
		# shellcheck disable=SC2086 # words
		BO_INDEX=off bo-record -t gadget list -w "$filter" $way >without 2>&1 || echo "exit $?" >>without
		# shellcheck disable=SC2086 # words
		BO_INDEX=always bo-record -t gadget list -w "$filter" $way >with 2>&1 || echo "exit $?" >>with
		diff without with || { echo "-w '$filter' $way"; return 1; }
		grep -q 'GA[1-9]' with && found=$((found + 1))
	done < <(filters "$1" "$2")
	echo "$found of $number found something"
	[ "$found" -gt $((number / 8)) ]
}

@test "random filters let the same records through with an index and without" {
	gadgets '' 300
	same "$(few 400)" 1
}

@test "so they do where records are of persons" {
	gadgets personal 200
	bo-store index build -q
	same "$(few 200)" 2
}

@test "so they do while the index is behind" {
	export BO_INDEX=on
	gadgets '' 1500
	bo-store index build -q
	bo-store index status -f table,state | grep -qx gadget,ready
	bo-record -t gadget set -q GA3 text=fresh day=2026-03-03 owner=KA
	bo-record -t gadget set -q GA4 text=B
	bo-record -t gadget add -q code=NEW text=fresh
	[ "$(bo-record -t gadget list -a -o ids -w text=fresh | tr '\n' ' ')" = 'GA3 GA3001 ' ]
	local filter

	while IFS= read -r filter; do
		BO_INDEX=off bo-record -t gadget list -a -w "$filter" -o csv >without 2>&1 || true
		bo-record -t gadget list -a -w "$filter" -o csv >with 2>&1 || true
		diff without with || { echo "-w '$filter'"; return 1; }
	done < <(filters "$(few 150)" 3)
	bo-store index status -f table,state,behind | grep -q '^gadget,ready,[1-9]'
}

# A past with a bit of all: records that change often, children, references, an erasure.
eventful()
{
	store
	bo-customer add -q code=KA name=Ada email=ada@example.com
	bo-customer add -q code=KB name=Bob email=bob@example.com
	bo-ticket add -q customer=KA subject=first : direction=in text=hello
	bo-customer set -q KA code=KX
	bo-ticket set -q T1 : direction=out text=answer
	bo-customer set -q KX email=ada@example.org
	bo-ticket add -q customer=KB subject=second : direction=in text=again
	bo-field add -q table=customer field=x_part type=text flags=indexed
	bo-customer set -q KX code=KA x_part=north
	bo-customer add -q code=KC name=Cid email=bob@example.com x_part=north
	bo-ticket archive -q T2
	BO_CACHE=$PWD/middle bo-store index build -q
	bo-customer erase -q KB -m 'asked for it'
	bo-customer set -q KA email=ada@example.com x_part=
	bo-customer add -q code=KB name=Ben email=bob@example.com
}

# Whatever looks for something, as of a transaction.
looks() # TX
{
	local id

	for id in C1 C2 C3 C4 KA KB KC KX; do
		bo-customer show "$id" --as-of "$1" 2>&1 || echo "exit $?"
		bo-customer log "$id" --as-of "$1" 2>&1 || echo "exit $?"
	done
	for id in T1 T2; do
		bo-ticket show "$id" -o json --as-of "$1" 2>&1 | sed 's/"age":"[^"]*"//' || echo "exit $?"
	done
	for filter in email=ada@example.com email=bob@example.com x_part=north code=KA 'id in (C3 C1)'; do
		bo-customer list -a -w "$filter" --as-of "$1" -o csv 2>&1 || echo "exit $?"
	done
	bo-ticket list -a -o ids -w customer=C1 --as-of "$1" 2>&1 || echo "exit $?"
	bo-record -t message list -a -f id,ticket,text -w ticket=T1 --as-of "$1" 2>&1 || echo "exit $?"
}

@test "as of every transaction everything is found as without an index, whichever there is" {
	local tx last which

	export BO_INDEX=always BO_CACHE=$PWD/ahead
	eventful
	bo-store index build -q
	last=$(bo-audit head --no-header -f tx)
	[ "$last" -ge 15 ]
	for ((tx = 1; tx < last; tx++)); do
		BO_INDEX=off looks "$tx" >without
		# ahead of it, from before the erasure, and none
		for which in ahead middle none; do
			BO_CACHE=$PWD/$which looks "$tx" >with
			diff without with || { echo "as of $tx, $which"; return 1; }
		done
	done
	# Fields that came later are no reason to do without; the past makes none.
	bo-store index status --as-of 6 --no-header -f table,state | grep -qx customer,ahead
	[ -z "$(find none -type f)" ]
	[ "$(find middle ahead -type f | wc -l)" -ge 6 ]
}
