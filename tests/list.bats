#!/usr/bin/env bats
# list: many records, read by several threads

load helper

# many COUNT: a store with so many customers, some of them changed or archived since.
many()
{
	store
	awk -v n="$1" 'BEGIN {
		print "code,name,city,country,notes"
		split("PK,DE,GB,FR,JP,US,IE", country, ","); split("Lahore,Berlin,London,Paris,Osaka,Boston,Cork", city, ",")
		for (i = 1; i <= n; i++)
			printf "K%06d,\"Name %d, %s\",%s,%s,%s\n", i, i, i % 9 ? "Inc." : "the \"\"PK\"\" one",
			    city[i % 7 + 1], country[int(i / 3) % 7 + 1], i % 5 ? "" : "PK is elsewhere"
	}' | bo-customer add -q -
	bo-customer list --limit "$1" -f id,tx,city | awk -F, 'NR == 1 || NR % 97 == 0' | sed 's/Cork/Galway/' | bo-customer set -q -
	bo-customer list -o ids -w 'city = Paris' | awk 'NR % 11 == 0' | bo-customer archive -q -
}

# alone COMMAND...: on one processor, so by one thread.
alone() { taskset -c "$(taskset -cp $$ | sed 's/.*[:,-] *//')" "$@"; }

@test "several threads print what one prints" {
	many 20000
	[ "$(stat -c %s store/customer.csv)" -gt 2200000 ]
	for options in '' -a '-o json' '-o tsv' '-a -o json' '-o json -w country=PK' '-f notes,tx,archived -a -o json' '-o ids' '-f id,city' '-w country=PK' '-w country=PK -a' \
	    '-w country=PK -w city=Lahore -f code,name' '-w city=Galway' '-w country=XK' '-w tier=' \
	    '--limit 0' '--limit 1' '--limit 5000' '--limit 19999' '--limit 300 -w country=PK -o json' \
	    '-s -city,name --limit 100' '-w notes~elsewhere' '--raw' '--spreadsheet' '-q' '--as-of 2'; do
		# shellcheck disable=SC2086
		diff <(bo-customer list $options) <(alone bo-customer list $options)
	done
}

# Filters ask each record for its values, JSON is made of lines as they stand.
@test "JSON says of every record what a filter says of it" {
	many 2000
	bo-field add -q table=customer field=x_shoe type=int
	bo-customer set -q C5 C17 C99 x_shoe=44 notes='"PK", \ and "more"'
	bo-customer add -q code=LAST x_shoe=44 name='Größe "12"' tags='a b'
	bo-customer erase -q C3 -m asked
	for what in 'x_shoe = 44:.x_shoe == 44' 'x_shoe = "":.x_shoe == null' 'city = Galway:.city == "Galway"' \
	    'notes = "PK is elsewhere":.notes == "PK is elsewhere"' 'archived = true:.archived' \
	    'notes = """PK"", \ and ""more""":.notes == "\"PK\", \\ and \"more\""' \
	    'name = "Größe ""12""":.name == "Größe \"12\"" and .tags == ["a", "b"]' 'code = "":.code == null' \
	    'id in (C1, C2002):.id == "C1" or .id == "C2002"'; do
		diff <(bo-customer list -a -o ids -w "${what%%:*}") \
		    <(bo-customer list -a -o json | jq -r "select(${what#*:}).id")
		bo-customer list -a -e -q -w "${what%%:*}" || echo "${what%%:*}" >>none
	done
	[ ! -e none ] || [ "$(cat none)" = 'id in (C1, C2002)' ]
	[ "$(bo-customer list -a -o json -w 'id = C3' | jq -c '[.name, .city, .archived]')" = '[null,null,null]' ]
}

@test "a line with a column too many, or too few, is no record" {
	many 100
	cp -a store good
	for damage in '50s/,\([A-Z]\)[a-z]/,\1,/' '50s/,\([A-Z][A-Z]\),/,\1x/' '50s/,2,/,x,/'; do
		sed -i "$damage" store/customer.csv
		run ! cmp store/customer.csv good/customer.csv
		for format in csv json; do
			run -4 bo-customer list -f id,city -o $format
			[[ $output == *"damaged"* ]]
		done
		cp good/customer.csv store
	done
}

@test "a filter that looks for a word misses nothing" {
	many 20000
	# Written so that no word is looked for.
	for what in country=PK:'country in (PK)' 'name="Name 9, the ""PK"" one"':'name in ("Name 9, the ""PK"" one")' \
	    'city=Galway and country=DE':'not (city != Galway or country != DE)' code=K000017:'code in (K000017)' \
	    'id=C17':'id in (C17)' 'country=PK or city=Cork':'country in (PK) or city in (Cork)'; do
		diff <(bo-customer list -a -w "${what%%:*}") <(bo-customer list -a -w "${what#*:}")
		diff <(bo-customer list -w "${what%%:*}") <(bo-customer list -w "${what#*:}")
	done
	[ "$(bo-customer list -a -w country=PK -f id | wc -l)" -gt 2000 ]
}

