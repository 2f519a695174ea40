# helper: what every test file needs.  `load helper` in each.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
export ROOT

# Under tests/run the environment is made already; this is for `bats tests/x.bats`.
if [[ -z ${BO_BUILD-} ]]; then
	export BO_BUILD=$ROOT/build
	export PATH=$BO_BUILD/bin:$PATH LC_ALL=C TZ=UTC TERM=dumb
fi

# Each test begins in an empty directory, with a home of its own: no test sees what
# another remembered or cached.
setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	export HOME=$BATS_TEST_TMPDIR/home
	unset BO_STORE BO_SHARE BO_CACHE BO_INDEX XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
	mkdir -p "$HOME"
	[[ -z ${BO_TEST_INDEX-} ]] || index_mode "$BO_TEST_INDEX"
}

# index_mode off|always|deleted: what tests/run -i asks for.
index_mode()
{
	export BO_INDEX=always
	case $1 in
	off) export BO_INDEX=off ;;
	deleted)
		while [[ -d $BATS_TEST_TMPDIR ]] && kill -0 "$$" 2>/dev/null; do
			rm -rf "$HOME/.cache/bo"
			sleep 0.02
		done </dev/null >/dev/null 2>&1 3>&- &
		disown # a test waits for its own
		;;
	esac
}

# store: a new store, which commands find by BO_STORE.
store()
{
	bo-init "$BATS_TEST_TMPDIR/store" >/dev/null || return 1
	export BO_STORE=$BATS_TEST_TMPDIR/store
}

# faked CLOCK COMMAND...: CLOCK is what libfaketime understands.  Preloaded into the
# command alone; its deadlines go on by the real clock.
faked()
{
	local clock=$1 library

	shift
	library=$(find /usr/lib /usr/lib64 /usr/local/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
	[[ -n $library ]] || { echo "no libfaketime" >&2; return 1; }
	env LD_PRELOAD="$library" FAKETIME="$clock" FAKETIME_DONT_FAKE_MONOTONIC=1 "$@"
}

# at TIME COMMAND...: runs a command when TIME ("2026-03-01 09:00:00", UTC) begins.
at()
{
	local when=$1

	shift
	faked "@$when" "$@"
}

# from TIME COMMAND...: the same for a script: its commands begin one after the other.
from()
{
	local offset=$(($(date -ud "$1" +%s) - $(date +%s)))

	shift
	faked "$(printf '%+ds' "$offset")" "$@"
}

# without_counting: for measures of a build that does nothing beside its work (make coverage).
without_counting()
{
	[[ $BO_BUILD != *coverage ]] || skip "not where lines are counted"
}

# without_sanitizer: for what a sanitizer makes meaningless (speed, memory, system calls).
without_sanitizer()
{
	[[ $BO_BUILD != *san ]] || skip "not with sanitizers"
}

# few N: so many, or a quarter of them where a sanitizer takes its time.
few()
{
	if [[ $BO_BUILD = *san ]]; then
		echo $(($1 / 4))
	else
		echo "$1"
	fi
}

# Instructions of a command.
instructions() # COMMAND...
{
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*refs: *//p' | tr -d ,
}
