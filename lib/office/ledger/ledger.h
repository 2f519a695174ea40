/*
 * ledger: entries whose postings come to nothing, in every currency, on one day.
 *
 * An amount is positive on the debit side and negative on the credit side, so the books
 * balance when all of it adds up to zero.  A draft may be anything; what is posted
 * balances, has two postings at least, and stands: a mistake is taken back by an entry
 * that reverses it.  A posting carries its entry's day from the moment it counts, and
 * none before, so that sums need to look at postings alone.
 *
 * A period is a month (2026-10) or a year (2026).  Once it is closed, entries dated in it
 * want a reason; once it is locked, there are none any more, wherever they come from.
 */
#ifndef OFFICE_LEDGER_H
#define OFFICE_LEDGER_H

#include "base/decimal.h"
#include "record/rule.h"

extern const struct rule rule_account, rule_entry, rule_posting, rule_period;

/*
 * Takes back entry `number` by a new one, dated day, that puts every amount to the other
 * side.  STATUS_REFUSED when it is a draft or was taken back already.
 */
enum status ledger_reverse(struct batch *batch, uint64_t number, int32_t day, struct error *error);

/* What one account comes to in one currency, units of 10^-6. */
struct account_sum {
	uint64_t account;     /* number of its record */
	char currency[4];     /* ISO 4217 */
	uint32_t key;         /* of what else they are summed by, 0 for nothing */
	int128 before;        /* up to the day before the first */
	int128 debit, credit; /* from the first to the last day; credit is not negative */
};

/* Which postings count. */
struct ledger_query {
	int32_t first, last;         /* days, both included */
	bool without_closing;        /* leaves out entries of kind close */
	bool valued;                 /* all in the currency of the books, at the rates of the last day */
	const unsigned char *chosen; /* by number of account: whether it is wanted; NULL: all are */
};

/* In the order of the accounts' codes, then of currencies; free() *sums. */
enum status ledger_sums(struct view *view, const struct ledger_query *query, struct account_sum **sums,
    size_t *count, struct error *error);

/* By number of entry, whether it is of kind close; free() *closing. */
enum status ledger_closing(struct view *view, unsigned char **closing, struct error *error);

/* Puts sums into that order, those of one account and currency by their keys. */
enum status ledger_sums_sort(struct log *accounts, struct account_sum *sums, size_t count, struct error *error);

/* By number of account, its place in the order of their codes; free() *ranks. */
enum status ledger_ranks(struct log *accounts, size_t **ranks, struct error *error);

/* A posting that counts. */
struct ledger_line {
	uint64_t number, entry, account; /* of their records */
	int32_t date;
	int64_t amount; /* units of 10^-6, debit positive */
	struct slice currency, text, tags;
};

/* Calls visit for every posting up to the last day, in the order they were written. */
typedef enum status ledger_visit(const struct ledger_line *line, void *context, struct error *error);
enum status ledger_walk(struct view *view, int32_t last, ledger_visit *visit, void *context, struct error *error);

/* The number of the account that record `number` is part of; 0 at the top. */
uint64_t account_parent(struct log *accounts, uint64_t number);

#endif
