/* terminal: width, colour, progress */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/date.h"
#include "base/file.h"
#include "base/slice.h"

enum { WIDTH_DEFAULT = 80, WIDTH_LEAST = 20, FIRST_SIGN_MS = 1000, NEXT_SIGN_MS = 200 };

size_t
terminal_width(void)
{
	unsigned long long columns;
	struct winsize size;

	if (slice_to_u64(slice_of(getenv("COLUMNS")), &columns) && columns >= WIDTH_LEAST && columns < 10000)
		return (size_t)columns;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= WIDTH_LEAST)
		return size.ws_col;
	return WIDTH_DEFAULT;
}

bool
terminal_colour(const struct options *options)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (options->colour != WHEN_AUTO)
		return options->colour == WHEN_ALWAYS;
	if (none != NULL && none[0] != '\0')
		return false;
	return isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

enum format
terminal_format(const struct options *options)
{
	if (options->output != FORMAT_AUTO)
		return options->output;
	return isatty(STDOUT_FILENO) ? FORMAT_TABLE : FORMAT_CSV;
}

void
progress_begin(struct progress *progress, const char *name, const char *what, const struct options *options)
{
	*progress = (struct progress){ .name = name, .what = what };
	progress->wanted = options->progress == WHEN_ALWAYS ||
	    (options->progress == WHEN_AUTO && !options->quiet && isatty(STDERR_FILENO));
	if (progress->wanted)
		progress->next = clock_monotonic() + (options->progress == WHEN_ALWAYS ? 0 : FIRST_SIGN_MS);
}

static void
show(struct progress *progress)
{
	struct buffer out = BUFFER_INIT;

	buffer_format(&out, "\r%s: %llu %s", progress->name, (unsigned long long)progress->count, progress->what);
	(void)file_write(STDERR_FILENO, out.data, out.length);
	buffer_release(&out);
	progress->shown = true;
}

void
progress_reach(struct progress *progress, uint64_t count)
{
	int64_t now;

	progress->count = count;
	if (!progress->wanted)
		return;
	now = clock_monotonic();
	if (now < progress->next)
		return;
	show(progress);
	progress->next = now + NEXT_SIGN_MS;
}

void
progress_step(struct progress *progress)
{
	/* The clock is only looked at now and then. */
	if ((++progress->count & 1023) == 0)
		progress_reach(progress, progress->count);
}

void
progress_end(struct progress *progress)
{
	if (!progress->shown)
		return;
	show(progress);
	(void)file_write(STDERR_FILENO, "\n", 1);
	progress->shown = false;
}
