#!/usr/bin/env bats
# fault: disks that are full, files that may not grow, syncs that fail: the exit status is the truth

load helper

# The number of customers.
customers()
{
	bo-customer list --no-header -f id | wc -l
}

# A command that adds a customer with a long name: its exit status must be the truth.
add_truly() # WRAPPER...
{
	local before after status=0

	before=$(customers)
	"$@" bo-customer add -q name="$(printf '%900s' '' | tr ' ' n)" 2>said || status=$?
	after=$(customers)
	case $status in
	0 | 6) [ "$after" -eq $((before + 1)) ] ;;
	3 | 4) [ "$after" -eq "$before" ] ;;
	5) [ "$after" -ge "$before" ] ;;
	*) false ;;
	esac
	bo-audit verify -q
	return "$status"
}

@test "a file system that fills up: refused with nothing written, and all is well with room again" {
	without_sanitizer
	unshare -rm true 2>/dev/null || skip 'no file system of its own is allowed here'
	export -f customers add_truly
	# shellcheck disable=SC2016 # expanded by the shell inside
	run -0 unshare -rm bash -euc '
		mkdir full && mount -t tmpfs -o size=96k tmpfs full
		export BO_STORE=$PWD/full/store
		bo-init -q "$BO_STORE"
		full=0
		for _ in $(seq 75); do
			status=0
			add_truly || status=$?
			[ "$status" -eq 0 ] || full=$((full + 1))
			[ "$status" -eq 0 ] || [ "$status" -eq 4 ] || { cat said; exit 1; }
		done
		[ "$full" -gt 5 ]
		mount -o remount,size=1m full
		add_truly'
}

@test "a file that may not grow further: refused with nothing written, wherever the limit lies" {
	without_sanitizer
	store
	for _ in 1 2 3; do bo-customer add -q name="$(printf '%900s' '' | tr ' ' n)"; done
	kept=0
	for blocks in $(seq 1 8); do
		cp -r "$BO_STORE" before
		status=0
		# shellcheck disable=SC2016 # expanded by the shell inside
		add_truly bash -c 'ulimit -f '"$blocks"'; exec "$@"' limited || status=$?
		[ "$status" -eq 0 ] || [ "$status" -eq 4 ] || { cat said; false; }
		[ "$status" -eq 0 ] || kept=$((kept + 1))
		rm -r "$BO_STORE"
		mv before "$BO_STORE"
	done
	[ "$kept" -gt 1 ]
}

@test "no descriptors left: refused with nothing written" {
	without_sanitizer
	store
	for most in $(seq 3 14); do
		status=0
		# shellcheck disable=SC2016 # expanded by the shell inside
		add_truly bash -c 'ulimit -n '"$most"'; exec "$@"' limited || status=$?
		[ "$status" -ne 3 ]
	done
	[ "$status" -eq 0 ]
}

# Loop devices may be missing, or forbidden, or there may be no such file system.
needs_disk() # FILESYSTEM
{
	without_sanitizer
	[ "$(id -u)" -eq 0 ] || skip 'only root may mount'
	command -v "mkfs.$1" >/dev/null || skip "there is no mkfs.$1"
	losetup -f >/dev/null 2>&1 || skip 'there are no loop devices'
}

@test "a sync that really fails: the outcome is unknown, writers refuse, repair proves what is on the disk" {
	needs_disk ext4
	run "$ROOT/tests/fault/fsyncgate" "$BATS_TEST_TMPDIR"
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "power cuts of a real ext4: what was acknowledged before is there" {
	needs_disk ext4
	run "$ROOT/tests/crash/realcut" -n 3 ext4 "$BATS_TEST_TMPDIR"
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "power cuts of a real xfs: what was acknowledged before is there" {
	needs_disk xfs
	run "$ROOT/tests/crash/realcut" -n 3 xfs "$BATS_TEST_TMPDIR"
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output"
	[ "$status" -eq 0 ]
}
