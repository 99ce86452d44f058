// Asks every target again and again until its standard input ends, then tells how it went. Runs on the host as in a
// pod, so it needs nothing but Node. The last argument is a list of targets: [{"name", "url", "host"}].
//
// Each target is asked over new connections and over kept ones. A request over a kept connection is sent again when
// the connection closes before a byte of the answer, as clients do with what may be repeated: the server may have
// closed it while the request was on its way. Everything else that is no answer with 200 is a failure.
import { Agent, request } from 'node:http';

const pauseMs = 40;
const patienceMs = 5000;
const mostFailuresTold = 20;

const targets = JSON.parse(process.argv.at(-1));
const counts = {};
const failures = [];
let resent = 0;
let stopped = false;

function ask({ url, host }, agent) {
  return new Promise((resolve) => {
    let answered = false;
    const asked = request(url, { agent, headers: host ? { host } : {}, timeout: patienceMs }, (answer) => {
      answered = true;
      answer.on('error', (error) => resolve({ failure: `cut off: ${error.code ?? error.message}` }));
      answer.on('end', () => resolve(answer.statusCode === 200 ? {} : { failure: `status ${answer.statusCode}` }));
      answer.resume();
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patienceMs} ms`)));
    asked.on('error', (error) => {
      const mayResend = asked.reusedSocket && !answered && ['ECONNRESET', 'EPIPE'].includes(error.code);
      resolve(mayResend ? { again: true } : { failure: String(error.code ?? error.message) });
    });
    asked.end();
  });
}

async function walk(target, isKept) {
  const agent = new Agent({ keepAlive: isKept, maxSockets: 1 });
  const name = `${target.name} ${isKept ? 'kept' : 'new'}`;
  counts[name] = 0;
  while (!stopped) {
    const { failure, again } = await ask(target, agent);
    if (again) {
      resent++;
      continue;
    }
    counts[name]++;
    if (failure) failures.push(`${new Date().toISOString()} ${name}: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  agent.destroy();
}

process.stdin.on('end', () => (stopped = true)).resume();
await Promise.all(targets.flatMap((target) => [walk(target, false), walk(target, true)]));
const told = failures.slice(0, mostFailuresTold);
console.log(JSON.stringify({ counts, resent, failed: failures.length, failures: told }));
