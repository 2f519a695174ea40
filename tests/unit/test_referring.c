/* test_referring: who refers to a record, while records are changed and changes taken back */
#include "change_fixture.h"

static void
who_refers_is_who_refers_now(void **state)
{
	static const struct {
		const char *value;
		uint64_t ticket;
		bool back;
		const char *first, *second; /* the tickets of each customer then */
	} steps[] = { { "customer=C1", 0, false, "1", "" }, { "customer=C1", 0, false, "12", "" },
		{ "customer=C2", 1, false, "2", "1" }, { "customer=C1", 1, false, "12", "" },
		{ "customer=C2", 0, true, "12", "" }, { "customer=C1", 0, true, "123", "" },
		{ "customer=C2", 1, true, "2", "1" } };
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	struct batch *batch = batch_new(eyes->view);
	struct batch_mark mark;
	struct log *log;

	assert_int_equal(view_log(eyes->view, "ticket", &log, &error), STATUS_OK);
	for (int i = 0; i < 2; i++)
		wish_edit(batch, &(struct wish){ "customer", 0, NULL, { "name=a" } }, NULL, &error);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct wish wish = { "ticket", steps[i].ticket, NULL, { "subject=a", steps[i].value } };
		const char *const wanted[] = { steps[i].first, steps[i].second };

		mark = batch_mark(batch);
		assert_int_equal(wish_edit(batch, &wish, NULL, &error), STATUS_OK);
		for (uint64_t customer = 1; customer <= 2; customer++) {
			const char *rest = wanted[customer - 1];
			size_t count;
			const uint64_t *tickets = log_referring(log,
			    table_field(log->table, slice_of("customer")), customer, &count);

			if (i == 4) /* it is taken back below, and its number given to another */
				continue;
			assert_int_equal(count, strlen(rest));
			for (size_t k = 0; k < count; k++)
				assert_int_equal(tickets[k], rest[k] - '0');
		}
		if (steps[i].back)
			batch_back(batch, mark);
	}
	batch_forget(batch);
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_refers_is_who_refers_now),
	};

	return cmocka_run_group_tests_name("referring", tests, NULL, NULL);
}
