import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connectClient, type ExecutorClient } from '@cc-executor/client';
import { RpcError, type JobKind } from '@cc-executor/protocol';
import { WebSocket, WebSocketServer } from 'ws';
import { FakeJob } from './fake-job.ts';

interface FakeRequest {
  readonly id?: number;
  readonly method: string;
  readonly params: Record<string, unknown> & { jobId?: string; jobIds?: string[] };
}

/** A socket server that speaks the protocol well enough for the bridge; the test decides what jobs do. */
export interface FakeExecutor extends AsyncDisposable {
  readonly requests: FakeRequest[];
  readonly jobs: Map<string, FakeJob>;
  connect(signal: AbortSignal): Promise<ExecutorClient>;
  /** Breaks every connection. */
  cut(): void;
  /** Resolves with the job that is started next. */
  nextJob(): Promise<FakeJob>;
  /** Resolves once a request of this method has come. */
  seen(method: string): Promise<FakeRequest>;
}

export async function startFakeExecutor(
  refuse: (params: Record<string, unknown>) => RpcError | undefined = () => undefined,
  /** Starting a job takes until then. */
  mayStart: Promise<void> = Promise.resolve(),
): Promise<FakeExecutor> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const requests: FakeRequest[] = [];
  const jobs = new Map<string, FakeJob>();
  const waiters: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];
  const until = async (isMet: () => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiters.push({ isMet, resolve });
    if (isMet()) resolve();
    await promise;
  };
  let awaitedJobs = 0;

  const job = (jobId = ''): FakeJob => {
    const found = jobs.get(jobId);
    if (found === undefined) throw new RpcError('unknownJob', `There is no job ${jobId}`, { jobId });
    return found;
  };
  const handle = async ({ method, params }: FakeRequest, socket: WebSocket): Promise<unknown> => {
    const { jobId = '' } = params;
    switch (method) {
      case 'initialize':
        return fakeInfo;
      case 'job/start': {
        await mayStart;
        const refusal = refuse(params);
        if (refusal !== undefined) throw refusal;
        if (!jobs.has(jobId)) jobs.set(jobId, new FakeJob(jobId, params['kind'] as JobKind));
        if (params['attach'] !== false) setImmediate(() => job(jobId).attach(socket, 0));
        return { jobId, state: job(jobId).view().state };
      }
      case 'job/attach':
        setImmediate(() => job(jobId).attach(socket, Number(params['afterSeq'])));
        return { jobId, state: job(jobId).view().state, lastSeq: 0 };
      case 'job/get':
        return job(jobId).view();
      case 'job/list':
        return { jobs: [...jobs.values()].map((one) => one.view()) };
      case 'job/wait': {
        const asked = (params.jobIds ?? []).map(job);
        const timeout = new Promise((resolve) => setTimeout(resolve, Number(params['waitMs'])));
        await Promise.race([Promise.all(asked.map((one) => one.ended)), timeout]);
        const views = asked.map((one) => one.view());
        return { jobs: views, done: views.every(({ state }) => state.status === 'ended') };
      }
      case 'job/read':
        return job(jobId).read(params);
      case 'job/cancel': {
        const before = job(jobId).view().state;
        job(jobId).end({ status: 'cancelled', by: 'client' });
        return { jobId, before, after: job(jobId).view().state };
      }
      case 'job/write':
        return { jobId, acceptedBytes: String(params['data']).length };
      default:
        return { jobId };
    }
  };
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const request = JSON.parse(data.toString()) as FakeRequest;
      requests.push(request);
      void reply(socket, request, handle);
      setImmediate(() => {
        for (const { isMet, resolve } of waiters) if (isMet()) resolve();
      });
    });
  });
  return {
    requests,
    jobs,
    connect: (signal) =>
      connectClient({
        open: () => new WebSocket(`ws://127.0.0.1:${port}`),
        client: { name: 'bridge', version: '1' },
        reconnect: false,
        signal,
      }),
    cut: () => {
      for (const socket of server.clients) socket.terminate();
    },
    nextJob: async () => {
      const index = awaitedJobs++;
      await until(() => jobs.size > index);
      return job([...jobs.keys()][index]);
    },
    seen: async (method) => {
      const find = () => requests.find((request) => request.method === method);
      await until(() => find() !== undefined);
      return find() ?? { method, params: {} };
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

async function reply(
  socket: WebSocket,
  request: FakeRequest,
  handle: (request: FakeRequest, socket: WebSocket) => Promise<unknown>,
): Promise<void> {
  const answer = await handle(request, socket).then(
    (result) => ({ result }),
    (error: unknown) => {
      if (error instanceof RpcError) return { error: error.toObject() };
      throw error;
    },
  );
  if (request.id !== undefined) socket.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, ...answer }));
}

const fakeInfo = {
  protocolVersion: 1,
  serverInfo: { name: 'fake', version: '1.0.0' },
  limits: { maxFrameBytes: 1024 * 1024, maxCreditBytes: 64 * 1024 * 1024, maxLiveJobs: 10 },
  containment: 'portable',
  policyHash: 'h',
  connectionId: 'c',
};
