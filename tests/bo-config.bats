#!/usr/bin/env bats
# bo-config: the company itself

load helper

@test "shows every field that is set, as records" {
	store
	run -0 bo-config
	[ "${lines[0]}" = field,value ]
	[ "${lines[1]}" = name,store ]
	[ "$output" = "$(bo-config show)" ]
	[[ $output != *iban* ]]
	[ "$(bo-config -o json | jq -r 'select(.field == "currency").value')" = EUR ]
}

@test "get prints one bare value" {
	store
	bo-config set -q address=$'Main Street 1\nBack door'
	[ "$(bo-config get address)" = $'Main Street 1\nBack door' ]
	[ -z "$(bo-config get iban)" ]
	run -2 bo-config get nonsense
	run -2 bo-config get
}

@test "set needs no id" {
	store
	run -0 bo-config set name='Tea & Co' country=Germany -f name,country
	[ "${lines[1]}" = 'Tea & Co,DE' ]
}

@test "a time zone and a fiscal year must be ones" {
	store
	run -3 bo-config set timezone=Mars/Olympus
	[[ $output == 'bo-config: timezone: not a time zone: "Mars/Olympus"' ]]
	run -3 bo-config set fiscal_year=13-01
	run -3 bo-config set fiscal_year=02-29
	run -0 bo-config set -q fiscal_year=04-01 timezone=Asia/Tokyo
	run -3 bo-config set currency=
	run -3 bo-config set iban=DE00123456780000000000
}

@test "today is that of the time zone" {
	store
	bo-config set -q timezone=Pacific/Auckland
	bo-item add -q sku=A name=a
	at '2026-03-01 20:00:00' bo-stock receive -q item=A qty=1 to=MAIN
	[ "$(bo-stock list --no-header -f date)" = 2026-03-02 ]
}

@test "log tells who changed what; there is only one company" {
	store
	bo-config set -q name=Other -m renamed
	[ "$(bo-config log -f field,old,new,reason | tail -n 1)" = name,store,Other,renamed ]
	run -3 bo-record -t company add name=Second
}
