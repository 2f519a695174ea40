#!/usr/bin/env bats
# bo-store: copies, strays, histories that are other ones now, and the repair after a failed sync
# shellcheck disable=SC2154 # bats sets stderr

load helper

# A store with personal records (sealed) and others.
filled()
{
	store
	bo-customer add code=ANA name='Ana Trujillo' city=México -q
	bo-customer add code=BOB name='Bo Berglund' city=Luleå -q
	bo-item add sku=CHAI name='चाय' price=4 -q
}

needs_strace()
{
	without_sanitizer # which traces, and looks for leaks, itself
	command -v strace >/dev/null || skip 'strace is not installed'
	strace -o /dev/null true 2>/dev/null || skip 'tracing is not allowed here'
}

# value NAME: of `bo-store status`.
value()
{
	bo-store status --no-header | sed -n "s|^$1,||p"
}

# everything DIR: all records of a store, of a few tables.
everything()
{
	for command in customer item invoice; do
		bo-$command -d "$1" list -a || return 1
	done
}

# eight COMMAND: runs it while 8 writers add invoices, each with two lines, all in one transaction.
eight()
{
	local i writers=()

	for i in 1 2 3 4 5 6 7 8; do
		(
			while [ ! -e stop ]; do
				bo-invoice add customer=ANA : description=one price=1 : description=two price=2 -q || exit
			done
		) 3>&- &
		writers+=($!)
	done
	"$@"
	touch stop
	wait "${writers[@]}"
	rm stop
}

# whole DIR: a store that stands at a whole transaction.
whole()
{
	local invoices lines

	bo-audit -d "$1" verify -q || return 1
	invoices=$(bo-invoice -d "$1" list --no-header | wc -l)
	lines=$(bo-record -d "$1" -t invoice_line list --no-header | wc -l)
	echo "$invoices invoices, $lines lines"
	[ "$lines" -eq $((invoices * 2)) ]
}

# --- copy ---------------------------------------------------------------------------

@test "copy makes a store like the first, proved, with the same modes and the same uuid" {
	filled
	umask 077
	run -0 bo-store copy there
	[ "${lines[0]}" = path,before,tx,bytes,blobs ]
	[ "${lines[1]}" = "there,0,$(bo-audit head --no-header -f tx),$(cat "$BO_STORE"/*.csv | wc -c),0" ]
	bo-audit -d there verify -q
	[ "$(everything there)" = "$(everything "$BO_STORE")" ]
	[ "$(stat -c %a there)" = 2770 ]
	[ "$(stat -c %a there/*.csv there/bo.format there/watermark | sort -u)" = 660 ]
	cmp "$BO_STORE/bo.format" there/bo.format
	[ "$(bo-store status -d there --no-header | sed -n 's/^state,//p')" = ok ]
}

@test "copy STORE DIR names the store; nothing of it is changed" {
	filled
	cp -a "$BO_STORE" before
	env -u BO_STORE bo-store copy -q "$BO_STORE" there
	diff -r before "$BO_STORE"
	[ "$(everything there)" = "$(everything "$BO_STORE")" ]
}

@test "the second copy writes only what was added since" {
	filled
	bo-store copy -q there
	before=$(stat -c %s "$BO_STORE/audit.csv" "$BO_STORE/item.csv" | paste -sd+ | bc)
	bo-item add sku=KAVA name=kava -q
	after=$(stat -c %s "$BO_STORE/audit.csv" "$BO_STORE/item.csv" | paste -sd+ | bc)
	inode=$(stat -c %i there/customer.csv)
	run -0 bo-store copy there --no-header -f before,tx,bytes
	[ "$output" = "4,5,$((after - before))" ]
	[ "$(stat -c %i there/customer.csv)" = "$inode" ]
	cmp there/customer.csv "$BO_STORE/customer.csv"
	bo-audit -d there verify -q
	run -0 bo-store copy there --no-header -f bytes
	[ "$output" = 0 ]
}

