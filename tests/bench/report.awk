# report: mode csv, table, goals or readme, of what results.awk has read.

END {
	if (mode == "csv")
		print_csv()
	else if (mode == "table")
		print_table()
	else if (mode == "goals")
		print_goals()
	else
		print_readme()
}

function ratio(a, b) { return b ? sprintf("%.2f", a / b) : "" }

# --- csv: raw.csv and how many times the floor's and the best peer's time it is -----------

function print_csv(    r, run, i, n, labels, m, k, measures) {
	print "job,size,role,label,measure,median,least,most,rounds,times_floor,times_best_peer"
	n = split("status time_ms peak_kib own_kib per_second p50_ms p99_ms failures syncs", measures, " ")
	for (r = 1; r <= run_count; r++) {
		run = runs[r]
		m = split(subjects[run], labels, "\n")
		for (i = 1; i <= m; i++)
			for (k = 1; k <= n; k++)
				if ((run, labels[i], measures[k]) in value)
					print_csv_line(run, labels[i], measures[k])
	}
}

function print_csv_line(run, label, measure,    key, timed) {
	key = run SUBSEP label SUBSEP measure
	timed = measure == "time_ms"
	printf "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", run, role[run, label], label, measure, value[key], least[key], most[key],
	    rounds[key], timed ? ratio(value[key], best(run, "floor")) : "", timed ? ratio(value[key], best(run, "peer")) : ""
}

# --- table: everything, to be read -----------------------------------------------------------

function print_table(    r, run, i, m, labels) {
	for (r = 1; r <= run_count; r++) {
		run = runs[r]
		printf "%s### %s\n\n", (r > 1 ? "\n" : ""), run_title(run)
		print "| | median | spread | × floor | × best peer | memory | |"
		print "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
		m = split(subjects[run], labels, "\n")
		for (i = 1; i <= m; i++)
			print_row(run, labels[i])
	}
	print ""
	for (i = 1; i <= note_count; i++)
		print "* " notes[i]
}

function print_row(run, label,    t, name) {
	name = role[run, label] == "ours" ? "**" label "**" : label
	if (!((run, label, "time_ms") in value)) {
		printf "| %s | | | | | | %s |\n", name, lack(run, label)
		return
	}
	t = value[run, label, "time_ms"]
	printf "| %s | %s | %s – %s | %s | %s | %.1f MiB | %s |\n", name, duration(t), duration(least[run, label, "time_ms"]),
	    duration(most[run, label, "time_ms"]), ratio(t, best(run, "floor")), ratio(t, best(run, "peer")),
	    value[run, label, "peak_kib"] / 1024, remarks(run, label)
}

function remarks(run, label,    text) {
	if ((run, label, "own_kib") in value)
		text = sprintf("; %.1f MiB of its own", value[run, label, "own_kib"] / 1024)
	if ((run, label, "per_second") in value)
		text = text sprintf("; %.0f a second, p50 %s, p99 %s", value[run, label, "per_second"],
		    duration(value[run, label, "p50_ms"]), duration(value[run, label, "p99_ms"]))
	if ((run, label, "syncs") in value)
		text = text sprintf("; %.2f syncs a commit", value[run, label, "syncs"])
	if (value[run, label, "failures"] > 0)
		text = text sprintf("; **%d failed**", value[run, label, "failures"])
	if (rounds[run, label, "time_ms"] < 5)
		text = text sprintf("; %d round%s", rounds[run, label, "time_ms"], (rounds[run, label, "time_ms"] > 1 ? "s" : ""))
	return substr(text, 3)
}

# --- goals ---------------------------------------------------------------------------------------

