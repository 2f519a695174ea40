/*
 * account_sums: amounts added up by account, currency and one more key (private to office/).
 */
#ifndef OFFICE_ACCOUNT_SUMS_H
#define OFFICE_ACCOUNT_SUMS_H

#include "office/ledger/ledger.h"

/* All zero at first. */
struct account_sums {
	struct account_sum *all; /* in the order they were first asked for */
	size_t count, capacity;
	uint32_t *slots; /* open addressing: index of a sum + 1, 0 for free */
	size_t slot_count;
	size_t last; /* the one found last */
};

/* The sum of an account in a currency (three letters), zero at first; valid until the next call. */
struct account_sum *account_sums_find(struct account_sums *sums, uint64_t account, struct slice currency,
    uint32_t key);
/* Adds all that other has. */
void account_sums_merge(struct account_sums *sums, const struct account_sums *other);
/*
 * Puts all of it into the currency of the books, at the rates of a day.  Where these are the
 * sums of all accounts (whole) they still come to nothing: what rounding adds goes to the
 * account with the use `conversion`.  STATUS_REFUSED when a rate is not known; then as before.
 */
enum status account_sums_value(struct account_sums *sums, struct view *view, int32_t day, bool whole,
    struct error *error);
/* Hands them over, to be freed, or where status is not STATUS_OK drops them; returns that. */
enum status account_sums_take(struct account_sums *sums, enum status status, struct account_sum **all,
    size_t *count);
void account_sums_release(struct account_sums *sums);

#endif
