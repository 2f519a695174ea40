#!/usr/bin/env bats
# tests/bench: what it measures with must itself be right
# shellcheck disable=SC2016,SC2030,SC2031 # programs in quotes; bats runs each test apart

load helper

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	without_sanitizer
	export PATH=$BO_BUILD/tests/bench:$PATH
}

# column N FILE
column()
{
	cut -d, -f"$1" "$2"
}

@test "compare: each command runs once more than there are rounds, in turn" {
	run -0 compare -n 4 "a=sh -c 'echo a >>order'" "b=sh -c 'echo b >>order'"
	[ "${#lines[@]}" -ge 4 ]
	[ "$(tr -d '\n' <order)" = abbaabbaab ]
}

@test "compare: median, least, most of what a command says of itself" {
	echo 0 >n
	run -0 compare -n 4 "a=sh -c 'read n <n; n=\$((n + 1)); echo \$n >n; echo score \$((n * n)) >&3'"
	[[ $output == *'a,score,12.500,4.000,25.000,4'* ]]
}

@test "compare: a command that fails is told, and ends nothing" {
	run -0 --separate-stderr compare -n 2 "bad=sh -c 'exit 3'" "none=no-such-command" "dead=sh -c 'kill -9 \$\$'" 'good=true'
	[ "${lines[0]}" = bad,status,3,3,3,1 ]
	[ "${lines[1]}" = none,status,127,127,127,1 ]
	[ "${lines[2]}" = dead,status,137,137,137,1 ]
	[[ ${lines[3]} == good,time_ms,*,2 ]]
}