# A group says the same, and no word is taken out of it.
@test "a pattern that is a word, or has one, finds what it would without" {
	many 4000
	bo-customer add -q name='Größe☕' code=LAST notes='a "b" c'
	for pattern in elsewhere '^PK' '^is' 'PK is' 'is$' '^PK is elsewhere$' 'the ""PK""' '9, Inc.' '9, Inc.$' 'Z?9' \
	    'PKK?' 'PK*' 'Inc+' '☕' '☕?' 'ß☕?e' 'ß☕?e|x' 'röß' 'Z*' '7.*9.*I' '(?i)inc' 'In{1}c' '[I]nc' '7\.' '' 'c$'; do
		for what in name notes; do
			for where in "$what ~ \"PATTERN\"" "$what !~ \"PATTERN\""; do
				diff <(bo-customer list -f id -w "${where//PATTERN/$pattern}") \
				    <(bo-customer list -f id -w "${where//PATTERN/(?:$pattern)}")
			done
		done
	done
	[ "$(bo-customer list -o ids -w 'name ~ "9, Inc"' | wc -l)" -gt 300 ]
	[ "$(bo-customer list -o ids -w 'name ~ "^Grö"')" = "$(bo-customer list -o ids -w 'code = LAST')" ]
}

@test "what was added is what is listed, in order" {
	many 20000
	bo-customer list -a -f id | tail -n +2 | cut -c2- | sort -nc
	[ "$(bo-customer list -a -f id | wc -l)" -eq 20001 ]
	[ "$(bo-customer list -f id | wc -l)" -lt 20001 ]
	[ "$(bo-customer list -w 'code = K012345' -f name)" = $'name\n"Name 12345, Inc."' ]
}

@test "who reads no further is not waited for" {
	many 20000
	[ "$(bo-customer list | head -n 3 | wc -l)" -eq 3 ]
	run -4 bash -c 'bo-customer list >/dev/full'
	[[ $output == *'standard output: No space left on device' ]]
}

@test "a regular expression that takes too long ends a list of many" {
	store
	awk 'BEGIN { print "name"; for (i = 1; i <= 20000; i++) printf "%s%d%s\n", "Name ", i, i == 19000 ? " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" : "" }' |
	    bo-customer add -q -
	run -3 bo-customer list -f name -w 'name ~ "(a+)+$"'
	[[ ${lines[-1]} == *'a regular expression takes too long on C19000' ]]
}

@test "has asks for one of the tags, whole, and of tags alone" {
	store
	bo-customer add -q - <<-'END'
		code,name,tags
		A,Ada,new
		B,Bob,renewal vip
		C,Cid,vip new
		D,Dan,
	END
	[ "$(bo-customer list --no-header -f code -w 'tags has new' | xargs)" = 'A C' ]
	[ "$(bo-customer list --no-header -f code -w 'not tags has new' | xargs)" = 'B D' ]
	[ "$(bo-customer list --no-header -f code -w 'tags has (vip, press)' | xargs)" = 'B C' ]
	[ "$(bo-customer list --count --no-header -w 'tags has vip and tags has new')" = 1 ]
	[ -z "$(bo-customer list --no-header -f code -w 'tags has name')" ]
	run -2 bo-customer list -w 'name has Ada'
	[ "$output" = 'bo-customer: -w: column 1: has is for fields of the type tags, and "name" is none' ]
}

@test "what is no date and no tag is said to be none, and where" {
	store
	says()
	{
		run -2 bo-invoice list -w "$1"
		[ "$output" = "bo-invoice: -w: column $2" ] || { echo "$1: $output"; return 1; }
	}
	says 'due > 2026-02-30' '7: not a date: "2026-02-30"'
	says '2026-02-30 < due' '1: not a date: "2026-02-30"'
	says 'due + 1d > 2026-02-30' '12: not a date: "2026-02-30"'
	says 'due in (2026-01, 2026-13)' '18: not a date: "2026-13" (YYYY-MM-DD, or in YYYY-MM)'
	says 'due >= 2026-3-1' '8: not a date: "2026-3-1" (YYYY-MM-DD, or in YYYY-MM)'
	says 'due < 2026-10' '7: not a date: "2026-10" (YYYY-MM-DD, or in YYYY-MM)'
	run -2 bo-ticket list -w 'opened > 2026-02-30'
	[[ $output == *'10: not a time: "2026-02-30"' ]]
	says 'tx > 2026-02-30' '6: not a number: "2026-02-30"'
	says 'reference has vip' '1: has is for fields of the type tags, and "reference" is none'
	says 'id has vip' '1: has is for fields of the type tags, and "id" is none'
	says 'tx + 1 has 7' '4: has is for fields of the type tags'
	says 'vip has small' '1: no such field: "vip"'
	says "customer.tags has 'a b'" '19: not a tag, which is one word: "a b"'
	says "customer.tags has ''" '19: not a tag, which is one word: ""'
	says 'customer.tags has (vip, tx + 1)' '28: unexpected "+"'
	says 'customer.tags has' '18: something is missing at the end'
}

@test "text is sorted and compared by bytes, what is empty first" {
	store
	printf 'name,city\n1,b\n2,É\n3,A\n4,\n5,a\n6,B\n7,کراچی\n' | bo-customer add -q -
	[ "$(bo-customer list --no-header -f city -s city -w city | xargs)" = 'A B a b É کراچی' ]
	[ "$(bo-customer list --no-header -f name -s city | xargs)" = '4 3 6 5 1 2 7' ]
	[ "$(bo-customer list --no-header -f name -s -city | xargs)" = '7 2 1 5 6 3 4' ]
	[ "$(bo-customer list --no-header -f city -w 'city > a' | xargs)" = 'b É کراچی' ]
	[ "$(bo-customer list --no-header --by city -f city -s city -w city | xargs)" = 'A B a b É کراچی' ]
}
