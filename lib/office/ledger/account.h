/*
 * account: which accounts are for what (private to office/).
 *
 * An account says by its `use` what bo itself puts there, and stands for all that is part
 * of it: assets:bank:savings holds money since assets:bank does.
 */
#ifndef OFFICE_ACCOUNT_H
#define OFFICE_ACCOUNT_H

#include "record/view.h"

/* The number of the account with that use, 0 when there is none. */
uint64_t account_for(struct log *accounts, const char *use);

/* The use of an account, or of the nearest one above it that has one; in arena, "" for none. */
struct slice account_use(struct log *accounts, uint64_t number, struct arena *arena);

/* Whether use is of accounts that money is in: bank, cash. */
bool use_is_money(struct slice use);
/* Whether use is of accounts where amounts stay in the currency they are owed or held in. */
bool use_is_control(struct slice use);

/* STATUS_REFUSED with a fault at place that says how an account gets that use. */
enum status account_missing(const char *use, const struct place *place, struct error *error);

#endif
