#include "office/ledger/account.h"

#include "office/help.h"
#include "office/ledger/ledger.h"

uint64_t
account_for(struct log *accounts, const char *use)
{
	return log_find(accounts, table_field(accounts->table, slice_of("use")), slice_of(use));
}

struct slice
account_use(struct log *accounts, uint64_t number, struct arena *arena)
{
	struct error ignored = ERROR_INIT;
	struct slice use = { "", 0 };
	struct record account;

	for (; number != 0 && use.length == 0; number = account_parent(accounts, number))
		if (record_read(accounts, number, arena, &account, &ignored) == STATUS_OK)
			use = record_named(&account, "use");
	error_release(&ignored);
	return use;
}

static bool
is_one_of(struct slice use, const char *const *uses)
{
	for (; *uses != NULL; uses++)
		if (slice_is(use, *uses))
			return true;
	return false;
}

bool
use_is_money(struct slice use)
{
	static const char *const uses[] = { "bank", "cash", NULL };

	return is_one_of(use, uses);
}

bool
use_is_control(struct slice use)
{
	static const char *const uses[] = { "receivable", "payable", "advance", "bank", "cash", "clearing", NULL };

	return is_one_of(use, uses);
}

enum status
account_missing(const char *use, const struct place *place, struct error *error)
{
	return error_add(error, place, "no account has the use \"%s\" (bo-account set ACCOUNT use=%s)", use, use);
}
