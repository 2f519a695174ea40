#!/usr/bin/env bats
# the manual: complete, true, and the same as -h

# What stands in single quotes is for awk.
# shellcheck disable=SC2016

load helper

man=$ROOT/share/man
concepts=$man/man7/bo.7

commands()
{
	(cd "$BO_BUILD/bin" && printf '%s\n' bo*)
}

pages()
{
	find "$man" -name '*.[157]' | sort
}

# A page as it is shown, without the overprinting that makes letters bold.
plain() # PAGE [OPTION...]
{
	mandoc -T utf8 "${@:2}" "$1" | sed "s/.$(printf '\b')//g"
}

# A section of a page as it is shown, one line, white space made single.
section() # PAGE NAME
{
	plain "$1" -O width=1000 |
	    awk -v name="$2" '/^[^ ]/ { inside = $0 == name; next } inside' | tr -s '[:space:]' ' ' |
	    sed 's/^ //; s/ $//'
}

# Synopsis as -h prints it, in the same way.
usage() # COMMAND
{
	"$1" -h | sed -n '/^usage: /,/^$/p' | sed 's/^usage: //' | tr -s '[:space:]' ' ' | sed 's/^ //; s/ $//'
}

@test "every command has a page, and every page a command" {
	diff <(commands) <(cd "$man/man1" && printf '%s\n' *.1 | sed 's/[.]1$//' | sort)
}

@test "every command has a file of tests" {
	local command missing=''

	for command in $(commands); do
		[ -e "$ROOT/tests/$command.bats" ] || missing="$missing $command"
	done
	[ -z "$missing" ] || { echo "without tests:$missing"; return 1; }
}

@test "every command is completed by bash, zsh and fish" {
	local command shell

	for shell in bo.bash _bo bo.fish; do
		for command in $(commands); do
			grep -qw -e "$command" "$BO_BUILD/completion/$shell" || { echo "$shell lacks $command"; return 1; }
		done
	done
}

@test "the synopsis of every page is what -h prints" {
	local command faults=0

	for command in $(commands); do
		diff <(usage "$command" | sed "s/ $command /\n$command /g") \
		    <(section "$man/man1/$command.1" SYNOPSIS | sed "s/ $command /\n$command /g") || faults=$((faults + 1))
	done
	[ "$faults" -eq 0 ]
}

@test "bo(7) has every option that -h has" {
	local option

	for option in $(bo-record -h | sed -n '/^options:/,$p' | grep -oE -e '--[a-z-]+'); do
		plain "$concepts" | grep -q -e "$option" || { echo "lacks $option"; return 1; }
	done
}

