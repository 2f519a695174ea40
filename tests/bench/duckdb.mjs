// duckdb: DuckDB's npm package as a small command.
//
//	duckdb.mjs DATABASE SQL      prints CSV
//
// Node takes a tenth of a second to start, which is not DuckDB's fault: says on
// descriptor 3 how long the work took from opening the database on, for compare.
import { writeSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [database, sql] = process.argv.slice(2);
const begin = performance.now();
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();

if (/^select/i.test(sql))
	await connection.run(`copy (${sql}) to '/dev/stdout' (format csv)`);
else
	await connection.run(sql);
connection.closeSync();
instance.closeSync();
try {
	writeSync(3, `time_ms ${(performance.now() - begin).toFixed(3)}\n`);
} catch {
	// nobody asked
}
