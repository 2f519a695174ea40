/*
 * fuzz_expr: whatever somebody types as an expression compiles or is refused with a
 * reason; what compiles has an answer for every record.
 *
 *	fuzz_expr [-n ROUNDS]     expressions put together from pieces, always the same
 *	fuzz_expr FILE…           what a fuzzer found
 *
 * Built with clang -fsanitize=fuzzer -DLIBFUZZER it is a target of libFuzzer.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../unit/orders_fixture.h"
#include "base/buffer.h"
#include "base/file.h"

static void
ask(struct orders *orders, const char *text)
{
	struct expr *expr;
	struct log *log;

	error_clear(&orders->error);
	if (view_log(orders->view, "order", &log, &orders->error) != STATUS_OK)
		abort();
	if (expr_compile(orders->view, log->table, text, &expr, &orders->error) != STATUS_OK) {
		if (expr != NULL || orders->error.count != 1 || orders->error.faults[0].reason[0] == '\0')
			abort();
		return;
	}
	for (uint64_t number = 1; number <= log->count; number++) {
		struct record record;

		arena_reset(&orders->arena);
		if (record_read(log, number, &orders->arena, &record, &orders->error) != STATUS_OK)
			abort();
		expr_true(expr, &record, &orders->error);
		expr_value(expr, (enum type)(number % (TYPE_TAGS + 1)), &record);
	}
	expr_free(expr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *orders; /* the store is made once and left to the end of the process */
	char *text;

	if (orders == NULL && orders_setup(&orders) != 0)
		abort();
	text = memory_copy((const char *)data, size);
	ask(orders, text);
	free(text);
	return 0;
}

#ifndef LIBFUZZER

static const char *const pieces[] = { "total", "paid", "due", "date", "opened", "terms", "state", "priority",
	"customer", "customer.name", "customer.manager.tags", "customer.country", "qty", "price", "count",
	"overdue", "days", "expected", "open", "id", "tx", "custmer", "=", "!=", "<", "<=", ">", ">=", "~",
	"!~", "in", "has", "and", "or", "not", "(", ")", ",", "+", "-", "*", "1", "0.000001", "9999999999999",
	"30d", "1y6mo", "99999999999999999y", "2026-10-01", "2026-10", "2026", "0000", "today", "now",
	"2026-10-01T00:00:00Z", "\"\"", "'('", "'a{1,9}(b|c)*$'", "\"x\"\"y\"", "ALFKI", "C1", "draft", "DE",
	"vip", "yes", "'", "\xc3\xa4", "\xff" };

enum { PIECES = sizeof(pieces) / sizeof(pieces[0]), PIECES_MOST = 24 };

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Mostly a field, a sign and something else, so that many of them compile. */
static void
compose(struct buffer *text, uint32_t *seed)
{
	uint32_t count = 1 + next(seed) % PIECES_MOST;

	buffer_clear(text);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t from = 0, among = PIECES;

		if (next(seed) % 8 != 0) {
			from = i % 4 == 0 ? 0 : i % 4 == 1 ? 22 : i % 4 == 2 ? 40 : 31;
			among = i % 4 == 0 ? 21 : i % 4 == 1 ? 9 : i % 4 == 2 ? PIECES - 40 : 2;
		}
		buffer_add_text(text, pieces[from + next(seed) % among]);
		buffer_add_text(text, next(seed) % 8 == 0 ? "" : " ");
	}
}

static int
replay(char *const *files)
{
	for (; *files != NULL; files++) {
		struct buffer data = BUFFER_INIT;

		if (!file_load(*files, &data, 1 << 24)) {
			perror(*files);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)(data.data != NULL ? data.data : ""), data.length);
		buffer_release(&data);
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	unsigned long rounds = 20000;
	struct buffer text = BUFFER_INIT;
	uint32_t seed = 1;
	void *orders;

	if (argc > 1 && strcmp(argv[1], "-n") != 0)
		return replay(argv + 1);
	if (argc > 2)
		rounds = strtoul(argv[2], NULL, 10);
	if (orders_setup(&orders) != 0)
		return 1;
	while (rounds-- > 0) {
		compose(&text, &seed);
		ask(orders, text.data);
	}
	buffer_release(&text);
	return orders_teardown(&orders);
}

#endif