@test "compare: words, quotes, environment, input and output" {
	echo text >in
	run -0 compare -n 1 "a=X='a b' sh -c 'cat; echo \"\$X\" \"\$0\"' \"it's\" <in >out"
	[ "$(cat out)" = "text
a b it's" ]
}

@test "compare: who takes too long sits out" {
	run -0 compare -n 5 -l 0.2 'slow=sleep 0.3' "quick=sh -c 'echo x >>runs'"
	[[ $output == *'slow,time_ms,'*,1* ]]
	[[ $output == *'quick,time_ms,'*,5* ]]
}

@test "compare: memory that is the command's own, and the peak" {
	run -0 compare -n 1 "a=sh -c 'x=\$(head -c 30000000 /dev/zero | tr \"\\0\" x); sleep 0.2'"
	own=$(grep ',own_kib,' <<<"$output" | cut -d, -f3)
	[ "${own%.*}" -gt 29000 ]
}

@test "compare: before each comes what prepares it" {
	run -0 compare -n 2 -p 'echo p >>order' "a=sh -c 'echo a >>order'"
	[ "$(tr -d '\n' <order)" = papapa ]
}

@test "generate: the same bytes every time and everywhere" {
	for kind in customers postings invoices bank; do
		generate $kind 1000
	done >all.csv
	[ "$(sha256sum <all.csv)" = "408779aea2ec155a3738925c9feb5c632073fa3ea2aa56b7e4122f09f95f9b4b  -" ]
	[ "$(generate postings 1000 ledger | sha256sum)" = "6572d7284e9da87b63fb2d76f02905e67ae8a7dab7c463f7a8bf43be470cac40  -" ]
	[ "$(generate postings 1000 beancount | sha256sum)" = "1012b0a227874af36963026dfd47eda44c815defeac8e24883341e7befd6a369  -" ]
}

@test "generate: parts make the whole" {
	generate customers 100 >whole
	generate customers 100 csv 1 40 >parts
	generate customers 100 csv 41 100 | tail -n +2 >>parts
	cmp whole parts
}

@test "generate: postings balance, and the rare account stays rare" {
	for count in 1000 10000 100000; do
		[ "$(generate postings $count | awk -F, 'NR > 1 { sum += $4 * 100; rare += $3 == 9990 } END { print sum + 0, rare }')" = '0 20' ]
	done
}

@test "generate: each bank line pays one invoice, to the cent" {
	generate invoices 1000 | awk -F, 'NR > 1 { print $1 "," $5 }' | sort >owed
	generate bank 1000 | awk -F, 'NR > 1 { print $3 "," $2 }' | sort >paid
	cmp owed paid
}

@test "generate: what is quoted is the same to a reader" {
	bo-init -q plain
	bo-init -q quoted
	generate customers 200 | bo-customer -q -d plain add -
	generate customers 200 quoted >quoted.csv
	[ "$(head -c 6 quoted.csv)" = '"code"' ]
	bo-customer -q -d quoted add - <quoted.csv
	bo-customer -d plain list -o csv >a
	bo-customer -d quoted list -o csv >b
	cmp a b
}

@test "writers: as many commits as asked for, failures and syncs counted" {
	run -0 bash -c "writers -n 12 -p 3 -s '$BO_BUILD/tests/bench/slow.so' floor append log 3>said"
	[ "$(wc -l <log)" -eq 12 ]
	grep -q '^failures 0$' said
	grep -q '^syncs 1.000$' said
	run -0 bash -c 'writers -n 6 -p 2 false 3>said'
	grep -q '^failures 6$' said
	run -0 bash -c "writers -1 -n 12 -p 3 sh -c 'echo \$0 >>shares' % 3>said"
	[ "$(tr -d '\n' <shares)" = 444 ]
}

@test "slow: a sync takes longer, and nothing else" {
	run -0 bash -c "writers -n 4 -s '$BO_BUILD/tests/bench/slow.so' -u 20000 floor append log 3>said"
	awk '$1 == "p50_ms" { exit $2 < 20 }' said
}

@test "commits: a transaction each, and the store holds" {
	commits lines 20
	commits lines 5
	run -0 bo-audit -d lines verify
	[ "$(tail -n 1 lines/line.csv)" = 'LN25,25,Alfreds Futterkiste,Berlin' ]
}

# --- tables and charts -------------------------------------------------------------

# results of two jobs that are in tests/bench/jobs
results()
{
	mkdir -p out
	cat >out/raw.csv <<-'EOF'
		job,size,role,label,measure,median,least,most,rounds
		start,-,floor,empty program,time_ms,1.000,0.900,1.200,21
		start,-,ours,bo,time_ms,1.200,1.100,1.400,21
		start,-,peer,sqlite3,time_ms,3.000,2.900,3.200,21
		sum,1000000,floor,read(),time_ms,20.000,20.000,20.000,5
		sum,1000000,ours,bo,status,2,2,2,1
		sum,1000000,peer,sqlite3,time_ms,1040.000,1000.000,1100.000,5
		sum,1000000,peer,duckdb table,time_ms,180.000,170.000,190.000,5
		show,10000,floor,empty program,time_ms,1.000,0.900,1.200,9
		show,10000,ours,bo,time_ms,1.900,1.800,2.000,9
		show,10000,peer,sqlite3,time_ms,4.000,3.900,4.100,9
		show,10000,peer,grep,status,1,1,1,1
	EOF
	run -0 "$ROOT/tests/bench/report" out
}

@test "report: a goal is reached, missed, or not measured" {
	results
	grep -q '^reached  start .* bo ≤ 1.25 × empty program .* 1.2$' out/goals.txt
	grep -q '^MISSED   show .* bo ≤ 1.5 × start:bo .* 1.583$' out/goals.txt
	grep -q '^reached  show .* sqlite3 ≥ 2 × bo .* 2.105$' out/goals.txt
	grep -q '^-        sum .* sqlite3 ≥ 5 × bo .* not measured$' out/goals.txt
	grep -q '^-        sum .* bo ≤ 1 × duckdb table .* not measured$' out/goals.txt
}

@test "report: ratios to the floor and to the best peer" {
	results
	grep -q '^sum,1000000,peer,sqlite3,time_ms,1040.000,1000.000,1100.000,5,52.00,5.78$' out/results.csv
	grep -q '^start,-,ours,bo,time_ms,1.200,1.100,1.400,21,1.20,0.40$' out/results.csv
}

@test "report: what is not there yet is said to be so, and what failed too" {
	results
	grep -q '^| Sum 1 million by customer .* | bo: not there yet | .*sqlite3 1.04 s, duckdb table 180 ms |$' out/readme.md
	grep -q '^| grep | .* | failed (status 1) |$' out/table.md
	grep -q '^| \*\*bo\*\* | .* | not there yet |$' out/table.md
}

@test "report: the charts are well-formed, fastest first" {
	results
	[ "$(cd out && echo *.svg)" = 'show.svg start.svg sum.svg' ]
	[ "$(grep -o '>empty program<\|>bo<\|>sqlite3<' out/start.svg | head -n 3 | tr -d '\n<>')" = 'empty programbosqlite3' ]
	for chart in out/*.svg; do
		awk '{ open += gsub(/<(svg|text)[ >]/, "&"); shut += gsub(/<\/(svg|text)>/, "&") } END { exit open != shut || !open }' "$chart"
	done
}

@test "every goal and every command of the jobs can be read" {
	run -0 awk '
	/^#/ || /^$/ { next }
	/^job [a-z-]+ ./ || /^size [0-9 ]+$/ || /^rounds [0-9]+$/ || /^before ./ || /^note ./ || /^long$/ { next }
	/^(floor|ours|peer) +(upto [0-9]+ )?[^=]+ = [^ ]/ { next }
	/^goal +([0-9]+ )?[^<>]+ [<>]= [0-9.]+( [^ ].*)?$/ { next }
	{ print "line " FNR ": " $0 }' "$ROOT/tests/bench/jobs"
	[ -z "$output" ]
}

@test "each goal names subjects that its job has" {
	run -0 awk '
	/^job / { job = $2 }
	/^(floor|ours|peer) / { sub(/^[a-z]+ +(upto [0-9]+ )?/, ""); sub(/ = .*/, ""); has[job, $0] = 1 }
	/^goal / {
		sub(/^goal +([0-9]+ )?/, "")
		n = split($0, side, / [<>]= [0-9.]+ ?/)
		for (i = 1; i <= n; i++) {
			text = side[i]
			of = job
			sub(/@[0-9]+$/, "", text)
			sub(/\.[a-z0-9_]+$/, "", text)
			if (text ~ /:/) { of = text; sub(/:.*/, "", of); sub(/.*:/, "", text) }
			if (text != "" && !((of, text) in has)) print job ": " text
		}
	}' "$ROOT/tests/bench/jobs"
	[ -z "$output" ]
}
