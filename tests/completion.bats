#!/usr/bin/env bats
# completion in bash, zsh and fish

# What stands in single quotes is for the other shell.
# shellcheck disable=SC2016

load helper

completion=$BO_BUILD/completion

# candidates WORD...: what bash would offer for the last word, one a line.
candidates()
{
	bash --norc -c '
		. "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_bo
		[[ ${#COMPREPLY[@]} -eq 0 ]] || printf "%s\n" "${COMPREPLY[@]}"
	' bash "$completion/bo.bash" "$@"
}

# offers WANTED WORD...: WANTED is among them.
offers()
{
	local wanted=$1

	shift
	candidates "$@" | grep -qxF -e "$wanted" || { echo "not offered: $wanted"; candidates "$@"; return 1; }
}

refuses()
{
	local unwanted=$1

	shift
	! candidates "$@" | grep -qxF -e "$unwanted"
}

@test "bo is followed by nouns" {
	offers ticket bo ''
	offers invoice bo in
	offers init bo in
	refuses ticket bo in
}

@test "a command is followed by its verbs, also behind bo" {
	offers add bo-ticket ''
	offers solve bo-ticket so
	offers solve bo ticket so
	offers level bo-stock ''
	offers verify bo-audit ''
	refuses solve bo-customer ''
}

@test "a dash is followed by options" {
	offers --where bo-ticket list --w
	offers -n bo-ticket -
}

@test "lists of columns are completed, those of sums too" {
	offers customer bo-ticket list -f ''
	offers id,status bo-ticket list -f id,s
	offers amount bo record list -t invoice_line --sum a
	offers customer,status bo-ticket list --by customer,s
}

@test "a verb is followed by the fields that can be set" {
	offers subject= bo-ticket add ''
	offers priority= bo-ticket add pri
	refuses age= bo-ticket add ''
	refuses status= bo-ticket add ''
}

@test "a colon is followed by the fields of children" {
	offers qty= bo-invoice add customer = X : q
	refuses reference= bo-invoice add customer = X : ''
	offers qty= bo invoice add : q
}

@test "a field of an enum is followed by its values" {
	offers urgent bo-ticket add priority = ''
	offers urgent bo-ticket add priority = ur
	offers high bo-ticket add priority '='
	refuses low bo-ticket add priority = h
}

@test "options are followed by what they take" {
	offers json bo-ticket list -o j
	offers invoice bo-record -t inv
	offers code bo-record list -t series -f co
	offers id,name bo-customer list -f id,na
	offers -name bo-customer list -s -na
	offers code bo-customer put --match ''
	refuses name bo-customer put --match ''
	refuses solve bo-ticket -w ''
}

@test "with -t, fields are those of that table" {
	offers sku= bo-record -t item add sk
}

@test "every verb that bash offers is one that -h has" {
	local command

	for command in bo-ticket bo-invoice bo-stock bo-audit bo-config; do
		diff <(candidates "$command" '' | sort) \
		    <("$command" -h | sed -n '/^verbs:/,/^$/s/^  \([a-z-]*\).*/\1/p' | sort)
	done
}

@test "bash takes the file without a complaint" {
	run -0 bash --norc -uc '. "$1" && complete -p bo-ticket' bash "$completion/bo.bash"
	[[ $output == *'-F _bo bo-ticket' ]]
}

@test "zsh understands its file" {
	command -v zsh >/dev/null || skip "no zsh"
	zsh -n "$completion/_bo"
	run -0 head -n 1 "$completion/_bo"
	[[ $output == '#compdef bo '*bo-ticket* ]]
}

@test "fish understands its file, and offers the same verbs" {
	command -v fish >/dev/null || skip "no fish"
	fish -n "$completion/bo.fish"
	run -0 fish --no-config -c 'source $argv[1]; complete -C "bo-ticket so"' "$completion/bo.fish"
	[[ $output == solve* ]]
	run -0 fish --no-config -c 'source $argv[1]; complete -C "bo-ticket add priority=ur"' "$completion/bo.fish"
	[[ $output == priority=urgent* ]]
}
