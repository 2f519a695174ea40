# chart: one SVG for each job, from what results.awk has read, into directory.
#
# A row for each subject, fastest first: a dot at the median, a line from the least to the
# most, on a scale of powers of ten that all sizes of the job share.

BEGIN {
	width = 860; left = 190; right = 640; row = 24; panel = 46
	colour["ours"] = "#00694e"; colour["peer"] = "#52606d"; colour["floor"] = "#a8a29a"
}

END {
	for (j = 1; j <= job_count; j++)
		chart(jobs[j])
}

function log10(x) { return log(x) / log(10) }
function floor_of(x,    i) { i = int(x); return i > x ? i - 1 : i }
function escape(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/`/, "", text); return text }
function x_of(ms) { return left + (log10(ms) - low) / (high - low) * (right - left) }
function out(text) { print text >file_name }

# The labels of run that have a time, fastest first, into sorted; returns how many.
function sort_labels(run, sorted,    n, i, k, count, labels, t) {
	n = split(subjects[run], labels, "\n")
	count = 0
	for (i = 1; i <= n; i++) {
		if (!((run, labels[i], "time_ms") in value))
			continue
		t = value[run, labels[i], "time_ms"]
		for (k = count++; k > 0 && value[run, sorted[k], "time_ms"] > t; k--)
			sorted[k + 1] = sorted[k]
		sorted[k + 1] = labels[i]
	}
	return count
}

# The powers of ten that hold all times of the job, as low and high; returns the height of all panels.
function measure_job(job,    r, i, n, sorted, run, height) {
	low = 99; high = -99; height = 0
	for (r = 1; r <= run_count; r++) {
		run = runs[r]
		if (run_job(run) != job || !(n = sort_labels(run, sorted)))
			continue
		height += panel + n * row
		for (i = 1; i <= n; i++) {
			if (log10(least[run, sorted[i], "time_ms"]) < low)
				low = log10(least[run, sorted[i], "time_ms"])
			if (log10(most[run, sorted[i], "time_ms"]) > high)
				high = log10(most[run, sorted[i], "time_ms"])
		}
	}
	low = floor_of(low)
	high = floor_of(high) + 1
	return height
}

function chart(job,    height, r, y) {
	height = measure_job(job)
	if (!height)
		return
	file_name = directory "/" job ".svg"
	height += 30
	out("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" width "\" height=\"" height "\" viewBox=\"0 0 " width " " height "\" " \
	    "font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">")
	out("<rect width=\"100%\" height=\"100%\" fill=\"#fffefb\"/>")
	y = 0
	for (r = 1; r <= run_count; r++)
		if (run_job(runs[r]) == job)
			y = draw_panel(runs[r], y)
	draw_legend(y + 16)
	out("</svg>")
	close(file_name)
}

function draw_legend(y,    x, i, roles, names) {
	split("ours peer floor", roles, " ")
	split("bo|others|the least it can cost", names, "|")
	x = left
	for (i = 1; i <= 3; i++) {
		out(sprintf("<circle cx=\"%d\" cy=\"%d\" r=\"4.5\" fill=\"%s\"/>", x, y - 4, colour[roles[i]]))
		out(sprintf("<text x=\"%d\" y=\"%d\" font-size=\"10.5\" fill=\"#52606d\">%s</text>", x + 10, y, names[i]))
		x += 30 + 7 * length(names[i])
	}
	out(sprintf("<text x=\"%d\" y=\"%d\" font-size=\"10.5\" fill=\"#52606d\" text-anchor=\"end\">dot: median; line: least to most; scale in powers of ten</text>", width - 16, y))
}

function axis_name(power) { return power < 3 ? 10 ^ power " ms" : 10 ^ (power - 3) " s" }

function draw_panel(run, y,    n, i, sorted, power, top, bottom) {
	n = sort_labels(run, sorted)
	if (!n)
		return y
	out(sprintf("<text x=\"16\" y=\"%d\" font-size=\"14\" font-weight=\"bold\" fill=\"#1f2933\">%s</text>", y + 22, escape(run_title(run))))
	out(sprintf("<text x=\"%d\" y=\"%d\" font-size=\"10.5\" fill=\"#52606d\" text-anchor=\"end\">memory</text>", width - 16, y + 38))
	top = y + panel - 4
	bottom = top + n * row
	for (power = low; power <= high; power++) {
		out(sprintf("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#e4e0d8\"/>", x_of(10 ^ power), top, x_of(10 ^ power), bottom))
		out(sprintf("<text x=\"%.1f\" y=\"%d\" font-size=\"10.5\" fill=\"#7b8794\" text-anchor=\"middle\">%s</text>", x_of(10 ^ power), top - 4, axis_name(power)))
	}
	for (i = 1; i <= n; i++)
		draw_row(run, sorted[i], top + (i - 1) * row + row / 2)
	return bottom + 4
}

function draw_row(run, label, y,    key, x1, x2, ink, weight, waits) {
	key = run SUBSEP label SUBSEP "time_ms"
	ink = colour[role[run, label]]
	weight = role[run, label] == "ours" ? " font-weight=\"bold\"" : ""
	waits = (run, label, "p99_ms") in value ? ", p99 " duration(value[run, label, "p99_ms"]) : ""
	x1 = x_of(least[key])
	x2 = x_of(most[key])
	out(sprintf("<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"%s\"%s>%s</text>", left - 14, y + 4, ink, weight, escape(label)))
	out(sprintf("<line x1=\"%d\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\" stroke-opacity=\"0.25\"/>", left, y, x_of(value[key]), y, ink))
	out(sprintf("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\" stroke-opacity=\"0.45\" stroke-linecap=\"round\"/>", x1, y, x2, y, ink))
	out(sprintf("<circle cx=\"%.1f\" cy=\"%d\" r=\"4.5\" fill=\"%s\"/>", x_of(value[key]), y, ink))
	out(sprintf("<text x=\"%.1f\" y=\"%d\" fill=\"%s\"%s>%s</text>", x2 + 10, y + 4, ink, weight, duration(value[key]) waits))
	out(sprintf("<text x=\"%d\" y=\"%d\" fill=\"%s\" text-anchor=\"end\">%.1f MiB</text>", width - 16, y + 4, ink, value[run, label, "peak_kib"] / 1024))
}
