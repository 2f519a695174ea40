#!/usr/bin/env bats
# what the code must not call or say

load helper

# refused FILE CODE NAME: with CODE in FILE, NAME is found there.
refused()
{
	rm -rf lib cmd
	mkdir -p "$(dirname "$1")" lib cmd
	printf '%s\n' "$2" >"$1"
	run -1 "$ROOT/tests/tools/banned" .
	echo "$output"
	[[ $output == "$1:1: $3 "* ]]
}

# accepted FILE CODE
accepted()
{
	rm -rf lib cmd
	mkdir -p "$(dirname "$1")" lib cmd
	printf '%s\n' "$2" >"$1"
	run -0 "$ROOT/tests/tools/banned" .
}

@test "this tree uses nothing that is banned" {
	run -0 "$ROOT/tests/tools/banned" "$ROOT"
}

@test "every banned function is found" {
	local name

	for name in strcpy strcat sprintf strtok atoi atol gets scanf sscanf localtime gmtime alloca system; do
		refused lib/base/a.c "	x = $name(y);" "$name"
	done
}

@test "names that only contain a banned one are fine" {
	accepted lib/base/a.c '	snprintf(a); file_system(b); localtime_r(c); system_call = 1; targets(d);'
}

@test "words in comments and literals are fine" {
	accepted lib/base/a.c '	/* strcpy(a) to stderr */ b("system(x), a double"); // float'
	accepted lib/base/a.c $'/*\n * strcpy(a) is no double\n */'
}

@test "code after a comment or a literal is still seen" {
	refused lib/base/a.c '	/* a */ strcpy(b); /* c */' strcpy
	refused lib/base/a.c $'\tc = \'"\'; strcpy(b);' strcpy
	refused lib/base/a.c '	c = "\""; strcpy(b);' strcpy
}

@test "binary floating point is found" {
	refused lib/office/a.c '	double price;' double
	refused cmd/bo-a.c 'static float rate;' float
}

@test "only commands, cli and the end of memory write to standard error" {
	refused lib/store/a.c '	fputs(text, stderr);' stderr
	refused lib/store/a.c '	perror("x");' perror
	refused lib/store/a.c '	dprintf(2, "x");' dprintf
	refused lib/store/a.c '	file_write(STDERR_FILENO, "x", 1);' file_write
	accepted lib/store/a.c '	return fd > STDERR_FILENO;'
	accepted cmd/bo-a.c '	fputs(text, stderr);'
	accepted lib/cli/a.c '	fputs(text, stderr);'
	accepted lib/base/memory.c '	fputs(text, stderr);'
}

@test "the library does not end the process" {
	refused lib/record/a.c '	exit(1);' exit
	accepted cmd/bo-a.c '	exit(1);'
}

@test "the clock is base/date, randomness base/random" {
	refused lib/office/a.c '	now = time(NULL);' time
	refused lib/office/a.c '	clock_gettime(c, &now);' clock_gettime
	refused lib/office/a.c '	n = rand();' rand
	accepted lib/base/clock.c '	clock_gettime(c, &now);'
	accepted lib/base/random.c '	getrandom(a, b, 0);'
}