@test "a copy takes the documents along" {
	filled
	name=$(printf 'receipt' | sha256sum | cut -c 1-64)
	mkdir -p "$BO_STORE/blob/${name:0:2}"
	printf 'receipt' >"$BO_STORE/blob/${name:0:2}/$name"
	run -0 bo-store copy there --no-header -f blobs
	[ "$output" = 1 ]
	[ "$(cat "there/blob/${name:0:2}/$name")" = receipt ]
	[ "$(stat -c %a "there/blob/${name:0:2}/$name" "there/blob/${name:0:2}" | paste -sd,)" = 660,2770 ]
	run -0 bo-store copy there --no-header -f blobs
	[ "$output" = 0 ]
	printf 'receiqt' >"$BO_STORE/blob/${name:0:2}/$name"
	run -4 bo-store copy elsewhere
	[[ $output == *damaged* ]]
	[ ! -e elsewhere/bo.format ]
}

@test "a directory that is something else stays as it is" {
	filled
	mkdir full
	echo precious >full/file
	run -3 bo-store copy full
	[[ $output == *'neither empty nor a store'* ]]
	[ "$(ls -A full)" = file ]
	bo-init other -q
	cp -a other before
	run -3 bo-store copy other
	[[ $output == *'a store of its own'* ]]
	diff -r before other
	run -3 bo-store copy "$BO_STORE"
	[[ $output == *'the store itself'* ]]
	run -4 bo-store copy "$BO_STORE" nowhere/there
	run -4 bo-store copy nowhere there
	[ ! -e there ]
	run -2 bo-store copy
	run -2 bo-store copy a b c
	run -2 bo-store copy -n there
}

@test "a copy that somebody wrote into has a history of its own, and is left alone" {
	filled
	bo-store copy -q there
	bo-item -d there add sku=FORK name=fork -q
	cp -a there before
	run -3 bo-store copy there
	[[ $output == *'has gone on by itself'* ]]
	bo-item add sku=KAVA name=kava -q
	run -3 bo-store copy there
	[[ $output == *'its history is another one'* ]]
	bo-item add sku=YERBA name=yerba -q
	run -3 bo-store copy there
	diff -r before there
}

@test "what is damaged here does not get into an older copy" {
	filled
	bo-store copy -q there
	bo-item add sku=KAVA name=kava -q
	cp -a there before
	sed -i 's/kava/lava/' "$BO_STORE/item.csv"
	run -4 bo-store copy there
	[[ $output == *'transaction '*altered* ]]
	diff -r before there
	bo-audit -d there verify -q
}

@test "what was altered in a personal table since it was copied stays out of the copy" {
	filled
	bo-store copy -q there
	cp -a there before
	sed -i 's/Trujillo/Trujilla/' "$BO_STORE/customer.csv"
	run -4 bo-store copy there
	[[ $output == *'altered since it was copied'* ]]
	diff before/customer.csv there/customer.csv
	bo-audit -d there verify -q
}

@test "what lies behind the end of the copy's logs is kept in its torn/" {
	filled
	bo-store copy -q there
	echo 'I9,9,by hand' >>there/item.csv
	bo-item add sku=KAVA name=kava -q
	run -0 --separate-stderr bo-store copy -q there
	[[ $stderr == *'kept in torn/'* ]]
	grep -q 'by hand' there/torn/item.csv.*
	bo-audit -d there verify -q
	cmp there/item.csv "$BO_STORE/item.csv"
}

@test "a copy that 8 writers overtake stands at a whole transaction" {
	filled
	copies()
	{
		for i in 1 2 3 4 5; do
			bo-store copy -q "new$i" && bo-store copy -q always || return 1
			whole "new$i" && whole always || return 1
		done
	}
	eight copies
	bo-store copy -q always
	[ "$(everything always)" = "$(everything "$BO_STORE")" ]
}

