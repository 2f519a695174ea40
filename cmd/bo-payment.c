/* bo-payment: money that came in or went out, and what it settles */
#include "base/date.h"
#include "cli/cli.h"
#include "cli/ids.h"
#include "office/office.h"
#include "office/payment/payment.h"

/* What the operands name. */
struct request {
	struct cli *cli;
	const uint64_t *payments;
	size_t payment_count;
	struct allocate_to *to;
	size_t to_count;
	int32_t day;
};

static uint64_t
find_document(struct view *view, const struct document_kind *kind, struct slice name, struct error *error)
{
	struct error unknown = ERROR_INIT;
	uint64_t number = 0;
	struct log *log;

	if (view_log(view, kind->table, &log, error) == STATUS_OK)
		number = log_resolve(log, name, NULL, &unknown);
	error_release(&unknown);
	return number;
}

/* DOCUMENT or DOCUMENT=AMOUNT: an invoice, or else a bill. */
static enum status
take_document(struct request *request, struct slice rest, struct error *error)
{
	struct slice name = slice_cut(&rest, '=');
	struct allocate_to to = { .kind = &document_invoice, .whole = rest.data == NULL };

	to.number = find_document(request->cli->view, to.kind, name, error);
	if (to.number == 0) {
		to.kind = &document_bill;
		to.number = find_document(request->cli->view, to.kind, name, error);
	}
	if (error->status != STATUS_OK)
		return error->status;
	if (to.number == 0)
		return error_set(error, STATUS_NO, "neither an invoice nor a bill: \"%.*s\"",
		    (int)name.length, name.data);
	if (!to.whole && (decimal_parse(rest, DECIMAL_DIGITS, &to.amount) != DECIMAL_OK || to.amount <= 0))
		return error_set(error, STATUS_USAGE, "not an amount: \"%.*s\"", (int)rest.length, rest.data);
	request->to[request->to_count++] = to;
	return STATUS_OK;
}

/* Whether operands after the first are documents: then that is the payment. */
static bool
names_documents(const struct cli *cli, const struct table *payments)
{
	unsigned long long number;

	return cli->operand_count > 1 && !table_id_parse(payments, slice_of(cli->operands[1]), &number);
}

static enum status
take_operands(struct request *request, struct error *error)
{
	struct cli *cli = request->cli;
	size_t documents = 0;
	const char *const *names = cli->operands + 1;
	struct log *log;
	uint64_t *numbers;
	enum status status = view_log(cli->view, "payment", &log, error);

	if (status != STATUS_OK)
		return status;
	if (names_documents(cli, log->table)) {
		documents = cli->operand_count - 1;
		cli->operand_count = 1;
	}
	status = ids_read(cli, &log, &numbers, &request->payment_count, error);
	request->payments = numbers;
	request->to = arena_take(&cli->arena, (documents + 1) * sizeof *request->to);
	for (size_t i = 0; i < documents && status == STATUS_OK; i++)
		status = take_document(request, slice_of(names[i]), error);
	return status;
}

/* --- verbs ------------------------------------------------------------------------ */

static enum status
build_allocate(struct batch *batch, void *context, struct error *error)
{
	const struct request *request = context;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < request->payment_count && (status == STATUS_OK || status == STATUS_REFUSED); i++)
		status = payment_allocate(batch, request->payments[i], request->to, request->to_count,
		    request->day, &(struct place){ .line = i + 1 }, error);
	return status;
}

static enum status
build_unallocate(struct batch *batch, void *context, struct error *error)
{
	const struct request *request = context;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < request->payment_count && (status == STATUS_OK || status == STATUS_REFUSED); i++)
		status = payment_unallocate(batch, request->payments[i], request->to, request->to_count,
		    request->day, &(struct place){ .line = i + 1 }, error);
	return status;
}

static enum status
run(struct cli *cli, change_build *build, struct error *error)
{
	struct request request = { .cli = cli, .day = view_today(cli->view) };
	enum status status = take_operands(&request, error);

	if (status == STATUS_OK)
		status = cli_option_day(cli, "date", &request.day, error);
	return status == STATUS_OK
	    ? cli_change_to(cli, build, &request, request.payments, request.payment_count, error)
	    : status;
}

static enum status
allocate(struct cli *cli, struct error *error)
{
	return run(cli, build_allocate, error);
}

static enum status
unallocate(struct cli *cli, struct error *error)
{
	return run(cli, build_unallocate, error);
}

static const struct verb verbs[] = {
	{ "allocate", allocate, "ID ...\nID DOCUMENT[=AMOUNT] ...\n-",
	    "settle documents with what is left: these, or those it names, or the oldest", VERB_WRITES },
	{ "unallocate", unallocate, "ID ...\nID DOCUMENT ...\n-", "take back what payments settle", VERB_WRITES },
	{ .name = NULL },
};

static const struct own_option options[] = {
	{ "date", "DATE", "the day from which on it counts (today)" },
	{ .name = NULL },
};

static const struct command command = {
	.table = "payment",
	.verbs = verbs,
	.options = options,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
