#include "office/office.h"

#include "office/access.h"
#include "office/ledger/budget.h"
#include "office/document/creditor_reference.h"
#include "office/document/delivery.h"
#include "office/erasure.h"
#include "office/document/document.h"
#include "office/payment/interest.h"
#include "office/ledger/ledger.h"
#include "office/payment/payment.h"
#include "office/ledger/rate.h"
#include "office/document/prepayment.h"
#include "office/document/recurring.h"
#include "office/payment/reminder.h"
#include "office/series.h"
#include "office/setup.h"
#include "office/stock/stock.h"
#include "office/tax/tax_rate.h"

const struct rule *const office_rules[] = {
	&rule_company,
	&rule_company_series,
	&rule_table,
	&rule_field,
	&rule_erasure,
	&rule_user,
	&rule_role,
	&rule_permission,
	&rule_duty,
	&rule_item,
	&rule_stock_move,
	&rule_series,
	&rule_invoice_prepayment,
	&rule_invoice,
	&rule_invoice_reference,
	&rule_invoice_turn,
	&rule_invoice_delivery,
	&rule_invoice_line_deducts,
	&rule_invoice_line,
	&rule_bill,
	&rule_bill_line,
	&rule_payment,
	&rule_allocation,
	&rule_recurring,
	&rule_reminder_level,
	&rule_interest_rate,
	&rule_reminder,
	&rule_tax_rate,
	&rule_account,
	&rule_entry,
	&rule_posting,
	&rule_period,
	&rule_rate,
	&rule_budget,
	NULL,
};
