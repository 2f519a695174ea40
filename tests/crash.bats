#!/usr/bin/env bats
# crash: what is left after a crash at any moment is a store, and nothing that was promised is lost
# shellcheck disable=SC2030,SC2031 # each test is a process of its own

load helper

crash()
{
	"$BO_BUILD/tests/crash/$1" "${@:2}" "$BO_BUILD/tests/crash/writer"
}

needs_strace()
{
	without_sanitizer # which traces, and looks for leaks, itself
	command -v strace >/dev/null || skip 'strace is not installed'
	strace -o /dev/null true 2>/dev/null || skip 'tracing is not allowed here'
}

# No image was bad; how many there were is kept for the sum.
all_good()
{
	[[ $output == *' 0 bad' ]]
	[[ $output =~ ([0-9]+)' distinct images and '([0-9]+)' more in ' ]]
	echo $((BASH_REMATCH[1] + BASH_REMATCH[2])) >>"$BATS_FILE_TMPDIR/images"
}

@test "after power loss at any call, what was acknowledged or shown is there" {
	needs_strace
	run -0 crash powerloss -r 60
	all_good
}

@test "after power loss among concurrent writers, what was acknowledged or shown is there" {
	needs_strace
	run -0 crash powerloss -c -r 30
	all_good
}

@test "after power loss on a day of real commands, and again during recovery, commands go on" {
	needs_strace
	run -0 crash powerloss -w "$ROOT/tests/crash/workload" -r 60 -R 300 -X 600 \
	    -x '{ bo-customer list >listed && bo-customer add -q name=Judge && bo-audit verify -q; } 2>said'
	all_good
}

@test "these were ten thousand distinct images of a disk" {
	needs_strace
	# shellcheck disable=SC2016 # awk's
	run -0 awk '{ sum += $1 } END { print sum }' "$BATS_FILE_TMPDIR/images"
	echo "$output images"
	[ "$output" -ge 10000 ]
}

@test "a disk that does not sync logs is found out" {
	needs_strace
	run -1 crash powerloss -b logs -m 400
	[[ $output != *' 0 bad' ]]
}

@test "a disk that does not sync the audit log is found out" {
	needs_strace
	run -1 crash powerloss -b audit -m 400
	[[ $output != *' 0 bad' ]]
}

@test "a disk that does not sync names is found out" {
	needs_strace
	run -1 crash powerloss -b names -m 400
	[[ $output != *' 0 bad' ]]
}

every()
{
	needs_strace
	run -0 "$ROOT/tests/crash/everycommand" -b "$BO_BUILD" "$@"
	[[ ${lines[-1]} == *' 0 wrong' ]]
}

@test "a long import into a new table that is killed at any call is there whole or not at all" {
	needs_strace
	awk 'BEGIN { print "name,notes"; for (i = 1; i <= 20000; i++) printf "N%d,%0150d\n", i, i }' >many.csv
	n=0 whole=0 cut=0
	for point in pwrite64:1 pwrite64:2 pwrite64:3 fdatasync:1 fdatasync:2 linkat:1 fsync:1 \
	    fsync:2 exit_group:1; do
		store=new$((++n)) # of its own: one that went back would be noticed
		bo-init -q "$store"
		strace -f -o trace -e trace="${point%:*}" -e inject="${point%:*}:signal=KILL:when=${point#*:}" \
		    bo-customer -q -d "$store" add - <many.csv || true
		grep -q 'killed by SIGKILL' trace
		count=$(bo-customer -d "$store" list -o ids | wc -l)
		echo "$point: $count"
		[ "$count" -eq 0 ] || [ "$count" -eq 20000 ]
		whole=$((whole + (count == 20000)))
		bo-customer -q -d "$store" add name=later
		cut=$((cut + $(find "$store/torn" -name 'customer.csv.*' 2>/dev/null | wc -l)))
		[ "$(bo-customer -d "$store" list -o ids | wc -l)" -eq $((count + 1)) ]
		bo-audit -d "$store" verify -q
	done
	# Some had come that far, and some had left a name with nothing behind it in the audit log.
	[ "$whole" -ge 1 ]
	[ "$cut" -ge 1 ]
}

@test "two long imports at once into a new table, and others beside them, are all there" {
	awk 'BEGIN { print "name,notes"; for (i = 1; i <= 20000; i++) printf "N%d,%0200d\n", i, i }' >many.csv
	bo-init -q both
	bo-customer -q -d both add - <many.csv &
	bo-customer -q -d both add - <many.csv &
	for ((n = 0; n < 20; n++)); do
		bo-item -q -d both add name=x
	done
	wait
	[ "$(bo-customer -d both list -o ids | wc -l)" -eq 40000 ]
	[ "$(bo-item -d both list -o ids | wc -l)" -eq 20 ]
	[ ! -e both/torn ]
	bo-audit -d both verify -q
}

@test "where a new log can't be written ahead, an import is what it always was" {
	needs_strace
	awk 'BEGIN { print "name,notes"; for (i = 1; i <= 20000; i++) printf "N%d,%0150d\n", i, i }' >many.csv
	for fault in linkat:error=EPERM linkat:error=EEXIST fchmod:error=EPERM:when=1; do
		store=${fault//[:=]/-}
		bo-init -q "$store"
		strace -f -o /dev/null -e trace="${fault%%:*}" -e inject="$fault" bo-customer -q -d "$store" add - <many.csv
		[ "$(bo-customer -d "$store" list -o ids | wc -l)" -eq 20000 ]
		bo-audit -d "$store" verify -q
	done
}

@test "a command killed before or after any system call leaves a state, and the next one works" {
	every customer-add customer-erase invoice-issue init
}

@test "a command that is refused at any system call tells the truth, and leaves a state" {
	every -f hE -e 15 customer-add invoice-issue stock-receive writer
}

@test "a command that runs out of memory at any allocation tells the truth, and leaves a state" {
	every -f m -e 8 customer-add ticket-add
}

@test "three thousand edits of a good store are found" {
	without_sanitizer
	run -0 "$BO_BUILD/tests/crash/tamper" -e
	[[ $output == *' 0 missed' ]]
}

@test "verify.sh says the same of them, erasures and what was put back of them included" {
	without_sanitizer
	# shellcheck disable=SC2016 # the store is known later
	run -0 "$BO_BUILD/tests/crash/tamper" -e -n 96 -s 5 -x 'sh "$ROOT/share/doc/verify.sh" "$BO_STORE" 2>/dev/null'
	[[ $output == *$'\n96 judged by the script, 0 otherwise' ]]
}

@test "sixteen processes with some killed: none lost, none doubled, readers never go back nor wait" {
	without_sanitizer
	run -0 "$BO_BUILD/tests/crash/stress" -p 16 -n 600 "$BO_BUILD/bin"
	[[ $output == *' 0 wrong'* ]]
}

@test "each of the bugs that are put in is found by the program that claims to guard against it" {
	needs_strace
	run -0 "$ROOT/tests/crash/seeds" -b "$BO_BUILD"
	[[ ${lines[-1]} == *' 0 not found' ]]
}
