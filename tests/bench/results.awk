# results: reads tests/bench/jobs and raw.csv, for report.awk and chart.awk.
#
# Leaves: jobs[1..], title[job], goals[job] (lines), notes[1..];
# runs[1..] "job,size"; subjects[run] labels separated by newlines, in order;
# role[run,label]; value, least, most, rounds[run,label,measure]; status[run,label].

BEGIN { FS = "," }

FNR == 1 { file++ }

file == 1 && /^job / {
	job = $0
	sub(/^job +/, "", job)
	text = job
	sub(/ .*/, "", job)
	sub(/^[^ ]+ +/, "", text)
	jobs[++job_count] = job
	title[job] = text
}
file == 1 && /^goal / {
	sub(/^goal +/, "")
	goals[job] = goals[job] $0 "\n"
}
file == 1 && /^note / {
	sub(/^note +/, "")
	notes[++note_count] = $0
}

file == 2 && FNR > 1 {
	run = $1 "," $2
	if (!(run in subjects))
		runs[++run_count] = run
	if (!((run, $4) in role)) {
		subjects[run] = subjects[run] (run in subjects && subjects[run] != "" ? "\n" : "") $4
		role[run, $4] = $3
	}
	if ($5 == "status")
		status[run, $4] = $6
	value[run, $4, $5] = $6
	least[run, $4, $5] = $7
	most[run, $4, $5] = $8
	rounds[run, $4, $5] = $9
}

function run_job(run) { return substr(run, 1, index(run, ",") - 1) }
function run_size(run) { return substr(run, index(run, ",") + 1) }

# 1000000 -> 1 million, 20000 -> 20,000
function number(n) {
	if (n ~ /^[0-9]+000000$/)
		return n / 1000000 " million"
	while (match(n, /[0-9][0-9][0-9][0-9]($|,)/))
		n = substr(n, 1, RSTART) "," substr(n, RSTART + 1)
	return n
}

function run_title(run,    text) {
	text = title[run_job(run)]
	gsub(/\{n\}/, number(run_size(run)), text)
	return text
}

# Milliseconds as one reads them.
function duration(ms) {
	if (ms < 10)
		return sprintf("%.1f ms", ms)
	if (ms < 1000)
		return sprintf("%.0f ms", ms)
	return sprintf(ms < 10000 ? "%.2f s" : "%.1f s", ms / 1000)
}

# The least time of those with the role; 0 where there is none.
function best(run, wanted,    n, i, labels, b, t) {
	n = split(subjects[run], labels, "\n")
	for (i = 1; i <= n; i++)
		if (role[run, labels[i]] == wanted && (run, labels[i], "time_ms") in value) {
			t = value[run, labels[i], "time_ms"]
			if (!b || t < b)
				b = t
		}
	return b + 0
}

# What a subject that has no time is said to be.
function lack(run, label) {
	if (role[run, label] == "ours" && (status[run, label] == 2 || status[run, label] == 127))
		return "not there yet"
	return "failed (status " status[run, label] ")"
}
