// What Prometheus reads at /metrics. Every server has a registry of its own; no label ever holds something that a
// caller made up, so the number of series is bounded.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GitOperation } from '../git/observer.ts';
import type { SshObserver } from '../ssh/observer.ts';
import type { VerificationOutcome } from '../tokens/verifying.ts';

export interface Metrics {
  /** @param route the route's pattern, never the address itself */
  request(route: string, method: string, status: number, seconds: number): void;
  verification(outcome: VerificationOutcome): void;
  gitOperation(operation: GitOperation): void;
  gitProcesses(counts: { readonly running: number; readonly waiting: number }): void;
  readonly ssh: SshObserver;
  readonly contentType: string;
  /** Everything, in Prometheus' text format. */
  text(): Promise<string>;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'latchkey_http_requests_total',
    help: 'Requests answered, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer.',
    labelNames: ['route'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2, 10, 60, 600],
    registers,
  });
  const verifications = new Counter({
    name: 'latchkey_token_verifications_total',
    help: 'Tokens looked up, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const gitOperations = new Counter({
    name: 'latchkey_git_operations_total',
    help: 'Git requests over HTTPS and sessions over SSH, by operation and outcome.',
    labelNames: ['service', 'part', 'outcome'],
    registers,
  });
  const gitBytes = new Counter({
    name: 'latchkey_git_bytes_total',
    help: 'Bytes of git requests, as git reads and writes them.',
    labelNames: ['service', 'direction'],
    registers,
  });
  const childProcesses = new Gauge({
    name: 'latchkey_child_processes',
    help: 'Git processes of requests that run now.',
    registers,
  });
  const waiting = new Gauge({
    name: 'latchkey_git_requests_waiting',
    help: 'Git requests that wait for a process now.',
    registers,
  });
  const sshConnections = new Gauge({
    name: 'latchkey_ssh_connections',
    help: 'SSH connections that are open now.',
    registers,
  });
  const sshAuthentications = new Counter({
    name: 'latchkey_ssh_authentications_total',
    help: 'Attempts to sign in by SSH, by outcome and kind of credential.',
    labelNames: ['outcome', 'kind'],
    registers,
  });
  const sshSessions = new Counter({
    name: 'latchkey_ssh_sessions_total',
    help: 'Commands over SSH that are over, allowed or not, by operation.',
    labelNames: ['operation'],
    registers,
  });
  return {
    request(route, method, status, seconds) {
      requests.inc({ route, method: methods.has(method) ? method : 'other', status });
      durations.observe({ route }, seconds);
    },
    verification: (outcome) => verifications.inc({ outcome }),
    gitOperation({ service, part, outcome, bytesIn, bytesOut }) {
      gitOperations.inc({ service, part, outcome });
      gitBytes.inc({ service, direction: 'in' }, bytesIn);
      gitBytes.inc({ service, direction: 'out' }, bytesOut);
    },
    gitProcesses(counts) {
      childProcesses.set(counts.running);
      waiting.set(counts.waiting);
    },
    ssh: {
      onConnections: (open) => sshConnections.set(open),
      onAuthentication: (outcome, kind) => sshAuthentications.inc({ outcome, kind }),
      onSession: (operation) => sshSessions.inc({ operation }),
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
