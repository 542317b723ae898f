// SPDX-License-Identifier: Apache-2.0
// A process of vcluster.rpc: requests and answers as JSON lines.
import { ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { Error as Failure, Methods, Progress } from './types';

/** What the library said: a code such as QUOTA, and whether the same call may succeed later. */
export class VClusterError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly findings: ReadonlyArray<Record<string, unknown>>;

  constructor(failure: Failure) {
    super(failure.text);
    this.name = 'VClusterError';
    this.code = failure.code;
    this.retryable = failure.retryable;
    this.findings = failure.findings ?? [];
  }
}

type Pending = {
  resolve(result: unknown): void;
  reject(error: Error): void;
  progress?(report: Progress): void;
};

type Line = { id?: number; event?: string; result?: unknown; error?: Failure };

/** How the process is started; more arguments are those of `python -m vcluster.rpc`. */
export type RpcOptions = { command?: string[]; arguments?: string[] };

export type CallOptions = {
  /** Stops the call; what it has begun on the cluster is completed by the next one. */
  signal?: AbortSignal;
  progress?(report: Progress): void;
};

export class Rpc {
  private readonly process: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private readonly ended: Promise<void>;
  private next = 1;

  constructor(options: RpcOptions = {}) {
    const [program, ...first] = options.command ?? ['python3', '-m', 'vcluster.rpc'];
    this.process = spawn(program, [...first, ...(options.arguments ?? [])], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.process.stdout! }).on('line', line => this.take(JSON.parse(line)));
    this.process.stdin!.on('error', () => undefined); // told by the end of the process
    this.ended = new Promise(resolve => {
      const end = (why: string) => {
        for (const one of this.pending.values()) one.reject(new Error(`vcluster.rpc ${why}`));
        this.pending.clear();
        resolve();
      };
      this.process.on('error', error => end(`cannot be started: ${error.message}`));
      this.process.on('close', code => end(`has ended with ${code}`));
    });
  }

  /** Send a request and wait for its answer. */
  call<M extends keyof Methods>(
    method: M,
    params: Methods[M]['params'],
    options: CallOptions = {},
  ): Promise<Methods[M]['result']> {
    const id = this.next++;
    options.signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const stop = () => this.send({ id: this.next++, method: 'cancel', params: { id } });
      const done = () => options.signal?.removeEventListener('abort', stop);
      options.signal?.addEventListener('abort', stop);
      this.pending.set(id, {
        resolve: result => (done(), resolve(result as Methods[M]['result'])),
        reject: error => (done(), reject(error)),
        progress: options.progress,
      });
      if (this.process.exitCode !== null) this.pending.get(id)!.reject(new Error('vcluster.rpc has ended'));
      else this.send({ id, method, params });
    });
  }

  /** Let what is under way finish, and end the process. */
  async close(): Promise<void> {
    this.process.stdin!.end();
    await this.ended;
  }

  private send(request: object) {
    this.process.stdin!.write(`${JSON.stringify(request)}\n`);
  }

  private take(line: Line) {
    const one = line.id === undefined ? undefined : this.pending.get(line.id);
    if (!one) return;
    if (line.event) {
      one.progress?.(line as unknown as Progress);
      return;
    }
    this.pending.delete(line.id!);
    if (line.error) one.reject(new VClusterError(line.error));
    else one.resolve(line.result);
  }
}