@test "a new copy that is killed at any call is no store, and is finished by the next" {
	needs_strace
	filled
	for point in mkdir:1 openat:12 openat:16 pwrite64:1 pwrite64:2 pwrite64:3 pwrite64:5 pwrite64:6 fsync:1 fsync:2 \
	    fsync:4 fsync:6 fsync:8 fsync:10 renameat:1 fsync:12 fsync:13; do
		rm -rf there
		strace -o /dev/null -e trace="${point%:*}" -e inject="${point%:*}:signal=KILL:when=${point#*:}" \
		    bo-store copy -q there || true
		[ ! -e there/bo.format ] || bo-audit -d there verify -q
		bo-store copy -q there
		bo-audit -d there verify -q
		[ "$(everything there)" = "$(everything "$BO_STORE")" ]
	done
}

@test "an older copy that a killed one was to bring up to date still is a store, old or new" {
	needs_strace
	filled
	bo-store copy -q old
	bo-item add sku=KAVA name=kava -q
	bo-customer set C1 city=Oaxaca -q
	killed=0
	n=0
	for point in openat:20 pwrite64:1 pwrite64:2 pwrite64:3 pwrite64:4 fsync:1 fsync:2 fsync:3 fsync:4; do
		there=there$((++n)) # of its own: a copy that went back would be noticed
		cp -a old "$there"
		strace -o /dev/null -e trace="${point%:*}" -e inject="${point%:*}:signal=KILL:when=${point#*:}" \
		    bo-store copy -q "$there" || killed=$((killed + 1))
		bo-audit -d "$there" verify -q
		now=$(everything "$there")
		[ "$now" = "$(everything old)" ] || [ "$now" = "$(everything "$BO_STORE")" ]
		bo-store copy -q "$there"
		[ "$(everything "$there")" = "$(everything "$BO_STORE")" ]
		bo-audit -d "$there" verify -q
	done
	[ "$killed" -gt 5 ]
}

@test "a copy that does not fit leaves the older one as it was" {
	filled
	bo-store copy -q there
	seq -f 'SKU-%.0f,item' 1 400 | sed '1i sku,name' | bo-item add - -q
	cp -a there before
	(
		ulimit -f 8
		run -4 bo-store copy there
	)
	diff -r -x watermark before there
	bo-audit -d there verify -q
}

@test "copy tells how far it is when it is asked to" {
	filled
	run -0 --separate-stderr bo-store copy -q --progress there
	[[ $stderr == *KiB* ]]
	run -0 --separate-stderr bo-store copy -q elsewhere
	[ -z "$stderr" ]
}

# --- copies made otherwise -------------------------------------------------------------

@test "rsync, audit.csv first, copies a store that 8 writers write" {
	command -v rsync >/dev/null || skip 'rsync is not installed'
	filled
	synced()
	{
		for i in 1 2 3 4; do
			rsync -a "$BO_STORE/audit.csv" "there$i/" && rsync -a --exclude audit.csv "$BO_STORE/" "there$i/" || return 1
			whole "there$i" || return 1
		done
	}
	eight synced
}

@test "cp -a, audit.csv first, copies a store that 8 writers write" {
	filled
	copied()
	{
		for i in 1 2 3 4; do
			mkdir "there$i" && cp -a "$BO_STORE/audit.csv" "there$i/" || return 1
			find "$BO_STORE" -mindepth 1 -maxdepth 1 ! -name audit.csv -exec cp -a {} "there$i/" \; || return 1
			whole "there$i" || return 1
		done
	}
	eight copied
}

@test "a copy made by cp is worked with, and brought up to date" {
	filled
	cp -a "$BO_STORE" there
	bo-item add sku=KAVA name=kava -q
	bo-store copy -q there
	[ "$(everything there)" = "$(everything "$BO_STORE")" ]
	bo-item -d there add sku=MINE name=mine -q
	bo-audit -d there verify -q
}

# --- repair ------------------------------------------------------------------------------

