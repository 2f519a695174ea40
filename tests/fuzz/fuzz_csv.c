/*
 * fuzz_csv: whatever comes as CSV, TSV or ids is read or refused with a reason, the
 * same with and without the quick way, and what was read goes out and in again.
 *
 *	fuzz_csv [-n ROUNDS]     texts put together from pieces, always the same
 *	fuzz_csv FILE…           what a fuzzer found
 *
 * The first byte chooses how the rest is read.  Built with clang -fsanitize=fuzzer
 * -DLIBFUZZER it is a target of libFuzzer.
 */
#include "fuzz_stream.h"

static const char *const map[] = { "x=y", "b=", NULL };

static const struct reader_options ways[] = { { .format = FORMAT_CSV },
	{ .format = FORMAT_CSV, .delimiter = ';' }, { .format = FORMAT_TSV },
	{ .format = FORMAT_AUTO, .skip = 1 }, { .format = FORMAT_IDS }, { .format = FORMAT_CSV, .map = map },
	{ .format = FORMAT_CSV, .encoding = "ISO-8859-1" }, { .format = FORMAT_CSV, .encoding = "UTF-16" },
	{ .format = FORMAT_CSV, .encoding = "SHIFT_JIS" } };

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* A dropped column has no name and may hold anything: there is no way to write it. */
static bool
may_go_round(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->column_count; i++) {
		if (sheet->names[i].length == 0)
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sheet quick = { .column_count = 0 }, thorough = { .column_count = 0 };
	const struct reader_options *options;
	struct slice bytes;
	bool read;

	if (size == 0)
		return 0;
	options = &ways[data[0] % WAYS];
	bytes = (struct slice){ (const char *)data + 1, size - 1 };
	read = sheet_read(&quick, bytes, options, false);
	insist(sheet_read(&thorough, bytes, options, true) == read);
	insist(quick.faults == thorough.faults && sheet_equal(&quick, &thorough));
	if (read && may_go_round(&quick))
		sheet_goes_round(&quick);
	sheet_release(&quick);
	sheet_release(&thorough);
	return 0;
}

#ifndef LIBFUZZER

static const char *const pieces[] = { "a", "b", "x", ",", ",", ",", ";", "\t", "\"", "\"", "\"\"", "\",\"",
	"\n", "\n", "\n", "\r\n", "\r", " ", "1", "\\n", "\\t", "\\", "\xc3\xa9", "\xe2\x80\xa8",
	"\xef\xbb\xbf", "\xff\xfe", "\x01", "\x85", "a,b\n", "a;b\n", "x\ty\n", "\"\n\"" };

int
main(int argc, char *argv[])
{
	(void)argc;
	return fuzz_main(argv, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

#endif
