#!/usr/bin/env bats
# terminal: what is printed for people, and what is not when nobody looks

load helper

# shown COLUMNS COMMAND...: what a terminal of that width gets.
shown()
{
	local columns=$1

	shift
	script -qec "TERM=dumb COLUMNS=$columns $*" /dev/null </dev/null | tr -d '\r'
}

@test "accounts can be told from each other on a terminal of 80 columns" {
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-account add -q code=expense:purchases:tea name=Tea kind=expense
	bo-ledger enter -q date=2026-03-01 text=Beans : account=expense:purchases amount=12345.67 \
	    : account=expense:purchases:tea amount=1 : account=assets:bank amount=-12346.67
	shown 80 bo-ledger balance >out
	cut -d ' ' -f 1 out | sed '1,2d' >accounts
	printf '%s\n' assets:bank expense:purchases expense:purchases:tea | diff - accounts
	[ "$(awk '{ if (length > most) most = length } END { print most }' out)" -le 90 ] # bytes: U+2026 has three
}

@test "text from right to left is isolated on a terminal, and in a pipe as it was entered" {
	store
	bo-customer add -q code=B name='بیٹا ٹریڈنگ'
	shown 80 bo-customer list -f name >out
	grep -q $'\xe2\x81\xa8بیٹا ٹریڈنگ\xe2\x81\xa9' out
	name=$(bo-customer list -o table -f name | tail -n 1)
	[ "$name" = 'بیٹا ٹریڈنگ' ]
	[ "$(bo-customer list --no-header -f code -w "name = '$name'")" = B ]
}