# failed_sync N ARGUMENT...: a change by bo-item whose Nth sync fails.
failed_sync()
{
	local result=0

	strace -o /dev/null -e trace=fdatasync -e inject=fdatasync:error=EIO:when="$1" bo-item "${@:2}" 2>said ||
	    result=$?
	[ "$result" -eq 5 ]
	grep -q 'the outcome is unknown' said
}

@test "after a failed sync nobody writes until repair has proved the store; what is whole is kept" {
	needs_strace
	filled
	before=$(everything "$BO_STORE")
	failed_sync 1 add sku=KEPT name=kept -k kept-1
	run -4 bo-item add sku=KAVA name=kava
	[[ $output == *'marked broken, since a sync failed'* ]]
	[ "$(everything "$BO_STORE")" = "$before" ]
	[ "$(value state)" = broken ]
	run -0 --separate-stderr bo-store repair
	[ "${lines[0]}" = repaired,transactions,bytes,tables,cut ]
	[[ ${lines[1]} == true,"$(value tx)",*,4,0 ]]
	[ -z "$stderr" ]
	[ "$(value state)" = ok ]
	bo-item add sku=KEPT name=kept -k kept-1 -q
	[ "$(bo-item list --no-header -f sku | paste -sd,)" = CHAI,KEPT ]
	bo-audit verify -q
}

@test "after a failed sync repair cuts off what is not whole" {
	needs_strace
	filled
	before=$(everything "$BO_STORE")
	failed_sync 1 add sku=LOST name=lost -k lost-1
	truncate -s -1 "$BO_STORE/item.csv"
	run -0 --separate-stderr bo-store repair --no-header
	[[ $output == true,"$(value tx)",*,4,* ]]
	[ "${output##*,}" -gt 0 ]
	[[ $stderr == *'kept in torn/audit.csv'*'kept in torn/item.csv'* ]]
	[ "$(everything "$BO_STORE")" = "$before" ]
	bo-item add sku=LOST name=lost -k lost-1 -q
	[ "$(bo-item list --no-header -f sku | paste -sd,)" = CHAI,LOST ]
	bo-audit verify -q
}

@test "what was acknowledged outlives the watermark and a failed sync after that" {
	needs_strace
	filled
	before=$(everything "$BO_STORE")
	# Of what is written anew, and of all that is synced then: the first file of those is not left to a thread.
	for sync in 1 3; do
		rm "$BO_STORE/watermark"
		run -4 strace -o /dev/null -e trace=fdatasync -e inject=fdatasync:error=EIO:when="$sync" bo-item list
		[[ $output == *"can't sync"* ]]
		run -4 bo-item list
		[[ $output == *'bo-store(1), repair, comes first'* ]]
		bo-store repair -q
		[ "$(everything "$BO_STORE")" = "$before" ]
	done
	bo-audit verify -q
}

@test "a repair whose own sync fails changes nothing, and the next one may" {
	needs_strace
	filled
	failed_sync 1 add sku=KEPT name=kept
	cp -a "$BO_STORE" before
	run -4 strace -o /dev/null -e trace=fdatasync -e inject=fdatasync:error=EIO:when=1 bo-store repair
	[[ $output == *"can't sync"* ]]
	diff -r before "$BO_STORE"
	run -4 bo-item add sku=KAVA name=kava
	bo-store repair -q
	bo-item add sku=KAVA name=kava -q
}

@test "repair does not pass what it can not prove" {
	needs_strace
	filled
	run -5 strace -o /dev/null -e trace=fdatasync -e inject=fdatasync:error=EIO:when=1 bo-item add sku=LOST name=lost
	sed -i 's/चाय/चाच/' "$BO_STORE/item.csv"
	run -4 bo-store repair
	[[ $output == *item.csv* ]]
	run -4 bo-item add sku=KAVA name=kava
	sed -i 's/चाच/चाय/' "$BO_STORE/item.csv"
	bo-store repair -q 2>/dev/null
	bo-item add sku=KAVA name=kava -q
}

