#!/usr/bin/env bats
# the Makefile: what it builds, what it builds again, what it installs
# shellcheck disable=SC2016,SC2030,SC2031 # programs in quotes; bats runs each test apart

load helper

# A small project under the real Makefile, so that each test takes no time.
setup_file()
{
	command -v cc >/dev/null || skip 'no compiler'
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p lib/base cmd share/schema share/man/man1 share/completion tests/tools tests/unit tests/crash
	cp "$ROOT/Makefile" .
	cp "$ROOT/tests/tools/deps" tests/tools/
	touch share/tables.csv
	unset MAKEFLAGS MFLAGS MAKELEVEL
}

# Two commands, two library files; say.h is included by say.c and bo-record.c only.
project()
{
	printf 'int say(void);\n' >lib/base/say.h
	printf '#include "base/say.h"\nint\nsay(void)\n{\n\treturn 0;\n}\n' >lib/base/say.c
	printf 'int unused(void);\nint\nunused(void)\n{\n\treturn 1;\n}\n' >lib/base/other.c
	printf '#include "base/say.h"\nint\nmain(void)\n{\n\treturn say();\n}\n' >cmd/bo-record.c
	printf '#include <stdio.h>\nint\nmain(void)\n{\n\treturn puts(BO_VERSION " " BO_PREFIX_SHARE) < 0;\n}\n' >cmd/bo.c
	printf '%s\n' table,prefix,parent,refers,flags,command,help \
	    'ticket,T,,,,bo-ticket,"what, and why"' 'posting,P,entry,,child,,no command of its own' \
	    'record,R,,,,bo-record,has a program' >share/tables.csv
	echo field >share/schema/ticket.csv
	printf '.Dd today\n' >share/man/man1/bo.1
	printf '#!/bin/sh\nmkdir -p "$3" && touch "$3/bo.bash" "$3/_bo" "$3/bo.fish"\n' >share/completion/generate
	chmod +x share/completion/generate
}

# What the next make would do, one short line a step.
made()
{
	run -0 make "$@"
	printf '%s\n' "${lines[@]}" | sed -n 's/^  \(..\)  build\//\1 /p' | LC_ALL=C sort
}

@test "an empty tree builds nothing and that is no error" {
	rm share/tables.csv
	run -0 make
}

@test "programs, and a link for each noun that needs none" {
	project
	run -0 make -j4
	[ "$(ls build/bin)" = "$(printf '%s\n' bo bo-record bo-ticket)" ]
	[ "$(readlink build/bin/bo-ticket)" = bo-record ]
	run -0 build/bin/bo
	[[ $output =~ ^[0-9]+\.[0-9]+\.[0-9]+\ /usr/local/share/bo$ ]]
}

@test "when all is built there is nothing to be done" {
	project
	make
	run -0 make
	[[ $output == *'Nothing to be done'* ]]
}

@test "a changed header compiles only what includes it" {
	project
	make
	sleep 0.01
	touch lib/base/say.h
	[ "$(made)" = "$(printf '%s\n' 'ar libbo.a' 'cc obj/cmd/bo-record.o' 'cc obj/lib/base/say.o' 'ld bin/bo' 'ld bin/bo-record')" ]
}

@test "a changed command compiles and links that command" {
	project
	make
	sleep 0.01
	touch cmd/bo.c
	[ "$(made)" = "$(printf '%s\n' 'cc obj/cmd/bo.o' 'ld bin/bo')" ]
}

@test "changed flags compile everything" {
	project
	make
	[ "$(made CFLAGS=-O1 | grep -c ^cc)" -eq 4 ]
}

@test "a changed prefix compiles only who mentions it" {
	project
	make
	[ "$(made PREFIX=/opt/bo)" = "$(printf '%s\n' 'cc obj/cmd/bo.o' 'ld bin/bo')" ]
	run -0 build/bin/bo
	[[ $output == *' /opt/bo/share/bo' ]]
}

@test "a source that has gone leaves the library and bin" {
	project
	make
	rm lib/base/other.c cmd/bo.c
	make
	[ "$(ar t build/libbo.a)" = say.o ]
	[ ! -e build/bin/bo ]
}

@test "a noun that gets a program of its own is no longer a link, and back" {
	project
	make
	before=$(cksum <build/bin/bo-record)
	printf 'int\nmain(void)\n{\n\treturn 7;\n}\n' >cmd/bo-ticket.c
	make
	[ ! -L build/bin/bo-ticket ]
	run -7 build/bin/bo-ticket
	[ "$(cksum <build/bin/bo-record)" = "$before" ]
	rm cmd/bo-ticket.c
	make
	[ -L build/bin/bo-ticket ]
}

@test "another compiler and the sanitizers build elsewhere" {
	project
	make
	run -0 make SAN=1
	[ -x build/san/bin/bo ]
	grep -q __asan build/san/bin/bo
	run ! grep -q __asan build/bin/bo
	command -v clang >/dev/null || skip 'no clang'
	run -0 make CC=clang
	[ -x build/clang/bin/bo ]
	run -0 make
	[[ $output == *'Nothing to be done'* ]]
}

@test "WERROR=1 makes a warning an error" {
	project
	printf 'static int idle;\n' >>lib/base/other.c
	run -0 make
	run -2 make WERROR=1
}

@test "the default build is hardened" {
	project
	make V=1 | grep -e '-D_FORTIFY_SOURCE=2' | grep -qe -fstack-protector-strong
	run -0 readelf -hld build/bin/bo
	[[ $output == *GNU_RELRO* && $output == *BIND_NOW* && $output == *'DYN (Position-Independent'* ]]
}

