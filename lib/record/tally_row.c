/* tally_row: what was counted, in words */
#include "record/tally_internal.h"

const char *
measure_name(enum measure what)
{
	static const char *const names[] = { "sum", "min", "max", "avg" };

	return names[what];
}

/* --- what can't be told --------------------------------------------------------------- */

static void
spell_currency(uint32_t code, char out[4])
{
	for (int i = 0; i < 3; i++)
		out[i] = (char)(code >> (16 - 8 * i) & 0xff);
	out[3] = '\0';
}

static enum status
several_currencies(const struct tally_plan *plan, const struct tally_measure *measure,
    const struct result *result, struct error *error)
{
	const struct tally_value *money = &plan->values[measure->value];
	bool adds = measure->what == MEASURE_SUM || measure->what == MEASURE_AVG;
	char first[4], last[4];

	spell_currency(result->first_currency, first);
	spell_currency(result->last_currency, last);
	return error_set(error, STATUS_REFUSED, "--%s %s: amounts in %s and %s %s (add --by %s)",
	    measure_name(measure->what), money->name, result->first_currency != 0 ? first : "no currency",
	    last, adds ? "do not add up" : "do not compare",
	    money->currency != SIZE_MAX ? plan->values[money->currency].name : "currency");
}

enum status
tally_check(const struct tally *tally, const struct group *group, struct error *error)
{
	const struct tally_plan *plan = tally->plan;

	for (size_t i = 0; i < plan->measure_count; i++) {
		const struct tally_measure *measure = &plan->measures[i];
		const struct result *result = &group->results[i];

		if (plan->values[measure->value].money && result->first_currency != result->last_currency)
			return several_currencies(plan, measure, result, error);
		if (group->overflown == i + 1)
			return error_set(error, STATUS_REFUSED, "--%s %s: the sum is too large",
			    measure_name(measure->what), plan->values[measure->value].name);
	}
	return STATUS_OK;
}

/* --- rows -------------------------------------------------------------------------------- */

/* units of 10^-digits with all of the digits. */
static struct slice
spell_units(int128 units, int digits, struct arena *arena)
{
	char out[DECIMAL_SIZE + 8], *at = out + sizeof out;
	uint128 rest = units < 0 ? 0 - (uint128)units : (uint128)units;

	for (int i = 0; i < digits; i++, rest /= 10)
		*--at = (char)('0' + (int)(rest % 10));
	if (digits > 0)
		*--at = '.';
	do {
		*--at = (char)('0' + (int)(rest % 10));
		rest /= 10;
	} while (rest != 0);
	if (units < 0)
		*--at = '-';
	return arena_copy(arena, (struct slice){ at, (size_t)(out + sizeof out - at) });
}

/* Decimals that an amount has; -1 for what is no amount, or of no currency. */
static int
money_digits(const struct tally_plan *plan, const struct tally_value *value, const struct result *result)
{
	char text[4];
	int digits = -1;

	if (!value->money)
		return -1;
	spell_currency(result->first_currency, text);
	if (result->count > 0 && result->first_currency != 0)
		digits = codes_currency_digits(plan->codes, slice_of(text));
	else if (plan->currency.length > 0)
		digits = codes_currency_digits(plan->codes, plan->currency);
	return digits <= DECIMAL_DIGITS ? digits : -1;
}

static struct slice
spell_sum(int128 sum, int digits, struct arena *arena)
{
	int128 unit = digits >= 0 ? decimal_power(DECIMAL_DIGITS - digits) : 1;

	if (digits < 0 || sum % unit != 0)
		return value_from_number(KIND_NUMBER, sum, arena);
	return spell_units(sum / unit, digits, arena);
}

/* Rounded once, half away from zero. */
static struct slice
spell_average(const struct result *result, int digits, struct arena *arena)
{
	int128 unit = digits >= 0 ? decimal_power(DECIMAL_DIGITS - digits) : 1, average;

	if (result->count == 0)
		return slice_of("");
	average = decimal_divide(result->number, (int128)result->count * unit);
	return digits >= 0 ? spell_units(average, digits, arena) : value_from_number(KIND_NUMBER, average, arena);
}

static struct slice
spell_result(const struct tally *tally, struct group *group, size_t index, struct arena *arena)
{
	const struct tally_plan *plan = tally->plan;
	const struct tally_measure *measure = &plan->measures[index];
	const struct result *result = &group->results[index];
	const struct extreme *extreme;
	int digits = money_digits(plan, &plan->values[measure->value], result);

	if (measure->what == MEASURE_SUM)
		return spell_sum(result->number, digits, arena);
	if (measure->what == MEASURE_AVG)
		return spell_average(result, digits, arena);
	extreme = group_extreme(tally, group, index);
	return result->count > 0 ? (struct slice){ extreme->text, extreme->length } : slice_of("");
}

void
tally_row(const struct tally *tally, size_t index, struct slice *row, struct arena *arena)
{
	const struct tally_plan *plan = tally->plan;
	struct group *group = tally->sorted[index];
	struct slice key = group_key(group);

	for (size_t i = 0; i < plan->by_count; i++)
		*row++ = tally_key_next(tally, &key);
	*row++ = arena_format(arena, "%llu", (unsigned long long)group->count);
	for (size_t i = 0; i < plan->measure_count; i++)
		*row++ = spell_result(tally, group, i, arena);
}