@test "repair of a sound store proves it and changes nothing" {
	filled
	cp -a "$BO_STORE" before
	run -0 --separate-stderr bo-store repair --no-header
	[[ $output == false,"$(bo-audit head --no-header -f tx)",*,4,0 ]]
	[ -z "$stderr" ]
	diff -r before "$BO_STORE"
	run -2 bo-store repair -n
	run -2 bo-store repair everything
}

# --- adopt --------------------------------------------------------------------------------

# by_hand ID CITY: a customer's newest line, with another city.
by_hand()
{
	grep "^$1," "$BO_STORE/customer.csv" | tail -n 1 | sed "s/México\|Luleå/$2/"
}

@test "a line that was appended by hand is not shown until it is adopted" {
	filled
	by_hand C1 Puebla >>"$BO_STORE/customer.csv"
	[ "$(bo-customer list --no-header -f city | head -n 1)" = México ]
	cp -a "$BO_STORE" before
	run -0 bo-store adopt -n
	[ "$output" = $'table,id,field,old,new\ncustomer,C1,city,México,Puebla' ]
	diff -r before "$BO_STORE"
	run -0 bo-store adopt -m 'typed it in'
	[ "$output" = $'table,id,field,old,new\ncustomer,C1,city,México,Puebla' ]
	[ "$(bo-customer list --no-header -f city | head -n 1)" = Puebla ]
	[ "$(bo-audit log --no-header -f command,reason | tail -n 1)" = 'store adopt,typed it in' ]
	bo-audit verify -q
	run -0 --separate-stderr bo-store adopt --no-header
	[ -z "$output" ]
	[ -z "$stderr" ]
	[ -z "$(ls "$BO_STORE/torn")" ]
}

@test "lines that a writer has cut off are adopted from torn/" {
	filled
	by_hand C2 Umeå >>"$BO_STORE/customer.csv"
	bo-customer set C1 city=Oaxaca -q 2>/dev/null
	[ "$(find "$BO_STORE/torn" -type f | wc -l)" -eq 1 ]
	run -0 bo-store adopt -n --no-header
	[ "$output" = customer,C2,city,Luleå,Umeå ]
	bo-store adopt -q
	[ "$(bo-customer list --no-header -f city | paste -sd,)" = Oaxaca,Umeå ]
	[ -z "$(ls "$BO_STORE/torn")" ]
	bo-audit verify -q
}

@test "a line without an id, or with the next one, is a new record; a header may come first" {
	filled
	printf 'id,sku,name,price\n,KAVA,kava,2\nI3,MATE,mate,3\nI3,MATE,maté,3.5\n' >>"$BO_STORE/item.csv"
	run -0 bo-store adopt -n
	[[ $output == *'item,+1,sku,,KAVA'*'item,+2,sku,,MATE'*'item,+2,name,,maté'* ]]
	bo-store adopt -q
	[ "$(bo-item list --no-header -f id,sku,name,price)" = $'I1,CHAI,चाय,4\nI2,KAVA,kava,2\nI3,MATE,maté,3.5' ]
	bo-audit verify -q
	bo-item add sku=NEXT name=next -q
	[ "$(bo-item list --no-header -f id -w 'sku = NEXT')" = I4 ]
}

