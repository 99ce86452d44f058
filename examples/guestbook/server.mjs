// The program in the guestbook's container: POST / adds an entry, GET / shows them all, newest first. They are kept by
// PostgreSQL, which it asks with psql; where and as whom, the variables PGHOST, PGUSER, PGPASSWORD, PGDATABASE say.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const longestEntry = 1000;

/** What psql prints. `values` are variables of the statement, which psql quotes. */
async function ask(statement, values = {}) {
  const set = Object.entries(values).map(([name, value]) => `--set=${name}=${value}`);
  const psql = spawn('psql', [
    '--no-psqlrc',
    '--quiet',
    '--no-align',
    '--tuples-only',
    '--set=ON_ERROR_STOP=1',
    ...set,
  ]);
  psql.stdin.on('error', () => {}); // it has ended before it read
  psql.stdin.end(statement);
  const [said, complaint, [code]] = await Promise.all([text(psql.stdout), text(psql.stderr), once(psql, 'close')]);
  if (code !== 0) throw new Error(complaint.trim());
  return said;
}

async function answer(request) {
  if (request.method === 'POST') {
    const entry = (await text(request)).slice(0, longestEntry);
    await ask("insert into entries (entry) values (:'entry')", { entry });
    return 'Thank you\n';
  }
  return await ask("select to_char(at, 'YYYY-MM-DD HH24:MI:SS'), entry from entries order by at desc limit 100");
}

const server = createServer((request, response) => {
  if (request.url === '/healthz') return void response.end('ok\n');
  answer(request).then(
    (body) => response.end(body),
    (error) => response.writeHead(503).end(`${error.message}\n`),
  );
});

// As process 1 it gets no default handling of signals: without this, a pod would take 30 seconds to end.
process.on('SIGTERM', () => process.exit(0));

for (;;) {
  try {
    await ask('create table if not exists entries (at timestamptz not null default now(), entry text not null)');
    break;
  } catch (error) {
    console.error(`The database is not ready: ${error.message}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
server.listen(8080);
console.log('Listening on 8080');