# The key in value of LABEL[.MEASURE], JOB:LABEL[.MEASURE] or LABEL@SIZE, for a goal of run.
function key_of(run, text,    at, measure, job) {
	measure = "time_ms"
	if (match(text, /\.[a-z0-9_]+$/)) {
		measure = substr(text, RSTART + 1)
		text = substr(text, 1, RSTART - 1)
	}
	if ((at = index(text, "@")) > 0) {
		run = run_job(run) "," substr(text, at + 1)
		text = substr(text, 1, at - 1)
	}
	if ((at = index(text, ":")) > 0) {
		job = substr(text, 1, at - 1)
		text = substr(text, at + 1)
		run = (job ",-") in subjects ? job ",-" : job "," run_size(run)
	}
	return run SUBSEP text SUBSEP measure
}

function print_goals(    r, g, n, lines) {
	for (r = 1; r <= run_count; r++) {
		n = split(goals[run_job(runs[r])], lines, "\n")
		for (g = 1; g < n; g++)
			print_goal(runs[r], lines[g])
	}
	printf "%d goals reached, %d missed, %d not measured\n", verdicts["reached"], verdicts["MISSED"], verdicts["-"]
}

# "[N] A <= K [B]": both sides are measured in this run, or nothing is said.
function print_goal(run, goal,    only, text, at, upper, a, b, k, is) {
	text = goal
	if (match(text, /^[0-9]+ /)) {
		only = substr(text, 1, RLENGTH - 1)
		text = substr(text, RLENGTH + 1)
		if (only != run_size(run))
			return
	}
	at = match(text, / [<>]= /)
	upper = substr(text, at + 1, 1) == "<"
	a = key_of(run, substr(text, 1, at - 1))
	b = substr(text, at + 4)
	k = b
	sub(/ .*/, "", k)
	sub(/^[^ ]+ */, "", b)
	text = substr(text, 1, at - 1) (upper ? " ≤ " : " ≥ ") k (b == "" ? "" : " × " b)
	b = b == "" ? "" : key_of(run, b)
	if (!(a in value) || (b != "" && !((b in value) && value[b] > 0)))
		is = "-"
	else
		is = b == "" ? value[a] + 0 : value[a] / value[b]
	tell(run, text, is == "-" ? "-" : (upper ? is <= k + 0 : is >= k + 0) ? "reached" : "MISSED", is)
}

function tell(run, text, verdict, is) {
	verdicts[verdict]++
	printf "%-8s %-12s %9s  %-60s %s\n", verdict, run_job(run), run_size(run), text, is == "-" ? "not measured" : sprintf("%.4g", is)
}

# --- readme: the table that the README has ---------------------------------------------------------

# The largest size of each job at which there was somebody to compare with.
function print_readme(    r, run, chosen, j) {
	printf "Medians of five rounds or more (n×: of fewer) on %s.\n\n", machine
	print "| job | bo | beside it |"
	print "| --- | --- | --- |"
	for (r = 1; r <= run_count; r++)
		if (best(runs[r], "peer") && (run_job(runs[r]) !~ /^(insert|commit)/ || run_size(runs[r]) > 1))
			chosen[run_job(runs[r])] = runs[r]
	for (j = 1; j <= job_count; j++)
		if (jobs[j] in chosen)
			print_readme_row(chosen[jobs[j]])
}

function told(run, label,    text) {
	if (!((run, label, "time_ms") in value))
		return label ": " lack(run, label)
	text = duration(value[run, label, "time_ms"])
	if ((run, label, "p99_ms") in value)
		text = sprintf("%.0f/s (p99 %s)", value[run, label, "per_second"], duration(value[run, label, "p99_ms"]))
	if (value[run, label, "failures"] > 0)
		text = text sprintf(", %d failed", value[run, label, "failures"])
	if (rounds[run, label, "time_ms"] < 5)
		text = text " (" rounds[run, label, "time_ms"] "×)"
	return (label == "bo" ? "" : label " ") text
}

function print_readme_row(run,    n, i, labels, ours, others) {
	n = split(subjects[run], labels, "\n")
	for (i = 1; i <= n; i++) {
		if (role[run, labels[i]] == "ours")
			ours = ours (ours ? "; " : "") told(run, labels[i])
		else
			others = others (others ? ", " : "") told(run, labels[i])
	}
	printf "| %s | %s | %s |\n", run_title(run), ours, others
}