@test "every value is checked, every fault named, and nothing recorded" {
	filled
	printf 'id,sku,name,price\n,KAVA,kava,much\nI9,MATE,mate,3\nX1,COLA,cola,1\n,CHAI,again,1\nI1\n' >>"$BO_STORE/item.csv"
	check() # FILE LINES-ABOVE
	{
		[[ $output == *$1":$(($2 + 2)): price: "*much* ]] &&
		[[ $output == *":$(($2 + 3)): id: no such item: \"I9\"; a new one will be I"* ]] &&
		[[ $output == *":$(($2 + 4)): id: not an id of this table: \"X1\""* ]] &&
		[[ $output == *":$(($2 + 5)): sku: "* ]] &&
		[[ $output == *":$(($2 + 6)): 1 value where the header has 4 columns"* ]]
	}
	run -3 bo-store adopt -n
	check item.csv 2
	run -3 bo-store adopt
	check 'torn/item.csv.*.1' 0
	[ "$(bo-item list --no-header -f sku)" = CHAI ]
	bo-audit verify -q
	[ "$(cat "$BO_STORE"/torn/item.csv.*)" = "$(printf 'id,sku,name,price\n,KAVA,kava,much\nI9,MATE,mate,3\nX1,COLA,cola,1\n,CHAI,again,1\nI1')" ]
}

@test "an id that somebody else has got since is not taken from him" {
	filled
	head=$(head -n 1 "$BO_STORE/item.csv")
	printf 'id,sku,name\nI2,MINE,mine\n' >>"$BO_STORE/item.csv"
	bo-item add sku=HIS name=his -q 2>/dev/null
	run -3 bo-store adopt
	[[ $output == *'I2 was given to another record since this was written; without an id it will be I3'* ]]
	[ "$(bo-item list --no-header -f sku | paste -sd,)" = CHAI,HIS ]
	sed -i 's/^I2,/,/' "$BO_STORE"/torn/item.csv.*
	bo-store adopt -q
	[ "$(bo-item list --no-header -f sku | paste -sd,)" = CHAI,HIS,MINE ]
	[ "$(head -n 1 "$BO_STORE/item.csv")" = "$head" ]
}

@test "parents are adopted before their children" {
	filled
	printf 'id,invoice,description,qty,price\n,V1,tea,2,3\n' >"$BO_STORE/invoice_line.csv"
	printf 'id,customer\nV1,C1\n' >"$BO_STORE/invoice.csv"
	bo-store adopt -q
	[ "$(bo-invoice list --no-header -f id,customer.code,total)" = V1,ANA,6.00 ]
	[ "$(bo-record -t invoice_line list --no-header -f invoice,description)" = V1,tea ]
	bo-audit verify -q
}

@test "adopted and killed before torn/ was emptied: the next adopt does not add them again" {
	needs_strace
	filled
	printf 'id,sku,name\n,KAVA,kava\n' >>"$BO_STORE/item.csv"
	strace -o /dev/null -e trace=unlinkat -e inject=unlinkat:signal=KILL:when=1 bo-store adopt -q || true
	[ "$(find "$BO_STORE/torn" -type f | wc -l)" -eq 1 ]
	[ "$(bo-item list --no-header -f sku | paste -sd,)" = CHAI,KAVA ]
	bo-store adopt -q
	[ "$(bo-item list --no-header -f sku | paste -sd,)" = CHAI,KAVA ]
	[ -z "$(ls "$BO_STORE/torn")" ]
}

@test "what is of no table can not be adopted, and says so" {
	filled
	printf 'id,x\n,1\n' >"$BO_STORE/nothing.csv"
	run -3 bo-store adopt -n
	[[ $output == *'no such table: "nothing"'* ]]
	printf 'I1,oops\n' >"$BO_STORE/ticket.csv"
	rm "$BO_STORE/nothing.csv"
	run -3 bo-store adopt -n
	[[ $output == *'ticket.csv:1: '*'begins with its header'* ]]
}

