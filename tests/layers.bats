#!/usr/bin/env bats
# lib/LAYERS: who may include whom

load helper

# A small tree that keeps the rules: three layers, one command, each foreign header once.
tree()
{
	rm -rf lib cmd
	mkdir -p lib/base lib/store lib/office/tax cmd
	printf '%s\n' base store office >lib/LAYERS
	printf '#include <%s>\n' stdio.h sys/stat.h nettle/sha2.h nettle/hmac.h iconv.h >lib/base/a.c
	printf '#include <%s>\n' csv.h lmdb.h utf8proc.h pcre2.h >lib/store/b.c
	printf '#include "%s"\n' base/a.h b_internal.h store/b.h >>lib/store/b.c
	touch lib/base/a.h lib/store/b.h lib/store/b_internal.h lib/office/c.h lib/office/tax/d.h
	printf '#include "%s"\n' office/tax/d.h office/c.h store/b.h >lib/office/tax/d.c
	printf '#include "%s"\n' office/c.h base/a.h >cmd/bo-c.c
}

# refused FILE INCLUDE REASON: with that line in FILE, REASON is what is found.
refused()
{
	tree
	printf '#include %s\n' "$2" >>"$1"
	run -1 "$ROOT/tests/tools/layers" .
	echo "$output"
	[[ ${lines[0]} == "$1:"*"$3"* ]]
	[ "${#lines[@]}" -eq 1 ]
}

@test "this tree keeps the order of its layers" {
	run -0 "$ROOT/tests/tools/layers" "$ROOT"
}

@test "a tree that keeps the rules passes" {
	tree
	run -0 "$ROOT/tests/tools/layers" .
}

@test "a header of a layer above is refused" {
	refused lib/base/a.c '"store/b.h"' 'is above base'
}

@test "so it is in a header" {
	refused lib/store/b.h '"office/c.h"' 'is above store'
	refused lib/store/b.h '"office/tax/d.h"' 'is above store'
}

@test "a command is not included by another" {
	refused cmd/bo-c.c '"bo-d.c"' 'is not'
	refused cmd/bo-c.c '"cmd/bo-d.c"' 'is no header of a layer'
}

@test "an internal header stays in its layer" {
	refused lib/office/c.h '"store/b_internal.h"' 'is internal to store'
	refused lib/office/tax/d.c '"store/b_internal.h"' 'is internal to store'
	refused cmd/bo-c.c '"store/b_internal.h"' 'is internal to store'
}

@test "a header that does not exist is refused" {
	refused cmd/bo-c.c '"base/z.h"' 'does not exist'
}

@test "a foreign header is behind one file only" {
	refused cmd/bo-c.c '<utf8proc.h>' 'is already behind lib/store/b.c'
	refused lib/store/b.c '<nettle/sha1.h>' 'is already behind lib/base/a.c'
}

@test "a foreign header that is not listed is refused" {
	refused lib/store/b.c '<openssl/evp.h>' 'is no header of the system'
}

@test "a foreign library that nobody uses is noticed" {
	tree
	sed -i '/utf8proc/d' lib/store/b.c
	run -1 "$ROOT/tests/tools/layers" .
	[ "$output" = 'lib: nothing includes <utf8proc.h>' ]
}

@test "no file lies outside a listed layer" {
	tree
	mkdir -p lib/other lib/base/deep/er
	touch lib/other/x.c lib/x.c lib/base/deep/er/x.c lib/base/notes.txt
	run -1 "$ROOT/tests/tools/layers" .
	[ "${#lines[@]}" -eq 4 ]
}