@test "bo(7) and bo(5) have every status, type, flag and format" {
	local word text

	text=$(section "$concepts" 'EXIT STATUS')
	while read -r word; do
		grep -qw "$word" <<<"$text" || { echo "lacks status $word"; return 1; }
	done < <(sed -n 's/.*STATUS_[A-Z]* = \([0-9]*\).*/\1/p' "$ROOT/lib/base/error.h")
	text=$(plain "$man/man5/bo.5")
	for word in $(awk '
	    /type_names\[\] =|flag_names\[\] =/ { inside = 1 }
	    inside { print }
	    /;/ { inside = 0 }' "$ROOT/lib/record/schema_load.c" | grep -o '"[a-z]*"' | tr -d '"'); do
		grep -qw "$word" <<<"$text" || { echo "lacks $word"; return 1; }
	done
}

@test "every page has what a page must have" {
	local page heading

	for page in "$man"/man1/*.1; do
		for heading in NAME SYNOPSIS DESCRIPTION FILES 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			grep -qx ".Sh $heading" "$page" || { echo "$page lacks $heading"; return 1; }
		done
	done
}

@test "the examples of every page of a command have a pipeline" {
	local page

	for page in "$man"/man1/*.1; do
		sed -n '/^[.]Sh EXAMPLES/,/^[.]Sh SEE/p' "$page" | grep -qE '^[$>] .*[|]' || { echo "$page"; return 1; }
	done
}

@test "bo(7) refers to every command's page" {
	for page in "$ROOT"/share/man/man1/*.1; do
		grep -qxF ".Xr $(basename "$page" .1) 1 ," "$ROOT/share/man/man7/bo.7" || { echo "$page"; return 1; }
	done
}

@test "what is quoted ends before the next is" {
	for page in "$ROOT"/share/man/man*/*.[0-9]; do
		! mandoc -T utf8 "$page" 2>/dev/null | col -b | tr '\n' ' ' | grep -o "‘[^’]*‘" || { echo "$page"; return 1; }
	done
}

@test "pages only refer to pages that there are" {
	local reference

	for reference in $(pages | xargs awk '/^[.]Xr bo/ { print $2 "." $3 }' | sort -u); do
		[ -e "$man/man${reference##*.}/$reference" ] || { echo "no $reference"; return 1; }
	done
}

@test "mandoc has nothing to say about any page" {
	local findings

	command -v mandoc >/dev/null || skip "no mandoc"
	# A page that Xr names may not be installed on this machine.
	findings=$(pages | xargs mandoc -T lint 2>/dev/null | grep -v 'referenced manual not found') || true
	[ -z "$findings" ] || { echo "$findings"; return 1; }
}

@test "the examples of bo(7), which all others begin with" {
	from "2026-03-02 09:00:00" "$ROOT/tests/tools/examples" "$concepts"
}

# One test a page, so that each is reported by itself.
examples() # COMMAND
{
	from "2026-03-02 09:00:00" "$ROOT/tests/tools/examples" -f "$concepts" "$man/man1/$1.1"
}

@test "the examples of bo(1)" { examples bo; }
@test "the examples of bo-account(1)" { examples bo-account; }
@test "the examples of bo-apply(1)" { examples bo-apply; }
@test "the examples of bo-bill(1)" { examples bo-bill; }
@test "the examples of bo-audit(1)" { examples bo-audit; }
@test "the examples of bo-budget(1)" { examples bo-budget; }
@test "the examples of bo-config(1)" { examples bo-config; }
@test "the examples of bo-customer(1)" { examples bo-customer; }
@test "the examples of bo-field(1)" { examples bo-field; }
@test "the examples of bo-init(1)" { examples bo-init; }
@test "the examples of bo-invoice(1)" { examples bo-invoice; }
@test "the examples of bo-item(1)" { examples bo-item; }
@test "the examples of bo-ledger(1)" { examples bo-ledger; }
@test "the examples of bo-location(1)" { examples bo-location; }
@test "the examples of bo-payment(1)" { examples bo-payment; }
@test "the examples of bo-period(1)" { examples bo-period; }
@test "the examples of bo-rate(1)" { examples bo-rate; }
@test "the examples of bo-record(1)" { examples bo-record; }
@test "the examples of bo-recurring(1)" { examples bo-recurring; }
@test "the examples of bo-role(1)" { examples bo-role; }
@test "the examples of bo-stock(1)" { examples bo-stock; }
@test "the examples of bo-store(1)" { examples bo-store; }
@test "the examples of bo-supplier(1)" { examples bo-supplier; }
@test "the examples of bo-table(1)" { examples bo-table; }
@test "the examples of bo-tax(1)" { examples bo-tax; }
@test "the examples of bo-ticket(1)" { examples bo-ticket; }
@test "the examples of bo-user(1)" { examples bo-user; }
@test "the examples of bo-watch(1)" { examples bo-watch; }

@test "every page is among those whose examples are run" {
	local page

	for page in "$man"/man1/*.1; do
		grep -q "{ examples $(basename "$page" .1); }" "$BATS_TEST_FILENAME" || { echo "$page is not"; return 1; }
	done
}

# Copies the displays of "Checking by hand" out of bo(5).
by_hand()
{
	awk '
	/^[.]Ss Checking by hand/ { inside = 1 }
	/^[.]Ss watermark/ { inside = 0 }
	/^[.]Bd -literal/ && inside { display = 1; n++; next }
	/^[.]Ed/ { display = 0 }
	display { gsub(/\\e/, "\\"); print > ("by-hand." n) }' "$man/man5/bo.5"
}

@test "bo(5): the chain can be checked by hand, and tells a bad line" {
	store
	bo-customer add -q name=A
	bo-customer set -q C1 name=B -m 'with, a comma'
	by_hand
	run -0 sh -c "cd store && . ../by-hand.1"
	[ -z "$output" ]
	sed -i 's/with, a comma/with, a point/' store/audit.csv
	run -0 sh -c "cd store && . ../by-hand.1"
	[[ $output == 'bad: 3,'* ]]
}

@test "bo(5): the digest of a change can be checked by hand" {
	local change table offset length digest

	store
	bo-item add -q sku=A name=One
	bo-item add -q sku=B name=Two
	by_hand
	change=$(tail -n 1 store/audit.csv | grep -o 'item:[0-9]*:[0-9]*:[0-9a-f]*')
	IFS=: read -r table offset length digest <<<"$change"
	[ "$offset" -gt 0 ]
	run -0 sh -c "cd store && offset=$offset length=$length && $(sed "s/table.csv/$table.csv/" by-hand.2)"
	[ "${output%% *}" = "$digest" ]
}