@test "a backup that is put back while a command waits for its input is not written to by what that knew" {
	filled
	cp -a "$BO_STORE" older
	seq -f 'MORE-%.0f,item' 1 400 | sed '1i sku,name' | bo-item add - -q
	mkfifo input
	bo-item add -q - <input >said 2>&1 &
	exec 9>input
	printf 'sku,name\n' >&9
	sleep 0.5 # it has looked at the store, and waits
	mv older/*.csv "$BO_STORE"
	echo 'LATE,late' >&9
	exec 9>&-
	status=0
	wait "$!" || status=$?
	[ "$status" -eq 4 ]
	grep 'history of this store was rewritten or cut short' said
	rm -r "$HOME/.local/state/bo" # what this user remembers
	bo-audit verify -q
	[ "$(bo-item list --no-header -f sku)" = CHAI ]
}

# --- accept-history --------------------------------------------------------------------------

@test "a store that was cut back to an older copy is noticed, until its history is accepted" {
	filled
	cp -a "$BO_STORE" older
	bo-item add sku=KAVA name=kava -q
	seen=$(bo-audit head --no-header -f tx)
	rm -rf "$BO_STORE"
	cp -a older "$BO_STORE"
	for command in 'bo-item list' 'bo-item add sku=X name=x' 'bo-audit verify' 'bo-store status' 'bo-store copy there'; do
		# shellcheck disable=SC2086 # a command and its words
		run -4 $command
		[[ $output == *'history of this store was rewritten or cut short'*"transaction $seen; see bo-store(1), accept-history"* ]]
	done
	run -2 bo-store accept-history
	[[ $output == *'-m REASON'* ]]
	run -0 bo-store accept-history -n -m 'disk failed' --no-header
	[[ $output == ,"$seen",* ]]
	run -4 bo-item list
	run -0 bo-store accept-history -m 'disk failed, restored' --no-header
	[[ $output == "$seen,$seen,"* ]]
	[ "$(bo-item list --no-header -f sku)" = CHAI ]
	[ "$(bo-audit log --no-header -f tx,command,reason,tables | tail -n 1)" = "$seen,store accept-history,\"disk failed, restored\"," ]
	bo-item add sku=YERBA name=yerba -q
	bo-audit verify -q
	run -1 bo-store accept-history -m again
	[[ $output == *'there is nothing to accept'* ]]
}

# forge: makes the chain of a store anew, with the digests of what its open logs hold now.
forge()
{
	local previous body changes entry table offset length new line

	previous=$(cut -d ' ' -f 3 bo.format)
	head -n 1 audit.csv >forged
	while IFS= read -r line; do
		changes=$(grep -o '[a-z_]*:[0-9]*:[0-9]*:[0-9a-f]*' <<<"$line") || changes=
		for entry in $changes; do
			IFS=: read -r table offset length _ <<<"$entry"
			[ "$table" != customer ] || continue # sealed: left as it is
			new=$(tail -c +$((offset + 1)) "$table.csv" | head -c "$length" | sha256sum | cut -c 1-64)
			line=${line/$entry/$table:$offset:$length:$new}
		done
		body=${line%,*},
		previous=$(printf '%s%s' "$previous" "$body" | sha256sum | cut -c 1-64)
		printf '%s%s\n' "$body" "$previous" >>forged
	done < <(tail -n +2 audit.csv)
	cat forged >audit.csv
	rm forged watermark
}

@test "a forged chain proves itself to a stranger, and is noticed by whoever was there" {
	filled
	(cd "$BO_STORE" && sed -i 's/CHAI/CHAY/' item.csv && forge)
	HOME=$PWD/stranger bo-audit verify -q
	for command in 'bo-item list' 'bo-audit verify' 'bo-item add sku=X name=x'; do
		# shellcheck disable=SC2086 # a command and its words
		run -4 $command
		[[ $output == *'rewritten or cut short since you last saw it'* ]]
	done
	bo-store accept-history -q -m 'mistyped, and then mended by hand'
	[ "$(bo-item list --no-header -f sku)" = CHAY ]
}

@test "the head that was seen is written over in place, and a garbled one is none" {
	filled
	head=$(ls "$HOME"/.local/state/bo/*)
	inode=$(stat -c %i "$head")
	size=$(stat -c %s "$head")
	bo-item add sku=KAVA name=kava -q
	[ "$(stat -c %i,%s "$head")" = "$inode,$size" ]
	[ "$(stat -c %a "$head")" = 600 ]
	cp "$head" saved
	for spoil in 'truncate -s 50' 'truncate -s 0' 'sed -i s/1/2/g'; do
		$spoil "$head"
		bo-item list -q
		cmp "$head" saved
	done
}

# --- status -----------------------------------------------------------------------------------

@test "status says what the store is made of" {
	filled
	[ "$(value path)" = "$BO_STORE" ]
	[ "$(value uuid)" = "$(cut -d ' ' -f 3 "$BO_STORE/bo.format")" ]
	[ "$(value format),$(value state),$(value unsynced)" = 1,ok,0 ]
	[ "$(value tx),$(value hash)" = "$(bo-audit head --no-header)" ]
	[ "$(value time)" = "$(bo-audit log --no-header -f time | tail -n 1)" ]
	[ "$(value bytes.customer)" = "$(stat -c %s "$BO_STORE/customer.csv")" ]
	[ "$(value bytes.audit)" = "$(stat -c %s "$BO_STORE/audit.csv")" ]
	[ -z "$(value stray.item.csv)" ]
	printf 'x\n' >>"$BO_STORE/item.csv"
	[ "$(value stray.item.csv)" = 2 ]
	[ "$(value torn),$(value bytes.torn)" = 0,0 ]
	bo-item add sku=KAVA name=kava -q 2>/dev/null
	[ "$(value torn),$(value bytes.torn)" = 1,2 ]
	bo-store status --no-header | grep -q '^stray.torn/item.csv.*,2$'
	run -2 bo-store status everything
}

@test "status as json" {
	filled
	run -0 bo-store status -o json
	[ "$(jq -r 'select(.name == "state").value' <<<"$output")" = ok ]
}

# --- where a store may lie -----------------------------------------------------------------------

# What lies below $FAKE_NFS says that it is on NFS.
nfs()
{
	cat >nfs.c <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/vfs.h>
		#include <unistd.h>

		int fstatfs64(int fd, struct statfs64 *status)
		{
			int (*real)(int, struct statfs64 *) = (int (*)(int, struct statfs64 *))dlsym(RTLD_NEXT, "fstatfs64");
			const char *where = getenv("FAKE_NFS");
			char link[64], path[4096] = "";
			int result = real(fd, status);

			snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
			if (readlink(link, path, sizeof path - 1) > 0 && where && strncmp(path, where, strlen(where)) == 0)
				status->f_type = 0x6969;
			return result;
		}

		int fstatfs(int fd, struct statfs *status)
		{
			return fstatfs64(fd, (struct statfs64 *)status);
		}
	END
	${CC:-cc} -shared -fPIC -o nfs.so nfs.c -ldl || skip 'no compiler'
	export FAKE_NFS=$PWD/mnt
	mkdir mnt
}

@test "a network file system is refused with a reason before anything is written" {
	without_sanitizer # it wants to be the first library
	nfs
	run -4 env LD_PRELOAD="$PWD/nfs.so" bo-init mnt/books
	[[ $output == *'mnt/books: on a network or unknown file system'* ]]
	mkdir mnt/empty
	run -4 env LD_PRELOAD="$PWD/nfs.so" bo-init mnt/empty
	[ "$(find mnt | sort | paste -sd,)" = mnt,mnt/empty ]
	bo-init mnt/books -q
	cp -a mnt before
	for command in 'bo-item add sku=X name=x' 'bo-item list' 'bo-store repair' 'bo-store status'; do
		# shellcheck disable=SC2086 # a command and its words
		run -4 env LD_PRELOAD="$PWD/nfs.so" BO_STORE=mnt/books $command
		[[ $output == *'on a network or unknown file system, where a store would lose work'* ]]
	done
	diff -r before mnt
	bo-init here -q
	run -4 env LD_PRELOAD="$PWD/nfs.so" bo-store copy here mnt/copy
	[[ $output == *'on a network or unknown file system'* ]]
	diff -r before mnt
}