@test "install puts everything in place, uninstall takes away just that" {
	project
	mkdir -p "root dir/usr/share/bo"
	echo mine >"root dir/usr/share/bo/mine"
	make install DESTDIR="$PWD/root dir" PREFIX=/usr
	(cd "root dir/usr" && find . ! -type d | LC_ALL=C sort) >list
	diff list - <<-'EOF'
	./bin/bo
	./bin/bo-record
	./bin/bo-ticket
	./share/bash-completion/completions/bo
	./share/bash-completion/completions/bo-record
	./share/bash-completion/completions/bo-ticket
	./share/bo/mine
	./share/bo/schema/ticket.csv
	./share/bo/tables.csv
	./share/fish/vendor_completions.d/bo-record.fish
	./share/fish/vendor_completions.d/bo-ticket.fish
	./share/fish/vendor_completions.d/bo.fish
	./share/man/man1/bo.1
	./share/zsh/site-functions/_bo
	EOF
	[ "$(readlink 'root dir/usr/bin/bo-ticket')" = bo-record ]
	[ "$(stat -c %a 'root dir/usr/bin/bo' 'root dir/usr/share/bo/tables.csv' | paste -sd ' ')" = '755 644' ]
	make uninstall DESTDIR="$PWD/root dir" PREFIX=/usr
	[ "$(find 'root dir' ! -type d)" = 'root dir/usr/share/bo/mine' ]
	[ ! -d 'root dir/usr/share/bo/schema' ]
}

@test "dist packs what git tracks, twice the same" {
	project
	git init -q .
	git add Makefile cmd lib share
	git -c user.name=x -c user.email=x@example.org commit -qm 'all: begin'
	touch untracked
	make dist
	first=$(sha256sum <build/bo-*.tar.gz)
	touch Makefile cmd/*
	rm build/bo-*.tar.gz
	(umask 077 && make dist)
	[ "$(sha256sum <build/bo-*.tar.gz)" = "$first" ]
	diff <(tar -tf build/bo-*.tar.gz | sed 's,^bo-[0-9.]*/,,' | LC_ALL=C sort) <(git ls-files | LC_ALL=C sort)
}

@test "dist says plainly that it needs git" {
	project
	GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR/.. run -2 make dist
	[[ $output == *'no git repository'* ]]
}

# --- what is missing -------------------------------------------------------------

# A machine without anything but these commands: machine NAME...
machine()
{
	local name

	mkdir -p bin
	for name in sh awk grep printf mktemp rm id env cat "$@"; do
		[ -e "bin/$name" ] || ln -s "$(command -v "$name")" bin/
	done
}

# fake NAME LINE: a command that notes its arguments, then runs LINE.
fake()
{
	printf '#!/bin/sh\necho "%s $*" >>calls\n%s\n' "$1" "$2" >"bin/$1"
	chmod +x "bin/$1"
}

deps()
{
	PATH=$PWD/bin run "$ROOT/tests/tools/deps" "$@"
	echo "$output"
}

@test "when nothing is missing no package manager is called" {
	machine cc ar
	fake apt-get 'exit 1'
	deps build
	[ "$status" -eq 0 ]
	[ ! -e calls ]
}

@test "what is missing is installed, as root, lists first" {
	machine
	rm bin/id
	fake id 'echo 0'
	fake apt-get 'case $* in *install*) for t in jq bats rsync; do printf "#!/bin/sh\n" >bin/$t; /bin/chmod +x bin/$t; done ;; esac'
	for tool in bash faketime strace sqlite3 valgrind bc mandoc ctags git ps ssh-keygen script; do
		fake "$tool" :
	done
	ln -s "$(command -v cc)" bin/
	deps check
	[ "$status" -eq 0 ]
	run -0 grep apt-get calls
	[ "${lines[0]}" = 'apt-get update' ]
	[ "${lines[1]}" = 'apt-get install -y --no-install-recommends bats jq rsync' ]
}

@test "without root or sudo the command is printed, and nothing done" {
	machine
	rm bin/id
	fake id 'echo 1000'
	fake apt-get ''
	deps lint
	[ "$status" -eq 1 ]
	[[ $output == *'install with: sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends clang-format clang-tidy shellcheck mandoc'* ]]
	run ! grep apt-get calls
}

@test "other systems, other names" {
	machine
	rm bin/id
	fake id 'echo 1000'
	fake apk ''
	deps build
	[ "$status" -eq 1 ]
	[[ $output == *'apk add --no-progress gcc musl-dev binutils libcsv-dev lmdb-dev nettle-dev pcre2-dev utf8proc-dev'* ]]
}

@test "an installation that brought nothing is a failure" {
	machine
	rm bin/id
	fake id 'echo 0'
	fake apt-get :
	deps lint
	[ "$status" -eq 1 ]
	[[ $output == *'still missing: clang-format clang-tidy shellcheck mandoc'* ]]
}

@test "what is optional is installed one by one, and what can't be is left out" {
	machine
	rm bin/id
	fake id 'echo 0'
	fake apt-get 'case $* in *"install "*miller) printf "#!/bin/sh\n" >bin/mlr; /bin/chmod +x bin/mlr ;; *install*) exit 100 ;; esac'
	deps --optional peers
	[ "$status" -eq 0 ]
	[[ $output == *'deps: left out: ledger'* ]]
	[[ $output != *'left out: mlr'* ]]
	[ "$(grep -c 'apt-get update' calls)" -eq 1 ]
	[ "$(grep -c 'apt-get install' calls)" -ge 8 ]
}

@test "without root what is optional is left out, and that is no failure" {
	machine
	rm bin/id
	fake id 'echo 1000'
	fake apt-get ''
	deps --optional peers
	[ "$status" -eq 0 ]
	[[ $output == *'deps: left out: datamash'* ]]
	run ! grep apt-get calls
}
