/*
 * fuzz_json: whatever comes as JSON lines is read or refused with a reason, and what was
 * read goes out and in again.
 *
 *	fuzz_json [-n ROUNDS]     texts put together from pieces, always the same
 *	fuzz_json FILE…           what a fuzzer found
 *
 * Built with clang -fsanitize=fuzzer -DLIBFUZZER it is a target of libFuzzer.
 */
#include "fuzz_stream.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct reader_options options = { .format = FORMAT_JSON };
	struct sheet sheet = { .column_count = 0 };

	if (sheet_read(&sheet, (struct slice){ (const char *)data, size }, &options, false))
		sheet_goes_round(&sheet);
	sheet_release(&sheet);
	return 0;
}

#ifndef LIBFUZZER

static const char *const pieces[] = { "{", "{\"a\":", "{\"b\":", ",\"c\":", ",\"d\":", ",\"a.b\":", "}", "}",
	"}\n", "}\n", "[", "]", "[{\"x\":1}", ",{\"x\":2}", ",", "\"text\"", "\"\\u00e9\\n\"",
	"\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\u0000\"", "\"\\\"\"", "1", "-0.50", "12.5e3", "1e-7",
	"1e99", "true", "false", "null", " ", "\n", "\"" };

int
main(int argc, char *argv[])
{
	(void)argc;
	return fuzz_main(argv, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

#endif
